/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A distribution as results keep it.
 */
#ifndef CORE_RESULT_SAMPLES_H
#define CORE_RESULT_SAMPLES_H

#include <stdint.h>

#include <weir/error.h>

#include "core/stats/summary.h"

/* Samples beside the latency: none as long as summary.samples is 0. */
struct result_samples {
	struct summary summary;
	char *histogram; /* base64; NULL while empty */
	uint64_t sum_ns;
};

struct plan;
struct json;
struct cJSON;

/* Sets them from what was counted; no samples (or NULL): none. */
WEIR_MUST_USE int result_samples_set(struct result_samples *samples,
				     const struct plan *plan,
				     const struct histogram *from,
				     struct weir_error *err);

/* The member of that key: null, or the figures and their histogram. */
void result_samples_to_json(struct json *j, struct cJSON *to, const char *key,
			    const struct summary *summary, uint64_t sum_ns,
			    const char *histogram);

#endif
