/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lane led through its segments by hand; nobody comes to its meetings,
 * which the cancel flag ends at once.
 */
#include "core/measure/segments.h"

#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/measure/gauge.h"
#include "core/measure/lane.h"
#include "tests/unit/unit.h"

static struct weir_transport ops;
static struct lane_spec spec;
static struct lane lane;
static struct gauge gauge;
static struct report report;

static void
set_up(void)
{
	struct weir_error err;
	int fd;

	spec = (struct lane_spec){
		.ops = &ops,
		.now_ns = clock_now_ns,
		.pattern = LANE_ROUND_TRIP,
		.initiator = true,
		.timed = { UINT64_MAX, 1000000000 },
	};
	memset(&lane, 0, sizeof(lane));
	lane.spec = &spec;
	lane.cancel = 1;
	lane.latency = histogram_create();
	ck_assert_int_eq(gauge_create(&gauge, &fd, &err), WEIR_OK);
	close(fd);
	lane.gauge = &gauge;
	report_init(&report);
	ck_assert_int_eq(segments_prepare(&lane), WEIR_OK);
}

static void
tear_down(void)
{
	segments_release(&lane);
	histogram_destroy(lane.latency);
	gauge_close(&gauge);
	report_fini(&report);
}

/* A segment with n messages of 1000 ns each. */
static void
segment(uint64_t started_ns, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		histogram_record(lane.latency, 1000);
	lane.sent += n;
	lane.started_ns = started_ns;
	lane.ended_ns = started_ns + n * 1000;
}

static struct lane_stop
next(void)
{
	struct lane_stop stop;

	segments_next(&lane, &stop);
	return stop;
}

START_TEST(without_a_gauge_there_is_one)
{
	lane.gauge = NULL;
	segments_begin(&lane);
	ck_assert_uint_eq(next().duration_ns, 1000000000);
	segment(5000, 10);
	ck_assert(segments_over(&lane));
	segments_end(&lane);
	segments_finish(&lane, &report);
	ck_assert_uint_eq(lane.started_ns, 5000);
	ck_assert_uint_eq(report.paused_ns, 0);
	ck_assert_uint_eq(lane.latency->samples, 10);
}
END_TEST

START_TEST(time_between_segments_is_paused)
{
	segments_begin(&lane);
	segment(1000000, 100);
	segments_end(&lane);
	segment(3000000, 50);
	segments_end(&lane);
	segments_finish(&lane, &report);
	ck_assert_uint_eq(lane.started_ns, 1000000);
	ck_assert_uint_eq(lane.ended_ns, 3050000);
	ck_assert_uint_eq(report.paused_ns, 3000000 - 1100000);
	ck_assert_uint_eq(lane.latency->samples, 150);
	/* Nobody came: where they belong is not clear. */
	ck_assert_uint_eq(report.classes[GAUGE_UNCLEAR].segments, 2);
	ck_assert_uint_eq(report.classes[GAUGE_UNCLEAR].messages, 150);
	ck_assert_uint_eq(report.classes[GAUGE_UNCLEAR].elapsed_ns, 150000);
	ck_assert_uint_eq(
		report.classes[GAUGE_UNCLEAR].latency->samples, 150);
	ck_assert_uint_eq(report.exchange.meetings, 3);
	ck_assert_uint_eq(report.exchange.failed, 2);
}
END_TEST

START_TEST(no_stump_is_left)
{
	segments_begin(&lane);
	ck_assert_uint_eq(next().duration_ns, SEGMENTS_NS);
	segment(0, SEGMENTS_NS * 27 / 10 / 1000);
	ck_assert(!segments_over(&lane));
	segments_end(&lane);
	/* 325 ms are left of a second, more than one and less than 1.5. */
	ck_assert_uint_eq(next().duration_ns, 325000000);
	segment(SEGMENTS_NS * 3, 325000);
	ck_assert(segments_over(&lane));
}
END_TEST

START_TEST(a_count_goes_on_over_segments)
{
	spec.timed = (struct lane_stop){ 150, UINT64_MAX };
	segments_begin(&lane);
	ck_assert_uint_eq(next().duration_ns, SEGMENTS_NS);
	ck_assert_uint_eq(next().count, 150);
	segment(0, 100);
	ck_assert(!segments_over(&lane));
	segments_end(&lane);
	segment(500000, 50);
	ck_assert(segments_over(&lane));
}
END_TEST

START_TEST(who_pauses_is_not_cut)
{
	spec.idle_ns = 1000000;
	segments_begin(&lane);
	ck_assert_uint_eq(next().duration_ns, 1000000000);
	segment(0, 3);
	ck_assert(segments_over(&lane));
}
END_TEST

/* What it moves a second is told, and it is to be busy all the time. */
START_TEST(who_is_busy_is_not_cut)
{
	spec.busy = true;
	segments_begin(&lane);
	ck_assert_uint_eq(next().duration_ns, 1000000000);
	segment(0, 100);
	ck_assert(segments_over(&lane));
}
END_TEST

START_TEST(who_does_not_count_has_no_classes)
{
	spec.initiator = false;
	segments_begin(&lane);
	segment(0, 3);
	segments_end(&lane);
	segments_finish(&lane, &report);
	ck_assert_uint_eq(report.classes[GAUGE_UNCLEAR].segments, 0);
	ck_assert_uint_eq(report.exchange.meetings, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("measure/segments");
	TCase *c = tcase_create("segments");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, without_a_gauge_there_is_one);
	tcase_add_test(c, time_between_segments_is_paused);
	tcase_add_test(c, no_stump_is_left);
	tcase_add_test(c, a_count_goes_on_over_segments);
	tcase_add_test(c, who_pauses_is_not_cut);
	tcase_add_test(c, who_is_busy_is_not_cut);
	tcase_add_test(c, who_does_not_count_has_no_classes);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
