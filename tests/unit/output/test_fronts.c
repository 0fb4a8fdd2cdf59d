/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/fronts.h"

#include <math.h>

#include "tests/unit/result/sample.h"
#include "tests/unit/unit.h"

static struct sample s;
static struct text printed;

static void
set_up(void)
{
	sample_init(&s, 1);
}

static void
tear_down(void)
{
	text_fini(&printed);
	sample_fini(&s);
}

/* A good cell of that p50 and that CPU time of each side. */
static void
measure(size_t cell, double p50_ns, double cpu_ns)
{
	struct result_cell *c = &s.result->cells[cell];

	c->status = RESULT_OK;
	c->block.latency.samples = 1000;
	c->block.latency.n_percentiles = 1;
	c->block.latency.percentiles[0] =
		(struct summary_percentile){ 50, p50_ns };
	c->block.host_cpu_ns_per_message = cpu_ns;
	c->block.client_cpu_ns_per_message = cpu_ns;
}

static const char *
print(void)
{
	output_fronts_add(&printed, s.result, false);
	ck_assert(!printed.failed);
	return text_get(&printed);
}

START_TEST(who_costs_more_and_is_faster_is_on_the_front)
{
	measure(SAMPLE_SPIN, 100, 2000);
	measure(SAMPLE_FUTEX, 40000, 1000);
	measure(SAMPLE_UDS, 50000, 3000);
	ck_assert_ptr_nonnull(strstr(print(), "ways of waiting"));
	ck_assert_ptr_nonnull(strstr(text_get(&printed), "shm wait=spin "));
	ck_assert_ptr_nonnull(strstr(text_get(&printed), "shm wait=futex "));
	ck_assert_ptr_nonnull(strstr(text_get(&printed), "4.00 us"));
	ck_assert_ptr_null(strstr(text_get(&printed), "better"));
	/* It has no rival. */
	ck_assert_ptr_null(strstr(text_get(&printed), "uds"));
}
END_TEST

START_TEST(who_is_beaten_in_both_is_told_by_whom)
{
	measure(SAMPLE_SPIN, 100, 2000);
	measure(SAMPLE_FUTEX, 100, 2001);
	ck_assert_ptr_nonnull(strstr(print(), "spin is better in both"));
	ck_assert_ptr_null(strstr(text_get(&printed), "futex is better"));
}
END_TEST

START_TEST(equals_are_both_on_it)
{
	measure(SAMPLE_SPIN, 100, 2000);
	measure(SAMPLE_FUTEX, 100, 2000);
	ck_assert_ptr_null(strstr(print(), "better"));
}
END_TEST

START_TEST(cells_of_several_boundaries_are_told_apart)
{
	s.plan.cells[SAMPLE_UDS].axes.boundary = PLAN_THREAD;
	s.plan.cells[SAMPLE_UDS].axes.concurrency = 2;
	measure(SAMPLE_SPIN, 100, 2000);
	measure(SAMPLE_FUTEX, 40000, 1000);
	ck_assert_ptr_nonnull(strstr(print(), "boundary  channels"));
	ck_assert_ptr_nonnull(strstr(text_get(&printed), "process          1"));
}
END_TEST

START_TEST(without_a_rival_there_is_no_table)
{
	ck_assert_str_eq(print(), "");
	measure(SAMPLE_UDS, 100, 2000);
	measure(SAMPLE_SPIN, 100, 2000);
	ck_assert_str_eq(print(), "");
	/* No figures, no rival. */
	measure(SAMPLE_FUTEX, NAN, 1000);
	ck_assert_str_eq(print(), "");
	measure(SAMPLE_FUTEX, 100, NAN);
	ck_assert_str_eq(print(), "");
	/* They differ in more than the wait. */
	measure(SAMPLE_FUTEX, 100, 1000);
	s.cells[SAMPLE_FUTEX].axes.size_bytes = 1;
	ck_assert_str_eq(print(), "");
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("output/fronts");
	TCase *c = tcase_create("fronts");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, who_costs_more_and_is_faster_is_on_the_front);
	tcase_add_test(c, who_is_beaten_in_both_is_told_by_whom);
	tcase_add_test(c, equals_are_both_on_it);
	tcase_add_test(c, cells_of_several_boundaries_are_told_apart);
	tcase_add_test(c, without_a_rival_there_is_no_table);
	suite_add_tcase(suite, c);
	return suite;
}

UNIT_MAIN(suite)
