/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A probe of a search: a trial at a rate that the plan does not know, and
 * what the search wants of it.
 */
#ifndef CORE_RUN_PROBE_H
#define CORE_RUN_PROBE_H

#include "core/base/units.h"
#include "core/config/plan.h"
#include "core/measure/report.h"
#include "core/result/result.h"

struct probe {
	struct plan_cell cell; /* the searching one's, at the rate in hand */
	uint32_t number;       /* of the search: 1, 2 … */
	uint64_t bound_ns;     /* later messages are late */
	char rate[UNITS_TEXT_BYTES];
	struct exceed found;   /* of this probe */
	/* Of the step, all of its probes together: */
	struct histogram *latency;
	uint64_t late;
	double late_clusters;
	uint32_t clusters[RESULT_CURVE_PERCENTS];
	struct result_paced pace; /* counts only */
	uint32_t noisy;
	double near_ns;
	double far_ns;
};

/* For a cell whose rate is to be searched for; borrows it. */
WEIR_MUST_USE int probe_init(struct probe *probe, const struct plan_cell *cell,
			     uint64_t bound_ns, struct weir_error *err);
void probe_fini(struct probe *probe);

/* A new step of the search of that cell, at a rate. */
WEIR_MUST_USE int probe_step(struct probe *probe, const struct plan_cell *cell,
			     double per_s, struct weir_error *err);

/* Within a trial: what its two sides report. */
void probe_take(struct probe *probe, const struct report *host,
		const struct report *client);

/* Behind it: what came of it. */
void probe_add(struct probe *probe, const struct result_block *block);

/* The step so far. */
void probe_point(const struct probe *probe, struct result_point *ret_point);

#endif
