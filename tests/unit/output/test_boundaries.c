/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/boundaries.h"

#include "tests/unit/result/walls.h"
#include "tests/unit/unit.h"

static struct sample s;
static struct text printed;

static void
set_up(void)
{
	walls_init(&s);
}

static void
tear_down(void)
{
	text_fini(&printed);
	sample_fini(&s);
}

static const char *
print(bool color)
{
	sample_finish(&s);
	output_boundaries_add(&printed, s.result, color);
	ck_assert(!printed.failed);
	return text_get(&printed);
}

START_TEST(the_whole_table)
{
	static const char *const expected =
		"\n"
		"boundaries compared with process\n"
		"\n"
		"                                       "
		" ────── p50 ──────  ────── p99 ──────  ─── messages ────\n"
		"transport  pattern     size  boundary "
		"  difference  ratio  difference  ratio  difference  ratio\n"
		"uds        round_trip    64  thread   "
		"     -500 ns  0.50×     -500 ns  0.50×   +1.00 M/s  2.00×\n"
		"uds        round_trip    64  namespace"
		"    +11.0 us  12.0×           –      –    -917 k/s  0.08×\n";

	walls_measure(&s, WALLS_PROCESS, 1000, 1000);
	walls_measure(&s, WALLS_THREAD, 1000, 500);
	walls_measure(&s, WALLS_NAMESPACE, 100, 12000);
	ck_assert_str_eq(print(false), expected);
}
END_TEST

START_TEST(what_was_not_run_has_a_dash)
{
	walls_measure(&s, WALLS_PROCESS, 1000, 1000);
	ck_assert_ptr_nonnull(strstr(print(false), "thread  "));
	ck_assert_ptr_nonnull(strstr(text_get(&printed), "–      –"));
	ck_assert_ptr_null(strstr(text_get(&printed), "nan"));
}
END_TEST

START_TEST(distances_that_never_met_are_told)
{
	struct result_block *blocks[] = {
		&s.result->cells[WALLS_THREAD].block,
		&s.result->cells[WALLS_PROCESS].block,
	};

	walls_measure(&s, WALLS_PROCESS, 1000, 1000);
	walls_measure(&s, WALLS_THREAD, 1000, 500);
	sample_finish(&s);
	for (int i = 0; i < 2; i++) {
		blocks[i]->class = i;
		blocks[i]->classes[i].messages = 1000;
	}
	output_boundaries_add(&printed, s.result, false);
	ck_assert_ptr_nonnull(strstr(text_get(&printed),
				     "64  thread     not compared: the CPUs "
				     "were at different distances\n"));
}
END_TEST

START_TEST(another_baseline_is_named)
{
	s.cells[WALLS_PROCESS].axes.boundary = PLAN_CONTAINER;
	ck_assert_ptr_nonnull(strstr(print(true), "compared with thread"));
	ck_assert_ptr_nonnull(strstr(text_get(&printed), "\033[1m"));
}
END_TEST

START_TEST(channels_have_a_column_where_they_vary)
{
	ck_assert_ptr_null(strstr(print(false), "channels"));
	s.cells[WALLS_THREAD].axes.concurrency = 4;
	ck_assert_ptr_nonnull(strstr(print(false), "channels"));
}
END_TEST

START_TEST(one_boundary_has_no_table)
{
	s.plan.n_cells = 1;
	ck_assert_str_eq(print(false), "");
	s.plan.n_cells = 3;
}
END_TEST

static Suite *
suite(void)
{
	Suite *all = suite_create("boundaries");
	TCase *c = tcase_create("boundaries");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, the_whole_table);
	tcase_add_test(c, what_was_not_run_has_a_dash);
	tcase_add_test(c, distances_that_never_met_are_told);
	tcase_add_test(c, another_baseline_is_named);
	tcase_add_test(c, channels_have_a_column_where_they_vary);
	tcase_add_test(c, one_boundary_has_no_table);
	suite_add_tcase(all, c);
	return all;
}

UNIT_MAIN(suite)
