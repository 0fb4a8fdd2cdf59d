/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/own.h"

#include <string.h>

#include "tests/unit/result/reports.h"
#include "tests/unit/unit.h"

static struct sample s; /* for its cells and reports */
static struct own *own;
static struct weir_error err;

static void
setup(void)
{
	struct facts facts = { 0 };

	sample_init(&s, 1);
	facts_add_number(&facts, "pid", 7);
	own = own_create(&facts);
	ck_assert_ptr_nonnull(own);
	facts_add_number(&facts, "pid", 1);
	ck_assert(!own_has_met(own));
	own_meet(own, &facts);
	ck_assert(own_has_met(own));
}

static void
teardown(void)
{
	own_destroy(own);
	sample_fini(&s);
}

static void
begin(size_t cell, uint32_t index)
{
	struct own_trial trial = { .cell = s.cells[cell], .index = index };

	ck_assert_msg(!own_begin(own, &trial, &err), "%s", err.text);
}

static void
report(void)
{
	ck_assert_msg(!own_report(own, &s.client, &err), "%s", err.text);
}

static void
break_off(const char *text)
{
	struct weir_error why = { 0 };

	weir_error_set(&why, WEIR_EPEER, "%s", text);
	ck_assert_int_eq(own_fail(own, &why, &err), WEIR_OK);
}

static const struct result *
finish(bool complete)
{
	const struct result *result = NULL;

	ck_assert_msg(!own_finish(own, complete, false, &result, &err), "%s",
		      err.text);
	return result;
}

START_TEST(a_receiver_knows_the_latency)
{
	const struct result_block *block;

	sample_one_way(&s, 100);
	begin(SAMPLE_SPIN, 0);
	report();
	block = &finish(true)->cells[0].block;
	ck_assert_uint_eq(block->messages, 100);
	ck_assert_uint_eq(block->latency.samples, 100);
	ck_assert_double_eq(block->first_message_ns, 7000);
	ck_assert_double_eq(block->client_cpu_ns_per_message, 60);
	ck_assert(block->host_cpu_ns_per_message !=
		  block->host_cpu_ns_per_message);
	/* From the first receipt to the last: 99 messages in 9300 ns. */
	ck_assert_double_eq_tol(block->messages_per_s, 99e9 / 9300, 1);
}
END_TEST

START_TEST(an_echoer_knows_what_came)
{
	const struct result_block *block;

	sample_round_trips(&s, 50);
	begin(SAMPLE_UDS, 0);
	report();
	block = &finish(true)->cells[0].block;
	ck_assert_uint_eq(block->messages, 50);
	ck_assert_uint_eq(block->latency.samples, 0);
	ck_assert_uint_eq(block->integrity.sent, 50);
	ck_assert_uint_eq(block->integrity.lost, 0);
	ck_assert_double_eq(block->client_cpu_ns_per_message, 400);
}
END_TEST

START_TEST(a_sender_knows_what_it_sent)
{
	struct own_trial trial = { .cell = s.cells[SAMPLE_SPIN],
				   .initiates = true };

	s.client.integrity.sent = 30;
	ck_assert_int_eq(own_begin(own, &trial, &err), WEIR_OK);
	report();
	ck_assert_uint_eq(finish(true)->cells[0].block.messages, 30);
}
END_TEST

START_TEST(trials_of_a_cell_come_together)
{
	const struct result *result;

	sample_one_way(&s, 10);
	for (uint32_t i = 0; i < 3; i++) {
		begin(SAMPLE_SPIN, i);
		report();
		begin(SAMPLE_FUTEX, i);
		report();
	}
	result = finish(true);
	ck_assert(result->complete);
	ck_assert_uint_eq(result->plan->n_cells, 2);
	ck_assert_str_eq(result->cells[0].cell->id, "shm/one_way/65536/spin");
	ck_assert_str_eq(result->cells[1].cell->options[0].text, "futex");
	ck_assert_uint_eq(result->cells[0].n_trials, 3);
	ck_assert_uint_eq(result->cells[0].trials[2].index, 2);
	ck_assert_uint_eq(result->cells[1].block.latency.samples, 30);
}
END_TEST

