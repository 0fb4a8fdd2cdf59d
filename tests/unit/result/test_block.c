/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/block.h"

#include <math.h>

#include "tests/unit/result/reports.h"
#include "tests/unit/unit.h"

static struct sample s;

static void
set_up(void)
{
	sample_init(&s, 8);
}

static void
tear_down(void)
{
	sample_fini(&s);
}

static const struct result_trial *
trial(size_t cell, uint32_t i)
{
	return &s.result->cells[cell].trials[i];
}

static void
same(double a, double b)
{
	ck_assert_double_eq_tol(a, b, 1e-6 * fabs(b));
}

/* ---- one trial ---- */

START_TEST(a_round_trip_is_timed_at_the_initiator)
{
	const struct result_block *b = &trial(SAMPLE_UDS, 0)->block;

	sample_round_trips(&s, 1000);
	sample_add(&s, SAMPLE_UDS, 0);
	ck_assert_int_eq(trial(SAMPLE_UDS, 0)->status, RESULT_OK);
	ck_assert_uint_eq(b->messages, 1000);
	ck_assert_uint_eq(b->latency.samples, 1000);
	same(b->elapsed_ns, 1e6);
	same(b->messages_per_s, 1e6);
	same(b->bytes_per_s, 64e6);
	same(b->first_message_ns, 5000);
	same(b->latency.min_ns, 900);
	same(b->latency.max_ns, 1899);
	ck_assert(isnan(summary_percentile_ns(&b->latency, 99.99)));
	ck_assert_ptr_nonnull(b->histogram);
}
END_TEST

START_TEST(cpu_and_switches_are_per_message)
{
	const struct result_block *b = &trial(SAMPLE_UDS, 0)->block;

	sample_round_trips(&s, 1000);
	sample_add(&s, SAMPLE_UDS, 0);
	same(b->host_cpu_ns_per_message, 500);
	same(b->client_cpu_ns_per_message, 400);
	same(b->host_switches_per_message, 2);
	same(b->client_switches_per_message, 1);
	ck_assert_str_eq(b->host_cpus, "0");
	ck_assert_str_eq(b->client_cpus, "1");
	ck_assert_uint_eq(b->host_counters.at[0].value, 2000);
	ck_assert_uint_eq(b->client_counters.at[0].value, 4096);
}
END_TEST

START_TEST(the_client_may_be_the_initiator)
{
	struct report swap;
	const struct result_block *b = &trial(SAMPLE_UDS, 0)->block;

	sample_round_trips(&s, 100);
	swap = s.host;
	s.host = s.client;
	s.client = swap;
	s.plan.run.initiator = PLAN_CLIENT_INITIATES;
	sample_add(&s, SAMPLE_UDS, 0);
	ck_assert_uint_eq(b->messages, 100);
	same(b->elapsed_ns, 1e5);
	same(b->client_cpu_ns_per_message, 500);
	ck_assert_uint_eq(b->latency.samples, 100);
}
END_TEST

START_TEST(one_way_is_timed_from_first_send_to_last_receipt)
{
	const struct result_block *b = &trial(SAMPLE_SPIN, 0)->block;

	sample_one_way(&s, 1000);
	sample_add(&s, SAMPLE_SPIN, 0);
	ck_assert_int_eq(trial(SAMPLE_SPIN, 0)->status, RESULT_OK);
	ck_assert_uint_eq(b->messages, 1000);
	same(b->elapsed_ns, 1e5);
	same(b->messages_per_s, 1e7);
	same(b->first_message_ns, 7000);
	ck_assert_uint_eq(b->latency.samples, 1000);
	ck_assert_uint_eq(b->integrity.sent, 1000);
	ck_assert_uint_eq(b->integrity.received, 1000);
}
END_TEST

START_TEST(without_a_common_clock_the_receiver_times_itself)
{
	const struct result_block *b = &trial(SAMPLE_SPIN, 0)->block;

	sample_one_way(&s, 1000);
	sample_add_sides(&s, SAMPLE_SPIN, 0, false, false);
	ck_assert_int_eq(trial(SAMPLE_SPIN, 0)->status, RESULT_OK);
	ck_assert_uint_eq(b->messages, 1000);
	same(b->elapsed_ns, 99300);
	same(b->messages_per_s, 999 / 99300e-9);
	ck_assert_uint_eq(b->latency.samples, 0);
	ck_assert_ptr_null(b->histogram);
	ck_assert(isnan(b->first_message_ns));
	ck_assert(isnan(b->latency.max_ns));
}
END_TEST

