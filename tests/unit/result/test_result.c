/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/result.h"

#include "tests/unit/result/reports.h"
#include "tests/unit/unit.h"

static struct sample s;

static void
set_up(void)
{
	sample_init(&s, 2);
}

static void
tear_down(void)
{
	sample_fini(&s);
}

static const struct result_cell *
cell(size_t i)
{
	return &s.result->cells[i];
}

static void
good(size_t i, uint32_t trial)
{
	if (s.cells[i].axes.pattern == PLAN_ROUND_TRIP)
		sample_round_trips(&s, 10);
	else
		sample_one_way(&s, 10);
	sample_add(&s, i, trial);
}

static void
all_good(void)
{
	for (size_t i = 0; i < SAMPLE_CELLS; i++)
		for (uint32_t t = 0; t < 2; t++)
			good(i, t);
}

static void
broken(size_t i, uint32_t trial, int fault)
{
	sample_add_failure(&s, i, trial, RESULT_FAILED, fault, "broke");
}

static void
refuse(size_t i, uint32_t trial)
{
	sample_add_failure(&s, i, trial, RESULT_REFUSED, WEIR_ETOOBIG,
			   "too big");
}

static int
exit_code(void)
{
	sample_finish(&s);
	return result_exit_code(s.result);
}

START_TEST(at_first_nothing_has_run)
{
	ck_assert_int_eq(exit_code(), 1);
	ck_assert(!s.result->complete);
	ck_assert(!result_has_trials(s.result));
	for (size_t i = 0; i < SAMPLE_CELLS; i++) {
		ck_assert_int_eq(cell(i)->status, RESULT_NOT_RUN);
		ck_assert_ptr_null(cell(i)->reason);
		ck_assert_uint_eq(cell(i)->n_trials, 2);
		ck_assert_uint_eq(cell(i)->trials[1].index, 1);
	}
}
END_TEST

START_TEST(all_good_is_complete_and_0)
{
	all_good();
	ck_assert_int_eq(exit_code(), 0);
	ck_assert(s.result->complete);
	ck_assert_int_eq(cell(0)->status, RESULT_OK);
	ck_assert_ptr_null(cell(0)->reason);
	ck_assert_uint_eq(cell(0)->trials[1].started_ns, 100);
}
END_TEST

START_TEST(a_missing_trial_is_1_and_not_complete)
{
	all_good();
	s.result->cells[2].trials[1].status = RESULT_NOT_RUN;
	ck_assert_int_eq(exit_code(), 1);
	ck_assert(!s.result->complete);
	ck_assert_int_eq(cell(2)->status, RESULT_OK);
}
END_TEST

START_TEST(a_failed_trial_fails_its_cell)
{
	all_good();
	broken(1, 1, WEIR_EPEER);
	ck_assert_int_eq(exit_code(), 1);
	ck_assert(!s.result->complete);
	ck_assert_int_eq(cell(1)->status, RESULT_FAILED);
	ck_assert_int_eq(cell(1)->fault, WEIR_EPEER);
	ck_assert_str_eq(cell(1)->reason, "broke");
	ck_assert_int_eq(cell(0)->status, RESULT_OK);
}
END_TEST

START_TEST(a_failure_without_a_sentence_gets_its_status)
{
	struct weir_error why = { .status = WEIR_EPEER };

	ck_assert_int_eq(result_add_failure(s.result, 0, 0, 0, RESULT_FAILED,
					    &why), WEIR_OK);
	sample_finish(&s);
	ck_assert_str_eq(cell(0)->reason, weir_status_text(WEIR_EPEER));
}
END_TEST

START_TEST(lost_messages_are_4)
{
	all_good();
	sample_round_trips(&s, 10);
	s.host.integrity.received = 8;
	s.host.integrity.corrupt = 1;
	s.client.integrity.reordered = 3;
	sample_add(&s, 0, 1);
	ck_assert_int_eq(exit_code(), 4);
	ck_assert(s.result->complete);
	ck_assert_int_eq(cell(0)->status, RESULT_FAILED);
	ck_assert_int_eq(cell(0)->fault, WEIR_EINTEGRITY);
	ck_assert_str_eq(cell(0)->reason, "2 lost, 3 out of order, 1 corrupt "
					  "of 10 messages sent");
}
END_TEST

START_TEST(a_trial_without_a_message_is_no_result)
{
	all_good();
	sample_round_trips(&s, 0);
	sample_add(&s, 0, 1);
	ck_assert_int_eq(exit_code(), 1);
	ck_assert_int_eq(cell(0)->status, RESULT_FAILED);
	ck_assert_int_eq(cell(0)->fault, WEIR_ETIMEOUT);
}
END_TEST

START_TEST(one_refusal_is_something_of_a_trial)
{
	refuse(0, 1);
	ck_assert(result_has_trials(s.result));
}
END_TEST

