/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/weir.h"

#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#define ARGS_MAX 48
#define ARG_BYTES 96
#define RESULT_BYTES (1u << 20)

struct args {
	char *at[ARGS_MAX + 1];
	char text[ARGS_MAX][ARG_BYTES];
	int n;
};

static void __attribute__((format(printf, 2, 3)))
add(struct args *args, const char *format, ...)
{
	va_list list;

	if (args->n == ARGS_MAX)
		abort();
	va_start(list, format);
	vsnprintf(args->text[args->n], ARG_BYTES, format, list);
	va_end(list);
	args->at[args->n] = args->text[args->n];
	args->at[++args->n] = NULL;
}

/* The first line of what weir said. */
static void
first_line(int fd, char ret_why[WEIR_WHY_BYTES])
{
	ssize_t n = pread(fd, ret_why, WEIR_WHY_BYTES - 1, 0);

	ret_why[n > 0 ? n : 0] = '\0';
	ret_why[strcspn(ret_why, "\n")] = '\0';
}

int
weir_process(char *const argv[], char ret_why[WEIR_WHY_BYTES],
	     struct rusage *ret_usage, uint64_t *ret_elapsed_ns)
{
	FILE *said = tmpfile();
	uint64_t started_ns = bench_now_ns();
	int status = -1, null = open("/dev/null", O_RDWR | O_CLOEXEC);
	pid_t pid = said ? fork() : -1;

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		dup2(null, 0);
		dup2(null, 1);
		dup2(fileno(said), 2);
		execv(argv[0], argv);
		_exit(127);
	}
	close(null);
	if (pid < 0 || wait4(pid, &status, 0, ret_usage) != pid)
		return -1;
	*ret_elapsed_ns = bench_now_ns() - started_ns;
	first_line(fileno(said), ret_why);
	fclose(said);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static double
number(const cJSON *object, const char *name)
{
	const cJSON *value = cJSON_GetObjectItem(object, name);

	return cJSON_IsNumber(value) ? value->valuedouble : NAN;
}

static bool
read_cell(const cJSON *result, struct bench_figures *ret_figures,
	  char ret_why[WEIR_WHY_BYTES])
{
	const cJSON *cell = cJSON_GetArrayItem(
		cJSON_GetObjectItem(result, "cells"), 0);
	const cJSON *reason = cJSON_GetObjectItem(cell, "reason");
	const cJSON *latency = cJSON_GetObjectItem(cell, "latency_ns");
	const cJSON *cpu = cJSON_GetObjectItem(cell, "cpu");

	if (cJSON_IsString(reason)) {
		snprintf(ret_why, WEIR_WHY_BYTES, "%s", reason->valuestring);
		return false;
	}
	ret_figures->messages = (uint64_t)number(cell, "messages");
	ret_figures->mean_ns = number(cell, "elapsed_ns") /
			       (double)ret_figures->messages;
	ret_figures->per_s = 1e9 / ret_figures->mean_ns;
	ret_figures->p50_ns = number(latency, "p50");
	ret_figures->cpu_ns = number(cpu, "host_ns_per_message") +
			      number(cpu, "client_ns_per_message");
	return isfinite(ret_figures->mean_ns);
}

static bool
read_result(const char *path, struct bench_figures *ret_figures,
	    char ret_why[WEIR_WHY_BYTES])
{
	char *text = calloc(1, RESULT_BYTES);
	FILE *file = fopen(path, "re");
	cJSON *result = NULL;
	bool good = false;

	if (text && file && fread(text, 1, RESULT_BYTES - 1, file) > 0)
		result = cJSON_Parse(text);
	if (result)
		good = read_cell(result, ret_figures, ret_why);
	cJSON_Delete(result);
	if (file)
		fclose(file);
	free(text);
	return good;
}

static void
cell_args(struct args *args, const struct line_side *side,
	  const struct bench_course *course)
{
	add(args, "-m");
	add(args, "%s", side->transport);
	add(args, "-Dmatrix.pattern=%s",
	    side->one_way ? "one_way" : "round_trip");
	add(args, "-Dmatrix.size=%zu", side->size);
	add(args, "-Dcpu.host=%d", course->cpu[0]);
	add(args, "-Dcpu.client=%d", course->cpu[1]);
	add(args, "-Dduration=%lluus",
	    (unsigned long long)course->timed_ns / 1000);
	add(args, "-Dwarmup=%lluus",
	    (unsigned long long)course->warm_ns / 1000);
	add(args, "-Drepeat=1");
	/* What a line asks for goes before all that. */
	for (int i = 0; i < LINE_OPTIONS && side->options[i]; i++) {
		add(args, "-D");
		add(args, "%s", side->options[i]);
	}
}

bool
weir_segment(const char *weir, const char *folder,
	     const struct line_side *side, const struct bench_course *course,
	     struct bench_figures *ret_figures, char ret_why[WEIR_WHY_BYTES])
{
	struct args args = { .n = 0 };
	struct rusage usage;
	uint64_t elapsed_ns;
	char path[256];
	int code;

	snprintf(path, sizeof(path), "%s/weir.json", folder);
	unlink(path);
	add(&args, "%s", weir);
	add(&args, "run");
	add(&args, "-q");
	cell_args(&args, side, course);
	add(&args, "-o");
	add(&args, "%s", path);
	code = weir_process(args.at, ret_why, &usage, &elapsed_ns);
	if (read_result(path, ret_figures, ret_why) && code == 0)
		return true;
	if (!ret_why[0])
		snprintf(ret_why, WEIR_WHY_BYTES, "weir ended with %d", code);
	return false;
}
