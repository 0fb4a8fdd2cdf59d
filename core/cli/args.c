/* SPDX-License-Identifier: Apache-2.0 */
#include "core/cli/args.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/units.h"
#include "core/option/option.h"

struct flag {
	const char *name;  /* with the dashes */
	char letter;       /* or '\0' */
	const char *value; /* name of its value; NULL: takes none */
	unsigned commands;
	const char *path; /* the setting that it is; NULL: see set */
	int (*set)(struct args *args, const char *value,
		   struct weir_error *err);
	const char *help; /* NULL: not for people */
};

static int
set_mechanisms(struct args *args, const char *value, struct weir_error *err)
{
	static const char *const long_names[][2] = {
		{ "unix-domain-socket", "uds" },
		{ "shared-memory", "shm" },
	};
	struct strings names = { 0 };
	char *copy = strdup(value), *save = NULL;
	int status;

	for (char *name = copy ? strtok_r(copy, ",", &save) : NULL; name;
	     name = strtok_r(NULL, ",", &save)) {
		const char *known = name;

		for (size_t i = 0; i < 2; i++) {
			if (strcmp(name, long_names[i][0]) == 0)
				known = long_names[i][1];
		}
		if (strcmp(name, "all") == 0)
			args->all_mechanisms = true;
		else
			strings_add(&names, known);
	}
	free(copy);
	if (names.n == 0 && !args->all_mechanisms)
		status = weir_error_set(err, WEIR_EINVALID,
					"-m needs the names of transports, as "
					"in \"-m uds,shm\", or \"all\"");
	else if (args->all_mechanisms)
		status = WEIR_OK;
	else
		status = settings_put(&args->settings, SETTINGS_COMMAND_LINE,
				      "matrix.transport", &names, true,
				      "--mechanisms", err);
	strings_fini(&names);
	return status;
}

static int
set_override(struct args *args, const char *value, struct weir_error *err)
{
	return settings_put_override(&args->settings, value, err);
}

static int
set_output_file(struct args *args, const char *value, struct weir_error *err)
{
	int status = settings_put_text(&args->settings, SETTINGS_COMMAND_LINE,
				       "output.directory", ".",
				       "--output-file", err);

	if (status)
		return status;
	return settings_put_text(&args->settings, SETTINGS_COMMAND_LINE,
				 "output.json", value, "--output-file", err);
}

static int
set_color(struct args *args, const char *value, struct weir_error *err)
{
	if (strcmp(value, "auto") == 0)
		args->color = OUTPUT_COLOR_AUTO;
	else if (strcmp(value, "always") == 0)
		args->color = OUTPUT_COLOR_ALWAYS;
	else if (strcmp(value, "never") == 0)
		args->color = OUTPUT_COLOR_NEVER;
	else
		return weir_error_set(err, WEIR_EINVALID,
				      "--color: \"%s\" is none of auto, "
				      "always and never", value);
	return WEIR_OK;
}

static int
set_log_level(struct args *args, const char *value, struct weir_error *err)
{
	args->log_level = log_level_parse(value);
	if (args->log_level < 0)
		return weir_error_set(err, WEIR_EINVALID,
				      "--log-level: \"%s\" is none of error, "
				      "warn, info, debug and trace", value);
	return WEIR_OK;
}

static int
set_control_fd(struct args *args, const char *value, struct weir_error *err)
{
	int64_t fd;

	if (units_parse_int(value, &fd, err))
		return weir_error_prefix(err, "--control-fd: ");
	if (fd < 3 || fd > INT_MAX)
		return weir_error_set(err, WEIR_EINVALID,
				      "--control-fd: %s is no descriptor of a "
				      "control connection", value);
	args->control_fd = (int)fd;
	return WEIR_OK;
}

static int
set_quiet(struct args *args, const char *value, struct weir_error *err)
{
	(void)value, (void)err;
	args->quiet = true;
	return WEIR_OK;
}

static int
set_verbose(struct args *args, const char *value, struct weir_error *err)
{
	(void)value, (void)err;
	args->verbose++;
	return WEIR_OK;
}

static int
set_dry_run(struct args *args, const char *value, struct weir_error *err)
{
	(void)value, (void)err;
	args->dry_run = true;
	return WEIR_OK;
}

static int
set_persist(struct args *args, const char *value, struct weir_error *err)
{
	(void)value, (void)err;
	args->persist = true;
	return WEIR_OK;
}

static int
set_help(struct args *args, const char *value, struct weir_error *err)
{
	(void)value, (void)err;
	args->help = true;
	return WEIR_OK;
}

static int
set_version(struct args *args, const char *value, struct weir_error *err)
{
	(void)value, (void)err;
	args->version = true;
	return WEIR_OK;
}

