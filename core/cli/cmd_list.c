/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "core/base/log.h"
#include "core/cli/args.h"
#include "core/plugin/plugin.h"
#include "core/plugin/registry.h"

static int
list_one(struct registry *registry, const char *name)
{
	const struct plugin *plugin;
	struct weir_error err = { 0 };

	if (registry_get(registry, name, &plugin, &err))
		return command_fail(&err);
	printf("%-10s %s\n", name, plugin->ops.summary);
	log_info("%s is %s", name, plugin->path);
	return COMMAND_GOOD;
}

int
cmd_list(const struct args *args)
{
	const struct strings none = { 0 };
	struct registry *registry = NULL;
	struct strings names = { 0 };
	struct weir_error err = { 0 };
	int code = COMMAND_GOOD;

	if (args->operands.n > 0)
		return args_refuse(args, "no operand");
	if (registry_create(&none, &registry, &err))
		return command_fail(&err);
	registry_list(registry, &names);
	for (size_t i = 0; i < names.n; i++) {
		int one = list_one(registry, names.at[i]);

		if (one)
			code = one;
	}
	if (names.n == 0) {
		const struct strings *folders = registry_folders(registry);

		log_write(WEIR_LOG_ERROR, "no transport was found; the "
			  "folders searched are:");
		for (size_t i = 0; i < folders->n; i++)
			log_write(WEIR_LOG_ERROR, "  %s", folders->at[i]);
		code = COMMAND_UNAVAILABLE;
	}
	strings_fini(&names);
	registry_destroy(registry);
	return code;
}
