/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/track.h"

#include "tests/unit/unit.h"

static struct track t;

static void
arrive(const uint64_t *sequences, size_t n)
{
	for (size_t i = 0; i < n; i++)
		track_arrival(&t, sequences[i] & t.mask);
}
#define ARRIVE(...)                                                     \
	arrive((const uint64_t[]){ __VA_ARGS__ },                       \
	       sizeof((const uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t))

static void
expect(uint64_t received, uint64_t lost, uint64_t duplicate,
       uint64_t reordered)
{
	ck_assert_uint_eq(t.received, received);
	ck_assert_uint_eq(t.lost, lost);
	ck_assert_uint_eq(t.duplicate, duplicate);
	ck_assert_uint_eq(t.reordered, reordered);
}

START_TEST(in_order_is_clean)
{
	track_init(&t, UINT64_MAX);
	ARRIVE(0, 1, 2, 3);
	track_end(&t, 4);
	expect(4, 0, 0, 0);
}
END_TEST

START_TEST(a_gap_is_lost)
{
	track_init(&t, UINT64_MAX);
	ARRIVE(0, 3, 4);
	track_end(&t, 5);
	expect(3, 2, 0, 0);
}
END_TEST

START_TEST(the_tail_is_lost)
{
	track_init(&t, UINT64_MAX);
	ARRIVE(0, 1);
	track_end(&t, 7);
	expect(2, 5, 0, 0);
}
END_TEST

START_TEST(nothing_arrived)
{
	track_init(&t, UINT64_MAX);
	track_end(&t, 3);
	expect(0, 3, 0, 0);
}
END_TEST

START_TEST(a_late_one_is_reordered_and_not_lost)
{
	track_init(&t, UINT64_MAX);
	ARRIVE(0, 2, 1, 3);
	track_end(&t, 4);
	expect(4, 0, 0, 1);
}
END_TEST

START_TEST(a_second_one_is_a_duplicate)
{
	track_init(&t, UINT64_MAX);
	ARRIVE(0, 1, 1, 2, 0);
	track_end(&t, 3);
	expect(5, 0, 2, 0);
}
END_TEST

START_TEST(a_late_one_that_comes_twice)
{
	track_init(&t, UINT64_MAX);
	ARRIVE(0, 2, 1, 1);
	track_end(&t, 3);
	expect(4, 0, 1, 1);
}
END_TEST

/* One byte of sequence: 300 messages wrap it, and a loss is still seen. */
START_TEST(small_messages_wrap)
{
	track_init(&t, 0xff);
	for (uint64_t i = 0; i < 300; i++) {
		if (i != 260)
			ARRIVE(i);
	}
	track_end(&t, 300);
	expect(299, 1, 0, 0);
}
END_TEST

START_TEST(a_huge_gap_keeps_the_latest_numbers)
{
	track_init(&t, UINT64_MAX);
	ARRIVE(0, 5000, 4999, 1);
	track_end(&t, 5001);
	/* 4999 is remembered; 1 was forgotten and counts as a duplicate. */
	expect(4, 4998, 1, 1);
}
END_TEST

START_TEST(many_gaps_forget_the_oldest)
{
	track_init(&t, UINT64_MAX);
	for (uint64_t i = 0; i < 2 * TRACK_MISSING; i++)
		ARRIVE(2 * i + 1);
	ck_assert_uint_eq(t.lost, 2 * TRACK_MISSING);
	ARRIVE(4 * TRACK_MISSING - 2); /* the last one missing */
	ck_assert_uint_eq(t.reordered, 1);
	ARRIVE(0); /* the first one, forgotten */
	ck_assert_uint_eq(t.duplicate, 1);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("measure/track");
	TCase *c = tcase_create("track");

	tcase_add_test(c, in_order_is_clean);
	tcase_add_test(c, a_gap_is_lost);
	tcase_add_test(c, the_tail_is_lost);
	tcase_add_test(c, nothing_arrived);
	tcase_add_test(c, a_late_one_is_reordered_and_not_lost);
	tcase_add_test(c, a_second_one_is_a_duplicate);
	tcase_add_test(c, a_late_one_that_comes_twice);
	tcase_add_test(c, small_messages_wrap);
	tcase_add_test(c, a_huge_gap_keeps_the_latest_numbers);
	tcase_add_test(c, many_gaps_forget_the_oldest);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
