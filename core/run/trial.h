/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One trial of one cell, from launching the other side to reaping it.
 */
#ifndef CORE_RUN_TRIAL_H
#define CORE_RUN_TRIAL_H

#include "core/run/run.h"
#include "core/run/site.h"

struct probe;

struct trial {
	const struct run_config *config;
	struct site *site;
	size_t cell;           /* index in the plan */
	uint32_t index;        /* of the repeat */
	struct probe *probe;   /* of a search that this is one of; or NULL */
};

/* Runs it and puts what came of it into the result. *ret_end: the run
 * should not go on (the client was lost, or stop_fd). The status is not
 * WEIR_OK only where the result can't be kept. */
WEIR_MUST_USE int trial_run(const struct trial *trial, bool *ret_end,
			    struct weir_error *err);

#endif
