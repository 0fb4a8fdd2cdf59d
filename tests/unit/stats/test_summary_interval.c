/* SPDX-License-Identifier: Apache-2.0 */
#include "core/stats/summary.h"

#include <math.h>

#include "tests/unit/unit.h"

static struct summary_interval interval;

/* The interval of 1 … n, so that a value is its rank. */
static int
of_ranks(size_t n, double confidence)
{
	double *values = malloc((n + 1) * sizeof(*values));
	size_t i;
	int enough;

	for (i = 0; i < n; i++)
		values[i] = (double)(n - i);
	enough = summary_median_interval(values, n, confidence, &interval);
	free(values);
	return enough;
}

/* Ranks as tabulated for the sign test (two-sided, 95 %). */
static const struct {
	size_t n;
	double low, high, coverage;
} table[] = {
	{ 6, 1, 6, 0.96875 },        { 7, 1, 7, 0.984375 },
	{ 8, 1, 8, 0.9921875 },      { 9, 2, 8, 0.9609375 },
	{ 10, 2, 9, 0.978515625 },   { 12, 3, 10, 0.96142578125 },
	{ 15, 4, 12, 0.96484375 },   { 20, 6, 15, 0.95861053466796875 },
	{ 100, 40, 61, 0.96479979 },
};

START_TEST(ranks_are_those_of_the_sign_test)
{
	ck_assert(of_ranks(table[_i].n, 0.95));
	ck_assert(interval.low == table[_i].low);
	ck_assert(interval.high == table[_i].high);
	ck_assert(fabs(interval.coverage - table[_i].coverage) < 1e-8);
	ck_assert(interval.median == ((double)table[_i].n + 1) / 2);
}
END_TEST

START_TEST(few_values_give_the_extremes_and_what_they_cover)
{
	size_t n = (size_t)_i;

	ck_assert(!of_ranks(n, 0.95));
	ck_assert(interval.low == 1);
	ck_assert(interval.high == (double)n);
	ck_assert(fabs(interval.coverage - (1 - pow(2, 1 - (double)n))) <
		  1e-12);
}
END_TEST

START_TEST(no_value_gives_nan)
{
	ck_assert(!of_ranks(0, 0.95));
	ck_assert(isnan(interval.median));
	ck_assert(isnan(interval.low) && isnan(interval.high));
	ck_assert(interval.coverage == 0);
}
END_TEST

START_TEST(nan_is_no_value)
{
	double values[] = { 3, NAN, 1, NAN, 6, 2, -NAN, 5, 4 };

	ck_assert(summary_median_interval(values, 9, 0.95, &interval));
	ck_assert(interval.low == 1 && interval.high == 6);
	ck_assert(interval.median == 3.5);
}
END_TEST

START_TEST(only_nan_is_nothing)
{
	double values[] = { NAN, NAN };

	ck_assert(!summary_median_interval(values, 2, 0.95, &interval));
	ck_assert(isnan(interval.median));
}
END_TEST

START_TEST(median_of_large_values_is_finite)
{
	double values[] = { 1.7e308, 1.7e308 };

	summary_median_interval(values, 2, 0.95, &interval);
	ck_assert(interval.median == 1.7e308);
}
END_TEST

START_TEST(more_confidence_is_wider)
{
	double width;

	ck_assert(of_ranks(50, 0.9));
	width = interval.high - interval.low;
	ck_assert(of_ranks(50, 0.99));
	ck_assert(interval.high - interval.low > width);
	ck_assert(interval.coverage >= 0.99);
}
END_TEST

START_TEST(confidence_of_one_is_never_reached)
{
	ck_assert(!of_ranks(30, 1));
	ck_assert(interval.low == 1 && interval.high == 30);
}
END_TEST

START_TEST(no_confidence_gives_the_middle_pair)
{
	ck_assert(of_ranks(10, 0));
	ck_assert(interval.low == 5 && interval.high == 6);
	ck_assert(of_ranks(11, 0));
	ck_assert(interval.low == 5 && interval.high == 7);
}
END_TEST

/* 2^-n is 0 as a double here; n/2 -+ 0.98 sqrt(n) is the normal limit. */
START_TEST(many_values_do_not_underflow)
{
	size_t n = 10000;

	ck_assert(of_ranks(n, 0.95));
	ck_assert(fabs(interval.low - (5000 - 97)) <= 2);
	ck_assert(interval.low + interval.high == (double)n + 1);
	ck_assert(interval.coverage >= 0.95 && interval.coverage < 0.955);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("summary_interval");
	TCase *c = tcase_create("summary_interval");

	tcase_add_loop_test(c, ranks_are_those_of_the_sign_test, 0,
			    (int)(sizeof(table) / sizeof(table[0])));
	tcase_add_loop_test(c, few_values_give_the_extremes_and_what_they_cover,
			    1, 6);
	tcase_add_test(c, no_value_gives_nan);
	tcase_add_test(c, nan_is_no_value);
	tcase_add_test(c, only_nan_is_nothing);
	tcase_add_test(c, median_of_large_values_is_finite);
	tcase_add_test(c, more_confidence_is_wider);
	tcase_add_test(c, confidence_of_one_is_never_reached);
	tcase_add_test(c, no_confidence_gives_the_middle_pair);
	tcase_add_test(c, many_values_do_not_underflow);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