START_TEST(clocks_do_not_matter_to_a_round_trip)
{
	sample_round_trips(&s, 100);
	sample_add_sides(&s, SAMPLE_UDS, 0, false, false);
	same(trial(SAMPLE_UDS, 0)->block.elapsed_ns, 1e5);
	ck_assert_uint_eq(trial(SAMPLE_UDS, 0)->block.latency.samples, 100);
}
END_TEST

START_TEST(one_receipt_without_a_common_clock_gives_no_rate)
{
	sample_one_way(&s, 1);
	s.client.ended_ns = s.client.started_ns;
	sample_add_sides(&s, SAMPLE_SPIN, 0, false, false);
	ck_assert_int_eq(trial(SAMPLE_SPIN, 0)->status, RESULT_OK);
	ck_assert(isnan(trial(SAMPLE_SPIN, 0)->block.messages_per_s));
}
END_TEST

START_TEST(tiny_messages_have_no_one_way_latency)
{
	sample_one_way(&s, 100);
	sample_add(&s, SAMPLE_TINY, 0);
	ck_assert_uint_eq(trial(SAMPLE_TINY, 0)->block.latency.samples, 0);
	same(trial(SAMPLE_TINY, 0)->block.messages_per_s, 1e7);
}
END_TEST

START_TEST(in_a_loopback_the_host_is_both_ends)
{
	const struct result_block *b = &trial(SAMPLE_SPIN, 0)->block;

	sample_round_trips(&s, 100);
	report_fini(&s.client);
	s.plan.run.initiator = PLAN_CLIENT_INITIATES;
	sample_add_sides(&s, SAMPLE_SPIN, 0, false, true);
	sample_add_sides(&s, SAMPLE_UDS, 0, false, true);
	ck_assert_int_eq(trial(SAMPLE_UDS, 0)->status, RESULT_OK);
	ck_assert_uint_eq(trial(SAMPLE_UDS, 0)->block.integrity.sent, 100);
	ck_assert_uint_eq(b->integrity.sent, 100);
	ck_assert_uint_eq(b->messages, 100);
	ck_assert_uint_eq(b->latency.samples, 100);
	same(b->elapsed_ns, 1e5);
	ck_assert(isnan(b->client_cpu_ns_per_message));
	ck_assert(isnan(b->client_switches_per_message));
	ck_assert_uint_eq(b->client_counters.n, 0);
}
END_TEST

START_TEST(times_that_cannot_be_give_no_rate)
{
	sample_round_trips(&s, 100);
	s.host.ended_ns = s.host.started_ns - 1;
	sample_add(&s, SAMPLE_UDS, 0);
	ck_assert(isnan(trial(SAMPLE_UDS, 0)->block.elapsed_ns));
	ck_assert(isnan(trial(SAMPLE_UDS, 0)->block.messages_per_s));
	s.host.ended_ns = REPORT_NO_TIME;
	sample_add(&s, SAMPLE_UDS, 1);
	ck_assert(isnan(trial(SAMPLE_UDS, 1)->block.elapsed_ns));
}
END_TEST

/* ---- the accounts of both ends ---- */

static const struct report_integrity *
one_way_account(uint64_t sent, struct report_integrity receiver)
{
	sample_one_way(&s, 1);
	s.host.integrity.sent = sent;
	s.client.integrity = receiver;
	sample_add(&s, SAMPLE_SPIN, 0);
	return &trial(SAMPLE_SPIN, 0)->block.integrity;
}

START_TEST(a_good_round_trip_is_one_message)
{
	sample_round_trips(&s, 50);
	sample_add(&s, SAMPLE_UDS, 0);
	ck_assert_uint_eq(trial(SAMPLE_UDS, 0)->block.integrity.sent, 50);
	ck_assert_uint_eq(trial(SAMPLE_UDS, 0)->block.integrity.received,
			  50);
	ck_assert_uint_eq(trial(SAMPLE_UDS, 0)->block.integrity.lost, 0);
}
END_TEST

