/* SPDX-License-Identifier: Apache-2.0 */
#include "core/config/value.h"

#include "tests/unit/config/fixture.h"

static void
assert_parses(const char *text, bool is_list, const char *const *texts,
	      size_t n)
{
	struct strings got = { 0 };
	struct weir_error err = { 0 };
	bool got_list;

	ck_assert_msg(!value_parse(text, &got, &got_list, &err), "%s: %s",
		      text, err.text);
	ck_assert_int_eq(got_list, is_list);
	ck_assert_uint_eq(got.n, n);
	for (size_t i = 0; i < n; i++)
		ck_assert_str_eq(got.at[i], texts[i]);
	strings_fini(&got);
}

static void
assert_refused(const char *text, const char *sentence)
{
	struct strings got = { 0 };
	struct weir_error err = { 0 };
	bool is_list;

	ck_assert_int_eq(value_parse(text, &got, &is_list, &err),
			 WEIR_EINVALID);
	ck_assert_msg(strstr(err.text, sentence) != NULL, "%s: %s", text,
		      err.text);
	strings_fini(&got);
}

#define SCALAR(text, value) \
	assert_parses(text, false, (const char *const[]){ value }, 1)
#define LIST(text, ...)                                                \
	assert_parses(text, true, (const char *const[]){ __VA_ARGS__ }, \
		      COUNT(((const char *const[]){ __VA_ARGS__ })))

START_TEST(scalars)
{
	SCALAR("uds", "uds");
	SCALAR("  1Ki ", "1Ki");
	SCALAR("", "");
	SCALAR("0,2-3", "0,2-3");
	SCALAR("a\\b=c", "a\\b=c");
	SCALAR("\"uds\"", "uds");
	SCALAR(" \" a \" ", " a ");
	SCALAR("\"say \\\"x\\\" \\\\ \\n\"", "say \"x\" \\ \\n");
}
END_TEST

START_TEST(lists)
{
	LIST("[64]", "64");
	LIST("[64,1Ki , \"2 Ki\"]", "64", "1Ki", "2 Ki");
	LIST(" [ a b , \"c,d\",\"\" ] ", "a b", "c,d", "");
	assert_parses("[]", true, NULL, 0);
	assert_parses("[ ]", true, NULL, 0);
}
END_TEST

START_TEST(refusals)
{
	assert_refused("\"uds", "never closed");
	assert_refused("\"uds\\\"", "never closed");
	assert_refused("\"uds\"x", "\"x\" follows the closing quote");
	assert_refused("[a", "a list is written");
	assert_refused("[", "a list is written");
	assert_refused("[\"a", "never closed");
	assert_refused("[a,]", "empty");
	assert_refused("[,a]", "empty");
	assert_refused("[a]b", "\"b\" follows the list");
	assert_refused("[a,[b]]", "lists can't hold lists");
	assert_refused("[a\"b\"]", "a list is written");
}
END_TEST

static void
assert_round_trip(const char *const *texts, size_t n, bool is_list)
{
	struct strings given = { 0 };
	struct text printed = { 0 };

	for (size_t i = 0; i < n; i++)
		strings_add(&given, texts[i]);
	value_print(&given, is_list, &printed);
	assert_parses(text_get(&printed), is_list, texts, n);
	text_fini(&printed);
	strings_fini(&given);
}

START_TEST(print_parses_back)
{
	static const char *const texts[] = {
		"uds", "", " a", "b ", "[c]", "d,e", "\"", "\\", "\\\"", "]",
		"f\"g", "x\\",
	};

	for (size_t i = 0; i < COUNT(texts); i++)
		assert_round_trip(&texts[i], 1, false);
	assert_round_trip(texts, COUNT(texts), true);
	assert_round_trip(NULL, 0, true);
}
END_TEST

static Suite *
suite(void)
{
	const TTest *const tests[] = { scalars, lists, refusals,
				       print_parses_back };

	return fixture_suite("value", tests, COUNT(tests));
}

UNIT_MAIN(suite)
