/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/floor.h"

#include <stdlib.h>

#include "core/config/axes.h"
#include "core/result/json_value.h"

int
floor_set(struct result_floor *floor, const char *transport,
	  uint64_t size_bytes, const struct plan *plan,
	  const struct histogram *latency, struct weir_error *err)
{
	int status = result_samples_set(&floor->latency, plan, latency, err);

	if (status)
		return status;
	floor->transport = transport;
	floor->size_bytes = size_bytes;
	return WEIR_OK;
}

void
floor_fini(struct result_floor *floor)
{
	free(floor->latency.histogram);
	floor->latency.histogram = NULL;
}

void
floor_to_json(struct json *j, struct cJSON *to,
	      const struct result_floor *floor)
{
	struct cJSON *o;

	if (!floor->transport) {
		json_add_null(j, to, "floor");
		return;
	}
	o = json_add_object(j, to, "floor");
	json_add_text(j, o, "transport", floor->transport);
	json_add_text(j, o, "pattern", plan_pattern_names[PLAN_ROUND_TRIP]);
	json_add_u64(j, o, "size_bytes", floor->size_bytes);
	result_samples_to_json(j, o, "latency_ns", &floor->latency.summary,
			       floor->latency.sum_ns,
			       floor->latency.histogram);
}
