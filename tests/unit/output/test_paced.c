/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/paced.h"

#include <math.h>

#include "tests/unit/result/sample.h"
#include "tests/unit/unit.h"

static struct sample s;
static struct text printed;

static void
set_up(void)
{
	sample_init(&s, 1);
}

static void
tear_down(void)
{
	text_fini(&printed);
	sample_fini(&s);
}

static void
set_percentiles(struct summary *to, double p50_ns, double p99_ns)
{
	to->samples = 1000;
	to->n_percentiles = 3;
	to->percentiles[0] = (struct summary_percentile){ 50, p50_ns };
	to->percentiles[1] = (struct summary_percentile){ 99, p99_ns };
	to->percentiles[2] = (struct summary_percentile){ 99.9, NAN };
}

/* A good cell whose messages, due 1000 a second, took longer to be sent. */
static void
pace(size_t cell, uint64_t sending_ns)
{
	struct result_cell *c = &s.result->cells[cell];

	c->status = RESULT_OK;
	c->block.paced.on = true;
	c->block.paced.sent = 1000;
	c->block.paced.sender.schedule_ns = 1000000000;
	c->block.paced.sender.sending_ns = sending_ns;
	set_percentiles(&c->block.paced.from_send.summary, 11000, 12000);
	set_percentiles(&c->block.paced.send_lag.summary, 130, 14000);
}

static void
miss(size_t cell, uint64_t misses, uint64_t in_a_row)
{
	struct result_cell *c = &s.result->cells[cell];

	c->status = RESULT_OK;
	c->block.latency.samples = 2000;
	c->block.deadline.deadline_ns = 100000;
	c->block.deadline.found = (struct report_deadline){ misses, in_a_row };
}

static const char *
print(void)
{
	output_paced_add(&printed, s.result, false);
	ck_assert(!printed.failed);
	return text_get(&printed);
}

/* The line that holds a text, from there to its end, with one blank where
 * there are several; good for one call. */
static const char *
line_of(const char *what)
{
	static char line[256];
	const char *at = strstr(text_get(&printed), what);
	size_t n = 0;

	ck_assert_msg(at, "no %s in:\n%s", what, text_get(&printed));
	for (; *at && *at != '\n' && n < sizeof(line) - 1; at++)
		if (*at != ' ' || at[1] != ' ')
			line[n++] = *at;
	line[n] = '\0';
	return line;
}

static void
has(const char *line, const char *text)
{
	ck_assert_msg(strstr(line, text), "no %s in %s", text, line);
}

START_TEST(without_an_open_loop_there_is_nothing)
{
	s.result->cells[SAMPLE_UDS].status = RESULT_OK;
	ck_assert_str_eq(print(), "");
}
END_TEST

START_TEST(rates_and_both_latencies)
{
	const char *line;

	pace(SAMPLE_SPIN, 1000000000);
	pace(SAMPLE_FUTEX, 2000000000);
	print();
	has(text_get(&printed), "open loop: latency counts from the due time");
	line = line_of("shm wait=spin ");
	has(line, "1.00 k/s 1.00 k/s");
	has(line, "11.0 us 12.0 us");
	has(line, "130 ns 14.0 us");
	/* What the samples can't tell. */
	has(line, "\u2013");
	has(line_of("shm wait=futex "), "1.00 k/s 500 /s");
	ck_assert_ptr_null(strstr(text_get(&printed), "uds"));
	ck_assert_ptr_null(strstr(text_get(&printed), "deadline"));
}
END_TEST

START_TEST(cells_of_several_boundaries_are_told_apart)
{
	s.plan.cells[SAMPLE_UDS].axes.boundary = PLAN_THREAD;
	pace(SAMPLE_SPIN, 1000000000);
	miss(SAMPLE_FUTEX, 1, 1);
	print();
	has(line_of("shm wait=spin "), "64Ki process 1.00 k/s");
	has(line_of("shm wait=futex "), "64Ki process 500 1 1");
}
END_TEST

START_TEST(a_cell_that_failed_is_left_out)
{
	pace(SAMPLE_SPIN, 1000000000);
	pace(SAMPLE_FUTEX, 1000000000);
	s.result->cells[SAMPLE_FUTEX].status = RESULT_FAILED;
	ck_assert_ptr_null(strstr(print(), "futex"));
	s.result->cells[SAMPLE_SPIN].status = RESULT_FAILED;
	text_fini(&printed);
	ck_assert_str_eq(print(), "");
}
END_TEST

START_TEST(misses_of_a_deadline)
{
	const char *line;

	s.plan.run.deadline_ns = 100000;
	miss(SAMPLE_UDS, 3, 2);
	miss(SAMPLE_SPIN, 0, 0);
	print();
	has(text_get(&printed), "deadline of 100us");
	line = line_of("uds ");
	has(line, "1500");
	ck_assert_str_eq(strrchr(line, ' '), " 2");
	has(line_of("shm wait=spin "), " 0 0 0");
	ck_assert_ptr_null(strstr(text_get(&printed), "open loop"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("output/paced");
	TCase *c = tcase_create("paced");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, without_an_open_loop_there_is_nothing);
	tcase_add_test(c, rates_and_both_latencies);
	tcase_add_test(c, cells_of_several_boundaries_are_told_apart);
	tcase_add_test(c, a_cell_that_failed_is_left_out);
	tcase_add_test(c, misses_of_a_deadline);
	suite_add_tcase(suite, c);
	return suite;
}

UNIT_MAIN(suite)
