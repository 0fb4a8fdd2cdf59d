/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/search.h"

#include <math.h>

#include "tests/unit/result/sample.h"
#include "tests/unit/unit.h"

static struct sample s;
static struct text printed;
static struct result_search search;

static void
set_up(void)
{
	sample_init(&s, 1);
	memset(&search, 0, sizeof(search));
	s.plan.run.slo_percentile = 99;
	s.plan.run.slo_below_ns = 50000;
}

static void
tear_down(void)
{
	text_fini(&printed);
	sample_fini(&s);
}

static void
step(double per_s, enum search_answer answer, uint32_t unreached)
{
	size_t i = search.course.n_steps++;

	search.course.steps[i] = (struct search_step){
		.per_s = per_s,
		.answer = answer,
		.fails = answer == SEARCH_FAIL ? 3 : 0,
		.unreached = unreached,
	};
	search.points[i] = (struct result_point){
		.messages = 1000,
		.late = 15,
		.reached_per_s = 500,
		.latency_ns = { 1000, 2000, NAN },
	};
}

static void
keep(size_t cell)
{
	struct result_cell *c = &s.result->cells[cell];

	c->status = c->trials[0].status = RESULT_OK;
	ck_assert_int_eq(result_search_add(s.result, cell, 0, &search, NULL),
			 WEIR_OK);
}

START_TEST(without_a_search_there_is_nothing)
{
	s.result->cells[SAMPLE_UDS].status = RESULT_OK;
	output_search_add(&printed, s.result, false);
	ck_assert_str_eq(text_get(&printed), "");
}
END_TEST

/* Rates ascend, each once, with its last answer. */
START_TEST(a_curve_and_a_sentence)
{
	static const char *const order[] = {
		"1.00 k/s", "500 /s", "1.00 us", "2.00 us", "1.50 %",
		"passes", "2.00 k/s", "open", "4.00 k/s", "not reached",
		"8.00 k/s", "fails", "\n",
		("p99 stays below 50.0 us up to 1.00 k/s; at 8.00 k/s it does "
		 "not"),
	};
	const char *at;

	step(1000, SEARCH_PASS, 0);
	step(8000, SEARCH_FAIL, 1);
	step(4000, SEARCH_FAIL, 2);
	step(2000, SEARCH_PASS, 0);
	step(2000, SEARCH_OPEN, 0);
	search.found = (struct search_result){
		.pass_per_s = 1000,
		.fail_per_s = 8000,
		.below_per_s = NAN,
		.confirmed = true,
		.narrow = true,
	};
	keep(SAMPLE_UDS);
	output_search_add(&printed, s.result, false);
	at = text_get(&printed);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		const char *found = strstr(at, order[i]);

		ck_assert_msg(found, "no %s in:\n%s", order[i],
			      text_get(&printed));
		at = found;
	}
	ck_assert_ptr_null(strstr(strstr(text_get(&printed), "2.00 k/s") + 1,
				  "2.00 k/s"));
}
END_TEST

/* With several trials it is said whose curve this is. */
START_TEST(a_curve_is_of_one_trial)
{
	step(1000, SEARCH_PASS, 0);
	keep(SAMPLE_UDS);
	output_search_add(&printed, s.result, false);
	ck_assert_ptr_nonnull(strstr(text_get(&printed), "way to it\n"));
	s.plan.run.repeat = 3;
	output_search_add(&printed, s.result, false);
	ck_assert_ptr_nonnull(strstr(text_get(&printed),
				     "way to it (of the first good "
				     "trial)\n"));
}
END_TEST

/* The rows below the first one name the cell no more, whatever it takes. */
START_TEST(boundaries_and_channels_are_told)
{
	const char *at;

	s.plan.cells[SAMPLE_UDS].axes.boundary = PLAN_THREAD;
	s.plan.cells[SAMPLE_UDS].axes.concurrency = 3;
	step(1000, SEARCH_PASS, 0);
	step(2000, SEARCH_FAIL, 0);
	keep(SAMPLE_UDS);
	output_search_add(&printed, s.result, false);
	at = strstr(text_get(&printed), "boundary  channels");
	ck_assert_ptr_nonnull(at);
	at = strstr(at, "  64  thread           3  1.00 k/s");
	ck_assert_msg(at, "%s", text_get(&printed));
	at = strchr(at, '\n') + 1;
	ck_assert_uint_eq(strspn(at, " "),
			  (size_t)(strstr(at, "2.00 k/s") - at));
	ck_assert_ptr_nonnull(strstr(at, "1.50 %  fails"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("output/search");
	TCase *c = tcase_create("search");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, without_a_search_there_is_nothing);
	tcase_add_test(c, a_curve_and_a_sentence);
	tcase_add_test(c, a_curve_is_of_one_trial);
	tcase_add_test(c, boundaries_and_channels_are_told);
	suite_add_tcase(suite, c);
	return suite;
}

UNIT_MAIN(suite)
