/* SPDX-License-Identifier: Apache-2.0 */
#include "core/coord/ticks.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/plugin/plugin.h"
#include "tests/unit/unit.h"

static struct weir_error err;

START_TEST(the_kernels_clock_is_the_usual_one)
{
	struct message_setup setup = { 0 };
	struct plan_run run = { .clock = PLAN_CLOCK_MONOTONIC };
	const struct weir_services *services;

	ck_assert_int_eq(ticks_fill(&run, &setup, &err), WEIR_OK);
	ck_assert_int_eq(ticks_services(&setup, &services, &err), WEIR_OK);
	ck_assert_ptr_eq(services, plugin_services());
	ck_assert_int_eq(ticks_check(&setup.tsc, &err), WEIR_OK);
}
END_TEST

START_TEST(two_machines_have_two_counters)
{
	struct message_setup setup = { .comparable_clocks = false };
	struct plan_run run = { .clock = PLAN_CLOCK_TSC };

	ck_assert_int_eq(ticks_fill(&run, &setup, &err), WEIR_EUNAVAILABLE);
	ck_assert_ptr_nonnull(strstr(err.text, "not of one boot"));
}
END_TEST

/* Where there is none, it is refused on both sides. */
START_TEST(the_counter_is_there_or_refused)
{
	struct message_setup setup = { .comparable_clocks = true };
	struct plan_run run = { .clock = PLAN_CLOCK_TSC };
	const struct weir_services *services;
	int status = tsc_check(&err);
	uint64_t before_ns, ns;

	ck_assert_int_eq(ticks_fill(&run, &setup, &err), status);
	ck_assert_int_eq(ticks_services(&setup, &services, &err), status);
	if (status)
		return;
	ck_assert_ptr_ne(services, plugin_services());
	before_ns = services->now_ns();
	ns = services->now_ns();
	ck_assert_uint_ge(ns, before_ns);
	ck_assert_int_eq(ticks_check(&setup.tsc, &err), WEIR_OK);
}
END_TEST

START_TEST(a_counter_that_went_away_is_told)
{
	struct message_setup setup = { .comparable_clocks = true };
	struct plan_run run = { .clock = PLAN_CLOCK_TSC };

	if (ticks_fill(&run, &setup, &err) != WEIR_OK)
		return;
	setup.tsc.from_ns -= 50 * NS_PER_MS;
	ck_assert_int_eq(ticks_check(&setup.tsc, &err), WEIR_ESYSTEM);
	ck_assert_ptr_nonnull(strstr(err.text, "away from CLOCK_MONOTONIC"));
}
END_TEST

START_TEST(facts_name_the_clock)
{
	struct plan_run run = { .clock = PLAN_CLOCK_TSC };
	struct facts facts = { 0 };
	struct tsc_scale scale;
	bool has = tsc_check(NULL) == WEIR_OK;

	ticks_begin_facts(&run, &facts, &scale);
	ticks_end_facts(&scale, &facts);
	ck_assert_str_eq(facts_get(&facts, "clock")->text, "tsc");
	ck_assert_int_eq(facts_get(&facts, "tsc_hz") != NULL, has);
	ck_assert_int_eq(facts_get(&facts, "tsc_cost_ns") != NULL, has);
	ck_assert_int_eq(facts_get(&facts, "tsc_off_ppm") != NULL, has);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("coord/ticks");
	TCase *t = tcase_create("ticks");

	tcase_add_test(t, the_kernels_clock_is_the_usual_one);
	tcase_add_test(t, two_machines_have_two_counters);
	tcase_add_test(t, the_counter_is_there_or_refused);
	tcase_add_test(t, a_counter_that_went_away_is_told);
	tcase_add_test(t, facts_name_the_clock);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite)
