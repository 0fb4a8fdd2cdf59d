/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/distance.h"

#include <math.h>

#include "tests/unit/result/reports.h"
#include "tests/unit/unit.h"

enum { NEAR = 1, FAR = 3 };

static struct sample s;

static void
set_up(void)
{
	sample_init(&s, 2);
	s.cells[SAMPLE_SPIN].axes.pattern = PLAN_ROUND_TRIP;
}

static void
tear_down(void)
{
	sample_fini(&s);
}

static uint64_t segments_each = 4;

/* A second at one distance with n round trips of so many ns. */
static void
at(int class, uint64_t n, uint64_t latency_ns)
{
	struct report_class *c = &s.host.classes[class];

	c->latency = histogram_create();
	for (uint64_t i = 0; i < n; i++) {
		histogram_record(c->latency, latency_ns);
		histogram_record(s.host.latency, latency_ns);
	}
	c->messages = n;
	c->segments = segments_each;
	c->elapsed_ns = n * latency_ns;
	c->distance_sum_ns = segments_each * (class == NEAR ? 120 : 450);
}

/* Two trials: the sample's own round trips, and those at the distances. */
static void
trials(size_t cell, uint64_t near_ns, uint64_t far_ns)
{
	for (uint32_t i = 0; i < 2; i++) {
		sample_round_trips(&s, 0);
		at(NEAR, 3000, near_ns);
		if (far_ns)
			at(FAR, 1000, far_ns);
		s.host.integrity.sent = s.host.integrity.received =
			s.client.integrity.sent =
				s.client.integrity.received = 4000;
		s.host.ended_ns += 4000 * near_ns;
		sample_add(&s, cell, i);
	}
	sample_finish(&s);
}

static const struct result_block *
block(size_t cell)
{
	return &s.result->cells[cell].block;
}

static double
p50(size_t cell)
{
	return summary_percentile_ns(&block(cell)->latency, 50);
}

START_TEST(who_spins_has_the_figures_of_one_distance)
{
	trials(SAMPLE_SPIN, 500, 1400);
	ck_assert_int_eq(block(SAMPLE_SPIN)->class, NEAR);
	ck_assert_uint_eq(block(SAMPLE_SPIN)->latency.samples, 6000);
	ck_assert_double_eq(block(SAMPLE_SPIN)->latency.max_ns, 500);
	ck_assert_double_eq_tol(block(SAMPLE_SPIN)->messages_per_s, 2e6, 1);
	ck_assert_uint_eq(
		block(SAMPLE_SPIN)->classes[FAR].latency.summary.samples,
		2000);
	ck_assert_double_eq_tol(distance_share(block(SAMPLE_SPIN), NEAR),
				15.0 / 29, 1e-9);
	/* The trials stay as they were measured. */
	ck_assert_int_eq(s.result->cells[SAMPLE_SPIN].trials[0].block.class,
			 DISTANCE_ALL);
	ck_assert_uint_eq(
		s.result->cells[SAMPLE_SPIN].trials[0].block.latency.samples,
		4000);
}
END_TEST

START_TEST(one_distance_is_no_choice)
{
	trials(SAMPLE_SPIN, 500, 0);
	ck_assert_int_eq(block(SAMPLE_SPIN)->class, DISTANCE_ALL);
	ck_assert_uint_eq(block(SAMPLE_SPIN)->latency.samples, 6000);
}
END_TEST

START_TEST(a_short_run_has_no_choice)
{
	segments_each = 2; /* 8 in two trials of two classes */
	trials(SAMPLE_SPIN, 500, 1400);
	ck_assert_int_eq(block(SAMPLE_SPIN)->class, DISTANCE_ALL);
	ck_assert_uint_eq(block(SAMPLE_SPIN)->latency.samples, 8000);
}
END_TEST

START_TEST(who_blocks_and_is_not_moved_by_it_has_all)
{
	trials(SAMPLE_UDS, 30000, 30000);
	ck_assert_int_eq(block(SAMPLE_UDS)->class, DISTANCE_ALL);
	ck_assert_uint_eq(block(SAMPLE_UDS)->latency.samples, 8000);
}
END_TEST

START_TEST(who_blocks_and_is_moved_by_it_has_one)
{
	trials(SAMPLE_UDS, 30000, 60000);
	ck_assert_int_eq(block(SAMPLE_UDS)->class, NEAR);
	ck_assert_double_eq_tol(p50(SAMPLE_UDS), 30000, 30);
}
END_TEST

START_TEST(without_segments_there_is_no_share)
{
	struct result_block none;

	distance_init(&none);
	ck_assert(isnan(distance_share(&none, 0)));
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("result/distance");
	TCase *c = tcase_create("distance");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, who_spins_has_the_figures_of_one_distance);
	tcase_add_test(c, one_distance_is_no_choice);
	tcase_add_test(c, who_blocks_and_is_not_moved_by_it_has_all);
	tcase_add_test(c, who_blocks_and_is_moved_by_it_has_one);
	tcase_add_test(c, a_short_run_has_no_choice);
	tcase_add_test(c, without_segments_there_is_no_share);
	suite_add_tcase(suite, c);
	return suite;
}

UNIT_MAIN(suite)
