/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run: every trial of every cell of a plan, in an order that spreads the
 * drift of the machine over all of them.
 */
#ifndef CORE_RUN_RUN_H
#define CORE_RUN_RUN_H

#include <stdbool.h>

#include <weir/error.h>

#include "core/config/plan.h"
#include "core/plugin/registry.h"
#include "core/result/result.h"

struct output_stream;

struct run_config {
	const struct plan *plan;
	struct registry *registry;
	struct result *result; /* filled, also when the run is cut short */
	struct output_stream *stream; /* or NULL */
	int stop_fd;           /* readable: end now; or -1 */
	bool quiet;            /* no progress line */
};

/*
 * Runs the plan. Each of `repeat` blocks holds every cell once, in random
 * order. A cell that is refused or fails does not stop the others; a client
 * that was lost, or stop_fd, ends the run: then the rest is "not run". The
 * status is WEIR_OK unless the run itself could not go on; what the trials
 * came to is in the result.
 */
WEIR_MUST_USE int run_plan(const struct run_config *config,
			   struct weir_error *err);

#endif