START_TEST(a_lost_tail_shows_by_the_senders_count)
{
	ck_assert_uint_eq(one_way_account(100, (struct report_integrity){
						  .received = 97 })->lost, 3);
}
END_TEST

START_TEST(a_gap_is_not_counted_twice)
{
	/* 2 in a gap, 3 behind the last receipt. */
	ck_assert_uint_eq(one_way_account(100, (struct report_integrity){
						  .received = 95,
						  .lost = 2 })->lost, 5);
	/* The receiver was told the count and did it all itself. */
	ck_assert_uint_eq(one_way_account(100, (struct report_integrity){
						  .received = 95,
						  .lost = 5 })->lost, 5);
}
END_TEST

START_TEST(a_duplicate_does_not_stand_in_for_a_lost_one)
{
	const struct report_integrity *in = one_way_account(
		100, (struct report_integrity){ .received = 100,
						.lost = 1,
						.duplicate = 1 });

	ck_assert_uint_eq(in->lost, 1);
	ck_assert_uint_eq(in->duplicate, 1);
	ck_assert_uint_eq(trial(SAMPLE_SPIN, 0)->block.messages, 99);
}
END_TEST

START_TEST(more_arrivals_than_were_sent_are_repeats)
{
	const struct report_integrity *in = one_way_account(
		100, (struct report_integrity){ .received = 104 });

	ck_assert_uint_eq(in->lost, 0);
	ck_assert_uint_eq(in->duplicate, 4);
	ck_assert_int_eq(trial(SAMPLE_SPIN, 0)->fault, WEIR_EINTEGRITY);
}
END_TEST

START_TEST(accounts_that_cannot_be_do_not_wrap)
{
	const struct report_integrity *in = one_way_account(
		UINT64_MAX, (struct report_integrity){
				    .received = 1,
				    .lost = UINT64_MAX,
				    .duplicate = UINT64_MAX,
				    .reordered = UINT64_MAX });

	ck_assert_uint_eq(in->lost, UINT64_MAX);
	ck_assert_uint_eq(in->duplicate, UINT64_MAX);
	ck_assert_int_eq(trial(SAMPLE_SPIN, 0)->status, RESULT_FAILED);
}
END_TEST

START_TEST(a_lost_echo_is_lost)
{
	sample_round_trips(&s, 100);
	s.host.integrity.received = 99;
	sample_add(&s, SAMPLE_UDS, 0);
	ck_assert_uint_eq(trial(SAMPLE_UDS, 0)->block.integrity.lost, 1);
	ck_assert_uint_eq(trial(SAMPLE_UDS, 0)->block.messages, 99);
}
END_TEST

/* As in an open loop, where the initiator goes on and sees both gaps. */
START_TEST(a_lost_request_is_lost_once)
{
	sample_round_trips(&s, 100);
	s.client.integrity = (struct report_integrity){
		.sent = 98, .received = 98, .lost = 2 };
	s.host.integrity = (struct report_integrity){
		.sent = 100, .received = 97, .lost = 3 };
	sample_add(&s, SAMPLE_UDS, 0);
	ck_assert_uint_eq(trial(SAMPLE_UDS, 0)->block.integrity.lost, 3);
	ck_assert_uint_eq(trial(SAMPLE_UDS, 0)->block.messages, 97);
}
END_TEST

START_TEST(an_answer_to_oneself_is_no_round_trip)
{
	sample_round_trips(&s, 100);
	s.client.integrity = (struct report_integrity){ 0 };
	sample_add(&s, SAMPLE_UDS, 0);
	ck_assert_int_eq(trial(SAMPLE_UDS, 0)->status, RESULT_FAILED);
	ck_assert_uint_eq(trial(SAMPLE_UDS, 0)->block.integrity.lost, 100);
	ck_assert_uint_eq(trial(SAMPLE_UDS, 0)->block.integrity.duplicate,
			  100);
}
END_TEST

/* ---- many trials ---- */

