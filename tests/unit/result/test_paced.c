/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/paced.h"

#include <string.h>

#include "core/result/result.h"
#include "tests/unit/unit.h"

static struct result_block block;

/* A thousand messages in a second of schedule, sent in this time. */
static void
make(uint64_t sending_ns, uint64_t not_sent)
{
	block = (struct result_block){ .paced = {
		.on = true,
		.sent = 1000,
		.sender = { .schedule_ns = 1000000000,
			    .sending_ns = sending_ns,
			    .not_sent = not_sent },
	} };
}

START_TEST(rates_are_those_of_a_channel)
{
	struct result_block sum = { .messages = 0 };

	make(1250000000, 0);
	ck_assert_double_eq(result_paced_offered_per_s(&block.paced), 1000);
	ck_assert_double_eq(result_paced_reached_per_s(&block.paced), 800);
	/* Of several channels, or trials, as of one. */
	for (int i = 0; i < 3; i++)
		result_paced_add(&sum, &block);
	ck_assert_uint_eq(sum.paced.sent, 3000);
	ck_assert_double_eq(result_paced_offered_per_s(&sum.paced), 1000);
	ck_assert_double_eq(result_paced_reached_per_s(&sum.paced), 800);
	block.paced.sender.schedule_ns = 0;
	ck_assert_double_nan(result_paced_offered_per_s(&block.paced));
}
END_TEST

START_TEST(one_percent_late_is_reached)
{
	make(1000000000, 0);
	ck_assert(result_paced_is_reached(&block.paced));
	make(1010000000, 0);
	ck_assert(result_paced_is_reached(&block.paced));
	make(1010000001, 0);
	ck_assert(!result_paced_is_reached(&block.paced));
	make(1000000000, 1);
	ck_assert(!result_paced_is_reached(&block.paced));
}
END_TEST

START_TEST(misses_are_parts_of_a_million)
{
	make(1000000000, 0);
	ck_assert_double_nan(result_deadline_ppm(&block));
	block.latency.samples = 2000000;
	block.deadline.found.misses = 3;
	ck_assert_double_eq(result_deadline_ppm(&block), 1.5);
}
END_TEST

START_TEST(the_worst_row_is_not_summed)
{
	struct result_block sum = { .messages = 0 };

	make(1000000000, 0);
	block.deadline.deadline_ns = 1000;
	block.deadline.found = (struct report_deadline){ 10, 4 };
	result_paced_add(&sum, &block);
	block.deadline.found = (struct report_deadline){ 5, 5 };
	result_paced_add(&sum, &block);
	ck_assert_uint_eq(sum.deadline.deadline_ns, 1000);
	ck_assert_uint_eq(sum.deadline.found.misses, 15);
	ck_assert_uint_eq(sum.deadline.found.worst_row, 5);
}
END_TEST

/* What the warnings say, and that they are said once. */
START_TEST(overload_is_told)
{
	struct result_cell cell = { .status = RESULT_OK };

	make(2000000000, 17);
	block.paced.sender.sleeps = 1000;
	cell.block = block;
	result_paced_warn(&cell);
	result_paced_warn(&cell);
	ck_assert_uint_eq(cell.warnings.n, 1);
	ck_assert_ptr_nonnull(strstr(cell.warnings.at[0],
				     "the rate was not reached"));
	ck_assert_ptr_nonnull(strstr(cell.warnings.at[0],
				     "17 messages were given up"));
	cell.block.paced.sender.not_sent = 0;
	result_paced_warn(&cell);
	ck_assert_str_eq(cell.warnings.at[1],
			 "the rate was not reached: the latencies are those of "
			 "an overload and grow with the duration");
	cell.block.paced.sender.sleeps = 99;
	cell.block.paced.sender.wake_up_ns = 20000;
	result_paced_warn(&cell);
	ck_assert_uint_eq(cell.warnings.n, 3);
	ck_assert_ptr_nonnull(strstr(cell.warnings.at[2], "20.0 us"));
	strings_fini(&cell.warnings);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("result/paced");
	TCase *c = tcase_create("paced");

	tcase_add_test(c, rates_are_those_of_a_channel);
	tcase_add_test(c, one_percent_late_is_reached);
	tcase_add_test(c, misses_are_parts_of_a_million);
	tcase_add_test(c, the_worst_row_is_not_summed);
	tcase_add_test(c, overload_is_told);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
