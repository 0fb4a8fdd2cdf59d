/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a boundary costs: each cell against the one that differs from it in
 * the boundary alone, of the same run.
 */
#ifndef CORE_RESULT_COST_H
#define CORE_RESULT_COST_H

#include <stdbool.h>
#include <stddef.h>

#include "core/result/result.h"

/* NaN where one of the two has no such figure. */
struct cost_figure {
	double value;
	double baseline;
	double difference; /* value - baseline */
	double ratio;      /* value / baseline */
};

struct cost {
	size_t cell; /* of the plan */
	size_t baseline;
	int class; /* of distance, that both are compared in (distance.h) */
	struct cost_figure p50_ns;
	struct cost_figure p99_ns;
	struct cost_figure messages_per_s;
};

/*
 * A cell at the boundary that the others are compared with: `process`, else
 * the plan's first; of several sets of namespaces the first. NULL where all
 * cells have the same boundary.
 */
const struct plan_cell *cost_baseline(const struct plan *plan);

/* The cost of a cell's boundary; false where that is the baseline's own, or
 * no cell of the baseline's boundary has the same other coordinates. A cell
 * that is not ok has no figures. */
bool cost_make(const struct result *result, const struct plan_cell *baseline,
	       size_t cell, struct cost *ret_cost);

/* The top-level array boundary_cost, empty with one boundary. */
struct json;
struct cJSON;
void cost_to_json(struct json *j, struct cJSON *root,
		  const struct result *result);

#endif
