/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor of a run: round trips that go nowhere cost what the harness adds to
 * those of a transport.
 */
#ifndef CORE_RESULT_FLOOR_H
#define CORE_RESULT_FLOOR_H

#include "core/result/samples.h"

/* Zero-initialise: not measured. */
struct result_floor {
	const char *transport; /* borrowed */
	uint64_t size_bytes;
	struct result_samples latency;
};

/* Keeps what was counted. */
WEIR_MUST_USE int floor_set(struct result_floor *floor,
			    const char *transport, uint64_t size_bytes,
			    const struct plan *plan,
			    const struct histogram *latency,
			    struct weir_error *err);

void floor_fini(struct result_floor *floor);

/* The member `floor`: null where it was not measured. */
void floor_to_json(struct json *j, struct cJSON *to,
		   const struct result_floor *floor);

#endif
