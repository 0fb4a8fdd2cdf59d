/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/words.h"

#include "tests/unit/unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

START_TEST(words)
{
	static const struct {
		const char *text;
		const char *words[4];
	} cases[] = {
		{ "true", { "true" } },
		{ "  stress-ng\t--cpu  2 \n", { "stress-ng", "--cpu", "2" } },
		{ "sh -c 'a \"b\" \\'", { "sh", "-c", "a \"b\" \\" } },
		{ "\"a b\" c", { "a b", "c" } },
		{ "\"\\\"\\\\\\n\"", { "\"\\\\n" } },
		{ "a'b c'd e", { "ab cd", "e" } },
		{ "'' x", { "", "x" } },
		{ "\"\"", { "" } },
		{ "a\\ b $HOME|*", { "a b", "$HOME|*" } },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct strings got = { 0 };
		size_t n = 0;

		ck_assert_int_eq(words_split(cases[i].text, &got, NULL),
				 WEIR_OK);
		while (n < COUNT(cases[i].words) && cases[i].words[n])
			n++;
		ck_assert_uint_eq(got.n, n);
		for (size_t k = 0; k < n; k++)
			ck_assert_str_eq(got.at[k], cases[i].words[k]);
		strings_fini(&got);
	}
}
END_TEST

START_TEST(no_words)
{
	static const char *const wrong[] = { "", "  ", "'a", "\"a",
					     "a \"b\\\"", "a\\" };

	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct weir_error err = { 0 };
		struct strings got = { 0 };

		ck_assert_int_eq(words_split(wrong[i], &got, &err),
				 WEIR_EINVALID);
		ck_assert_str_ne(err.text, "");
		strings_fini(&got);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base/words");
	TCase *c = tcase_create("words");

	tcase_add_test(c, words);
	tcase_add_test(c, no_words);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
