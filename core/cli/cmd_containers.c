/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/cli/args.h"
#include "core/launch/container.h"

struct found {
	const char *engine;
	struct container_entry *at;
	size_t n;
};

static int
list(const struct found *found)
{
	if (found->n)
		printf("%-24s %-10s %-19s  %-16s %s\n", "NAME", "STATE",
		       "CREATED", "HOST", "IMAGE");
	for (size_t i = 0; i < found->n; i++) {
		const struct container_entry *entry = &found->at[i];
		char host[32] = "gone";

		if (entry->pid)
			snprintf(host, sizeof(host), "pid %d", entry->pid);
		printf("%-24s %-10s %-19s  %-16s %s\n", entry->name,
		       entry->state, entry->created, host, entry->image);
	}
	return COMMAND_GOOD;
}

static int
stop_one(const struct found *found, const struct container_entry *entry)
{
	struct weir_error err = { 0 };

	if (container_stop(found->engine, entry, &err))
		return command_fail(&err);
	printf("%s\n", entry->name);
	return COMMAND_GOOD;
}

static const struct container_entry *
find(const struct found *found, const char *name)
{
	const struct container_entry *entry =
		container_find(found->at, found->n, name);

	if (!entry)
		log_write(WEIR_LOG_ERROR, "no run has left a container \"%s\"; "
			  "weir containers list shows those that are there",
			  name);
	return entry;
}

/* Those named; else those whose host is gone. */
static int
stop(const struct found *found, const struct strings *operands)
{
	int code = COMMAND_GOOD, one;

	for (size_t i = 0; operands->n == 1 && i < found->n; i++) {
		if (found->at[i].pid)
			continue;
		one = stop_one(found, &found->at[i]);
		code = one ? one : code;
	}
	for (size_t i = 1; i < operands->n; i++) {
		const struct container_entry *entry =
			find(found, operands->at[i]);

		one = entry ? stop_one(found, entry) : COMMAND_FAILED;
		code = one ? one : code;
	}
	return code;
}

static int
logs(const struct found *found, const char *name)
{
	const struct container_entry *entry = find(found, name);
	struct weir_error err = { 0 };

	if (!entry)
		return COMMAND_FAILED;
	fflush(stdout);
	if (container_show_logs(found->engine, entry, &err))
		return command_fail(&err);
	return COMMAND_GOOD;
}

/* The engine of the command line, else of the environment, else podman. */
static int
choose_engine(const struct args *args, struct settings *own,
	      const char **ret_engine, struct weir_error *err)
{
	const char key[] = "container.engine";
	const struct setting *setting = settings_get(&args->settings, key);
	int status = settings_put_environment(own, environ, err);

	if (status)
		return status;
	if (!setting)
		setting = settings_get(own, key);
	*ret_engine = setting && setting->values.n ? setting->values.at[0] :
						     "podman";
	return WEIR_OK;
}

int
cmd_containers(const struct args *args)
{
	const struct strings *operands = &args->operands;
	const char *verb = operands->n ? operands->at[0] : "";
	bool is_list = strcmp(verb, "list") == 0 && operands->n == 1;
	bool is_logs = strcmp(verb, "logs") == 0 && operands->n == 2;
	struct settings own = { 0 };
	struct found found = { 0 };
	struct weir_error err = { 0 };
	int code;

	if (!is_list && !is_logs && strcmp(verb, "stop") != 0)
		return args_refuse(args, "list, stop [NAME...] or logs NAME");
	if (choose_engine(args, &own, &found.engine, &err) ||
	    container_list(found.engine, &found.at, &found.n, &err))
		code = command_fail(&err);
	else if (is_list)
		code = list(&found);
	else if (is_logs)
		code = logs(&found, operands->at[1]);
	else
		code = stop(&found, operands);
	free(found.at);
	settings_fini(&own);
	return code;
}
