/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/json_value.h"

#include <math.h>
#include <string.h>

#include "tests/unit/unit.h"

static struct json j;
static struct cJSON *root;

static void
set_up(void)
{
	root = json_create(&j);
	ck_assert_ptr_nonnull(root);
}

/* Finishes; what is printed, without the white space outside strings. */
static void
prints(const char *expected)
{
	struct weir_error err = { 0 };
	char *text = NULL, *to;

	ck_assert_msg(!json_finish(&j, root, &text, &err), "%s", err.text);
	ck_assert_int_eq(text[strlen(text) - 1], '\n');
	to = text;
	for (const char *from = text; *from; from++)
		if (!strchr(" \t\n", *from))
			*to++ = *from;
	*to = '\0';
	ck_assert_str_eq(text, expected);
	free(text);
}

START_TEST(integers_keep_all_their_digits)
{
	json_add_u64(&j, root, "a", UINT64_MAX);
	json_add_u64(&j, root, "b", (UINT64_C(1) << 53) + 1);
	json_add_i64(&j, root, "c", INT64_MIN);
	prints("{\"a\":18446744073709551615,\"b\":9007199254740993,"
	       "\"c\":-9223372036854775808}");
}
END_TEST

START_TEST(doubles_are_short_and_whole_ones_are_whole)
{
	json_add_number(&j, root, "a", 0.1);
	json_add_number(&j, root, "b", 25276026880.0);
	json_add_number(&j, root, "c", 1234.56789012345);
	json_add_number(&j, root, "d", -0.0);
	json_add_number(&j, root, "e", 1e300);
	prints("{\"a\":0.1,\"b\":25276026880,\"c\":1234.56789,\"d\":0,"
	       "\"e\":1e+300}");
}
END_TEST

START_TEST(no_number_is_null)
{
	json_add_number(&j, root, "a", NAN);
	json_add_number(&j, root, "b", INFINITY);
	json_add_number(&j, root, "c", -INFINITY);
	json_add_text(&j, root, "d", NULL);
	json_add_null(&j, root, "e");
	prints("{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":null}");
}
END_TEST

START_TEST(text_is_escaped_and_valid)
{
	json_add_text(&j, root, "a\xff", "q\"\\\x01\xc3z");
	prints("{\"a\xef\xbf\xbd\":\"q\\\"\\\\\\u0001\xef\xbf\xbdz\"}");
}
END_TEST

START_TEST(objects_and_arrays_nest)
{
	struct cJSON *o = json_add_object(&j, root, "o");
	struct cJSON *a = json_add_array(&j, o, "a");

	json_append_text(&j, a, "x");
	json_add_bool(&j, json_append_object(&j, a), "t", true);
	prints("{\"o\":{\"a\":[\"x\",{\"t\":true}]}}");
}
END_TEST

START_TEST(a_failure_is_told_at_the_end)
{
	struct weir_error err = { 0 };
	char *text = NULL;

	json_add_number(&j, NULL, "a", 1);
	ck_assert(j.failed);
	json_add_text(&j, root, "b", "x");
	ck_assert_ptr_null(json_add_object(&j, root, "c"));
	ck_assert_ptr_null(json_append_object(&j, NULL));
	json_append_text(&j, NULL, "x");
	ck_assert_int_eq(json_finish(&j, root, &text, &err), WEIR_ENOMEMORY);
	ck_assert_ptr_null(text);
	ck_assert_str_ne(err.text, "");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("result/json_value");
	TCase *c = tcase_create("json_value");

	tcase_add_checked_fixture(c, set_up, NULL);
	tcase_add_test(c, integers_keep_all_their_digits);
	tcase_add_test(c, doubles_are_short_and_whole_ones_are_whole);
	tcase_add_test(c, no_number_is_null);
	tcase_add_test(c, text_is_escaped_and_valid);
	tcase_add_test(c, objects_and_arrays_nest);
	tcase_add_test(c, a_failure_is_told_at_the_end);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
