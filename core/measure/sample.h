/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counting a latency; included by the loops, through loop.h.
 */
#ifndef CORE_MEASURE_SAMPLE_H
#define CORE_MEASURE_SAMPLE_H

#include "core/measure/lane.h"

/* Of n messages that had the same one, which was taken at now_ns. */
static inline void
sample_take(struct lane *lane, uint64_t now_ns, uint64_t latency_ns,
	    uint32_t n)
{
	histogram_record_many(lane->latency, latency_ns, n);
	series_record(lane->series, now_ns, latency_ns, n);
	if (__builtin_expect(latency_ns > lane->misses.deadline_ns, 0))
		misses_add(&lane->misses, lane->latency->samples, n);
}

#endif
