/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/evidence.h"

#include <sched.h>

#include "core/base/clock.h"
#include "tests/unit/unit.h"

static struct evidence a, b;

static void
set_up(void)
{
	evidence_init(&a);
	evidence_init(&b);
}

START_TEST(nothing_is_seen_at_first)
{
	ck_assert_uint_eq(a.steal_ns, EVIDENCE_NONE);
	ck_assert_uint_eq(a.latest_wake_ns, EVIDENCE_NONE);
	evidence_merge(&a, &b);
	ck_assert_uint_eq(a.steal_ns, EVIDENCE_NONE);
}
END_TEST

START_TEST(what_one_saw_is_kept)
{
	b.steal_ns = 5;
	evidence_merge(&a, &b);
	ck_assert_uint_eq(a.steal_ns, 5);
	b.steal_ns = EVIDENCE_NONE;
	evidence_merge(&a, &b);
	ck_assert_uint_eq(a.steal_ns, 5);
}
END_TEST

START_TEST(sums_add_up_and_extremes_stay)
{
	a.wakes = 3;
	b.wakes = 4;
	a.latest_wake_ns = 10;
	b.latest_wake_ns = 7;
	a.lowest_hz = 100;
	b.lowest_hz = 90;
	a.highest_hz = 100;
	b.highest_hz = 120;
	evidence_merge(&a, &b);
	ck_assert_uint_eq(a.wakes, 7);
	ck_assert_uint_eq(a.latest_wake_ns, 10);
	ck_assert_uint_eq(a.lowest_hz, 90);
	ck_assert_uint_eq(a.highest_hz, 120);
}
END_TEST

START_TEST(a_sum_sticks_at_its_limit)
{
	a.wakes = UINT64_MAX - 1;
	b.wakes = 5;
	evidence_merge(&a, &b);
	ck_assert_uint_eq(a.wakes, EVIDENCE_NONE);
}
END_TEST

START_TEST(a_lane_that_runs_is_seen_to_run)
{
	struct evidence_lane before, after;

	evidence_lane_begin(&before);
	while (clock_now_ns() - before.at_ns < 20 * NS_PER_MS)
		;
	sched_yield();
	evidence_lane_end(&after);
	evidence_lane_set(&a, &before, &after);
	ck_assert_uint_ge(a.lane_ns, 20 * NS_PER_MS);
	ck_assert_uint_gt(a.lane_cpu_ns, 0);
	ck_assert_uint_le(a.lane_cpu_ns, a.lane_ns + NS_PER_MS);
	ck_assert_uint_ne(a.minor_faults, EVIDENCE_NONE);
	/* The rest of the time it was kept waiting, where that is told. */
	if (a.run_queue_ns != EVIDENCE_NONE)
		ck_assert_uint_le(a.run_queue_ns, a.lane_ns);
}
END_TEST

START_TEST(what_can_not_be_seen_once_is_not_seen)
{
	struct evidence_lane before, after;

	evidence_lane_begin(&before);
	evidence_lane_end(&after);
	before.migrations = EVIDENCE_NONE;
	evidence_lane_set(&a, &before, &after);
	ck_assert_uint_eq(a.migrations, EVIDENCE_NONE);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("measure/evidence");
	TCase *c = tcase_create("evidence");

	tcase_add_checked_fixture(c, set_up, NULL);
	tcase_add_test(c, nothing_is_seen_at_first);
	tcase_add_test(c, what_one_saw_is_kept);
	tcase_add_test(c, sums_add_up_and_extremes_stay);
	tcase_add_test(c, a_sum_sticks_at_its_limit);
	tcase_add_test(c, a_lane_that_runs_is_seen_to_run);
	tcase_add_test(c, what_can_not_be_seen_once_is_not_seen);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
