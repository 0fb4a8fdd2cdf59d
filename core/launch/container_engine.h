/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container of a run, and what its engine is asked about it. Internal to
 * the boundary container; container.h is what others know.
 */
#ifndef CORE_LAUNCH_CONTAINER_ENGINE_H
#define CORE_LAUNCH_CONTAINER_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/clock.h"
#include "core/launch/container.h"
#include "core/launch/engine.h"
#include "core/launch/launcher.h"

#define CONTAINER_ASK_NS (20 * NS_PER_S) /* a question to the engine */

struct container {
	const struct plan_run *run;
	int stop_fd;
	struct engine engine;
	struct engine_output output; /* of the last command */
	char run_id[17];
	char name[96];
	char image_id[80];
	char *directory;
	char *socket_path;
	bool made;       /* the engine knows it by its name */
	int exit_fd;     /* its first process; -1 where that can't be seen */
	struct weir_error broken; /* why it can't be had, once that is known */
};

/* The last command has failed: what for, and what the engine said. */
WEIR_MUST_USE int container_not_usable(struct container *c, const char *what,
				       struct weir_error *err);

/* Which engine it is. Errors: EUNAVAILABLE and those of engine_ask. */
WEIR_MUST_USE int container_open_engine(struct container *c,
					struct weir_error *err);

/* Finds the image's id, or says how to have one. Errors: likewise. */
WEIR_MUST_USE int container_find_image(struct container *c,
				       struct weir_error *err);

/* Appends the last thing that the client in the container said. */
void container_add_log(struct container *c, char *text, size_t cap);

/* How it stands with a container whose client is gone; empty if well. */
void container_say_state(struct container *c, char ret_how[LAUNCH_HOW_BYTES]);

/* The same once its first process has ended, of which the engine learns a
 * little later. */
void container_say_end(struct container *c, char ret_how[LAUNCH_HOW_BYTES]);

#endif