START_TEST(a_loss_that_it_saw_fails_the_trial)
{
	const struct result_cell *cell;

	sample_one_way(&s, 10);
	s.client.integrity.lost = 2;
	begin(SAMPLE_SPIN, 0);
	report();
	cell = &finish(true)->cells[0];
	ck_assert_int_eq(cell->status, RESULT_FAILED);
	ck_assert_str_eq(cell->reason, "2 lost");
}
END_TEST

START_TEST(the_last_word_counts)
{
	const struct result *result;

	break_off("no trial is in hand");
	sample_one_way(&s, 10);
	begin(SAMPLE_SPIN, 0);
	report();
	break_off("the host is gone");
	result = finish(true);
	ck_assert(!result->complete);
	ck_assert_uint_eq(result->plan->n_cells, 1);
	ck_assert_int_eq(result->cells[0].status, RESULT_FAILED);
	ck_assert_str_eq(result->cells[0].reason, "the host is gone");
	ck_assert_uint_eq(result->cells[0].block.latency.samples, 0);
}
END_TEST

START_TEST(what_took_no_part_has_no_figures)
{
	struct own_trial trial = { .cell = s.cells[SAMPLE_TINY],
				   .loopback = true };
	const struct result_cell *cell;

	ck_assert_int_eq(own_begin(own, &trial, &err), WEIR_OK);
	report();
	cell = &finish(true)->cells[0];
	ck_assert_int_eq(cell->status, RESULT_OK);
	ck_assert_uint_eq(cell->block.messages, 0);
}
END_TEST

START_TEST(it_is_complete_where_the_host_said_so)
{
	sample_one_way(&s, 10);
	begin(SAMPLE_SPIN, 0);
	report();
	ck_assert(!finish(false)->complete);
}
END_TEST

START_TEST(trials_without_end_do_not_take_all_memory)
{
	const struct result *result;

	for (uint32_t i = 0; i < OWN_TRIALS_MAX + 3; i++)
		begin(SAMPLE_UDS, i);
	report();
	result = finish(true);
	ck_assert_uint_eq(result->cells[0].n_trials, OWN_TRIALS_MAX);
	ck_assert_uint_eq(result->warnings.n, 1);
	ck_assert(!result->complete);
}
END_TEST

START_TEST(it_says_whose_results_these_are)
{
	const struct result *result;
	char *text;

	sample_one_way(&s, 10);
	begin(SAMPLE_SPIN, 0);
	report();
	result = finish(true);
	ck_assert_double_eq(facts_get(&result->client, "pid")->number, 7);
	ck_assert_double_eq(facts_get(&result->host, "pid")->number, 1);
	ck_assert_int_eq(result_to_json(result, &text, &err), WEIR_OK);
	ck_assert_ptr_nonnull(strstr(text, "\"role\":\t\"client\""));
	ck_assert_ptr_null(strstr(text, "\"seed\""));
	free(text);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("own");
	TCase *t = tcase_create("own");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_receiver_knows_the_latency);
	tcase_add_test(t, an_echoer_knows_what_came);
	tcase_add_test(t, a_sender_knows_what_it_sent);
	tcase_add_test(t, trials_of_a_cell_come_together);
	tcase_add_test(t, a_loss_that_it_saw_fails_the_trial);
	tcase_add_test(t, the_last_word_counts);
	tcase_add_test(t, what_took_no_part_has_no_figures);
	tcase_add_test(t, it_is_complete_where_the_host_said_so);
	tcase_add_test(t, trials_without_end_do_not_take_all_memory);
	tcase_add_test(t, it_says_whose_results_these_are);
	suite_add_tcase(suite, t);
	return suite;
}

UNIT_MAIN(suite)
