/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/cli/args.h"
#include "core/cli/command.h"
#include "core/option/option.h"
#include "core/run/signals.h"

static int
unknown_command(const char *name)
{
	const char *names[16], *near;

	for (unsigned i = 0; i < n_commands; i++)
		names[i] = commands[i].name;
	near = option_suggest(name, names, n_commands);
	log_write(WEIR_LOG_ERROR, "there is no command \"%s\"%s%s%s weir "
		  "--help lists them", name,
		  near ? "; did you mean " : "", near ? near : "",
		  near ? "?" : ";");
	return COMMAND_USAGE;
}

/* `weir help run` is `weir run --help`. */
static int
help(int argc, char **argv)
{
	const struct command *command = argc > 2 ? command_find(argv[2]) :
						   NULL;

	if (argc > 2 && !command)
		return unknown_command(argv[2]);
	if (command)
		args_help(command, stdout);
	else
		command_overview();
	return argc > 1 ? COMMAND_GOOD : COMMAND_USAGE;
}

/* WEIR_LOG < -v < --log-level. */
static int
set_log_level(const struct args *args)
{
	const char *text = getenv("WEIR_LOG");
	int level = text ? log_level_parse(text) : WEIR_LOG_WARN;

	if (level < 0) {
		log_write(WEIR_LOG_ERROR, "WEIR_LOG: \"%s\" is none of error, "
			  "warn, info, debug and trace", text);
		return COMMAND_USAGE;
	}
	if (args->verbose)
		level = args->verbose > 1 ? WEIR_LOG_DEBUG : WEIR_LOG_INFO;
	log_level = args->log_level >= 0 ? args->log_level : level;
	return COMMAND_GOOD;
}

/* `weir check FILE | head` has seen enough, and that is no failure. */
static bool
reader_left(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&out, 1, 0) > 0 && out.revents & (POLLERR | POLLHUP);
}

/* What was printed is worth nothing if it did not arrive. A command that has
 * failed has told so, perhaps this. */
static int
close_stdout(int code)
{
	if ((fflush(stdout) == 0 && !ferror(stdout)) || reader_left() ||
	    code == COMMAND_FAILED)
		return code;
	log_write(WEIR_LOG_ERROR, "standard output can't be written");
	return code ? code : COMMAND_FAILED;
}

/* What exit() finds: whether the command has come to its end. */
struct ending {
	bool due;
};

/* Else it is a module that has called exit, though its contract says never:
 * no results were written, and a 0 would say that all is well. */
static void
at_exit(int code, void *at)
{
	struct ending *ending = at;

	if (!ending->due) {
		log_write(WEIR_LOG_ERROR, "a transport has called exit(%d) and "
			  "ended the program with it", code);
		_exit(COMMAND_FAILED);
	}
	free(ending);
}

/* NULL where that can't be told. */
static struct ending *
expect_exit(void)
{
	struct ending *ending = calloc(1, sizeof(*ending));

#ifdef __GLIBC__
	if (ending && on_exit(at_exit, ending) == 0)
		return ending;
#else
	(void)at_exit;
#endif
	free(ending);
	return NULL;
}

static int
run_with_modules(const struct command *command, const struct args *args)
{
	struct ending *ending = expect_exit();
	int code = command->run(args);

	if (ending)
		ending->due = true;
	return code;
}

static int
run_command(const struct command *command, int argc, char *const *argv)
{
	struct weir_error err = { 0 };
	struct args args;
	int code;

	if (args_parse(command, argc, argv, &args, &err))
		return command_fail(&err);
	code = set_log_level(&args);
	if (args.help)
		args_help(command, stdout);
	else if (args.version)
		printf("weir " WEIR_VERSION "\n");
	else if (code == COMMAND_GOOD)
		code = signals_install(&err) ? command_fail(&err) :
					       run_with_modules(command, &args);
	args_fini(&args);
	return code;
}

/* What is opened later must not become a standard stream that was closed:
 * it would get what is printed. These can't be written to, so that printing
 * fails and is told. */
static void
fill_standard_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* `weir --mode standalone …` is `weir run …`, and so on. */
static const char *
command_of_mode(const char *mode)
{
	return strcmp(mode, "standalone") == 0 ? "run" : mode;
}

int
main(int argc, char **argv)
{
	const struct command *command;
	const char *name = argc > 1 ? argv[1] : "--help";
	int skip = 2;

	fill_standard_streams();
	signal(SIGPIPE, SIG_IGN); /* see close_stdout */
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ||
	    strcmp(name, "help") == 0)
		return close_stdout(help(argc, argv));
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
		printf("weir " WEIR_VERSION "\n");
		return close_stdout(COMMAND_GOOD);
	}
	if (strcmp(name, "--mode") == 0 && argc < 3) {
		log_write(WEIR_LOG_ERROR, "--mode needs a value (standalone, "
			  "host or client)");
		return COMMAND_USAGE;
	}
	if (strcmp(name, "--mode") == 0) {
		name = command_of_mode(argv[2]);
		skip = 3;
	} else if (strncmp(name, "--mode=", 7) == 0) {
		name = command_of_mode(name + 7);
	}
	command = command_find(name);
	if (!command)
		return unknown_command(name);
	return close_stdout(run_command(command, argc - skip, argv + skip));
}
