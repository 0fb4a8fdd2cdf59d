/* SPDX-License-Identifier: Apache-2.0 */
#include "core/stats/summary.h"

#include <math.h>

#include "tests/unit/unit.h"

static struct histogram *h;
static struct summary s;

static void
setup(void)
{
	h = histogram_create();
	ck_assert_ptr_nonnull(h);
}

static void
teardown(void)
{
	histogram_destroy(h);
}

static void
record(uint64_t ns, int times)
{
	while (times--)
		histogram_record(h, ns);
}

static double
percentile(double percent)
{
	summary_make(h, &percent, 1, &s);
	return summary_percentile_ns(&s, percent);
}

static void
summarise(void)
{
	summary_make(h, summary_standard_percents, summary_n_standard_percents,
		     &s);
}

START_TEST(empty_one_says_nothing)
{
	size_t i;

	summarise();
	ck_assert_uint_eq(s.samples, 0);
	ck_assert(isnan(s.min_ns) && isnan(s.max_ns));
	ck_assert(isnan(s.mean_ns) && isnan(s.stddev_ns));
	ck_assert_uint_eq(s.n_percentiles, summary_n_standard_percents);
	for (i = 0; i < s.n_percentiles; i++)
		ck_assert(isnan(s.percentiles[i].value_ns));
}
END_TEST

START_TEST(standard_percents_ascend_and_fit)
{
	size_t i;

	ck_assert_uint_le(summary_n_standard_percents, SUMMARY_PERCENTILES_MAX);
	for (i = 1; i < summary_n_standard_percents; i++)
		ck_assert(summary_standard_percents[i] >
			  summary_standard_percents[i - 1]);
}
END_TEST

START_TEST(one_sample_has_no_percentile)
{
	record(1500, 1);
	summarise();
	ck_assert(s.min_ns == 1500 && s.mean_ns == 1500 && s.max_ns == 1500);
	ck_assert(s.stddev_ns == 0);
	ck_assert(isnan(summary_percentile_ns(&s, 50)));
}
END_TEST

/* The fewest samples that support a percentile: ten lie beyond it. */
static const struct {
	double percent;
	int samples;
} support[] = {
	{ 50, 20 },      { 90, 100 },       { 95, 200 }, { 99, 1000 },
	{ 99.9, 10000 }, { 99.99, 100000 }, { 10, 100 }, { 1, 1000 },
	{ 99.5, 2000 },  { 33.3, 31 },
};

START_TEST(percentile_needs_ten_samples_beyond_it)
{
	record(77, support[_i].samples - 1);
	ck_assert(isnan(percentile(support[_i].percent)));
	record(77, 1);
	ck_assert(percentile(support[_i].percent) == 77);
}
END_TEST

START_TEST(rank_is_the_nearest_one)
{
	int i;

	for (i = 1; i <= 1000; i++)
		record((uint64_t)i, 1);
	ck_assert(percentile(50) == 500);
	ck_assert(percentile(50.01) == 501);
	ck_assert(percentile(90) == 900);
	ck_assert(percentile(99) == 990);
	ck_assert(percentile(1) == 10);
	ck_assert(percentile(1.01) == 11);
}
END_TEST

/* 0.999 * 10 000 is a little more than 9990 in floating point. */
START_TEST(rank_has_no_rounding_error)
{
	record(10, 9990);
	record(20, 10);
	ck_assert(percentile(99.9) == 10);
	record(10, 89910);
	record(20, 90);
	ck_assert(percentile(99.9) == 10);
}
END_TEST

START_TEST(percent_outside_its_range_is_nan)
{
	static const double percents[] = { -1,  0,     100,      101,
					   NAN, 1e300, -INFINITY };
	size_t i;

	record(10, 1000);
	for (i = 0; i < sizeof(percents) / sizeof(percents[0]); i++)
		ck_assert(isnan(percentile(percents[i])));
}
END_TEST

START_TEST(percent_that_was_not_asked_for_is_nan)
{
	record(10, 100000);
	summarise();
	ck_assert(summary_percentile_ns(&s, 99.9) == 10);
	ck_assert(isnan(summary_percentile_ns(&s, 99.8)));
}
END_TEST

START_TEST(more_percents_than_fit_are_left_out)
{
	double percents[SUMMARY_PERCENTILES_MAX + 4];
	int i;

	for (i = 0; i < SUMMARY_PERCENTILES_MAX + 4; i++)
		percents[i] = 50 + i;
	record(10, 1000);
	summary_make(h, percents, SUMMARY_PERCENTILES_MAX + 4, &s);
	ck_assert_uint_eq(s.n_percentiles, SUMMARY_PERCENTILES_MAX);
	ck_assert(summary_percentile_ns(&s, 65) == 10);
	ck_assert(isnan(summary_percentile_ns(&s, 66)));
}
END_TEST

/* 1000001 and 1000200 share a slot, the middle of which is neither. */
START_TEST(values_are_clamped_to_the_exact_extremes)
{
	ck_assert_uint_eq(histogram_slot(1000001), histogram_slot(1000200));
	record(1000001, 100);
	ck_assert(percentile(50) == 1000001);
	ck_assert(s.stddev_ns == 0);
	histogram_reset(h);
	record(1000200, 100);
	ck_assert(percentile(50) == 1000200);
}
END_TEST

