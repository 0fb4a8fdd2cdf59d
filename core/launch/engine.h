/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Container engines: podman, and docker by the same arguments. Every command
 * is an argument vector, never a line for a shell.
 */
#ifndef CORE_LAUNCH_ENGINE_H
#define CORE_LAUNCH_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include <weir/error.h>

#include "core/base/text.h"
#include "core/config/plan.h"

/* Where the one mount lies in the container. */
#define ENGINE_DIRECTORY "/run/weir"
#define ENGINE_SOCKET "control.sock"

/* How a container says whose it is. */
#define ENGINE_LABEL_RUN "weir.run"             /* the run's random id */
#define ENGINE_LABEL_PID "weir.pid"             /* of the host */
#define ENGINE_LABEL_STARTED "weir.started"     /* and when that began */
#define ENGINE_LABEL_DIRECTORY "weir.directory" /* the run's, outside */

enum engine_kind { ENGINE_PODMAN, ENGINE_DOCKER };

struct engine {
	const char *program; /* borrowed */
	enum engine_kind kind;
	char version[64];
	uint32_t uid; /* of this process */
	uint32_t gid;
	bool selinux;
};

/* One container of a client. */
struct engine_order {
	const struct plan_run *run;
	const char *name;
	const char *run_id;
	const char *directory;
	int pid;
	uint64_t started;
};

/* Takes the answer to --version; true if it is one. */
bool engine_take_version(const char *answer, struct engine *to);

/*
 * The ids of the client inside its container, and those it has outside.
 * Rootless podman maps the own ids to the ones asked for. Docker has no such
 * map: there a user who is not root gives the container the own ids.
 */
struct engine_ids {
	uint32_t inside_uid;
	uint32_t inside_gid;
	uint32_t outside_uid;
	uint32_t outside_gid;
};
void engine_ids(const struct engine *engine, const char *user,
		struct engine_ids *ret_ids);

/* The arguments of what is asked of an engine, without its program; memory
 * failure is in ret_args->failed. */
void engine_run_args(const struct engine *engine,
		     const struct engine_order *order,
		     struct strings *ret_args);
void engine_remove_args(const struct engine *engine, const char *name,
			struct strings *ret_args);

/* When a process began, in ticks since the boot; 0: there is none. With the
 * pid it names a process for good. */
uint64_t engine_process_started(int pid);

/* ---- engine_run.c ---- */

#define ENGINE_OUTPUT_BYTES 8192

/* What a command said: the beginning of its output, the end of its talk. */
struct engine_output {
	int exit_code; /* 128 + signal where one killed it */
	char out[ENGINE_OUTPUT_BYTES];
	char talk[ENGINE_OUTPUT_BYTES];
};

/*
 * Runs an engine's command to its end. OK whatever its exit code;
 * EUNAVAILABLE: the program is not there; ETIMEOUT; ECANCELED by stop_fd (or
 * -1), in both cases after it was ended.
 */
WEIR_MUST_USE int engine_run(const char *program, const struct strings *args,
			     uint64_t timeout_ns, int stop_fd,
			     struct engine_output *ret_output,
			     struct weir_error *err);

/* The same with the arguments listed, the last one NULL. */
WEIR_MUST_USE int engine_ask(const char *program, uint64_t timeout_ns,
			     int stop_fd, struct engine_output *ret_output,
			     struct weir_error *err, ...)
	__attribute__((sentinel));

/* What it comes down to: the last line that says "Error: " (without that), or
 * the last line; cleaned, never empty. Consumes the text. */
const char *engine_last_words(char *talk);

#endif
