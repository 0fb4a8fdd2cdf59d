/* SPDX-License-Identifier: Apache-2.0 */
#include "core/stats/exceed.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/rand.h"
#include "tests/unit/unit.h"

#define EACH 100u

static void
fill(uint64_t *counts, uint64_t value)
{
	for (uint32_t i = 0; i < SERIES_PARTS; i++)
		counts[i] = value;
}

START_TEST(independent_ones_are_clusters_each)
{
	uint64_t samples[SERIES_PARTS], above[SERIES_PARTS];
	struct exceed_interval share;
	struct exceed e;

	fill(samples, EACH);
	fill(above, 2);
	exceed_count(samples, above, SERIES_PARTS, &e);
	ck_assert_double_eq(exceed_clusters(&e), 128);
	share = exceed_share(&e);
	ck_assert(share.low > 0.016 && share.low < 0.02);
	ck_assert(share.high > 0.02 && share.high < 0.024);
}
END_TEST

START_TEST(one_stall_is_one_cluster)
{
	uint64_t samples[SERIES_PARTS], above[SERIES_PARTS];
	struct exceed_interval share;
	struct exceed e;

	fill(samples, EACH);
	fill(above, 0);
	above[17] = EACH;
	exceed_count(samples, above, SERIES_PARTS, &e);
	ck_assert_double_eq_tol(exceed_clusters(&e), 1, 0.2);
	share = exceed_share(&e);
	ck_assert(share.low < 0.002 && share.high > 0.05);
	/* Over three parts it is still far less than three. */
	above[18] = above[19] = EACH;
	exceed_count(samples, above, SERIES_PARTS, &e);
	ck_assert(exceed_clusters(&e) < 1.6);
	/* In three places it is three. */
	above[18] = above[19] = 0;
	above[40] = above[60] = EACH;
	exceed_count(samples, above, SERIES_PARTS, &e);
	ck_assert_double_eq_tol(exceed_clusters(&e), 3, 1);
}
END_TEST

START_TEST(nothing_above_says_as_much_as_there_is)
{
	struct exceed none = { .samples = 300 }, empty = { 0 };
	struct exceed all = { .samples = 300, .above = 300 };

	/* The rule of three. */
	ck_assert_double_eq_tol(exceed_share(&none).high, 0.01, 2e-4);
	ck_assert_double_eq(exceed_share(&none).low, 0);
	ck_assert_double_eq(exceed_share(&empty).low, 0);
	ck_assert_double_eq(exceed_share(&empty).high, 1);
	ck_assert_double_eq(exceed_share(&all).high, 1);
	ck_assert(exceed_share(&all).low > 0.85);
}
END_TEST

/* The true share passes either end with EXCEED_ERROR, whether the samples
 * above come alone or by the hundred. */
static void
check_error(uint32_t cluster, double share)
{
	uint64_t samples[SERIES_PARTS], above[SERIES_PARTS];
	uint32_t n_clusters = SERIES_PARTS * EACH * 10 / cluster;
	int too_low = 0, too_high = 0;
	struct rand rand;
	struct exceed e;

	rand_init(&rand, cluster);
	fill(samples, EACH * 10);
	for (int i = 0; i < 1000; i++) {
		fill(above, 0);
		for (uint32_t k = 0; k < n_clusters; k++)
			if (rand_double(&rand) < share)
				above[rand_below(&rand, SERIES_PARTS)] +=
					cluster;
		exceed_count(samples, above, SERIES_PARTS, &e);
		too_low += exceed_share(&e).high < share;
		too_high += exceed_share(&e).low > share;
	}
	ck_assert_int_le(too_low, 80);
	ck_assert_int_le(too_high, 80);
	ck_assert_int_ge(too_low + too_high, 10);
}

START_TEST(the_error_is_what_it_says)
{
	check_error(1, 0.01);
	check_error(10, 0.02);
	check_error(100, 0.05);
}
END_TEST

/* Of the same samples the histogram has the count, the series the order. */
START_TEST(a_trial_is_measured)
{
	struct histogram *h = histogram_create();
	struct series *s = series_create();
	struct exceed e, twice = { 0 };

	ck_assert(h && s);
	series_begin(s, 64000000);
	for (uint64_t ms = 0; ms < 64; ms++)
		for (uint64_t i = 0; i < 100; i++) {
			uint64_t ns = ms == 30 ? 60000 : i ? 900 : 49900;

			histogram_record(h, ns);
			series_record(s, 5000000000 + ms * 1000000 + i, ns, 1);
		}
	exceed_measure(h, s, 50000, &e);
	ck_assert_uint_eq(e.samples, 6400);
	ck_assert_uint_eq(e.above, 100);
	ck_assert_double_lt(exceed_clusters(&e), 2);
	exceed_measure(h, s, 100000, &e);
	ck_assert_uint_eq(e.above, 0);
	exceed_add(&twice, &e);
	exceed_add(&twice, &e);
	ck_assert_uint_eq(twice.samples, 12800);
	ck_assert_double_eq(exceed_clusters(&twice), 0);
	exceed_measure(h, s, UINT64_MAX, &e);
	ck_assert_uint_eq(e.above, 0);
	histogram_destroy(h);
	series_destroy(s);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("stats/exceed");
	TCase *c = tcase_create("exceed");

	tcase_add_test(c, independent_ones_are_clusters_each);
	tcase_add_test(c, one_stall_is_one_cluster);
	tcase_add_test(c, nothing_above_says_as_much_as_there_is);
	tcase_add_test(c, the_error_is_what_it_says);
	tcase_add_test(c, a_trial_is_measured);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
