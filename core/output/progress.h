/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line on standard error that says how far the run is, with the time
 * that is left, or what is waited for; only where standard error is a
 * terminal, and never with -q.
 */
#ifndef CORE_OUTPUT_PROGRESS_H
#define CORE_OUTPUT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct output_progress {
	bool on;
	size_t n_trials;
	uint64_t started_ns;
};

void output_progress_start(struct output_progress *p, bool quiet,
			   size_t n_trials);
/* Before trial `done` (of n_trials) begins; `what` is the cell's id. */
void output_progress_step(struct output_progress *p, size_t done,
			  const char *what);
/* In place of trials: one line, "waiting for WHAT"; ended as they are. */
void output_progress_wait(struct output_progress *p, bool quiet,
			  const char *what);
/* Erases the line. */
void output_progress_end(struct output_progress *p);

#endif
