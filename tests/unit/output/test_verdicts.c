/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/verdicts.h"

#include "tests/unit/result/reports.h"
#include "tests/unit/unit.h"

static struct sample s;
static struct text said;

static void
set_up(void)
{
	sample_init(&s, 1);
}

static void
tear_down(void)
{
	text_fini(&said);
	sample_fini(&s);
}

/* A cell of which the hypervisor took so many ms of a second. */
static void
good(size_t cell, uint64_t steal_ms)
{
	sample_round_trips(&s, 1000);
	s.host.evidence.cpu_ns = 1000000000;
	s.host.evidence.steal_ns = steal_ms * 1000000;
	s.host.evidence.wakes = 200;
	sample_add(&s, cell, 0);
}

static const char *
says(void)
{
	sample_finish(&s);
	output_verdicts_add(&said, s.result, false);
	return text_get(&said);
}

START_TEST(a_clean_run_says_nothing)
{
	good(SAMPLE_UDS, 0);
	ck_assert_str_eq(says(), "");
	ck_assert(!output_verdicts_any(s.result));
	ck_assert_str_eq(output_verdicts_mark(&s.result->cells[SAMPLE_UDS]),
			 "");
}
END_TEST

START_TEST(what_was_not_watched_is_told_once)
{
	good(SAMPLE_UDS, 0);
	good(SAMPLE_SPIN, 0);
	s.result->cells[SAMPLE_UDS].trials[0].block.host_evidence.wakes =
		EVIDENCE_NONE;
	s.result->cells[SAMPLE_SPIN].trials[0].block.host_evidence.wakes =
		EVIDENCE_NONE;
	ck_assert_str_eq(says(),
			 "not watched: late wake-ups (host): no CPU is left "
			 "for a thread that only sleeps, and to run ahead of "
			 "what is measured it takes CAP_SYS_NICE or a limit "
			 "of 98 (ulimit -r)\n");
}
END_TEST

START_TEST(a_noisy_cell_has_a_mark)
{
	good(SAMPLE_UDS, 31);
	good(SAMPLE_SPIN, 0);
	ck_assert_str_eq(says(), "~ noisy: steal 3.1 % (host)\n");
	ck_assert(output_verdicts_any(s.result));
	ck_assert_str_eq(output_verdicts_mark(&s.result->cells[SAMPLE_UDS]),
			 "~");
	ck_assert_str_eq(output_verdicts_mark(&s.result->cells[SAMPLE_SPIN]),
			 "");
}
END_TEST

START_TEST(the_worst_of_a_kind_is_told)
{
	good(SAMPLE_UDS, 31);
	good(SAMPLE_SPIN, 80);
	ck_assert_str_eq(says(), "~ noisy: steal 8.0 % (host), the worst of 2 "
				 "cells\n");
}
END_TEST

START_TEST(a_failed_cell_has_no_verdict)
{
	sample_add_failure(&s, SAMPLE_UDS, 0, RESULT_FAILED, WEIR_EPEER,
			   "gone");
	ck_assert_str_eq(says(), "");
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("output/verdicts");
	TCase *c = tcase_create("verdicts");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, a_clean_run_says_nothing);
	tcase_add_test(c, what_was_not_watched_is_told_once);
	tcase_add_test(c, a_noisy_cell_has_a_mark);
	tcase_add_test(c, the_worst_of_a_kind_is_told);
	tcase_add_test(c, a_failed_cell_has_no_verdict);
	suite_add_tcase(suite, c);
	return suite;
}

UNIT_MAIN(suite)
