/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/report.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

static struct report to, from;

static void
set_up(void)
{
	report_init(&to);
	report_init(&from);
}

static void
tear_down(void)
{
	report_fini(&to);
	report_fini(&from);
}

static void
merge(void)
{
	struct weir_error err = { 0 };

	ck_assert_msg(!report_merge(&to, &from, &err), "%s", err.text);
}

START_TEST(an_empty_one_has_no_times)
{
	ck_assert_uint_eq(to.first_message_ns, REPORT_NO_TIME);
	ck_assert_uint_eq(to.started_ns, REPORT_NO_TIME);
	ck_assert_uint_eq(to.ended_ns, REPORT_NO_TIME);
	ck_assert_ptr_null(to.latency);
	ck_assert_uint_eq(to.counters.size, sizeof(to.counters));
}
END_TEST

START_TEST(merging_nothing_changes_nothing)
{
	to.started_ns = 5;
	to.ended_ns = 9;
	to.first_message_ns = 3;
	merge();
	ck_assert_uint_eq(to.started_ns, 5);
	ck_assert_uint_eq(to.ended_ns, 9);
	ck_assert_uint_eq(to.first_message_ns, 3);
	ck_assert_ptr_null(to.latency);
	ck_assert_str_eq(to.cpus, "");
}
END_TEST

START_TEST(merging_into_nothing_copies_times)
{
	from.started_ns = 5;
	from.ended_ns = 9;
	from.first_message_ns = 3;
	merge();
	ck_assert_uint_eq(to.started_ns, 5);
	ck_assert_uint_eq(to.ended_ns, 9);
	ck_assert_uint_eq(to.first_message_ns, 3);
}
END_TEST

START_TEST(the_span_is_that_of_all_channels)
{
	to.started_ns = 10;
	to.ended_ns = 20;
	to.first_message_ns = 7;
	from.started_ns = 8;
	from.ended_ns = 15;
	from.first_message_ns = 9;
	merge();
	ck_assert_uint_eq(to.started_ns, 8);
	ck_assert_uint_eq(to.ended_ns, 20);
	ck_assert_uint_eq(to.first_message_ns, 9);
}
END_TEST

START_TEST(figures_are_summed)
{
	to.integrity = (struct report_integrity){ 1, 2, 3, 4, 5, 6 };
	from.integrity = (struct report_integrity){ 10, 20, 30, 40, 50, 60 };
	to.cpu_user_ns = 1;
	from.cpu_user_ns = 10;
	from.cpu_system_ns = 20;
	from.voluntary_switches = 30;
	from.involuntary_switches = 40;
	merge();
	ck_assert_uint_eq(to.integrity.sent, 11);
	ck_assert_uint_eq(to.integrity.received, 22);
	ck_assert_uint_eq(to.integrity.lost, 33);
	ck_assert_uint_eq(to.integrity.duplicate, 44);
	ck_assert_uint_eq(to.integrity.reordered, 55);
	ck_assert_uint_eq(to.integrity.corrupt, 66);
	ck_assert_uint_eq(to.cpu_user_ns, 11);
	ck_assert_uint_eq(to.cpu_system_ns, 20);
	ck_assert_uint_eq(to.voluntary_switches, 30);
	ck_assert_uint_eq(to.involuntary_switches, 40);
}
END_TEST

START_TEST(sums_stick_at_their_limit)
{
	to.integrity.sent = UINT64_MAX - 1;
	from.integrity.sent = 7;
	weir_counters_add(&to.counters, "syscalls", UINT64_MAX);
	weir_counters_add(&from.counters, "syscalls", UINT64_MAX);
	merge();
	ck_assert_uint_eq(to.integrity.sent, UINT64_MAX);
	ck_assert_uint_eq(to.counters.at[0].value, UINT64_MAX);
}
END_TEST

START_TEST(samples_are_merged)
{
	from.latency = histogram_create();
	histogram_record(from.latency, 100);
	merge();
	merge();
	ck_assert_ptr_nonnull(to.latency);
	ck_assert_ptr_ne(to.latency, from.latency);
	ck_assert_uint_eq(to.latency->samples, 2);
	ck_assert_uint_eq(to.latency->max_ns, 100);
}
END_TEST

