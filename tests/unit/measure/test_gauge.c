/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/gauge.h"

#include <math.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "tests/unit/unit.h"

#define AHEAD_NS (1000 * NS_PER_S)

struct side {
	struct gauge gauge;
	bool leads;
	uint64_t (*now_ns)(void);
	uint32_t cancel;
	struct gauge_look look;
};

static struct side leader, follower;
static struct weir_error err;

static uint64_t
own_clock(void)
{
	return clock_now_ns();
}

static uint64_t
another_clock(void)
{
	return clock_now_ns() + AHEAD_NS;
}

static void
set_up(void)
{
	int fd;

	memset(&leader, 0, sizeof(leader));
	memset(&follower, 0, sizeof(follower));
	leader.leads = true;
	leader.now_ns = follower.now_ns = own_clock;
	ck_assert_int_eq(gauge_create(&leader.gauge, &fd, &err), WEIR_OK);
	ck_assert_int_eq(gauge_open(fd, &follower.gauge, &err), WEIR_OK);
	close(fd);
}

static void
tear_down(void)
{
	gauge_close(&leader.gauge);
	gauge_close(&follower.gauge);
}

static void *
go(void *argument)
{
	struct side *side = argument;

	gauge_meet(&side->gauge, side->leads, side->now_ns, &side->cancel,
		   &side->look);
	return NULL;
}

static void
meet(enum gauge_mode mode)
{
	pthread_t other;

	leader.gauge.mode = follower.gauge.mode = mode;
	ck_assert_int_eq(pthread_create(&other, NULL, go, &follower), 0);
	go(&leader);
	pthread_join(other, NULL);
}

START_TEST(one_clock_is_proved)
{
	for (int i = 0; i < 3; i++) {
		meet(GAUGE_YIELD);
		ck_assert(leader.look.exchanged);
		ck_assert(!leader.look.disagreed);
		ck_assert_uint_gt(leader.look.error_ns, 0);
		ck_assert_uint_gt(leader.look.steps, 1);
		ck_assert_uint_eq(leader.look.backward, 0);
	}
	ck_assert(isnan(leader.look.distance_ns));
	ck_assert(isnan(follower.look.distance_ns));
}
END_TEST

START_TEST(two_clocks_disagree)
{
	follower.now_ns = another_clock;
	meet(GAUGE_YIELD);
	ck_assert(leader.look.exchanged);
	ck_assert(leader.look.disagreed);
	/* Up to the other one, and down again. */
	ck_assert_uint_eq(2 * leader.look.backward, leader.look.steps);
}
END_TEST

/* Where the machine leaves them both alone for long enough. */
START_TEST(both_know_the_same_distance)
{
	meet(GAUGE_SPIN);
	if (isnan(leader.look.distance_ns))
		return;
	ck_assert_double_gt(leader.look.distance_ns, 1);
	ck_assert(gauge_class(leader.look.distance_ns) ==
			  gauge_class(follower.look.distance_ns) ||
		  isnan(follower.look.distance_ns));
}
END_TEST

START_TEST(who_does_not_come_is_not_waited_for_for_ever)
{
	uint64_t started_ns = clock_now_ns();

	go(&leader);
	ck_assert(!leader.look.exchanged);
	ck_assert(isnan(leader.look.distance_ns));
	/* Who comes late is told that it is over, and the next one is good. */
	go(&follower);
	ck_assert(isnan(follower.look.distance_ns));
	ck_assert(clock_now_ns() - started_ns < 60 * NS_PER_S);
	meet(GAUGE_YIELD);
	ck_assert(leader.look.exchanged);
}
END_TEST

START_TEST(a_leader_that_comes_late_is_told_so)
{
	go(&follower);
	go(&leader);
	ck_assert(!leader.look.exchanged);
	meet(GAUGE_YIELD);
	ck_assert(leader.look.exchanged);
}
END_TEST

START_TEST(a_cancel_ends_a_meeting)
{
	leader.cancel = follower.cancel = 1;
	go(&leader);
	go(&follower);
	ck_assert(!leader.look.exchanged);
}
END_TEST

/* A page full of anything: no crash, no hang, nothing believed. */
START_TEST(a_lying_page_gives_nothing)
{
	memset(leader.gauge.page, 0xff, sizeof(*leader.gauge.page));
	go(&follower);
	ck_assert(isnan(follower.look.distance_ns));
	go(&leader);
	ck_assert(!leader.look.exchanged);
}
END_TEST

START_TEST(classes_are_octaves)
{
	ck_assert_int_eq(gauge_class(50), 0);
	ck_assert_int_eq(gauge_class(105), 1);
	ck_assert_int_eq(gauge_class(135), 1);
	ck_assert_int_eq(gauge_class(200), 2);
	ck_assert_int_eq(gauge_class(415), 3);
	ck_assert_int_eq(gauge_class(520), 3);
	ck_assert_int_eq(gauge_class(1e9), 4);
	ck_assert_int_eq(gauge_class(NAN), GAUGE_UNCLEAR);
	ck_assert_int_eq(gauge_class(0), GAUGE_UNCLEAR);
	for (int i = 0; i < GAUGE_UNCLEAR; i++) {
		ck_assert_int_eq(gauge_class(gauge_class_low_ns(i) + 1e-3), i);
		if (i)
			ck_assert_double_eq(gauge_class_low_ns(i),
					    gauge_class_high_ns(i - 1));
	}
}
END_TEST

START_TEST(what_is_no_gauge_is_refused)
{
	struct gauge gauge;

	ck_assert_int_ne(gauge_open(-1, &gauge, &err), WEIR_OK);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("measure/gauge");
	TCase *c = tcase_create("gauge");

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, one_clock_is_proved);
	tcase_add_test(c, two_clocks_disagree);
	tcase_add_test(c, both_know_the_same_distance);
	tcase_add_test(c, who_does_not_come_is_not_waited_for_for_ever);
	tcase_add_test(c, a_leader_that_comes_late_is_told_so);
	tcase_add_test(c, a_cancel_ends_a_meeting);
	tcase_add_test(c, a_lying_page_gives_nothing);
	tcase_add_test(c, classes_are_octaves);
	tcase_add_test(c, what_is_no_gauge_is_refused);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
