/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/noise.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/measure/affinity.h"
#include "tests/unit/unit.h"

static struct noise noise;
static struct evidence evidence;

static void
set_up(void)
{
	memset(&noise, 0, sizeof(noise));
	evidence_init(&evidence);
}

static void
spend(uint64_t ns)
{
	uint64_t end_ns = clock_now_ns() + ns;

	while (clock_now_ns() < end_ns)
		;
}

/* The first CPU that this process may use. */
static int32_t
first_cpu(void)
{
	cpu_set_t set;
	int32_t cpu = 0;

	ck_assert_int_eq(sched_getaffinity(0, sizeof(set), &set), 0);
	while (!CPU_ISSET((size_t)cpu, &set))
		cpu++;
	return cpu;
}

START_TEST(work_on_a_cpu_is_seen)
{
	const int32_t cpus[] = { first_cpu(), first_cpu() };
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpus[0], &set);
	ck_assert_int_eq(sched_setaffinity(0, sizeof(set), &set), 0);
	noise_watch(&noise, cpus, 2);
	noise_begin(&noise);
	spend(100 * NS_PER_MS);
	noise_end(&noise, &evidence);
	ck_assert_uint_ge(evidence.cpu_ns, 100 * NS_PER_MS);
	ck_assert_uint_ne(evidence.steal_ns, EVIDENCE_NONE);
	/* It was busy but for a tick at both ends, or stolen. */
	ck_assert_uint_ge(evidence.busy_ns + evidence.steal_ns,
			  70 * NS_PER_MS);
	ck_assert_uint_le(evidence.busy_ns, evidence.cpu_ns);
	ck_assert_uint_ne(evidence.interrupts, EVIDENCE_NONE);
	ck_assert_uint_eq(evidence.lane_ns, EVIDENCE_NONE);
}
END_TEST

START_TEST(a_lane_that_is_not_pinned_has_all_cpus)
{
	const int32_t cpus[] = { first_cpu(), AFFINITY_ANY };
	cpu_set_t set;

	ck_assert_int_eq(sched_getaffinity(0, sizeof(set), &set), 0);
	noise_watch(&noise, cpus, 2);
	ck_assert(CPU_EQUAL(&noise.cpus, &set));
}
END_TEST

START_TEST(what_did_not_begin_has_nothing_to_say)
{
	const int32_t cpu = first_cpu();

	noise_watch(&noise, &cpu, 1);
	noise_end(&noise, &evidence);
	ck_assert_uint_eq(evidence.cpu_ns, EVIDENCE_NONE);
}
END_TEST

START_TEST(it_ends_once)
{
	const int32_t cpu = first_cpu();
	struct evidence again;

	noise_watch(&noise, &cpu, 1);
	noise_begin(&noise);
	noise_end(&noise, &evidence);
	evidence_init(&again);
	noise_end(&noise, &again);
	ck_assert_uint_eq(again.cpu_ns, EVIDENCE_NONE);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("result/noise");
	TCase *c = tcase_create("noise");

	tcase_add_checked_fixture(c, set_up, NULL);
	tcase_add_test(c, work_on_a_cpu_is_seen);
	tcase_add_test(c, a_lane_that_is_not_pinned_has_all_cpus);
	tcase_add_test(c, what_did_not_begin_has_nothing_to_say);
	tcase_add_test(c, it_ends_once);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