static const struct flag flags[] = {
	{ "--mechanisms", 'm', "LIST", ARGS_PLAN, NULL, set_mechanisms,
	  "transports to measure: uds,shm,pipe or all" },
	{ "--message-size", 0, "LIST", ARGS_PLAN, "matrix.size", NULL,
	  "bytes in a message: 64,1Ki,64Ki" },
	{ "--msg-count", 0, "N", ARGS_PLAN, "count", NULL,
	  "messages per channel and trial" },
	{ "--duration", 0, "TIME", ARGS_PLAN, "duration", NULL,
	  "or how long each trial lasts: 500ms, 30s" },
	{ "--concurrency", 0, "LIST", ARGS_PLAN, "matrix.concurrency", NULL,
	  "channels at the same time" },
	{ "--warmup-iterations", 0, "N", ARGS_PLAN, "warmup_count", NULL,
	  "messages before the timed region" },
	{ "--percentiles", 0, "LIST", ARGS_PLAN, "percentiles", NULL,
	  "further percentiles: 75,99.5" },
	{ "--host-affinity", 0, "CPUS", ARGS_PLAN, "cpu.host", NULL,
	  "CPUs of the host's threads: auto, none, 0,2-3" },
	{ "--client-affinity", 0, "CPUS", ARGS_PLAN, "cpu.client", NULL,
	  "CPUs of the client's threads" },
	{ "--ipc-path", 0, "PATH", ARGS_PLAN | ARGS_CLIENT, "ipc.path", NULL,
	  "control socket at which host and client meet" },
	{ "--clients", 0, "N", ARGS_PLAN, "clients", NULL,
	  "clients that the host waits for" },
	{ "--ipc-mode", 0, "MODE", ARGS_PLAN, "ipc.mode", NULL,
	  "mode of the control socket's file (0600)" },
	{ "--ipc-owner", 0, "UID[:GID]", ARGS_PLAN, "ipc.owner", NULL,
	  "who the control socket is given to" },
	{ "--ipc-group", 0, "GROUP", ARGS_PLAN, "ipc.group", NULL,
	  "group that the control socket is given to" },
	{ "--persist", 0, NULL, ARGS_CLIENT, NULL, set_persist,
	  "serve run after run, until a signal" },
	{ "--connect-timeout", 0, "TIME", ARGS_PLAN | ARGS_CLIENT,
	  "connect_timeout", NULL,
	  "how long to wait for the other side" },
	{ "--silence-timeout", 0, "TIME", ARGS_PLAN | ARGS_CLIENT,
	  "silence_timeout", NULL,
	  "silence after which it counts as dead" },
	{ "--output-file", 'o', "FILE", ARGS_PLAN | ARGS_CLIENT, NULL,
	  set_output_file,
	  "where the JSON goes (- is standard output)" },
	{ "--streaming-output-json", 0, "FILE", ARGS_PLAN,
	  "output.streaming_json", NULL,
	  "a line of JSON per message, live" },
	{ "--streaming-output-csv", 0, "FILE", ARGS_PLAN,
	  "output.streaming_csv", NULL, "a line of CSV per message, live" },
	{ NULL, 'D', "KEY=VALUE", ARGS_PLAN, NULL, set_override,
	  "set a key of the config: -D repeat=5" },
	{ "--engine", 0, "ENGINE", ARGS_PLAN | ARGS_CONTAINERS,
	  "container.engine", NULL,
	  "what runs containers: podman or docker" },
	{ "--dry-run", 0, NULL, ARGS_MEASURE, NULL, set_dry_run,
	  "print the plan and run nothing" },
	{ "--control-fd", 0, "FD", ARGS_CLIENT, NULL, set_control_fd,
	  "an inherited, connected control socket" },
	{ "--quiet", 'q', NULL, ARGS_ALL, NULL, set_quiet,
	  "no progress and no hints" },
	{ "--verbose", 'v', NULL, ARGS_ALL, NULL, set_verbose,
	  "say more; twice, even more" },
	{ "--log-level", 0, "LEVEL", ARGS_ALL, NULL, set_log_level,
	  "error, warn, info, debug, trace (or WEIR_LOG)" },
	{ "--color", 0, "WHEN", ARGS_ALL, NULL, set_color,
	  "auto, always or never (NO_COLOR is honoured)" },
	{ "--help", 'h', NULL, ARGS_ALL, NULL, set_help, "this text" },
	{ "--version", 'V', NULL, ARGS_ALL, NULL, set_version,
	  "the version of weir" },
};
#define N_FLAGS (sizeof(flags) / sizeof(flags[0]))

static const struct flag *
find_flag(const struct command *command, const char *arg, size_t len)
{
	for (size_t i = 0; i < N_FLAGS; i++) {
		const struct flag *flag = &flags[i];

		if (!(flag->commands & command->bit))
			continue;
		if (len == 2 && arg[1] == flag->letter)
			return flag;
		if (flag->name && strlen(flag->name) == len &&
		    strncmp(flag->name, arg, len) == 0)
			return flag;
	}
	return NULL;
}

static int
unknown_flag(const struct command *command, const char *arg, size_t len,
	     struct weir_error *err)
{
	const char *names[N_FLAGS], *near;
	char typed[64];
	size_t n = 0;