START_TEST(trials_are_merged)
{
	const struct result_block *b = &s.result->cells[SAMPLE_UDS].block;

	sample_round_trips(&s, 1000);
	sample_add(&s, SAMPLE_UDS, 0);
	sample_round_trips(&s, 3000);
	s.host.ended_ns = s.host.started_ns + 9000000;
	s.host.first_message_ns = 9000;
	s.host.cpu_user_ns = 0;
	sample_add(&s, SAMPLE_UDS, 1);
	sample_finish(&s);
	ck_assert_uint_eq(b->messages, 4000);
	same(b->elapsed_ns, 10e6);
	same(b->messages_per_s, 4000 / 10e-3);
	same(b->bytes_per_s, 64 * 4000 / 10e-3);
	same(b->first_message_ns, 7000);
	same(b->host_cpu_ns_per_message, (1000 * 500 + 3000 * 200) / 4000.0);
	ck_assert_uint_eq(b->latency.samples, 4000);
	same(b->latency.min_ns, 900);
	same(b->latency.max_ns, 3899);
	ck_assert_uint_eq(b->integrity.sent, 4000);
	ck_assert_uint_eq(b->host_counters.at[0].value, 8000);
	ck_assert_uint_eq(b->client_counters.at[0].value, 4096);
	ck_assert_str_eq(b->host_cpus, "0");
}
END_TEST

START_TEST(merged_samples_are_exact)
{
	const struct result_block *b = &s.result->cells[SAMPLE_UDS].block;

	for (uint32_t i = 0; i < 3; i++) {
		sample_round_trips(&s, 100);
		histogram_record(s.host.latency, UINT64_C(7200000000123));
		sample_add(&s, SAMPLE_UDS, i);
	}
	sample_finish(&s);
	ck_assert_uint_eq(b->latency.samples, 303);
	ck_assert_uint_eq(b->latency.saturated, 3);
	ck_assert_double_eq(b->latency.max_ns, 7200000000123.0);
	ck_assert_uint_eq(b->latency_sum_ns,
			  3 * (94950 + UINT64_C(7200000000123)));
}
END_TEST

START_TEST(percentiles_rise_with_the_merged_samples)
{
	const struct result_cell *cell = &s.result->cells[SAMPLE_UDS];

	for (uint32_t i = 0; i < 3; i++) {
		sample_round_trips(&s, 500);
		sample_add(&s, SAMPLE_UDS, i);
	}
	sample_finish(&s);
	/* 5 samples beyond p99 in one trial, 15 in all of them. */
	ck_assert(isnan(summary_percentile_ns(&cell->trials[0].block.latency,
					      99)));
	ck_assert(!isnan(summary_percentile_ns(&cell->block.latency, 99)));
}
END_TEST

static const struct summary_interval *
over_trials(uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		sample_round_trips(&s, 100);
		histogram_reset(s.host.latency);
		for (int k = 0; k < 100; k++)
			histogram_record(s.host.latency, 1000 + 10 * i);
		sample_add(&s, SAMPLE_UDS, i);
	}
	sample_finish(&s);
	return s.result->cells[SAMPLE_UDS].over_trials;
}

START_TEST(one_trial_has_no_spread)
{
	ck_assert_ptr_null(over_trials(1));
}
END_TEST

START_TEST(few_trials_have_a_median_and_no_interval)
{
	const struct summary_interval *v = over_trials(3);

	ck_assert_ptr_nonnull(v);
	same(v[0].median, 1010);
	ck_assert(isnan(v[0].low) && isnan(v[0].high) && isnan(v[0].coverage));
}
END_TEST

START_TEST(enough_trials_have_an_interval)
{
	const struct summary_interval *v = over_trials(8);

	same(v[0].median, 1035);
	ck_assert_double_lt(v[0].low, 1035);
	ck_assert_double_gt(v[0].high, 1035);
	ck_assert_double_ge(v[0].coverage, 0.95);
}
END_TEST

START_TEST(a_percentile_that_no_trial_has_is_none)
{
	const struct summary_interval *v = over_trials(3);

	ck_assert(isnan(v[5].median) && isnan(v[5].low));
}
END_TEST

