/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Figures by the distance of the CPUs: classes of it are measured on the
 * gauge (measure/gauge.h), and segments belong to them.
 *
 * A cell that spins has its latency and throughput from the class that most
 * of its time was in, where there is more than one; any other cell only
 * where the class explains a good part of the variance of its latency. The
 * trials' own blocks have all samples, as they were measured.
 */
#ifndef CORE_RESULT_DISTANCE_H
#define CORE_RESULT_DISTANCE_H

#include "core/result/result.h"

/* With fewer segments there is too little to choose from, and a short run has
 * a sample of each of its messages. */
#define DISTANCE_SEGMENTS 10

/* The share of the variance of log latency that lies between the classes. */
#define DISTANCE_EXPLAINS 0.25

void distance_init(struct result_block *block);
void distance_fini(struct result_block *block);

/* Takes the classes of the side that counts messages. */
WEIR_MUST_USE int distance_take(struct result_block *block,
				const struct plan *plan,
				const struct report *taker,
				struct weir_error *err);

/* Merges the classes of n blocks into an initialised one. */
WEIR_MUST_USE int distance_merge(struct result_block *to,
				 const struct result_block *const *from,
				 size_t n, const struct plan *plan,
				 struct weir_error *err);

/* Gives a merged cell the figures of one class, where that is due. */
WEIR_MUST_USE int distance_condition(struct result_cell *cell,
				     struct weir_error *err);

/* The class in which two merged cells are to be compared, that in which both
 * were longest; DISTANCE_ALL where the distance matters to neither of them,
 * DISTANCE_NONE where they met in none. */
int distance_common(const struct result_cell *a, const struct result_cell *b);

/* Messages per second of a cell within a class. */
double distance_rate(const struct result_cell *cell, int class);

/* The share of the time that was spent in a class; NaN without segments. */
double distance_share(const struct result_block *block, int class);

/* The members from_ns and below_ns: null at the ends of the scale. */
struct json;
struct cJSON;
void distance_edges_to_json(struct json *j, struct cJSON *to, int class);

/* The member `distance`: null without segments. */
void distance_to_json(struct json *j, struct cJSON *to,
		      const struct result_block *block);

#endif
