/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/cli/args.h"
#include "core/cli/load.h"
#include "core/cli/show.h"
#include "core/output/sink.h"
#include "core/output/resolve.h"
#include "core/output/stream.h"
#include "core/run/run.h"
#include "core/run/signals.h"

#define SINKS_MAX 2

struct sinks {
	struct output_sink *at[SINKS_MAX];
	size_t n;
	bool written; /* every one of them has its results */
};

/* Where the JSON goes; NULL without memory, "" for nowhere. */
static char *
json_path(const struct plan_run *run)
{
	const char *directory = run->output_directory;
	const char *name = run->output_json;
	char *path;

	if (!*name || !*directory || name[0] == '/' ||
	    strcmp(name, "-") == 0 || strcmp(directory, ".") == 0)
		return strdup(name);
	return asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path;
}

static bool
is_stdout(const char *path)
{
	return strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0;
}

static int
open_sinks(const struct args *args, const struct plan_run *run,
	   const char *json, struct sinks *sinks, struct weir_error *err)
{
	/* One stream can't be both a table and a document. */
	bool taken = is_stdout(json) ||
		     is_stdout(run->output_streaming_json) ||
		     is_stdout(run->output_streaming_csv);
	FILE *table = taken ? stderr : stdout;
	int status;

	/* The file comes first: who reads the table may never do so. */
	if (*json) {
		status = output_json_open(json, &sinks->at[sinks->n], err);
		if (status)
			return status;
		sinks->n++;
	}
	status = output_console_open(table, args->color,
				     &sinks->at[sinks->n], err);
	if (status == WEIR_OK)
		sinks->n++;
	return status;
}

/* The rules know two names of one file only where they are the same text. */
static int
keep_apart(const char *json, const struct plan_run *run,
	   struct weir_error *err)
{
	const char *streams[] = { run->output_streaming_json,
				  run->output_streaming_csv };

	for (size_t i = 0; i < 2; i++)
		if (*streams[i] && *json && resolve_is_same(streams[i], json))
			return weir_error_set(err, WEIR_EINVALID,
					      "the stream \"%s\" and the "
					      "results \"%s\" are the same "
					      "file; name another",
					      streams[i], json);
	if (*streams[0] && *streams[1] &&
	    resolve_is_same(streams[0], streams[1]))
		return weir_error_set(err, WEIR_EINVALID,
				      "the streams \"%s\" and \"%s\" are the "
				      "same file; name another", streams[0],
				      streams[1]);
	return WEIR_OK;
}

/* Every sink gets its chance, whatever became of the others. */
static int
finish_sinks(struct sinks *sinks, const struct result *result)
{
	int worst = COMMAND_GOOD;

	sinks->written = true;
	for (size_t i = 0; i < sinks->n; i++) {
		struct weir_error err = { 0 };

		if (sinks->at[i]->finish(sinks->at[i], result, &err)) {
			log_write(WEIR_LOG_ERROR, "%s", err.text);
			worst = COMMAND_FAILED;
			sinks->written = false;
		}
	}
	return worst;
}

static void
close_sinks(struct sinks *sinks)
{
	for (size_t i = 0; i < sinks->n; i++)
		sinks->at[i]->close(sinks->at[i]);
}

static int
run_and_report(const struct args *args, struct load *load,
	       struct result *result, struct output_stream *stream,
	       struct sinks *sinks)
{
	const struct run_config config = {
		.stream = stream,
		.plan = load->plan,
		.registry = load->registry,
		.result = result,
		.stop_fd = signals_stop_fd(),
		.quiet = args->quiet,
	};
	struct weir_error err = { 0 }, broken = { 0 };
	int code = COMMAND_GOOD, written;

	if (run_plan(&config, &err))
		code = command_fail(&err);
	written = output_stream_close(stream, &broken);
	stream_finish(result, written ? broken.text : NULL);
	/* The results of an earlier run stay. */
	if (code && !result_has_trials(result))
		return code;
	result->interrupted = signals_received() != 0;
	written = finish_sinks(sinks, result);
	if (code == COMMAND_GOOD)
		code = written;
	return code ? code : result_exit_code(result);
}

static int
run_loaded(const struct args *args, struct load *load)
{
	struct result *result = result_create(load->plan);
	char *json = json_path(&load->plan->run);
	const struct plan_run *run = &load->plan->run;
	struct output_stream *stream = NULL;
	struct weir_error err = { 0 };
	struct sinks sinks = { 0 };
	int code;

	if (!result || !json) {
		weir_error_set(&err, WEIR_ENOMEMORY,
			       "no memory for the results");
		code = command_fail(&err);
	} else if (open_sinks(args, run, json, &sinks, &err) ||
		   keep_apart(json, run, &err) ||
		   output_stream_open(run->output_streaming_json,
				      run->output_streaming_csv, &stream,
				      &err)) {
		code = command_fail(&err);
	} else {
		code = run_and_report(args, load, result, stream, &sinks);
		if (!args->quiet && *json && strcmp(json, "-") != 0 &&
		    sinks.written)
			fprintf(stderr, "results: %s\n", json);
	}
	close_sinks(&sinks);
	free(json);
	result_destroy(result);
	return code;
}

static int
run_or_show(const struct args *args)
{
	struct load load;
	int code;

	code = load_plan(args, &load);
	if (code == COMMAND_GOOD && args->dry_run)
		show_plan(load.plan, stdout);
	else if (code == COMMAND_GOOD)
		code = run_loaded(args, &load);
	load_fini(&load);
	signals_die();
	return code;
}

int
cmd_run(const struct args *args)
{
	if (!args_have_no_plan(args))
		return run_or_show(args);
	command_overview();
	return COMMAND_USAGE;
}

/* The same with clients that somebody else has started: load_plan makes the
 * boundary `external`. */
int
cmd_host(const struct args *args)
{
	if (!args_have_no_plan(args))
		return run_or_show(args);
	return args_refuse(args, ARGS_TAKES_PLAN);
}
