/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables that must be refused, as a careless or hostile plugin has them.
 */
#include <string.h>

#include "core/option/option.h"
#include "tests/unit/unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const waits[] = { "block", "spin", NULL };
static const char *const no_choices[] = { NULL };
static const char *const empty_choice[] = { "a", "", NULL };
static const char *const twice[] = { "a", "b", "a", NULL };

#define ROW(row_name, kind, text, says, ...)                        \
	{                                                           \
		.name = (row_name), .type = WEIR_OPTION_##kind,     \
		.default_text = (text), .help = (says), __VA_ARGS__ \
	}
#define BAD(kind, ...) ROW("it", kind, "1", "h", __VA_ARGS__)
#define NAMED(row_name) ROW(row_name, INT, "1", "h", .min = 0)

static const struct {
	struct weir_option row;
	const char *says;
} bad_rows[] = {
	{ NAMED(NULL), "no valid name" },
	{ NAMED(""), "no valid name" },
	{ NAMED("It"), "no valid name" },
	{ NAMED("1t"), "no valid name" },
	{ NAMED("_t"), "no valid name" },
	{ NAMED("i-t"), "no valid name" },
	{ NAMED("i..t"), "no valid name" },
	{ NAMED("i."), "no valid name" },
	{ NAMED("i\n"), "no valid name" },
	{ NAMED("a234567890123456789012345678901234567890"
		"1234567890123456789012345"),
	  "no valid name" },
	{ { .name = "it" }, "an unknown type" },
	{ { .name = "it", .type = 77 }, "an unknown type" },
	{ { .name = "it", .type = UINT32_MAX }, "an unknown type" },
	{ BAD(INT, .flags = 0x80), "an unknown flag" },
	{ ROW("it", INT, NULL, "h", .min = 0), "no default" },
	{ ROW("it", INT, "1", NULL, .min = 0), "no help" },
	{ ROW("it", INT, "1", "", .min = 0), "no help" },
	{ BAD(INT, .choices = waits), "not of the type CHOICE" },
	{ BAD(CHOICE, .min = 0), "no choices" },
	{ BAD(CHOICE, .choices = no_choices), "no choices" },
	{ BAD(CHOICE, .choices = empty_choice), "empty choice" },
	{ BAD(CHOICE, .choices = twice), "same choice twice" },
	{ BAD(INT, .min = 2, .max = 1), "above its maximum" },
	{ BAD(STRING, .max = 1), "not of a numeric type" },
	{ BAD(INT, .offset = 16), "outside" },
	{ BAD(BOOL, .offset = 13), "outside" },
	{ BAD(INT, .offset = SIZE_MAX), "outside" },
	{ BAD(INT, .flags = WEIR_OPTION_LIST), "outside" },
	{ BAD(INT, .offset = 4), "not aligned" },
	{ BAD(BOOL, .offset = 2), "not aligned" },
	{ ROW("it", INT, "x", "h", .min = 0),
	  "the default of row 0 of the option table is no good: it: \"x\"" },
	{ BAD(INT, .min = 2, .max = 3), "out of range" },
	{ BAD(CHOICE, .choices = waits), "not one of" },
};

START_TEST(bad_row_is_refused)
{
	struct option_table bad = { &bad_rows[_i].row, 1, 16 };
	struct weir_error err = { 0 };
	uint64_t values[2];

	ck_assert_int_eq(option_defaults(&bad, values, &err), WEIR_EINVALID);
	ck_assert_ptr_nonnull(strstr(err.text, bad_rows[_i].says));
	ck_assert_ptr_nonnull(strstr(err.text, "row 0"));
}
END_TEST

START_TEST(rows_that_collide_are_refused)
{
	struct weir_option pair[2] = {
		BAD(STRING, .min = 0),
		ROW("at", BOOL, "1", "h", .offset = 8),
	};
	struct option_table t = { pair, 2, 16 };
	struct weir_error err = { 0 };
	uint64_t values[2];

	ck_assert_int_eq(option_check_table(&t, &err), WEIR_OK);
	pair[1].offset = 4;
	ck_assert_int_eq(option_defaults(&t, values, &err), WEIR_EINVALID);
	ck_assert_str_eq(err.text, "row 1 of the option table, \"at\", has a "
				   "member that overlaps an earlier row's");
	pair[1].offset = 8;
	pair[1].name = pair[0].name;
	ck_assert_int_eq(option_defaults(&t, values, &err), WEIR_EINVALID);
	ck_assert_ptr_nonnull(strstr(err.text, "name of an earlier row"));
}
END_TEST

START_TEST(failed_defaults_leave_nothing)
{
	struct weir_option some[2] = {
		BAD(STRING, .min = 0),
		ROW("at", BOOL, "x", "h", .offset = 8),
	};
	struct option_table t = { some, 2, 16 };
	const char *values[2];

	ck_assert_int_eq(option_defaults(&t, values, NULL), WEIR_EINVALID);
	ck_assert_ptr_null(values[0]);
}
END_TEST

START_TEST(absurd_table_is_refused)
{
	struct option_table many = { &bad_rows[0].row, 100000, 8 };
	struct option_table nowhere = { NULL, 1, 8 };
	uint64_t values;

	ck_assert_int_eq(option_defaults(&many, &values, NULL), WEIR_EINVALID);
	ck_assert_int_eq(option_defaults(&nowhere, &values, NULL),
			 WEIR_EINVALID);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("option/table");
	TCase *c = tcase_create("table");

	tcase_add_loop_test(c, bad_row_is_refused, 0, COUNT(bad_rows));
	tcase_add_test(c, rows_that_collide_are_refused);
	tcase_add_test(c, failed_defaults_leave_nothing);
	tcase_add_test(c, absurd_table_is_refused);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
