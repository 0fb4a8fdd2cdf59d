/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdio.h>

#include "core/base/log.h"
#include "core/cli/args.h"
#include "core/plugin/plugin.h"
#include "core/plugin/registry.h"

/* A module that is no good is no reason not to name the others. */
static bool
list_one(struct registry *registry, const char *name)
{
	const struct plugin *plugin;
	struct weir_error err = { 0 };

	if (registry_get(registry, name, &plugin, &err)) {
		log_warn("%s; it is left out", err.text);
		return false;
	}
	printf("%-10s %s\n", name, plugin->ops.summary);
	log_info("%s is %s", name, plugin->path);
	return true;
}

static void
say_none(const struct registry *registry)
{
	const struct strings *folders = registry_folders(registry);

	log_write(WEIR_LOG_ERROR, "no transport was found; the folders "
		  "searched are:");
	for (size_t i = 0; i < folders->n; i++)
		log_write(WEIR_LOG_ERROR, "  %s", folders->at[i]);
}

int
cmd_list(const struct args *args)
{
	const struct strings none = { 0 };
	struct registry *registry = NULL;
	struct strings names = { 0 };
	struct weir_error err = { 0 };
	int code = COMMAND_UNAVAILABLE;

	if (args->operands.n > 0)
		return args_refuse(args, "no operand");
	if (registry_create(&none, &registry, &err))
		return command_fail(&err);
	registry_list(registry, &names);
	for (size_t i = 0; i < names.n; i++) {
		if (list_one(registry, names.at[i]))
			code = COMMAND_GOOD;
	}
	if (code)
		say_none(registry);
	strings_fini(&names);
	registry_destroy(registry);
	return code;
}
