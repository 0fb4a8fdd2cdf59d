/* SPDX-License-Identifier: Apache-2.0 */
#include "core/stats/series.h"

#include <math.h>
#include <string.h>

#include "core/base/rand.h"
#include "core/stats/base64.h"
#include "tests/unit/unit.h"

static struct series *s, *t;
static struct weir_error err;

static void
set_up(void)
{
	s = series_create();
	t = series_create();
	ck_assert_ptr_nonnull(s);
	ck_assert_ptr_nonnull(t);
}

static void
tear_down(void)
{
	series_destroy(s);
	series_destroy(t);
}

static uint64_t
samples_of(const struct series *of, uint32_t part)
{
	uint64_t n = 0;

	for (uint32_t k = 0; k < SERIES_SLOTS; k++)
		n += of->count[part][k];
	return n;
}

START_TEST(parts_are_of_equal_time)
{
	series_begin(s, 6400);
	for (uint64_t now = 1000; now < 7400; now++)
		series_record(s, now, 50, 1);
	/* 101 ns each, rounded up, and what is left. */
	for (uint32_t i = 0; i < SERIES_PARTS - 1; i++)
		ck_assert_uint_eq(samples_of(s, i), 101);
	ck_assert_uint_eq(samples_of(s, SERIES_PARTS - 1), 6400 - 63 * 101);
}
END_TEST

START_TEST(what_comes_late_is_in_the_last)
{
	series_begin(s, 6400);
	series_record(s, 0, 50, 1);
	series_record(s, 1000000, 50, 1);
	series_record(s, 2000000, 50, 1);
	ck_assert_uint_eq(samples_of(s, 0), 1);
	ck_assert_uint_eq(samples_of(s, SERIES_PARTS - 1), 2);
}
END_TEST

START_TEST(without_a_length_parts_grow)
{
	const uint64_t n = 1000;

	series_begin(s, UINT64_MAX);
	for (uint64_t i = 0; i < n; i++)
		series_record(s, 5 + i * SERIES_WIDTH_NS, 50, 1);
	ck_assert_uint_eq(s->width_ns, 16 * SERIES_WIDTH_NS);
	for (uint32_t i = 0; i < SERIES_PARTS; i++)
		ck_assert_uint_eq(samples_of(s, i), i < 62 ? 16 :
						    i == 62 ? 8 : 0);
}
END_TEST

START_TEST(channels_are_merged)
{
	series_begin(s, UINT64_MAX);
	series_begin(t, UINT64_MAX);
	for (uint64_t i = 0; i < 128; i++)
		series_record(s, i * SERIES_WIDTH_NS, 50, 1);
	for (uint64_t i = 0; i < 64; i++)
		series_record(t, i * SERIES_WIDTH_NS, 70, 1);
	series_merge(t, s);
	ck_assert_uint_eq(t->width_ns, 2 * SERIES_WIDTH_NS);
	ck_assert_uint_eq(samples_of(t, 0), 4);
	ck_assert_uint_eq(samples_of(t, 31), 4);
	ck_assert_uint_eq(samples_of(t, 32), 2);
	ck_assert_uint_eq(samples_of(t, 63), 2);
	series_merge(t, t);
	ck_assert_uint_eq(samples_of(t, 63), 4);
}
END_TEST

/* Three hundred misses of one stall are one cluster. */
START_TEST(a_stall_is_one_cluster)
{
	series_begin(s, 64000);
	for (uint64_t now = 0; now < 64000; now += 10)
		series_record(s, now, now >= 32100 && now < 32900 ? 5000000 :
								    1000, 1);
	/* They are 1.25 % of all. */
	ck_assert_uint_eq(series_clusters(s, 99), 1);
	ck_assert_uint_eq(series_clusters(s, 99.9), 1);
	ck_assert_uint_eq(series_clusters(s, 98), 64);
	series_begin(s, 64000);
	ck_assert_uint_eq(series_clusters(s, 99), 0);
}
END_TEST

/* The same trial whose samples are in random order has an interval that is
 * far narrower than that of one with two halves. */
