/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/verdict.h"

#include <stdio.h>
#include <string.h>

#include "core/result/block.h"
#include "tests/unit/unit.h"

#define SECOND UINT64_C(1000000000)

static struct result_block block;
static struct verdict verdict;

/* A second on one CPU each, of which both lanes took half. */
static void
quiet(struct evidence *e)
{
	e->lane_ns = SECOND;
	e->lane_cpu_ns = SECOND / 2;
	e->run_queue_ns = SECOND / 4;
	e->migrations = 0;
	e->major_faults = 0;
	e->cpu_ns = SECOND;
	e->busy_ns = SECOND / 2;
	e->steal_ns = 0;
	e->interrupts = 100000;
	e->lowest_hz = e->highest_hz = 3 * SECOND;
	e->throttled = e->throttled_ns = 0;
	e->wakes = 200;
	e->late_wakes = 0;
	e->latest_wake_ns = 50000;
}

static void
set_up(void)
{
	result_block_init(&block);
	quiet(&block.host_evidence);
	quiet(&block.client_evidence);
	snprintf(block.host_cpus, sizeof(block.host_cpus), "0");
	snprintf(block.client_cpus, sizeof(block.client_cpus), "1");
}

static void
is_clean(void)
{
	verdict_make(&block, &verdict);
	ck_assert_uint_eq(verdict.n, 0);
}

static void
is_noisy(const char *text)
{
	struct text t = { 0 };

	verdict_make(&block, &verdict);
	for (size_t i = 0; i < verdict.n; i++) {
		text_add(&t, i ? "; " : "");
		verdict_add_text(&verdict.at[i], &t);
	}
	ck_assert_str_eq(text_get(&t), text);
	text_fini(&t);
}

START_TEST(a_quiet_machine_is_clean)
{
	is_clean();
}
END_TEST

START_TEST(what_is_not_seen_gives_no_reason)
{
	evidence_init(&block.host_evidence);
	evidence_init(&block.client_evidence);
	is_clean();
}
END_TEST

START_TEST(steal)
{
	block.client_evidence.steal_ns = SECOND / 1000 * 31;
	is_noisy("steal 3.1 % (client)");
}
END_TEST

/* One tick of 10 ms in a short trial. */
START_TEST(steal_of_one_tick_is_none)
{
	block.client_evidence.cpu_ns = SECOND / 10;
	block.client_evidence.busy_ns = SECOND / 20;
	block.client_evidence.steal_ns = SECOND / 100;
	is_clean();
}
END_TEST

START_TEST(others_on_the_lanes_cpus)
{
	block.host_evidence.busy_ns = SECOND;
	is_noisy("others had the CPUs 50.0 % (host)");
}
END_TEST

/* 25000 sleeps and wake-ups of 4 us are a tenth of the second. */
START_TEST(falling_asleep_is_nobodys)
{
	block.messages = 25000;
	block.host_switches_per_message = 1;
	block.host_evidence.busy_ns = SECOND / 10 * 6;
	is_clean();
	block.host_switches_per_message = 0.2;
	is_noisy("others had the CPUs 8.0 % (host)");
}
END_TEST

/* The other side's lanes are no others. */
START_TEST(both_sides_on_one_cpu_are_judged_together)
{
	snprintf(block.client_cpus, sizeof(block.client_cpus), "0");
	block.host_evidence.busy_ns = block.client_evidence.busy_ns = SECOND;
	is_clean();
	block.client_evidence.lane_cpu_ns = SECOND / 10;
	is_noisy("others had the CPUs 40.0 %");
}
END_TEST

/* On one CPU a lane that sleeps leaves it to the other, not to idleness. */
START_TEST(lanes_on_one_cpu_put_nothing_to_sleep)
{
	block.messages = 100000;
	block.host_switches_per_message = 1;
	block.client_switches_per_message = 1;
	snprintf(block.client_cpus, sizeof(block.client_cpus), "0");
	block.host_evidence.busy_ns = block.client_evidence.busy_ns = SECOND;
	block.client_evidence.lane_cpu_ns = SECOND / 10;
	is_noisy("others had the CPUs 40.0 %");
}
END_TEST

START_TEST(throttling)
{
	block.client_evidence.throttled = 3;
	block.client_evidence.throttled_ns = 12 * (SECOND / 1000);
	is_noisy("throttled 3 times, 12.0 ms (client)");
}
END_TEST

