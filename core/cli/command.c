/* SPDX-License-Identifier: Apache-2.0 */
#include "core/cli/command.h"

#include <stdio.h>
#include <string.h>

#include "core/base/log.h"
#include "core/cli/args.h"

const struct command commands[] = {
	{ "run", ARGS_RUN, "[CONFIG]",
	  "run the experiment of a config file, or of -m",
	  cmd_run },
	{ "host", ARGS_HOST, "[CONFIG]",
	  "run it with clients that meet it at --ipc-path", cmd_host },
	{ "client", ARGS_CLIENT, "",
	  "answer a host at --ipc-path (weir run starts its own)",
	  cmd_client },
	{ "check", ARGS_CHECK, "[CONFIG]",
	  "check a config file and print the plan; run nothing", cmd_check },
	{ "list", ARGS_LIST, "", "list the transports that are installed",
	  cmd_list },
	{ "describe", ARGS_DESCRIBE, "TRANSPORT",
	  "describe a transport and its options", cmd_describe },
	{ "containers", ARGS_CONTAINERS, "ACTION",
	  "list, stop or logs NAME: containers that runs have left",
	  cmd_containers },
};
const unsigned n_commands = sizeof(commands) / sizeof(commands[0]);

const struct command *
command_find(const char *name)
{
	for (unsigned i = 0; i < n_commands; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

int
command_fail(const struct weir_error *err)
{
	log_write(WEIR_LOG_ERROR, "%s", err->text);
	switch (err->status) {
	case WEIR_EINVALID:
		return COMMAND_USAGE;
	case WEIR_EUNAVAILABLE:
		return COMMAND_UNAVAILABLE;
	case WEIR_ETIMEOUT:
		return COMMAND_DEADLINE;
	default:
		return COMMAND_FAILED;
	}
}

void
command_overview(void)
{
	printf("weir " WEIR_VERSION " measures what flows through an IPC "
	       "channel.\n\n"
	       "  weir run configs/quickstart.cfg         "
	       "latency, throughput and CPU price of\n"
	       "                                          "
	       "uds, shm and pipe, as a table and JSON\n"
	       "  weir run -m uds,shm --message-size 64   "
	       "the same without a file\n\n"
	       "commands:\n");
	for (unsigned i = 0; i < n_commands; i++)
		printf("  %-10s %-10s %s\n", commands[i].name,
		       commands[i].operands, commands[i].help);
	printf("\nweir COMMAND --help lists its flags; docs/config.md has "
	       "the config file.\n\n"
	       "exit codes:\n"
	       "  0  good                           "
	       "3  this machine lacks something\n"
	       "  1  the run failed                 "
	       "4  messages were lost or corrupt\n"
	       "  2  usage or config is wrong     "
	       "124  nobody came in time\n"
	       "a signal: raised again, once the results are written\n");
}
