/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/result.h"

#include <stdio.h>

#include "tests/unit/unit.h"

static struct plan plan;
static double percents[SUMMARY_PERCENTILES_MAX];

static void
set_up(void)
{
	plan = (struct plan){ 0 };
}

static void
tear_down(void)
{
	strings_fini(&plan.run.percentiles);
}

START_TEST(the_standard_ones_are_always_there)
{
	size_t n = result_percents(&plan, percents);

	ck_assert_uint_eq(n, summary_n_standard_percents);
	for (size_t i = 0; i < n; i++)
		ck_assert_double_eq(percents[i],
				    summary_standard_percents[i]);
}
END_TEST

START_TEST(extra_ones_are_put_in_their_place)
{
	static const double all[] = { 1,  50,	90,    95,
				      99, 99.9, 99.99, 99.999 };

	strings_add(&plan.run.percentiles, "99.999");
	strings_add(&plan.run.percentiles, "1");
	strings_add(&plan.run.percentiles, "99.9");
	strings_add(&plan.run.percentiles, "1.0");
	ck_assert_uint_eq(result_percents(&plan, percents), 8);
	for (size_t i = 0; i < 8; i++)
		ck_assert_double_eq(percents[i], all[i]);
}
END_TEST

START_TEST(what_is_no_percentile_is_left_out)
{
	strings_add(&plan.run.percentiles, "0");
	strings_add(&plan.run.percentiles, "100");
	strings_add(&plan.run.percentiles, "-1");
	strings_add(&plan.run.percentiles, "p99");
	ck_assert_uint_eq(result_percents(&plan, percents),
			  summary_n_standard_percents);
}
END_TEST

START_TEST(too_many_are_left_out)
{
	for (int i = 1; i < 40; i++)
		strings_addf(&plan.run.percentiles, "%d", i);
	ck_assert_uint_eq(result_percents(&plan, percents),
			  SUMMARY_PERCENTILES_MAX);
	for (size_t i = 1; i < SUMMARY_PERCENTILES_MAX; i++)
		ck_assert_double_lt(percents[i - 1], percents[i]);
}
END_TEST

static void
named(double percent, char point, const char *expected)
{
	char name[RESULT_PERCENT_BYTES];

	result_percent_name(percent, point, name);
	ck_assert_str_eq(name, expected);
}

START_TEST(names_have_no_more_digits_than_needed)
{
	named(50, '_', "p50");
	named(90, '.', "p90");
	named(99.9, '_', "p99_9");
	named(99.99, '.', "p99.99");
	named(99.9999, '_', "p99_9999");
	named(0.01, '_', "p0_01");
	named(10, '_', "p10");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("result/percents");
	TCase *c = tcase_create("percents");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, the_standard_ones_are_always_there);
	tcase_add_test(c, extra_ones_are_put_in_their_place);
	tcase_add_test(c, what_is_no_percentile_is_left_out);
	tcase_add_test(c, too_many_are_left_out);
	tcase_add_test(c, names_have_no_more_digits_than_needed);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
