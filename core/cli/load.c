/* SPDX-License-Identifier: Apache-2.0 */
#include "core/cli/load.h"

#include <string.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/plugin/plugin.h"

static int
find_table(void *context, const char *plugin,
	   const struct strings *plugin_path, struct option_table *ret_table,
	   struct weir_error *err)
{
	struct registry *registry = context;
	const struct plugin *found;
	int status = registry_get(registry, plugin, &found, err);

	(void)plugin_path; /* the registry was opened with it */
	if (status == WEIR_OK)
		*ret_table = found->options;
	return status;
}

/* The command line's settings on top of what is there. */
static int
put_command_line(struct settings *to, const struct settings *from,
		 struct weir_error *err)
{
	int status = WEIR_OK;

	for (size_t i = 0; i < from->n && status == WEIR_OK; i++) {
		const struct setting *s = &from->at[i];

		status = settings_put(to, s->layer, s->path, &s->values,
				      s->is_list, s->where, err);
	}
	return status;
}

static int
open_registry(struct load *load, struct weir_error *err)
{
	const struct setting *path = settings_get(&load->settings,
						  "plugin_path");
	const struct strings none = { 0 };

	return registry_create(path ? &path->values : &none, &load->registry,
			       err);
}

/* "-m all": every transport but those that carry nothing, and those that are
 * no good: who wants one of these names it. */
static int
put_all_mechanisms(struct load *load, struct weir_error *err)
{
	struct strings names = { 0 }, real = { 0 };
	int status = WEIR_OK;

	registry_list(load->registry, &names);
	for (size_t i = 0; i < names.n; i++) {
		const struct plugin *plugin;
		struct weir_error why = { 0 };

		if (registry_get(load->registry, names.at[i], &plugin, &why))
			log_warn("%s; it is left out", why.text);
		else if (!(plugin->ops.capabilities & WEIR_CAP_LOOPBACK))
			strings_add(&real, names.at[i]);
	}
	if (real.n == 0)
		status = weir_error_set(err, WEIR_EUNAVAILABLE,
					"-m all: no transport was found; "
					"`weir list` shows where they are "
					"searched");
	if (status == WEIR_OK)
		status = settings_put(&load->settings, SETTINGS_COMMAND_LINE,
				      "matrix.transport", &real, true,
				      "--mechanisms all", err);
	strings_fini(&names);
	strings_fini(&real);
	return status;
}

static int
gather(const struct args *args, struct load *load, struct weir_error *err)
{
	int status = WEIR_OK;

	if (args->operands.n > 1)
		return weir_error_set(err, WEIR_EINVALID,
				      "weir %s takes one config file, not %zu "
				      "(\"%s\", \"%s\", …)",
				      args->command->name, args->operands.n,
				      args->operands.at[0],
				      args->operands.at[1]);
	if (args->operands.n == 1)
		status = settings_put_file(&load->settings,
					   args->operands.at[0], err);
	if (status == WEIR_OK)
		status = settings_put_environment(&load->settings, environ,
						  err);
	if (status == WEIR_OK)
		status = put_command_line(&load->settings, &args->settings,
					  err);
	if (status == WEIR_OK && args->command->bit == ARGS_HOST)
		status = settings_put_text(&load->settings,
					   SETTINGS_COMMAND_LINE,
					   "matrix.boundary", "external",
					   "weir host", err);
	if (status == WEIR_OK)
		status = open_registry(load, err);
	if (status == WEIR_OK && args->all_mechanisms)
		status = put_all_mechanisms(load, err);
	return status;
}

int
load_plan(const struct args *args, struct load *ret_load)
{
	struct strings problems = { 0 };
	struct weir_error err = { 0 };
	int status;

	memset(ret_load, 0, sizeof(*ret_load));
	status = gather(args, ret_load, &err);
	if (status)
		return command_fail(&err);
	status = plan_make(&ret_load->settings, find_table,
			   ret_load->registry, &ret_load->plan, &problems);
	for (size_t i = 0; status && i < problems.n; i++)
		log_write(WEIR_LOG_ERROR, "%s", problems.at[i]);
	if (status && problems.n == 0)
		log_write(WEIR_LOG_ERROR, "the plan can't be made: %s",
			  weir_status_text(status));
	strings_fini(&problems);
	if (status == WEIR_EINVALID)
		return COMMAND_USAGE;
	if (status == WEIR_EUNAVAILABLE)
		return COMMAND_UNAVAILABLE;
	return status ? COMMAND_FAILED : COMMAND_GOOD;
}

void
load_fini(struct load *load)
{
	plan_destroy(load->plan);
	registry_destroy(load->registry);
	settings_fini(&load->settings);
}
