/* SPDX-License-Identifier: Apache-2.0 */
#include "core/stats/compare.h"

#include <math.h>

#include "core/base/rand.h"
#include "tests/unit/unit.h"

START_TEST(a_block_drops_what_drifts)
{
	/* A is 10, B is 20, and everything grows by a tenth each trial. */
	const double abba[] = { 10, 22, 24.2, 13.31 };
	const double baab[] = { 20, 11, 12.1, 26.62 };
	const double none[] = { 1, 2, 0, 1 };
	const double nan[] = { 1, 2, 2, NAN };

	ck_assert_double_eq_tol(compare_block(abba, false), log(2), 1e-12);
	ck_assert_double_eq_tol(compare_block(baab, true), log(2), 1e-12);
	ck_assert(isnan(compare_block(none, false)));
	ck_assert(isnan(compare_block(nan, false)));
}
END_TEST

/* Hollander, Wolfe and Chicken, table 3.1: nine patients and a drug. The sum
 * of positive ranks is 5, which has the two-sided p 2 * 10 / 512. */
START_TEST(signed_ranks_are_exact)
{
	const double d[] = { -0.952, 0.147, -1.022, -0.430, -0.620,
			     -0.590, -0.490, 0.080,  -0.010 };
	struct compare_ratio r;

	ck_assert_int_eq(compare_ratios(d, 9, 0.95, &r), WEIR_OK);
	ck_assert_uint_eq(r.n, 9);
	ck_assert_double_eq_tol(r.p, 2 * 10. / 512, 1e-12);
	ck_assert_double_eq_tol(log(r.ratio), -0.46, 1e-9);
	/* 2 * P(W <= 5) is 0.039 and 2 * P(W <= 6) 0.055: six averages are
	 * left out at either end. */
	ck_assert_double_eq_tol(log(r.low), -0.786, 1e-9);
	ck_assert_double_eq_tol(log(r.high), -0.010, 1e-9);
}
END_TEST

START_TEST(ties_and_zeros_are_exact)
{
	/* Ranks 1.5 1.5 3 4, and all are positive: 2 / 16. */
	const double d[] = { 1, 0, 1, 2, 0, 3, NAN };
	struct compare_ratio r;

	ck_assert_int_eq(compare_ratios(d, 7, 0.95, &r), WEIR_OK);
	ck_assert_uint_eq(r.n, 6);
	ck_assert_double_eq_tol(r.p, 2. / 16, 1e-12);
}
END_TEST

START_TEST(too_few_tell_no_interval)
{
	const double d[] = { .1, .2, .3, .4, .5, .6 };
	struct compare_ratio r;

	ck_assert_int_eq(compare_ratios(d, 0, 0.95, &r), WEIR_OK);
	ck_assert(isnan(r.ratio));
	ck_assert_double_eq(r.p, 1);
	ck_assert_int_eq(compare_ratios(d, 5, 0.95, &r), WEIR_OK);
	ck_assert_double_eq(r.low, 0);
	ck_assert(isinf(r.high));
	ck_assert_double_eq_tol(r.p, 2. / 32, 1e-12);
	ck_assert_int_eq(compare_ratios(d, 6, 0.95, &r), WEIR_OK);
	ck_assert_double_eq_tol(log(r.low), .1, 1e-12);
	ck_assert_double_eq_tol(log(r.high), .6, 1e-12);
	ck_assert_double_eq_tol(r.p, 2. / 64, 1e-12);
}
END_TEST

START_TEST(nothing_but_zeros_is_no_difference)
{
	const double d[8] = { 0 };
	struct compare_ratio r;

	ck_assert_int_eq(compare_ratios(d, 8, 0.95, &r), WEIR_OK);
	ck_assert_double_eq(r.p, 1);
	ck_assert_double_eq(r.ratio, 1);
	ck_assert_double_eq(r.low, 1);
	ck_assert_double_eq(r.high, 1);
}
END_TEST

/* The interval holds the truth as often as it says; by a fixed seed. */
START_TEST(the_interval_covers)
{
	const int n_tests = 2000, n = 12;
	int covered = 0;
	struct rand rand;

	rand_init(&rand, 7);
	for (int t = 0; t < n_tests; t++) {
		double d[12];
		struct compare_ratio r;

		for (int i = 0; i < n; i++)
			d[i] = .5 + (double)rand_below(&rand, 1000000) / 1e6 -
			       (double)rand_below(&rand, 1000000) / 1e6;
		ck_assert_int_eq(compare_ratios(d, (size_t)n, 0.95, &r),
				 WEIR_OK);
		covered += r.low <= exp(.5) && exp(.5) <= r.high;
	}
	ck_assert_int_ge(covered, n_tests * 94 / 100);
	ck_assert_int_le(covered, n_tests * 98 / 100);
}
END_TEST

START_TEST(many_are_no_burden)
{
	double d[COMPARE_BLOCKS_MAX];
	struct compare_ratio r;

	for (int i = 0; i < COMPARE_BLOCKS_MAX; i++)
		d[i] = (i % 2 ? 1 : -1) * (1 + i / 2);
	ck_assert_int_eq(compare_ratios(d, COMPARE_BLOCKS_MAX, 0.95, &r),
			 WEIR_OK);
	ck_assert_double_gt(r.p, 0.99);
	ck_assert_double_eq_tol(r.ratio, 1, 1e-9);
}
END_TEST

START_TEST(holm_steps_down)
{
	double p[] = { 0.04, 0.01, 0.03, 0.005 };
	double one[] = { 0.05 };

	ck_assert_int_eq(compare_holm(p, 4), WEIR_OK);
	ck_assert_double_eq_tol(p[3], 0.02, 1e-12);
	ck_assert_double_eq_tol(p[1], 0.03, 1e-12);
	ck_assert_double_eq_tol(p[2], 0.06, 1e-12);
	ck_assert_double_eq_tol(p[0], 0.06, 1e-12);
	ck_assert_int_eq(compare_holm(one, 1), WEIR_OK);
	ck_assert_double_eq_tol(one[0], 0.05, 1e-12);
	ck_assert_int_eq(compare_holm(one, 0), WEIR_OK);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("stats/compare");
	TCase *c = tcase_create("compare");

	tcase_set_timeout(c, 60);
	tcase_add_test(c, a_block_drops_what_drifts);
	tcase_add_test(c, signed_ranks_are_exact);
	tcase_add_test(c, ties_and_zeros_are_exact);
	tcase_add_test(c, too_few_tell_no_interval);
	tcase_add_test(c, nothing_but_zeros_is_no_difference);
	tcase_add_test(c, the_interval_covers);
	tcase_add_test(c, many_are_no_burden);
	tcase_add_test(c, holm_steps_down);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
