/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sample of three boundaries: the same traffic at each.
 */
#ifndef TESTS_UNIT_RESULT_WALLS_H
#define TESTS_UNIT_RESULT_WALLS_H

#include "tests/unit/result/reports.h"

enum { WALLS_THREAD, WALLS_PROCESS, WALLS_NAMESPACE };

static void
walls_init(struct sample *s)
{
	static const char *const ids[] = {
		"uds/round_trip/64/thread/1",
		"uds/round_trip/64/process/1",
		"uds/round_trip/64/namespace/1",
	};
	static const uint32_t boundaries[] = { PLAN_THREAD, PLAN_PROCESS,
					       PLAN_NAMESPACE };

	sample_init(s, 1);
	for (size_t i = 0; i < 3; i++) {
		sample_cell(s, i, ids[i], "uds", PLAN_ROUND_TRIP, 64);
		s->cells[i].axes.boundary = boundaries[i];
		s->cells[i].options = s->uds;
		s->cells[i].n_options = 1;
	}
	s->cells[WALLS_NAMESPACE].axes.namespaces = "all";
	/* A result has as many cells as its plan. */
	result_destroy(s->result);
	s->plan.n_cells = 3;
	s->result = result_create(&s->plan);
	ck_assert_ptr_nonnull(s->result);
}

/* n round trips of that many ns each. */
SAMPLE_UNUSED static void
walls_measure(struct sample *s, size_t cell, uint64_t n, uint64_t ns)
{
	sample_round_trips(s, n);
	histogram_destroy(s->host.latency);
	sample_latency(&s->host, n, ns, 0);
	s->host.ended_ns = s->host.started_ns + n * ns;
	sample_add(s, cell, 0);
}

#endif
