/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each boundary implements; used by launch.c and the launchers only.
 */
#ifndef CORE_LAUNCH_LAUNCHER_H
#define CORE_LAUNCH_LAUNCHER_H

#include "core/launch/launch.h"

#define LAUNCH_NAME_BYTES 160

struct launcher {
	/* One of the two. start takes client_socket in any case. */
	int (*start)(struct launch *launch, int client_socket,
		     struct weir_error *err);
	int (*meet)(struct launch *launch, int *ret_socket,
		    struct weir_error *err);
	/* Waits up to grace_ns, then enforces the end. lost: the client went
	 * away or is of no more use. */
	void (*end)(struct launch *launch, uint64_t grace_ns, bool lost,
		    char ret_how[LAUNCH_HOW_BYTES]);
};

extern const struct launcher launcher_thread;
extern const struct launcher launcher_process;
extern const struct launcher launcher_namespace;
extern const struct launcher launcher_container;

struct container;

struct launch_site {
	const struct plan_run *run;
	int stop_fd;
	struct container *container; /* NULL before the first one */
};

struct launch {
	const struct launcher *launcher;
	const struct launch_config *config;
	char name[LAUNCH_NAME_BYTES];
	int exit_fd; /* -1 where there is none */
	void *own;   /* the launcher's */
};

/* container.c; NULL is allowed where it says so. */
void container_destroy(struct container *container); /* NULL */
const char *container_directory(const struct container *container);
void container_add_facts(const struct container *container,
			 struct facts *to);

#endif
