/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/ratio.h"

#include <math.h>

#include "tests/unit/unit.h"

START_TEST(estimate_is_the_median_of_walsh_averages)
{
	const double logs[] = { log(1), log(2), log(16) };
	struct ratio r;

	/* Averages in log2: 0 0.5 1 2 2.5 4. */
	ratio_of(logs, 3, &r);
	ck_assert_double_eq_tol(r.value, exp2(1.5), 1e-12);
	ck_assert_double_eq(r.low, 0);
	ck_assert(isinf(r.high));
}
END_TEST

START_TEST(interval_is_that_of_signed_ranks)
{
	double logs[10];
	struct ratio r;

	/* Of the 55 Walsh averages, 0 .5 1 1 1.5 1.5 2 2 2 ..., the 8th from
	 * either end. */
	for (int i = 0; i < 10; i++)
		logs[i] = i;
	ratio_of(logs, 10, &r);
	ck_assert_double_eq_tol(log(r.value), 4.5, 1e-12);
	ck_assert_double_eq_tol(log(r.low), 2, 1e-12);
	ck_assert_double_eq_tol(log(r.high), 7, 1e-12);
}
END_TEST

START_TEST(one_disturbed_pair_moves_little)
{
	double logs[12] = { 0 };
	struct ratio r;

	logs[5] = log(1000);
	ratio_of(logs, 12, &r);
	ck_assert_double_eq_tol(r.value, 1, 1e-12);
	ck_assert_double_eq_tol(r.high, 1, 1e-12);
}
END_TEST

START_TEST(nothing_is_no_ratio)
{
	struct ratio r;

	ratio_of(NULL, 0, &r);
	ck_assert(isnan(r.value));
	ck_assert(isnan(ratio_median(NULL, 0)));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("ratio");
	TCase *c = tcase_create("ratio");

	tcase_add_test(c, estimate_is_the_median_of_walsh_averages);
	tcase_add_test(c, interval_is_that_of_signed_ranks);
	tcase_add_test(c, one_disturbed_pair_moves_little);
	tcase_add_test(c, nothing_is_no_ratio);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