	for (size_t i = 0; i < N_FLAGS; i++) {
		if (flags[i].name && (flags[i].commands & command->bit))
			names[n++] = flags[i].name;
	}
	snprintf(typed, sizeof(typed), "%.*s", (int)len, arg);
	near = option_suggest(typed, names, n);
	return weir_error_set(err, WEIR_EINVALID,
			      "weir %s has no flag %s%s%s%s weir %s --help "
			      "lists "
			      "them", command->name, typed,
			      near ? "; did you mean " : "", near ? near : "",
			      near ? "?" : ";", command->name);
}

static int
set_flag(struct args *args, const struct flag *flag, const char *value,
	 struct weir_error *err)
{
	char list[4096];

	if (flag->set)
		return flag->set(args, value, err);
	/* "64,1Ki" is a list here, as [64,1Ki] is in a config file. */
	if (strcmp(flag->value, "LIST") == 0 && value[0] != '[') {
		if ((size_t)snprintf(list, sizeof(list), "[%s]", value) >=
		    sizeof(list))
			return weir_error_set(err, WEIR_EINVALID,
					      "%s: the list is too long",
					      flag->name);
		value = list;
	}
	return settings_put_text(&args->settings, SETTINGS_COMMAND_LINE,
				 flag->path, value, flag->name, err);
}

/* One flag at argv[*at], with its value behind "=", glued to its letter, or
 * in the next argument. */
static int
parse_flag(struct args *args, int argc, char *const *argv, int *at,
	   struct weir_error *err)
{
	const char *arg = argv[*at], *value = NULL;
	size_t len = strcspn(arg, "=");
	const struct flag *flag;

	if (arg[1] != '-')
		len = 2;
	flag = find_flag(args->command, arg, len);
	if (!flag)
		return unknown_flag(args->command, arg, len, err);
	if (arg[len] != '\0')
		value = arg + len + (arg[len] == '=');
	if (!flag->value && value && arg[1] != '-') {
		/* Letters in a row: -vv, -qv. */
		char rest[3] = { '-', 0, 0 };
		int status = flag->set(args, NULL, err);

		for (value = arg + 2; *value && status == WEIR_OK; value++) {
			rest[1] = *value;
			flag = find_flag(args->command, rest, 2);
			if (!flag || flag->value)
				return unknown_flag(args->command, rest, 2,
						    err);
			status = flag->set(args, NULL, err);
		}
		return status;
	}
	if (!flag->value && value)
		return weir_error_set(err, WEIR_EINVALID,
				      "%.*s takes no value", (int)len, arg);
	if (flag->value && !value) {
		if (*at + 1 >= argc)
			return weir_error_set(err, WEIR_EINVALID,
					      "%.*s needs a value (%s)",
					      (int)len, arg, flag->value);
		value = argv[++*at];
	}
	return set_flag(args, flag, value, err);
}

int
args_parse(const struct command *command, int argc, char *const *argv,
	   struct args *ret_args, struct weir_error *err)
{
	struct args *args = ret_args;
	bool only_operands = false;
	int status = WEIR_OK;

	memset(args, 0, sizeof(*args));
	args->command = command;
	args->log_level = -1;
	args->control_fd = -1;
	for (int i = 0; i < argc && status == WEIR_OK; i++) {
		const char *arg = argv[i];

		if (only_operands || arg[0] != '-' || arg[1] == '\0')
			strings_add(&args->operands, arg);
		else if (strcmp(arg, "--") == 0)
			only_operands = true;
		else
			status = parse_flag(args, argc, argv, &i, err);
	}
	if (status)
		args_fini(args);
	return status;
}

bool
args_have_no_plan(const struct args *args)
{
	return args->operands.n == 0 && !args->all_mechanisms &&
	       !settings_get(&args->settings, "matrix.transport");
}

int
args_refuse(const struct args *args, const char *takes)
{
	log_write(WEIR_LOG_ERROR,
		  "weir %s takes %s; usage: weir %s [flags]%s%s",
		  args->command->name, takes, args->command->name,
		  *args->command->operands ? " " : "",
		  args->command->operands);
	return COMMAND_USAGE;
}

void
args_fini(struct args *args)
{
	settings_fini(&args->settings);
	strings_fini(&args->operands);
}

void
args_help(const struct command *command, FILE *to)
{
	fprintf(to, "usage: weir %s [flags]%s%s\n\n%s\n\nflags:\n",
		command->name, *command->operands ? " " : "",
		command->operands, command->help);
	for (size_t i = 0; i < N_FLAGS; i++) {
		const struct flag *flag = &flags[i];
		char left[64];

		if (!(flag->commands & command->bit))
			continue;
		snprintf(left, sizeof(left), "%c%c%s%s%s%s",
			 flag->letter ? '-' : ' ',
			 flag->letter ? flag->letter : ' ',
			 flag->name ? (flag->letter ? ", " : "  ") : "",
			 flag->name ? flag->name : "",
			 flag->value ? " " : "",
			 flag->value ? flag->value : "");
		fprintf(to, "  %-32s %s\n", left, flag->help);
	}
}
