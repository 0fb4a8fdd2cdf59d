/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/option/option.h"
#include "tests/unit/unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const names[] = {
	"size",        "transport", "pattern", "boundary",
	"concurrency", "uds",       "shm",     "duration",
};

static const struct {
	const char *name;
	const char *nearest;
} cases[] = {
	{ "size", "size" },
	{ "sise", "size" },
	{ "sizes", "size" },
	{ "siez", "size" },
	{ "SIZE", "size" },
	{ "ize", "size" },
	{ "trnasport", "transport" },
	{ "transports", "transport" },
	{ "boundry", "boundary" },
	{ "concurency", "concurrency" },
	{ "udp", "uds" },
	{ "smh", "shm" },
	{ "", NULL },
	{ "x", NULL },
	{ "ud", "uds" },
	{ "si", NULL },
	{ "throughput", NULL },
	{ "message", NULL },
};

START_TEST(nearest_name_is_found)
{
	const char *got = option_suggest(cases[_i].name, names, COUNT(names));

	if (cases[_i].nearest)
		ck_assert_str_eq(got, cases[_i].nearest);
	else
		ck_assert_ptr_null(got);
}
END_TEST

START_TEST(nearer_one_wins_and_first_of_equals)
{
	static const char *const some[] = { "abcdeX", "abcdef", "abcdeY" };
	static const char *const equal[] = { "abcdeY", "abcdeZ" };

	ck_assert_str_eq(option_suggest("abcdef", some, 3), "abcdef");
	ck_assert_str_eq(option_suggest("abcdef", equal, 2), "abcdeY");
}
END_TEST

START_TEST(swap_counts_once)
{
	/* Two substitutions in three letters would be too many. */
	static const char *const some[] = { "abc" };

	ck_assert_ptr_nonnull(option_suggest("bac", some, 1));
	ck_assert_ptr_null(option_suggest("bca", some, 1));
}
END_TEST

START_TEST(no_names_no_suggestion)
{
	ck_assert_ptr_null(option_suggest("size", NULL, 0));
}
END_TEST

START_TEST(very_long_names_are_left_alone)
{
	char longer[2000];
	const char *some[] = { longer, "size" };

	memset(longer, 's', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	ck_assert_ptr_null(option_suggest(longer, some, 2));
	ck_assert_str_eq(option_suggest("sise", some, 2), "size");
	longer[96] = '\0';
	ck_assert_ptr_eq(option_suggest(longer, some, 2), longer);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("option/suggest");
	TCase *c = tcase_create("suggest");

	tcase_add_loop_test(c, nearest_name_is_found, 0, COUNT(cases));
	tcase_add_test(c, nearer_one_wins_and_first_of_equals);
	tcase_add_test(c, swap_counts_once);
	tcase_add_test(c, no_names_no_suggestion);
	tcase_add_test(c, very_long_names_are_left_alone);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
