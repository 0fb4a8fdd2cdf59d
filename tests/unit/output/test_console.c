/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/sink.h"

#include "tests/unit/result/reports.h"
#include "tests/unit/unit.h"

static struct sample s;
static char *printed;
static size_t len;
static FILE *stream;

static void
set_up(void)
{
	sample_init(&s, 2);
	stream = open_memstream(&printed, &len);
	ck_assert_ptr_nonnull(stream);
}

static void
tear_down(void)
{
	fclose(stream);
	free(printed);
	sample_fini(&s);
}

static void
good(size_t cell)
{
	for (uint32_t i = 0; i < 2; i++) {
		if (s.cells[cell].axes.pattern == PLAN_ROUND_TRIP)
			sample_round_trips(&s, 10000);
		else
			sample_one_way(&s, 500);
		sample_add(&s, cell, i);
	}
}

static const char *
print(enum output_color color)
{
	struct weir_error err = { 0 };
	struct output_sink *sink = NULL;

	sample_finish(&s);
	ck_assert_int_eq(output_console_open(stream, color, &sink, &err),
			 WEIR_OK);
	ck_assert_msg(!sink->finish(sink, s.result, &err), "%s", err.text);
	sink->close(sink);
	return printed;
}

static void
has(const char *text)
{
	ck_assert_msg(strstr(printed, text) != NULL, "no \"%s\" in:\n%s", text,
		      printed);
}

static void
has_not(const char *text)
{
	ck_assert_msg(!strstr(printed, text), "\"%s\" in:\n%s", text, printed);
}

START_TEST(the_whole_table)
{
	static const char *const expected =
		"sample · 4 cells × 2 trials · A CPU · Linux 1\n"
		"\n"
		"                                 "
		" ──────────── latency ───────────── "
		" ─── throughput ────  ─ CPU/message ──\n"
		"transport       pattern     size "
		"     p50      p99    p99.9      max "
		" messages      bytes     host   client\n"
		"uds             round_trip    64 "
		" 5.90 us  10.8 us  10.9 us  10.9 us "
		" 1.00 M/s  64.0 MB/s   500 ns   400 ns\n"
		"shm wait=spin   one_way     64Ki "
		"  949 ns  1.19 us        –  1.20 us "
		" 10.0 M/s   655 GB/s  50.0 ns  60.0 ns\n"
		"shm wait=futex  one_way     64Ki "
		" refused: too big\n"
		"null            one_way        8 "
		"       –        –        –        – "
		" 10.0 M/s  80.0 MB/s  50.0 ns  60.0 ns\n"
		"\n"
		"host on CPU 0, client on CPU 1\n"
		"warning: no cache is shared\n"
		"warning: no one-way latency: messages below 16 bytes have "
		"no room for the time of sending (null/one_way/8)\n";

	facts_add_text(&s.result->host, "cpu_model", "A CPU");
	facts_add_text(&s.result->host, "kernel", "Linux 1");
	strings_add(&s.plan.warnings, "no cache is shared");
	good(SAMPLE_UDS);
	good(SAMPLE_SPIN);
	sample_add_failure(&s, SAMPLE_FUTEX, 0, RESULT_REFUSED, WEIR_ETOOBIG,
			   "too big");
	good(SAMPLE_TINY);
	ck_assert_str_eq(print(OUTPUT_COLOR_AUTO), expected);
	strings_fini(&s.plan.warnings);
}
END_TEST

START_TEST(what_varies_gets_a_column)
{
	print(OUTPUT_COLOR_NEVER);
	has_not("boundary");
	has_not("channels");
	s.cells[1].axes.boundary = PLAN_THREAD;
	s.cells[2].axes.concurrency = 4;
	rewind(stream);
	print(OUTPUT_COLOR_NEVER);
	has("boundary");
	has("thread");
	has("channels");
}
END_TEST

START_TEST(losses_get_a_column)
{
	good(SAMPLE_SPIN);
	print(OUTPUT_COLOR_NEVER);
	has_not("lost");
	s.client.integrity.received -= 7;
	sample_add(&s, SAMPLE_SPIN, 1);
	rewind(stream);
	print(OUTPUT_COLOR_NEVER);
	has("  lost  ");
	has("64Ki     7  failed: 7 lost of 500 messages sent\n");
}
END_TEST

START_TEST(percentiles_of_the_config_get_a_column)
{
	strings_add(&s.plan.run.percentiles, "95");
	strings_add(&s.plan.run.percentiles, "99.5");
	print(OUTPUT_COLOR_NEVER);
	has("p50  p95  p99  p99.5  p99.9");
	has_not("p90");
	strings_fini(&s.plan.run.percentiles);
}
END_TEST

