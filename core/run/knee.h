/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rate = "search": the trial of a cell that looks for the highest rate at
 * which the service level is kept. What to try next is decided in
 * stats/search.h; here it is tried, each probe on channels of its own, so that
 * nothing of one is left in the next.
 */
#ifndef CORE_RUN_KNEE_H
#define CORE_RUN_KNEE_H

#include "core/output/progress.h"
#include "core/run/trial.h"

/* As trial_run. `done` is what the progress says of this trial. */
WEIR_MUST_USE int knee_run(const struct trial *trial,
			   struct output_progress *progress, size_t done,
			   bool *ret_end, struct weir_error *err);

#endif
