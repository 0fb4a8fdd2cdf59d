/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The subcommands: one file each, one table of them.
 */
#ifndef CORE_CLI_COMMAND_H
#define CORE_CLI_COMMAND_H

#include <weir/error.h>

/* Exit codes; the same for every command. */
enum command_exit {
	COMMAND_GOOD = 0,
	COMMAND_FAILED = 1,        /* began and failed */
	COMMAND_USAGE = 2,         /* wrong whatever the machine */
	COMMAND_UNAVAILABLE = 3,   /* this machine lacks it */
	COMMAND_UNTRUSTWORTHY = 4, /* lost or corrupt messages */
	COMMAND_GATE = 5,          /* a gate was crossed */
	COMMAND_DEADLINE = 124,
};

struct args;

struct command {
	const char *name;
	unsigned bit;         /* of this command in a flag's `commands` */
	const char *operands; /* "[CONFIG]", for the usage line */
	const char *help;     /* one line */
	int (*run)(const struct args *args);
};

extern const struct command commands[];
extern const unsigned n_commands;

const struct command *command_find(const char *name);

/* Prints "weir: error: …" on standard error and returns the exit code that
 * belongs to the error's status. */
int command_fail(const struct weir_error *err);

/* The one-screen help, on standard output. */
void command_overview(void);

int cmd_run(const struct args *args);
int cmd_host(const struct args *args);
int cmd_client(const struct args *args);
int cmd_check(const struct args *args);
int cmd_list(const struct args *args);
int cmd_describe(const struct args *args);
int cmd_containers(const struct args *args);

#endif
