/* SPDX-License-Identifier: Apache-2.0 */
#include "core/run/probe.h"

#include <math.h>
#include <string.h>

#include "tests/unit/unit.h"

static const struct plan_cell cell = {
	.id = (char *)"uds/paced/64/process/1/rate=search",
	.axes = { .pattern = PLAN_PACED, .rate = INFINITY },
};

START_TEST(a_step_has_its_rate)
{
	const struct weir_option *row = option_find(&plan_axes_table, "rate");
	struct plan_option further[] = { { row, AXES_SEARCH, false } };
	struct plan_cell own = cell;
	struct probe probe;
	double per_s;

	own.further = further;
	own.n_further = 1;
	ck_assert_int_eq(probe_init(&probe, &own, 50000, NULL), WEIR_OK);
	ck_assert_int_eq(probe_step(&probe, &own, 2896000, NULL), WEIR_OK);
	ck_assert_str_eq(probe.cell.id,
			 "uds/paced/64/process/1/rate=search@2.896M");
	ck_assert(!axes_search(&probe.cell.axes));
	/* What goes to the other side is that rate exactly. */
	ck_assert_int_eq(units_parse_rate(probe.cell.further[0].text, &per_s,
					  NULL), WEIR_OK);
	ck_assert_double_eq(per_s, probe.cell.axes.rate);
	ck_assert_str_eq(further[0].text, AXES_SEARCH);
	probe_fini(&probe);
}
END_TEST

START_TEST(probes_of_a_step_add_up)
{
	struct result_block block = { .host_cpus = "" };
	struct report report = { .latency = histogram_create(),
				 .series = series_create() };
	struct report none = { 0 };
	struct result_point point;
	struct probe probe;

	ck_assert(report.latency && report.series);
	series_begin(report.series, 64000000);
	for (uint64_t i = 0; i < 6400; i++) {
		uint64_t ns = i % 64 ? 1000 : 80000;

		histogram_record(report.latency, ns);
		series_record(report.series, 1 + i * 10000, ns, 1);
	}
	block.paced.sent = 6400;
	block.paced.sender.sending_ns = 64000000;
	block.classes[0].segments = 1;
	ck_assert_int_eq(probe_init(&probe, &cell, 50000, NULL), WEIR_OK);
	ck_assert_int_eq(probe_step(&probe, &cell, 100e3, NULL), WEIR_OK);
	for (int i = 0; i < 2; i++) {
		block.classes[0].distance_sum_ns = 50 + 400 * i;
		probe_take(&probe, &none, &report);
		ck_assert_uint_eq(probe.found.samples, 6400);
		ck_assert_uint_eq(probe.found.above, 100);
		probe_add(&probe, &block);
	}
	probe_point(&probe, &point);
	ck_assert_uint_eq(point.messages, 12800);
	ck_assert_uint_eq(point.late, 200);
	ck_assert_double_eq(point.near_ns, 50);
	ck_assert_double_eq(point.far_ns, 450);
	ck_assert_double_eq_tol(point.reached_per_s, 100e3, 1);
	ck_assert_double_eq_tol(point.latency_ns[0], 1000, 1);
	ck_assert_double_eq_tol(point.latency_ns[1], 80000, 100);
	/* The next step begins with nothing. */
	ck_assert_int_eq(probe_step(&probe, &cell, 200e3, NULL), WEIR_OK);
	probe_take(&probe, &none, &none);
	ck_assert_uint_eq(probe.found.samples, 0);
	probe_point(&probe, &point);
	ck_assert_uint_eq(point.messages, 0);
	ck_assert_double_nan(point.latency_ns[1]);
	probe_fini(&probe);
	report_fini(&report);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("run/probe");
	TCase *c = tcase_create("probe");

	tcase_add_test(c, a_step_has_its_rate);
	tcase_add_test(c, probes_of_a_step_add_up);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
