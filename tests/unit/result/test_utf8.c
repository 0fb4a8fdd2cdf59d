/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/utf8.h"

#include "tests/unit/unit.h"

#define BAD "\xef\xbf\xbd"

static void
becomes(const char *from, const char *expected)
{
	struct text t = { 0 };

	utf8_add(&t, from);
	ck_assert_str_eq(text_get(&t), expected);
	text_fini(&t);
}

static void
prints(const char *from, const char *expected)
{
	struct text t = { 0 };

	utf8_add_printable(&t, from);
	ck_assert_str_eq(text_get(&t), expected);
	text_fini(&t);
}

START_TEST(valid_text_stays)
{
	becomes("", "");
	becomes("weir\n", "weir\n");
	becomes("\x7f\xc2\x80\xdf\xbf", "\x7f\xc2\x80\xdf\xbf");
	becomes("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80",
		"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80");
	becomes("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
		"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
}
END_TEST

START_TEST(stray_and_missing_bytes_are_replaced)
{
	becomes("a\x80z", "a" BAD "z");
	becomes("\xc3", BAD);
	becomes("\xe2\x82", BAD BAD);
	becomes("\xf0\x9f\x98z", BAD BAD BAD "z");
	becomes("\xff\xfe", BAD BAD);
}
END_TEST

START_TEST(disguised_characters_are_replaced)
{
	becomes("\xc0\xaf", BAD BAD);
	becomes("\xe0\x80\xaf", BAD BAD BAD);
	becomes("\xed\xa0\x80", BAD BAD BAD);
	becomes("\xf4\x90\x80\x80", BAD BAD BAD BAD);
	becomes("\xf5\x80\x80\x80", BAD BAD BAD BAD);
}
END_TEST

START_TEST(nothing_moves_the_cursor)
{
	prints("a\tb\nc\rd", "a b c d");
	prints("\033[2Jx", BAD "[2Jx");
	prints("\x7f\xc2\x9b\xc2\xa0", BAD BAD "\xc2\xa0");
	prints("\xc3", BAD);
	prints("µ – 1", "µ – 1");
}
END_TEST

START_TEST(width_counts_characters)
{
	ck_assert_uint_eq(utf8_width(""), 0);
	ck_assert_uint_eq(utf8_width("1.23 us"), 7);
	ck_assert_uint_eq(utf8_width("–"), 1);
	ck_assert_uint_eq(utf8_width("µs\xf0\x9f\x98\x80"), 3);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("result/utf8");
	TCase *c = tcase_create("utf8");

	tcase_add_test(c, valid_text_stays);
	tcase_add_test(c, stray_and_missing_bytes_are_replaced);
	tcase_add_test(c, disguised_characters_are_replaced);
	tcase_add_test(c, nothing_moves_the_cursor);
	tcase_add_test(c, width_counts_characters);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