START_TEST(an_interval_knows_of_time)
{
	const double percents[] = { 50, 99 };
	struct series_interval mixed[2], halves[2];
	struct rand rand;

	rand_init(&rand, 3);
	series_begin(s, 64000);
	series_begin(t, 64000);
	for (uint64_t now = 0; now < 64000; now++) {
		uint64_t noise = rand_below(&rand, 100);

		series_record(s, now, rand_below(&rand, 2) ? 1000 + noise :
							     2000 + noise, 1);
		series_record(t, now, now < 32000 ? 1000 + noise :
						    2000 + noise, 1);
	}
	ck_assert_int_eq(series_intervals(s, percents, 2, mixed, &err),
			 WEIR_OK);
	ck_assert_int_eq(series_intervals(t, percents, 2, halves, &err),
			 WEIR_OK);
	ck_assert_double_lt(halves[0].low_ns, 1100);
	ck_assert_double_gt(halves[0].high_ns, 2000);
	ck_assert_double_le(mixed[1].low_ns, mixed[1].high_ns);
	ck_assert_double_gt(mixed[1].low_ns, 2050);
	ck_assert_double_lt(mixed[1].high_ns, 2150);
	ck_assert_double_lt(mixed[1].high_ns - mixed[1].low_ns, 60);
}
END_TEST

START_TEST(few_parts_have_none)
{
	const double percents[] = { 50 };
	struct series_interval interval;

	series_begin(s, 64000);
	for (uint64_t now = 0; now < 30000; now++)
		series_record(s, now, 1000, 1);
	ck_assert_int_eq(series_intervals(s, percents, 1, &interval, &err),
			 WEIR_OK);
	ck_assert(isnan(interval.low_ns) && isnan(interval.high_ns));
}
END_TEST

START_TEST(a_text_holds_all)
{
	struct rand rand;
	char *text;

	rand_init(&rand, 5);
	for (int full = 0; full < 2; full++) {
		series_begin(s, 640000);
		for (uint64_t now = 9; now < 640000; now += 7)
			series_record(s, now, rand_next(&rand) >>
					      rand_below(&rand, 64), 1);
		if (full)
			memset(s->count, 0xff, sizeof(s->count));
		ck_assert_int_eq(series_encode(s, &text, &err), WEIR_OK);
		ck_assert_int_eq(series_decode(text, t, &err), WEIR_OK);
		ck_assert(!memcmp(s->count, t->count, sizeof(s->count)));
		ck_assert_uint_eq(s->width_ns, t->width_ns);
		free(text);
	}
}
END_TEST

START_TEST(other_texts_are_refused)
{
	static const uint8_t zeros[] = { 0x78, 0x9c, 0x63, 0, 0, 0, 1, 0, 1 };
	char *text = base64_encode(zeros, sizeof(zeros));
	char *good;

	ck_assert_int_eq(series_decode("", s, &err), WEIR_EPROTOCOL);
	ck_assert_int_eq(series_decode("?", s, &err), WEIR_EPROTOCOL);
	ck_assert_int_eq(series_decode(text, s, &err), WEIR_EPROTOCOL);
	free(text);
	series_begin(s, 640);
	series_record(s, 0, 5, 1);
	ck_assert_int_eq(series_encode(s, &good, &err), WEIR_OK);
	for (size_t i = 0; good[i]; i++) {
		char was = good[i];

		good[i] = was == 'A' ? 'B' : 'A';
		if (series_decode(good, t, &err))
			ck_assert_uint_eq(series_clusters(t, 50), 0);
		good[i] = was;
	}
	free(good);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("stats/series");
	TCase *c = tcase_create("series");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, parts_are_of_equal_time);
	tcase_add_test(c, what_comes_late_is_in_the_last);
	tcase_add_test(c, without_a_length_parts_grow);
	tcase_add_test(c, channels_are_merged);
	tcase_add_test(c, a_stall_is_one_cluster);
	tcase_add_test(c, an_interval_knows_of_time);
	tcase_add_test(c, few_parts_have_none);
	tcase_add_test(c, a_text_holds_all);
	tcase_add_test(c, other_texts_are_refused);
	suite_add_tcase(suite, c);
	return suite;
}

UNIT_MAIN(suite)
