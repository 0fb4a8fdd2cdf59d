/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a block has of an open loop, and of a deadline.
 */
#ifndef CORE_RESULT_PACED_H
#define CORE_RESULT_PACED_H

#include <stdbool.h>
#include <stdint.h>

#include <weir/error.h>

#include "core/measure/report.h"
#include "core/result/samples.h"

/* The rate is reached if sending took at most this much longer than the
 * schedule has it, and nothing was given up. */
#define RESULT_RATE_TOLERANCE 0.01

/* Times and counts are summed over channels and trials. */
struct result_paced {
	bool on; /* else a closed loop */
	uint64_t sent;
	struct report_pace sender; /* without its histograms */
	struct result_samples from_send;
	struct result_samples send_lag;
};

struct result_deadline {
	uint64_t deadline_ns; /* 0: none */
	struct report_deadline found;
};

struct plan;
struct plan_axes;
struct result_block;
struct result_cell;
struct json;
struct cJSON;

/* Sets both of a block from what its sender and the taker of its latencies
 * report (they may be one). */
WEIR_MUST_USE int result_paced_set(struct result_block *block,
				   const struct plan *plan,
				   const struct plan_axes *axes,
				   const struct report *sender,
				   const struct report *taker,
				   struct weir_error *err);

/* Adds a trial's counts (its distributions are added with the latencies). */
void result_paced_add(struct result_block *to,
		      const struct result_block *from);
void result_paced_fini(struct result_block *block);

/* Messages per second and channel as the schedule has them, and as they were
 * sent; NaN where there are none. */
double result_paced_offered_per_s(const struct result_paced *paced);
double result_paced_reached_per_s(const struct result_paced *paced);
bool result_paced_is_reached(const struct result_paced *paced);

/* Misses in parts per million of the samples; NaN without samples. */
double result_deadline_ppm(const struct result_block *block);

/* What a reader of this cell must know. */
void result_paced_warn(struct result_cell *cell);

/* The members paced, latency_from_send_ns, send_lag_ns and deadline. */
void result_paced_to_json(struct json *j, struct cJSON *to,
			  const struct result_block *block);

#endif
