/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client in a process of its own: what the boundaries `process` and
 * `namespace` share.
 */
#ifndef CORE_LAUNCH_SPAWN_H
#define CORE_LAUNCH_SPAWN_H

#include <sys/types.h>

#include "core/launch/launcher.h"

#define SPAWN_STEP_BYTES 64

/* What went wrong on the way to the client's main, and where. */
struct spawn_fault {
	int error; /* errno */
	char step[SPAWN_STEP_BYTES]; /* "uid_map can't be written" */
};

/* How the process is made. */
struct spawn {
	/* Like fork(2). */
	pid_t (*make)(const void *context);
	/* In the child before exec, with async-signal-safe means only; NULL
	 * where there is nothing to do. 0, or -1 with errno. */
	int (*enter)(const void *context, struct spawn_fault *ret_fault);
	const void *context;
};

/*
 * Starts weir as a client that inherits client_socket (taken in any case);
 * returns once it has been executed. On failure nothing is left and
 * *ret_fault says why.
 */
WEIR_MUST_USE int spawn_start(struct launch *launch, const struct spawn *how,
			      int client_socket,
			      struct spawn_fault *ret_fault);

/* The end of such a client; see struct launcher. */
void spawn_end(struct launch *launch, uint64_t grace_ns, bool lost,
	       char ret_how[LAUNCH_HOW_BYTES]);

#endif
