/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "core/base/rand.h"
#include "core/option/option.h"
#include "tests/unit/unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct lists {
	struct strings words;
	struct strings sizes;
	uint64_t size;
};

static const struct weir_option words = {
	.name = "words",
	.type = WEIR_OPTION_STRING,
	.flags = WEIR_OPTION_LIST,
	.default_text = "",
	.help = "words",
	.offset = offsetof(struct lists, words),
};
static const struct weir_option sizes = {
	.name = "sizes",
	.type = WEIR_OPTION_SIZE,
	.flags = WEIR_OPTION_LIST,
	.default_text = "",
	.help = "sizes",
	.min = 1,
	.max = 1024,
	.offset = offsetof(struct lists, sizes),
};
static const struct weir_option size = {
	.name = "size",
	.type = WEIR_OPTION_SIZE,
	.default_text = "1",
	.help = "one size",
	.offset = offsetof(struct lists, size),
};

static void
fini(struct lists *l)
{
	strings_fini(&l->words);
	strings_fini(&l->sizes);
}

/* Elements are joined with '|' for the comparison. */
static const struct {
	const char *text;
	const char *elements;
} splits[] = {
	{ "", "" },
	{ "  ", "" },
	{ "[]", "" },
	{ " [ ] ", "" },
	{ "a", "a|" },
	{ "a,b", "a|b|" },
	{ "[a,b]", "a|b|" },
	{ " [ a , b c ] ", "a|b c|" },
	{ "a , b ", "a|b|" },
	{ "\"\"", "|" },
	{ "[\"a,b\", \"c]\"]", "a,b|c]|" },
	{ "\" a \"\t,b", " a |b|" },
	{ "\"q\\\"q\\\\\"", "q\"q\\|" },
	{ "\"\\n\"", "\\n|" },
	{ "0-3", "0-3|" },
};

START_TEST(list_is_split)
{
	struct strings list = { 0 };
	struct text joined = { 0 };

	strings_add(&list, "replaced");
	ck_assert_int_eq(option_split_list(splits[_i].text, &list, NULL),
			 WEIR_OK);
	for (size_t i = 0; i < list.n; i++)
		text_addf(&joined, "%s|", list.at[i]);
	ck_assert_str_eq(text_get(&joined), splits[_i].elements);
	text_fini(&joined);
	strings_fini(&list);
}
END_TEST

static const char *const bad_splits[] = {
	",",  "a,",  ",a",     "a,,b",    "[a,]",    "[,]",
	"\"", "\"a", "\"a\"b", "\"a\" b", "\"a\\\"", "[\"a]",
};

START_TEST(bad_list_is_refused)
{
	struct weir_error err = { 0 };
	struct strings list = { 0 };

	strings_add(&list, "kept");
	ck_assert_int_eq(option_split_list(bad_splits[_i], &list, &err),
			 WEIR_EINVALID);
	ck_assert_ptr_nonnull(strstr(err.text, "is not a list"));
	ck_assert_uint_eq(list.n, 1);
	strings_fini(&list);
}
END_TEST

START_TEST(set_list_replaces)
{
	struct strings texts = { 0 };
	struct lists l = { .size = 0 };

	ck_assert_int_eq(option_set(&sizes, "7", &l, NULL), WEIR_OK);
	ck_assert_uint_eq(l.sizes.n, 1);
	strings_add(&texts, "1");
	strings_add(&texts, "1Ki");
	ck_assert_int_eq(option_set_list(&sizes, &texts, &l, NULL), WEIR_OK);
	ck_assert_uint_eq(l.sizes.n, 2);
	ck_assert_str_eq(l.sizes.at[1], "1Ki");
	strings_fini(&texts);
	fini(&l);
}
END_TEST

START_TEST(set_list_checks_each)
{
	struct weir_error err = { 0 };
	struct strings texts = { 0 };
	struct lists l = { .size = 0 };

	ck_assert_int_eq(option_set(&sizes, "7", &l, NULL), WEIR_OK);
	strings_add(&texts, "1");
	strings_add(&texts, "2Ki");
	ck_assert_int_eq(option_set_list(&sizes, &texts, &l, &err),
			 WEIR_EINVALID);
	ck_assert_str_eq(err.text, "sizes: \"2Ki\" is out of range, which is "
				   "1 \u2026 1Ki");
	ck_assert_uint_eq(l.sizes.n, 1);
	strings_fini(&texts);
	fini(&l);
}
END_TEST

START_TEST(set_list_on_a_single_row_is_refused)
{
	struct weir_error err = { 0 };
	struct strings texts = { 0 };
	struct lists l = { .size = 5 };

	ck_assert_int_eq(option_set_list(&size, &texts, &l, &err),
			 WEIR_EINVALID);
	ck_assert_str_eq(err.text, "size: takes one value, not a list");
	ck_assert_uint_eq(l.size, 5);
}
END_TEST

START_TEST(list_printed_is_list_set)
{
	static const char likely[] = "ab,[]\"\\ \t1-";
	struct rand r;

	rand_init(&r, 1);
	for (int n = 0; n < 2000; n++) {
		struct lists l = { .size = 0 };
		struct lists back = { .size = 0 };
		size_t n_words = (size_t)rand_below(&r, 4);
		struct text t = { 0 };

		for (size_t i = 0; i < n_words; i++) {
			char word[8] = "";
			size_t len = (size_t)rand_below(&r, sizeof(word));

			for (size_t j = 0; j < len; j++)
				word[j] = likely[rand_below(&r, sizeof(likely) -
									1)];
			strings_add(&l.words, word);
		}
		option_print(&words, &l, &t);
		ck_assert_int_eq(option_set(&words, text_get(&t), &back, NULL),
				 WEIR_OK);
		ck_assert_uint_eq(back.words.n, n_words);
		for (size_t i = 0; i < n_words; i++)
			ck_assert_str_eq(back.words.at[i], l.words.at[i]);
		text_fini(&t);
		fini(&l);
		fini(&back);
	}
}
END_TEST

START_TEST(split_survives_random_text)
{
	static const char likely[] = "a,[]\"\\ \t";
	struct rand r;

	rand_init(&r, 2);
	for (int n = 0; n < 4000; n++) {
		struct strings list = { 0 };
		char text[16] = "";
		size_t len = (size_t)rand_below(&r, sizeof(text));
		int status;

		for (size_t j = 0; j < len; j++)
			text[j] = n % 4 ? likely[rand_below(&r, sizeof(likely) -
									1)] :
					  (char)(1 + rand_below(&r, 255));
		status = option_split_list(text, &list, NULL);
		ck_assert(status == WEIR_OK || status == WEIR_EINVALID);
		strings_fini(&list);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("option/list");
	TCase *c = tcase_create("list");

	tcase_add_loop_test(c, list_is_split, 0, COUNT(splits));
	tcase_add_loop_test(c, bad_list_is_refused, 0, COUNT(bad_splits));
	tcase_add_test(c, set_list_replaces);
	tcase_add_test(c, set_list_checks_each);
	tcase_add_test(c, set_list_on_a_single_row_is_refused);
	tcase_add_test(c, list_printed_is_list_set);
	tcase_add_test(c, split_survives_random_text);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
