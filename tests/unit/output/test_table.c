/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/table.h"

#include <stdio.h>

#include "tests/unit/unit.h"

static struct output_table t;

static void
set_up(void)
{
	t = (struct output_table){ .note_style = OUTPUT_BAD };
}

static void
tear_down(void)
{
	output_table_fini(&t);
}

static void
renders(bool color, const char *expected)
{
	struct text text = { 0 };

	output_table_render(&t, color, &text);
	ck_assert(!text.failed);
	ck_assert_str_eq(text_get(&text), expected);
	text_fini(&text);
}

static void
two_columns(void)
{
	output_table_column(&t, NULL, "name", false);
	output_table_column(&t, NULL, "p50", true);
}

START_TEST(columns_are_as_wide_as_their_widest)
{
	two_columns();
	output_table_cell(&t, "a");
	output_table_cell(&t, "1.23 us");
	output_table_end_row(&t, NULL);
	output_table_cell(&t, "longer");
	output_table_cell(&t, "7 ns");
	output_table_end_row(&t, NULL);
	renders(false, "name        p50\n"
		       "a       1.23 us\n"
		       "longer     7 ns\n");
}
END_TEST

START_TEST(width_is_counted_in_characters)
{
	two_columns();
	output_table_cell(&t, "µµµµµ");
	output_table_cell(&t, "–");
	output_table_end_row(&t, NULL);
	renders(false, "name   p50\n"
		       "µµµµµ    –\n");
}
END_TEST

START_TEST(no_line_ends_in_blanks)
{
	output_table_column(&t, NULL, "a", false);
	output_table_column(&t, NULL, "b", false);
	output_table_cell(&t, "long");
	output_table_end_row(&t, NULL);
	output_table_end_row(&t, NULL);
	renders(false, "a     b\nlong\n\n");
}
END_TEST

START_TEST(a_note_runs_on_behind_the_cells)
{
	two_columns();
	output_table_cell(&t, "a");
	output_table_end_row(&t, "failed: the other side is gone");
	output_table_cell(&t, "b");
	output_table_cell(&t, "1");
	output_table_end_row(&t, NULL);
	renders(false, "name  p50\n"
		       "a     failed: the other side is gone\n"
		       "b       1\n");
}
END_TEST

START_TEST(groups_span_their_columns)
{
	output_table_column(&t, NULL, "name", false);
	output_table_column(&t, "latency", "p50", true);
	output_table_column(&t, "latency", "maximum", true);
	output_table_column(&t, "CPU/message", "host", true);
	output_table_cell(&t, "a");
	output_table_cell(&t, "1");
	output_table_cell(&t, "2");
	output_table_cell(&t, "3");
	output_table_end_row(&t, NULL);
	renders(false, "      ─ latency ──  ─ CPU/message ─\n"
		       "name  p50  maximum             host\n"
		       "a       1        2                3\n");
}
END_TEST

START_TEST(color_does_not_change_the_places)
{
	two_columns();
	output_table_cell(&t, "a");
	output_table_end_row(&t, "failed");
	renders(true, "\033[1mname\033[0m  \033[1mp50\033[0m\n"
		      "a     \033[31mfailed\033[0m\n");
}
END_TEST

START_TEST(a_cell_too_many_is_left_out)
{
	two_columns();
	for (int i = 0; i < 5; i++)
		output_table_cell(&t, "x");
	output_table_end_row(&t, NULL);
	renders(false, "name  p50\nx       x\n");
}
END_TEST

START_TEST(a_column_too_many_is_left_out)
{
	for (int i = 0; i < OUTPUT_TABLE_COLUMNS_MAX + 5; i++)
		output_table_column(&t, NULL, "c", false);
	ck_assert_uint_eq(t.n_columns, OUTPUT_TABLE_COLUMNS_MAX);
	ck_assert_uint_eq(t.titles.n, OUTPUT_TABLE_COLUMNS_MAX);
}
END_TEST

START_TEST(missing_memory_is_passed_on)
{
	struct text text = { 0 };

	two_columns();
	t.cells.failed = true;
	output_table_end_row(&t, NULL);
	output_table_render(&t, false, &text);
	ck_assert(text.failed);
	text_fini(&text);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("output/table");
	TCase *c = tcase_create("table");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, columns_are_as_wide_as_their_widest);
	tcase_add_test(c, width_is_counted_in_characters);
	tcase_add_test(c, no_line_ends_in_blanks);
	tcase_add_test(c, a_note_runs_on_behind_the_cells);
	tcase_add_test(c, groups_span_their_columns);
	tcase_add_test(c, color_does_not_change_the_places);
	tcase_add_test(c, a_cell_too_many_is_left_out);
	tcase_add_test(c, a_column_too_many_is_left_out);
	tcase_add_test(c, missing_memory_is_passed_on);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
