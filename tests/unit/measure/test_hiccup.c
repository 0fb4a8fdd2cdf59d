/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/hiccup.h"

#include <stdbool.h>

#include "core/base/clock.h"
#include "tests/unit/unit.h"

static struct evidence evidence;

static void
set_up(void)
{
	evidence_init(&evidence);
}

static void
spend(uint64_t ns)
{
	uint64_t end_ns = clock_now_ns() + ns;

	while (clock_now_ns() < end_ns)
		sched_yield();
}

/* Watches for a time of several sleeps of that length. False where it can't be
 * had: beside no other CPU, and without the right to run ahead. */
static bool
watch(const cpu_set_t *keep_off, uint64_t every_ns)
{
	uint64_t began_ns = clock_now_ns();
	struct hiccup *hiccup = hiccup_start(keep_off);

	if (!hiccup)
		return false;
	spend(10 * every_ns);
	hiccup_stop(hiccup, &evidence);
	ck_assert_uint_gt(evidence.wakes, 0);
	ck_assert_uint_le(evidence.wakes,
			  (clock_now_ns() - began_ns) / every_ns);
	return true;
}

START_TEST(it_wakes_and_tells_how_late)
{
	cpu_set_t none;

	CPU_ZERO(&none);
	ck_assert(watch(&none, HICCUP_EVERY_NS));
	ck_assert_uint_le(evidence.late_wakes, evidence.wakes);
	if (evidence.late_wakes)
		ck_assert_uint_ge(evidence.latest_wake_ns, HICCUP_LATE_NS);
	ck_assert_uint_eq(evidence.steal_ns, EVIDENCE_NONE);
}
END_TEST

START_TEST(among_measured_cpus_it_wakes_seldom_or_not_at_all)
{
	cpu_set_t all;

	ck_assert_int_eq(sched_getaffinity(0, sizeof(all), &all), 0);
	if (!watch(&all, HICCUP_BESIDE_NS))
		ck_assert_uint_eq(evidence.wakes, EVIDENCE_NONE);
}
END_TEST

START_TEST(it_may_end_before_it_wakes)
{
	cpu_set_t none;

	CPU_ZERO(&none);
	hiccup_stop(hiccup_start(&none), &evidence);
	ck_assert_uint_ne(evidence.wakes, EVIDENCE_NONE);
}
END_TEST

START_TEST(none_may_be_stopped)
{
	hiccup_stop(NULL, &evidence);
	ck_assert_uint_eq(evidence.wakes, EVIDENCE_NONE);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("measure/hiccup");
	TCase *c = tcase_create("hiccup");

	tcase_add_checked_fixture(c, set_up, NULL);
	tcase_add_test(c, it_wakes_and_tells_how_late);
	tcase_add_test(c, among_measured_cpus_it_wakes_seldom_or_not_at_all);
	tcase_add_test(c, it_may_end_before_it_wakes);
	tcase_add_test(c, none_may_be_stopped);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