START_TEST(a_run_cut_short_says_so)
{
	good(SAMPLE_UDS);
	s.result->interrupted = true;
	print(OUTPUT_COLOR_NEVER);
	has("shm wait=spin   one_way     64Ki  not run\n");
	has("warning: interrupted: 2 of 8 trials were run\n");
}
END_TEST

START_TEST(a_trial_that_broke_off_was_run)
{
	for (size_t i = 0; i < SAMPLE_CELLS; i++)
		good(i);
	sample_add_failure(&s, SAMPLE_UDS, 1, RESULT_FAILED, WEIR_EPEER,
			   "the client was killed");
	print(OUTPUT_COLOR_NEVER);
	has("failed: the client was killed\n");
	has_not("trials were run");
}
END_TEST

START_TEST(a_warning_of_many_cells_is_told_once)
{
	strings_add(&s.result->cells[0].warnings, "odd");
	strings_add(&s.result->cells[2].warnings, "odd");
	strings_add(&s.result->warnings, "of the run");
	strings_add(&s.result->cells[3].warnings, "of the run");
	print(OUTPUT_COLOR_NEVER);
	has("warning: odd (2 cells)\n");
	has("warning: of the run\n");
	has_not("of the run (");
}
END_TEST

START_TEST(differing_placements_are_not_summed_up)
{
	sample_round_trips(&s, 10);
	sample_add(&s, SAMPLE_UDS, 0);
	sample_one_way(&s, 10);
	snprintf(s.host.cpus, sizeof(s.host.cpus), "2");
	sample_add(&s, SAMPLE_SPIN, 0);
	print(OUTPUT_COLOR_NEVER);
	has_not("on CPU");
}
END_TEST

START_TEST(color_is_for_those_who_want_it)
{
	print(OUTPUT_COLOR_AUTO);
	has_not("\033");
	rewind(stream);
	ck_assert_int_eq(setenv("NO_COLOR", "1", 1), 0);
	print(OUTPUT_COLOR_ALWAYS);
	has("\033[31mnot run\033[0m");
	has("\033[33mwarning:\033[0m");
}
END_TEST

START_TEST(nobody_elses_text_moves_the_cursor)
{
	sample_add_failure(&s, SAMPLE_UDS, 0, RESULT_FAILED, WEIR_EPEER,
			   "the client says: \033[2J\n\xff");
	s.plan.run.name = "a\033b";
	print(OUTPUT_COLOR_NEVER);
	has_not("\033");
	has("the client says: \xef\xbf\xbd[2J \xef\xbf\xbd\n");
}
END_TEST

START_TEST(a_full_disk_is_an_error)
{
	FILE *full = fopen("/dev/full", "w");
	struct weir_error err = { 0 };
	struct output_sink *sink = NULL;

	ck_assert_ptr_nonnull(full);
	sample_finish(&s);
	ck_assert_int_eq(output_console_open(full, OUTPUT_COLOR_AUTO, &sink,
					     &err), WEIR_OK);
	ck_assert_int_eq(sink->finish(sink, s.result, &err), WEIR_ESYSTEM);
	ck_assert_ptr_nonnull(strstr(err.text, "No space left"));
	sink->close(sink);
	fclose(full);
}
END_TEST

START_TEST(a_plan_without_cells_has_a_table_of_nothing)
{
	s.plan.n_cells = 0;
	print(OUTPUT_COLOR_NEVER);
	has("sample · 0 cells × 2 trials\n");
	s.plan.n_cells = SAMPLE_CELLS;
}
END_TEST

static Suite *
suite(void)
{
	Suite *all = suite_create("output/console");
	TCase *c = tcase_create("console");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, the_whole_table);
	tcase_add_test(c, what_varies_gets_a_column);
	tcase_add_test(c, losses_get_a_column);
	tcase_add_test(c, percentiles_of_the_config_get_a_column);
	tcase_add_test(c, a_run_cut_short_says_so);
	tcase_add_test(c, a_trial_that_broke_off_was_run);
	tcase_add_test(c, a_warning_of_many_cells_is_told_once);
	tcase_add_test(c, differing_placements_are_not_summed_up);
	tcase_add_test(c, color_is_for_those_who_want_it);
	tcase_add_test(c, nobody_elses_text_moves_the_cursor);
	tcase_add_test(c, a_full_disk_is_an_error);
	tcase_add_test(c, a_plan_without_cells_has_a_table_of_nothing);
	suite_add_tcase(all, c);
	return all;
}

UNIT_MAIN(suite)
