/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/pause.h"

#include "core/base/clock.h"
#include "tests/unit/unit.h"

/* A clock that moves by a millisecond whenever somebody looks. */
static uint64_t fake_now_ns;

static uint64_t
fake_clock(void)
{
	return fake_now_ns += NS_PER_MS;
}

START_TEST(an_idle_thread_sleeps)
{
	const struct lane_spec spec = { .now_ns = clock_now_ns,
					.idle_ns = 2 * NS_PER_MS };
	struct lane lane = { .spec = &spec };
	uint64_t before = clock_now_ns();

	ck_assert_int_eq(pause_keep(&lane), WEIR_OK);
	ck_assert_uint_ge(clock_now_ns() - before, spec.idle_ns);
	ck_assert_uint_ge(lane.pauses.sleeps, 1);
	/* It is asleep: the time is not the CPU's. */
	ck_assert_uint_lt(lane.pauses.cpu_ns, spec.idle_ns);
}
END_TEST

START_TEST(a_short_delay_is_spent_awake)
{
	const struct lane_spec spec = { .now_ns = clock_now_ns,
					.send_delay_ns = 100 * NS_PER_US };
	struct lane lane = { .spec = &spec };
	uint64_t before = clock_now_ns();

	ck_assert_int_eq(pause_keep(&lane), WEIR_OK);
	ck_assert_uint_ge(clock_now_ns() - before, spec.send_delay_ns);
	ck_assert_uint_eq(lane.pauses.sleeps, 0);
	ck_assert_uint_gt(lane.pauses.cpu_ns, 0);
}
END_TEST

START_TEST(a_long_delay_is_slept_through_but_for_its_end)
{
	const struct lane_spec spec = { .now_ns = clock_now_ns,
					.send_delay_ns = 3 * NS_PER_MS };
	struct lane lane = { .spec = &spec };
	uint64_t before = clock_now_ns();

	ck_assert_int_eq(pause_keep(&lane), WEIR_OK);
	ck_assert_uint_ge(clock_now_ns() - before, spec.send_delay_ns);
	ck_assert_uint_ge(lane.pauses.sleeps, 1);
}
END_TEST

START_TEST(the_time_is_that_of_the_run)
{
	const struct lane_spec spec = { .now_ns = fake_clock,
					.send_delay_ns = 7 * NS_PER_MS };
	struct lane lane = { .spec = &spec };
	uint64_t before = fake_now_ns;

	ck_assert_int_eq(pause_keep(&lane), WEIR_OK);
	ck_assert_uint_ge(fake_now_ns - before, spec.send_delay_ns);
}
END_TEST

START_TEST(a_canceled_lane_does_not_pause)
{
	const struct lane_spec idle = { .now_ns = clock_now_ns,
					.idle_ns = 3600 * NS_PER_S };
	const struct lane_spec delay = { .now_ns = clock_now_ns,
					 .send_delay_ns = 3600 * NS_PER_S };
	struct lane lane = { .spec = &idle, .cancel = 1 };

	ck_assert_int_eq(pause_keep(&lane), WEIR_ECANCELED);
	lane.spec = &delay;
	ck_assert_int_eq(pause_keep(&lane), WEIR_ECANCELED);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("measure/pause");
	TCase *c = tcase_create("pause");

	tcase_add_test(c, an_idle_thread_sleeps);
	tcase_add_test(c, a_short_delay_is_spent_awake);
	tcase_add_test(c, a_long_delay_is_slept_through_but_for_its_end);
	tcase_add_test(c, the_time_is_that_of_the_run);
	tcase_add_test(c, a_canceled_lane_does_not_pause);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