START_TEST(late_wakes)
{
	block.host_evidence.late_wakes = 1;
	is_clean();
	block.host_evidence.late_wakes = 4;
	block.host_evidence.latest_wake_ns = 7 * (SECOND / 1000);
	is_noisy("late wake-ups 2.0 %, the worst 7.00 ms (host)");
}
END_TEST

static void
does_not_see(const char *begin)
{
	struct text t = { 0 };

	verdict_add_not_seen(&block, &t);
	ck_assert_msg(!strncmp(text_get(&t), begin, strlen(begin)) &&
			      !*begin == !t.len, "%s", text_get(&t));
	text_fini(&t);
}

/* Two CPUs, and not the right to run ahead of what is measured there. */
START_TEST(a_sleeper_that_is_not_there_is_told)
{
	does_not_see("");
	block.host_evidence.wakes = EVIDENCE_NONE;
	is_clean();
	does_not_see("late wake-ups (host): no CPU is left");
	block.client_evidence.wakes = EVIDENCE_NONE;
	does_not_see("late wake-ups (host, client): ");
	evidence_init(&block.client_evidence); /* took no part */
	does_not_see("late wake-ups (host): ");
}
END_TEST

START_TEST(migrations_and_faults)
{
	block.host_evidence.migrations = 1;
	is_clean();
	block.host_evidence.migrations = 14;
	block.client_evidence.major_faults = 2;
	is_noisy("14.0 migrations a second (host); "
		 "2 major page faults (client)");
}
END_TEST

START_TEST(frequency)
{
	block.host_evidence.lowest_hz = 27 * (SECOND / 10);
	is_noisy("frequency lower by 10.0 % (host)");
}
END_TEST

START_TEST(a_rate_that_is_not_reached)
{
	struct result_paced *paced = &block.paced;

	paced->on = true;
	paced->sent = 1000;
	paced->sender.schedule_ns = SECOND / 100;
	paced->sender.sending_ns = SECOND / 100 + SECOND / 20000;
	is_clean();
	paced->sender.sending_ns = SECOND / 50;
	is_noisy("rate not reached: 50.0 k/s of 100 k/s on each channel");
	/* Gaps of 10 us. */
	paced->sender.wake_up_ns = 9000;
	is_noisy("rate not reached: 50.0 k/s of 100 k/s on each channel");
	paced->sender.wake_up_ns = 36000;
	is_noisy("rate not reached: 50.0 k/s of 100 k/s on each channel, which "
		 "without spinning is not possible, since a wake-up takes "
		 "36.0 us");
	/* Nothing is said of a closed loop. */
	paced->on = false;
	is_clean();
}
END_TEST

START_TEST(every_reason_of_both_sides_has_room)
{
	struct evidence *sides[] = { &block.host_evidence,
				     &block.client_evidence };

	for (size_t i = 0; i < 2; i++) {
		sides[i]->steal_ns = SECOND / 4;
		sides[i]->busy_ns = SECOND;
		sides[i]->throttled = 1;
		sides[i]->late_wakes = 100;
		sides[i]->migrations = 100;
		sides[i]->major_faults = 100;
		sides[i]->lowest_hz = SECOND;
	}
	verdict_make(&block, &verdict);
	ck_assert_uint_eq(verdict.n, 2 * 7);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("result/verdict");
	TCase *c = tcase_create("verdict");

	tcase_add_checked_fixture(c, set_up, NULL);
	tcase_add_test(c, a_quiet_machine_is_clean);
	tcase_add_test(c, what_is_not_seen_gives_no_reason);
	tcase_add_test(c, steal);
	tcase_add_test(c, steal_of_one_tick_is_none);
	tcase_add_test(c, others_on_the_lanes_cpus);
	tcase_add_test(c, falling_asleep_is_nobodys);
	tcase_add_test(c, lanes_on_one_cpu_put_nothing_to_sleep);
	tcase_add_test(c, both_sides_on_one_cpu_are_judged_together);
	tcase_add_test(c, throttling);
	tcase_add_test(c, late_wakes);
	tcase_add_test(c, a_sleeper_that_is_not_there_is_told);
	tcase_add_test(c, migrations_and_faults);
	tcase_add_test(c, frequency);
	tcase_add_test(c, a_rate_that_is_not_reached);
	tcase_add_test(c, every_reason_of_both_sides_has_room);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