START_TEST(events_are_summed_and_sizes_are_not)
{
	weir_counters_add(&to.counters, "wakeups", 2);
	weir_counters_add(&to.counters, "sndbuf_bytes", 4096);
	weir_counters_add(&from.counters, "sndbuf_bytes", 8192);
	weir_counters_add(&from.counters, "wakeups", 3);
	weir_counters_add(&from.counters, "spins", 1);
	merge();
	from.counters.at[0].value = 512;
	report_add_counters(&to.counters, &from.counters);
	ck_assert_uint_eq(to.counters.n, 3);
	ck_assert_uint_eq(to.counters.at[0].value, 8);
	ck_assert_uint_eq(to.counters.at[1].value, 8192);
	ck_assert_str_eq(to.counters.at[2].name, "spins");
	ck_assert_uint_eq(to.counters.at[2].value, 2);
}
END_TEST

START_TEST(counters_that_lie_about_themselves_stay_in_bounds)
{
	memset(&from.counters, 'x', sizeof(from.counters));
	merge();
	ck_assert_uint_eq(to.counters.n, 1);
	ck_assert_uint_eq(strlen(to.counters.at[0].name),
			  WEIR_COUNTER_NAME_BYTES - 1);
}
END_TEST

START_TEST(counters_beyond_the_limit_are_left_out)
{
	for (unsigned int i = 0; i < WEIR_COUNTERS_MAX; i++) {
		char name[16];

		snprintf(name, sizeof(name), "a%u", i);
		weir_counters_add(&to.counters, name, 1);
	}
	weir_counters_add(&from.counters, "one_more", 1);
	weir_counters_add(&from.counters, "a3", 1);
	merge();
	ck_assert_uint_eq(to.counters.n, WEIR_COUNTERS_MAX);
	ck_assert_uint_eq(to.counters.at[3].value, 2);
}
END_TEST

START_TEST(each_mask_is_named_once)
{
	report_add_cpus(to.cpus, "0");
	report_add_cpus(to.cpus, "10;1");
	report_add_cpus(to.cpus, "0;2-3;;1");
	ck_assert_str_eq(to.cpus, "0;10;1;2-3");
}
END_TEST

START_TEST(masks_without_room_are_left_out_whole)
{
	char mask[8];

	for (unsigned int i = 1000; i < 1100; i++) {
		snprintf(mask, sizeof(mask), "%u", i);
		report_add_cpus(to.cpus, mask);
	}
	ck_assert_uint_lt(strlen(to.cpus), REPORT_CPUS_BYTES);
	ck_assert_uint_eq(strlen(to.cpus) % 5, 4);
}
END_TEST

START_TEST(taking_moves_what_was_not_there)
{
	struct weir_error err = { 0 };
	struct histogram *latency = histogram_create();

	from.latency = latency;
	from.classes[1].latency = histogram_create();
	to.classes[1].latency = histogram_create();
	histogram_record(from.latency, 5);
	histogram_record(from.classes[1].latency, 6);
	histogram_record(to.classes[1].latency, 7);
	from.integrity.sent = to.integrity.sent = 1;
	ck_assert_msg(!report_take(&to, &from, &err), "%s", err.text);
	ck_assert_ptr_eq(to.latency, latency);
	ck_assert_uint_eq(to.latency->samples, 1);
	ck_assert_uint_eq(to.classes[1].latency->samples, 2);
	ck_assert_uint_eq(to.integrity.sent, 2);
	ck_assert_ptr_null(from.latency);
	ck_assert_ptr_null(from.classes[1].latency);
	ck_assert_uint_eq(from.integrity.sent, 0);
}
END_TEST

START_TEST(fini_leaves_an_empty_one)
{
	to.latency = histogram_create();
	to.started_ns = 1;
	report_fini(&to);
	ck_assert_ptr_null(to.latency);
	ck_assert_uint_eq(to.started_ns, REPORT_NO_TIME);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("measure/report");
	TCase *c = tcase_create("report");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, an_empty_one_has_no_times);
	tcase_add_test(c, merging_nothing_changes_nothing);
	tcase_add_test(c, merging_into_nothing_copies_times);
	tcase_add_test(c, the_span_is_that_of_all_channels);
	tcase_add_test(c, figures_are_summed);
	tcase_add_test(c, sums_stick_at_their_limit);
	tcase_add_test(c, samples_are_merged);
	tcase_add_test(c, events_are_summed_and_sizes_are_not);
	tcase_add_test(c, counters_that_lie_about_themselves_stay_in_bounds);
	tcase_add_test(c, counters_beyond_the_limit_are_left_out);
	tcase_add_test(c, each_mask_is_named_once);
	tcase_add_test(c, masks_without_room_are_left_out_whole);
	tcase_add_test(c, taking_moves_what_was_not_there);
	tcase_add_test(c, fini_leaves_an_empty_one);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