START_TEST(failed_trials_stay_out_of_the_figures)
{
	const struct result_block *b = &s.result->cells[SAMPLE_UDS].block;

	sample_round_trips(&s, 100);
	sample_add(&s, SAMPLE_UDS, 0);
	s.host.integrity.received = 60;
	sample_add(&s, SAMPLE_UDS, 1);
	sample_add_failure(&s, SAMPLE_UDS, 2, RESULT_FAILED, WEIR_EPEER, "x");
	sample_finish(&s);
	ck_assert_uint_eq(b->messages, 100);
	ck_assert_uint_eq(b->latency.samples, 100);
	ck_assert_uint_eq(b->integrity.lost, 40);
	ck_assert_uint_eq(b->integrity.sent, 200);
}
END_TEST

START_TEST(finishing_again_gives_the_same)
{
	const struct result_cell *cell = &s.result->cells[SAMPLE_UDS];

	over_trials(2);
	sample_finish(&s);
	ck_assert_uint_eq(cell->block.messages, 200);
	ck_assert_uint_eq(cell->block.integrity.sent, 200);
	ck_assert_uint_eq(cell->block.latency.samples, 200);
}
END_TEST

START_TEST(a_cell_without_good_trials_has_no_figures)
{
	const struct result_block *b = &s.result->cells[SAMPLE_UDS].block;

	sample_finish(&s);
	ck_assert_uint_eq(b->messages, 0);
	ck_assert(isnan(b->elapsed_ns) && isnan(b->messages_per_s) &&
		  isnan(b->latency.mean_ns) && isnan(b->first_message_ns));
	ck_assert_ptr_null(b->histogram);
}
END_TEST

static TCase *
case_trial(void)
{
	TCase *c = tcase_create("trial");

	tcase_add_test(c, a_round_trip_is_timed_at_the_initiator);
	tcase_add_test(c, cpu_and_switches_are_per_message);
	tcase_add_test(c, the_client_may_be_the_initiator);
	tcase_add_test(c, one_way_is_timed_from_first_send_to_last_receipt);
	tcase_add_test(c, without_a_common_clock_the_receiver_times_itself);
	tcase_add_test(c, clocks_do_not_matter_to_a_round_trip);
	tcase_add_test(c, one_receipt_without_a_common_clock_gives_no_rate);
	tcase_add_test(c, tiny_messages_have_no_one_way_latency);
	tcase_add_test(c, in_a_loopback_the_host_is_both_ends);
	tcase_add_test(c, times_that_cannot_be_give_no_rate);
	return c;
}

static TCase *
case_accounts(void)
{
	TCase *c = tcase_create("accounts");

	tcase_add_test(c, a_good_round_trip_is_one_message);
	tcase_add_test(c, a_lost_tail_shows_by_the_senders_count);
	tcase_add_test(c, a_gap_is_not_counted_twice);
	tcase_add_test(c, a_duplicate_does_not_stand_in_for_a_lost_one);
	tcase_add_test(c, more_arrivals_than_were_sent_are_repeats);
	tcase_add_test(c, accounts_that_cannot_be_do_not_wrap);
	tcase_add_test(c, a_lost_echo_is_lost);
	tcase_add_test(c, a_lost_request_is_lost_once);
	tcase_add_test(c, an_answer_to_oneself_is_no_round_trip);
	return c;
}

static TCase *
case_cell(void)
{
	TCase *c = tcase_create("cell");

	tcase_add_test(c, trials_are_merged);
	tcase_add_test(c, merged_samples_are_exact);
	tcase_add_test(c, percentiles_rise_with_the_merged_samples);
	tcase_add_test(c, one_trial_has_no_spread);
	tcase_add_test(c, few_trials_have_a_median_and_no_interval);
	tcase_add_test(c, enough_trials_have_an_interval);
	tcase_add_test(c, a_percentile_that_no_trial_has_is_none);
	tcase_add_test(c, failed_trials_stay_out_of_the_figures);
	tcase_add_test(c, finishing_again_gives_the_same);
	tcase_add_test(c, a_cell_without_good_trials_has_no_figures);
	return c;
}

static Suite *
suite(void)
{
	Suite *all = suite_create("result/block");
	TCase *cases[] = { case_trial(), case_accounts(), case_cell() };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tcase_add_checked_fixture(cases[i], set_up, tear_down);
		suite_add_tcase(all, cases[i]);
	}
	return all;
}

UNIT_MAIN(suite)