START_TEST(saturated_samples_stay_within_the_extremes)
{
	record(UINT64_C(5000000000000), 50);
	record(UINT64_C(6000000000000), 50);
	summarise();
	ck_assert_uint_eq(s.saturated, 100);
	ck_assert(s.max_ns == 6e12);
	ck_assert(s.mean_ns == 5.5e12);
	ck_assert(summary_percentile_ns(&s, 50) >= 5e12);
	ck_assert(summary_percentile_ns(&s, 50) <= 6e12);
}
END_TEST

START_TEST(mean_survives_a_sum_that_sticks)
{
	record(1000, 1);
	record(3000, 1);
	h->sum_ns = UINT64_MAX;
	summarise();
	ck_assert(fabs(s.mean_ns - 2000) < 1);
}
END_TEST

START_TEST(stddev_is_that_of_the_population)
{
	record(10, 50);
	record(20, 50);
	summarise();
	ck_assert(fabs(s.mean_ns - 15) < 1e-9);
	ck_assert(fabs(s.stddev_ns - 5) < 1e-9);
}
END_TEST

START_TEST(stddev_of_close_large_values_is_not_lost)
{
	uint64_t slot = histogram_slot(UINT64_C(3000000000000));
	uint64_t low = histogram_slot_low_ns((uint32_t)slot);
	uint64_t next = histogram_slot_low_ns((uint32_t)slot + 1);

	record(low, 50000);
	record(next, 50000);
	summarise();
	ck_assert(fabs(s.stddev_ns / ((double)(next - low) / 2) - 1) < 0.6);
}
END_TEST

/* ------------------------------------------------------------------ */
/* Against a sorted array                                              */

#define N_RANDOM 50000

static uint64_t random_state;

static double
uniform(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (double)(random_state >> 11) / 9007199254740992.0;
}

static double
draw(int distribution)
{
	switch (distribution) {
	case 0: /* uniform */
		return 1e6 * uniform();
	case 1: /* exponential */
		return -20000 * log(1 - uniform());
	case 2: /* log-normal, nearly */
		return exp(6 + 2 * (uniform() + uniform() + uniform()));
	case 3: /* Pareto: a long tail */
		return fmin(500 * pow(1 - uniform(), -1.5), 3.5e12);
	case 4: /* two modes far apart */
		return uniform() < 0.97 ? 800 + 50 * uniform() :
					  4e7 + 1e6 * uniform();
	default: /* over all magnitudes */
		return exp2(41 * uniform());
	}
}

static int
ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void
check_percentile(const uint64_t *sorted, double percent)
{
	/* Decimals that are exact: percent * 1000 is whole. */
	uint64_t parts = (uint64_t)llround(percent * 1000);
	uint64_t rank = (N_RANDOM * parts + 99999) / 100000;
	double exact = (double)sorted[rank - 1];
	double got = summary_percentile_ns(&s, percent);

	if (percent > 99.97) {
		ck_assert(isnan(got));
		return;
	}
	ck_assert_msg(fabs(got - exact) <= exact / 1024, "p%g: %f, not %f",
		      percent, got, exact);
}

START_TEST(agrees_with_a_sorted_array)
{
	uint64_t *all = malloc(N_RANDOM * sizeof(*all));
	double sum = 0, squares = 0, mean, stddev;
	int i;

	random_state = 88172645463325252 + (uint64_t)_i;
	for (i = 0; i < N_RANDOM; i++) {
		all[i] = (uint64_t)draw(_i);
		histogram_record(h, all[i]);
		sum += (double)all[i];
	}
	qsort(all, N_RANDOM, sizeof(*all), ascending);
	mean = sum / N_RANDOM;
	for (i = 0; i < N_RANDOM; i++)
		squares += ((double)all[i] - mean) * ((double)all[i] - mean);
	stddev = sqrt(squares / N_RANDOM);

	summarise();
	ck_assert(s.min_ns == (double)all[0]);
	ck_assert(s.max_ns == (double)all[N_RANDOM - 1]);
	ck_assert(fabs(s.mean_ns - mean) <= mean * 1e-9);
	ck_assert(fabs(s.stddev_ns - stddev) <= stddev / 1024);
	for (i = 0; i < (int)s.n_percentiles; i++) {
		check_percentile(all, s.percentiles[i].percent);
		if (i && !isnan(s.percentiles[i].value_ns))
			ck_assert(s.percentiles[i].value_ns >=
				  s.percentiles[i - 1].value_ns);
	}
	free(all);
}
END_TEST

static Suite *
suite(void)
{
	Suite *tests = suite_create("summary");
	TCase *c = tcase_create("summary");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, empty_one_says_nothing);
	tcase_add_test(c, standard_percents_ascend_and_fit);
	tcase_add_test(c, one_sample_has_no_percentile);
	tcase_add_loop_test(c, percentile_needs_ten_samples_beyond_it, 0,
			    (int)(sizeof(support) / sizeof(support[0])));
	tcase_add_test(c, rank_is_the_nearest_one);
	tcase_add_test(c, rank_has_no_rounding_error);
	tcase_add_test(c, percent_outside_its_range_is_nan);
	tcase_add_test(c, percent_that_was_not_asked_for_is_nan);
	tcase_add_test(c, more_percents_than_fit_are_left_out);
	tcase_add_test(c, values_are_clamped_to_the_exact_extremes);
	tcase_add_test(c, saturated_samples_stay_within_the_extremes);
	tcase_add_test(c, mean_survives_a_sum_that_sticks);
	tcase_add_test(c, stddev_is_that_of_the_population);
	tcase_add_test(c, stddev_of_close_large_values_is_not_lost);
	tcase_add_loop_test(c, agrees_with_a_sorted_array, 0, 6);
	suite_add_tcase(tests, c);
	return tests;
}

UNIT_MAIN(suite)
