/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Misses of a deadline, as they come.
 */
#ifndef CORE_MEASURE_MISSES_H
#define CORE_MEASURE_MISSES_H

#include <stdint.h>

#include "core/measure/report.h"

struct misses {
	uint64_t deadline_ns; /* UINT64_MAX without one */
	struct report_deadline found;
	uint64_t last; /* which sample it was, from 1 */
	uint64_t row;  /* that it ended */
};

static inline void
misses_begin(struct misses *m)
{
	*m = (struct misses){ .deadline_ns = m->deadline_ns };
}

/* Of `samples` the last n were above the deadline. */
static inline void
misses_add(struct misses *m, uint64_t samples, uint64_t n)
{
	m->row = samples - n == m->last ? m->row + n : n;
	m->last = samples;
	m->found.misses += n;
	if (m->row > m->found.worst_row)
		m->found.worst_row = m->row;
}

#endif