START_TEST(refused_is_3_and_does_not_stop_the_others)
{
	all_good();
	refuse(1, 0);
	refuse(1, 1);
	ck_assert_int_eq(exit_code(), 3);
	ck_assert(s.result->complete);
	ck_assert_int_eq(cell(1)->status, RESULT_REFUSED);
	ck_assert_str_eq(cell(1)->reason, "too big");
}
END_TEST

START_TEST(one_refusal_settles_a_cell)
{
	all_good();
	refuse(1, 0);
	s.result->cells[1].trials[1].status = RESULT_NOT_RUN;
	ck_assert_int_eq(exit_code(), 3);
	ck_assert(s.result->complete);
}
END_TEST

START_TEST(a_failure_ends_a_cell_without_making_its_code_worse)
{
	all_good();
	broken(1, 0, WEIR_EINTEGRITY);
	s.result->cells[1].trials[1].status = RESULT_NOT_RUN;
	ck_assert_int_eq(exit_code(), 4);
	ck_assert(!s.result->complete);
}
END_TEST

START_TEST(codes_have_an_order)
{
	all_good();
	refuse(1, 0);
	broken(2, 0, WEIR_EINTEGRITY);
	ck_assert_int_eq(exit_code(), 4);
	broken(3, 0, WEIR_ETIMEOUT);
	ck_assert_int_eq(exit_code(), 1);
}
END_TEST

START_TEST(failed_comes_before_refused)
{
	all_good();
	refuse(1, 0);
	broken(1, 1, WEIR_ESYSTEM);
	sample_finish(&s);
	ck_assert_int_eq(cell(1)->status, RESULT_FAILED);
	ck_assert_str_eq(cell(1)->reason, "broke");
}
END_TEST

START_TEST(a_trial_may_be_given_again)
{
	broken(0, 0, WEIR_ESYSTEM);
	good(0, 0);
	good(0, 0);
	sample_finish(&s);
	ck_assert_int_eq(cell(0)->status, RESULT_OK);
	ck_assert_uint_eq(cell(0)->block.messages, 10);
}
END_TEST

START_TEST(missing_latency_is_explained_once)
{
	good(SAMPLE_TINY, 0);
	good(SAMPLE_TINY, 1);
	ck_assert_uint_eq(cell(SAMPLE_TINY)->warnings.n, 1);
	ck_assert_ptr_nonnull(strstr(cell(SAMPLE_TINY)->warnings.at[0],
				     "below 16 bytes"));
	sample_one_way(&s, 10);
	sample_add_sides(&s, SAMPLE_SPIN, 0, false, false);
	ck_assert_uint_eq(cell(SAMPLE_SPIN)->warnings.n, 1);
	ck_assert_ptr_nonnull(strstr(cell(SAMPLE_SPIN)->warnings.at[0],
				     "clocks"));
	good(SAMPLE_UDS, 0);
	ck_assert_uint_eq(cell(SAMPLE_UDS)->warnings.n, 0);
}
END_TEST

START_TEST(a_plan_without_cells_is_complete)
{
	struct plan plan = { .run.repeat = 1 };
	struct result *result = result_create(&plan);

	ck_assert_ptr_nonnull(result);
	ck_assert_int_eq(result_finish(result, NULL), WEIR_OK);
	ck_assert(result->complete);
	ck_assert_int_eq(result_exit_code(result), 0);
	result_destroy(result);
	result_destroy(NULL);
}
END_TEST

static Suite *
suite(void)
{
	Suite *all = suite_create("result/result");
	TCase *c = tcase_create("result");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, at_first_nothing_has_run);
	tcase_add_test(c, all_good_is_complete_and_0);
	tcase_add_test(c, a_missing_trial_is_1_and_not_complete);
	tcase_add_test(c, a_failed_trial_fails_its_cell);
	tcase_add_test(c, a_failure_without_a_sentence_gets_its_status);
	tcase_add_test(c, lost_messages_are_4);
	tcase_add_test(c, a_trial_without_a_message_is_no_result);
	tcase_add_test(c, one_refusal_is_something_of_a_trial);
	tcase_add_test(c, refused_is_3_and_does_not_stop_the_others);
	tcase_add_test(c, one_refusal_settles_a_cell);
	tcase_add_test(c,
		       a_failure_ends_a_cell_without_making_its_code_worse);
	tcase_add_test(c, codes_have_an_order);
	tcase_add_test(c, failed_comes_before_refused);
	tcase_add_test(c, a_trial_may_be_given_again);
	tcase_add_test(c, missing_latency_is_explained_once);
	tcase_add_test(c, a_plan_without_cells_is_complete);
	suite_add_tcase(all, c);
	return all;
}

UNIT_MAIN(suite)
