/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line: one row per flag feeds the parser and --help.
 */
#ifndef CORE_CLI_ARGS_H
#define CORE_CLI_ARGS_H

#include <stdbool.h>
#include <stdio.h>

#include <weir/error.h>

#include "core/base/text.h"
#include "core/cli/command.h"
#include "core/config/settings.h"
#include "core/output/sink.h"

/* Bits of the commands, for the table of flags. */
enum {
	ARGS_RUN = 1u << 0,
	ARGS_CLIENT = 1u << 1,
	ARGS_CHECK = 1u << 2,
	ARGS_LIST = 1u << 3,
	ARGS_DESCRIBE = 1u << 4,
	ARGS_HOST = 1u << 5,
	ARGS_CONTAINERS = 1u << 6,
	ARGS_PLAN = ARGS_RUN | ARGS_CHECK | ARGS_HOST,
	ARGS_MEASURE = ARGS_RUN | ARGS_HOST,
	ARGS_ALL = ~0u,
};

struct args {
	const struct command *command;
	struct settings settings; /* of the command line */
	struct strings operands;
	bool help;
	bool version;
	bool quiet;
	bool dry_run;
	bool all_mechanisms; /* -m all */
	int verbose;
	int log_level; /* WEIR_LOG_*, or -1 */
	bool persist;
	int control_fd; /* or -1 */
	enum output_color color;
};

/* Parses what follows the command's name. Flags and operands in any order;
 * "--" ends the flags. Errors are WEIR_EINVALID. */
WEIR_MUST_USE int args_parse(const struct command *command, int argc,
			     char *const *argv, struct args *ret_args,
			     struct weir_error *err);
void args_fini(struct args *args);

/* True where neither a config file nor a transport was named. */
bool args_have_no_plan(const struct args *args);

#define ARGS_TAKES_PLAN "a config file, or transports with -m"

/* Says that a command takes other operands than these ("one transport");
 * returns COMMAND_USAGE. */
int args_refuse(const struct args *args, const char *takes);

/* Usage line and flags of a command. */
void args_help(const struct command *command, FILE *to);

#endif
