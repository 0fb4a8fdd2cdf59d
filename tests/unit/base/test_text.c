/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/text.h"

#include <stdint.h>
#include <string.h>

#include "tests/unit/unit.h"

START_TEST(text_is_empty_at_first)
{
	struct text t = { 0 };
	char *taken;

	ck_assert_str_eq(text_get(&t), "");
	taken = text_take(&t);
	ck_assert_ptr_nonnull(taken);
	ck_assert_str_eq(taken, "");
	free(taken);
}
END_TEST

START_TEST(text_grows_by_every_means)
{
	struct text t = { 0 };

	text_add(&t, "one");
	text_add_bytes(&t, ", two and more", 5);
	text_addf(&t, ", %d%%", 3);
	ck_assert_str_eq(text_get(&t), "one, two, 3%");
	ck_assert_uint_eq(t.len, strlen("one, two, 3%"));
	text_fini(&t);
	ck_assert_ptr_null(t.at);
}
END_TEST

START_TEST(text_grows_far)
{
	struct text t = { 0 };

	for (int i = 0; i < 5000; i++)
		text_addf(&t, "%04d", i);
	ck_assert_uint_eq(t.len, 20000);
	ck_assert_int_eq(memcmp(text_get(&t) + 4 * 4321, "4321", 4), 0);
	text_fini(&t);
}
END_TEST

START_TEST(text_is_usable_after_a_take)
{
	struct text t = { 0 };
	char *taken;

	text_add(&t, "first");
	taken = text_take(&t);
	text_add(&t, "second");
	ck_assert_str_eq(taken, "first");
	ck_assert_str_eq(text_get(&t), "second");
	free(taken);
	text_fini(&t);
}
END_TEST

START_TEST(text_failure_sticks)
{
	struct text t = { 0 };

	text_add(&t, "kept out of sight");
	/* More than any address space: fails before a byte is read. */
	text_add_bytes(&t, "x", SIZE_MAX - 4);
	ck_assert(t.failed);
	text_add(&t, "more");
	ck_assert_str_eq(text_get(&t), "");
	ck_assert_ptr_null(text_take(&t));
	ck_assert(!t.failed);
}
END_TEST

START_TEST(strings_own_copies)
{
	struct strings l = { 0 };
	char word[] = "word";

	strings_add(&l, word);
	word[0] = 'W';
	strings_addf(&l, "%s %d", "number", 2);
	ck_assert_uint_eq(l.n, 2);
	ck_assert_str_eq(l.at[0], "word");
	ck_assert_str_eq(l.at[1], "number 2");
	strings_fini(&l);
	ck_assert_uint_eq(l.n, 0);
}
END_TEST

START_TEST(strings_hold_many)
{
	struct strings l = { 0 };

	for (int i = 0; i < 1000; i++)
		strings_addf(&l, "%d", i);
	ck_assert(!l.failed);
	ck_assert_uint_eq(l.n, 1000);
	ck_assert_str_eq(l.at[999], "999");
	ck_assert(strings_contains(&l, "512"));
	ck_assert(!strings_contains(&l, "1000"));
	strings_fini(&l);
}
END_TEST

START_TEST(strings_copy_replaces)
{
	struct strings from = { 0 };
	struct strings to = { 0 };

	strings_add(&to, "old");
	strings_add(&from, "new");
	strings_copy(&to, &from);
	strings_fini(&from);
	ck_assert_uint_eq(to.n, 1);
	ck_assert_str_eq(to.at[0], "new");
	strings_copy(&to, &to);
	ck_assert_str_eq(to.at[0], "new");
	strings_fini(&to);
}
END_TEST

START_TEST(strings_copy_passes_a_failure_on)
{
	struct strings from = { .failed = true };
	struct strings to = { 0 };

	strings_copy(&to, &from);
	ck_assert(to.failed);
	strings_add(&to, "late");
	ck_assert_uint_eq(to.n, 0);
	strings_fini(&to);
}
END_TEST

START_TEST(clean_replaces_controls_only)
{
	char text[] = "a\x1b[2J\r\n\x7f\xc2\x9b z \xc3\xa4 \xe2\x80\xa6";

	text_clean(text, strlen(text));
	ck_assert_str_eq(text, "a?[2J????? z \xc3\xa4 \xe2\x80\xa6");
}
END_TEST

START_TEST(excerpt_keeps_what_is_short)
{
	char excerpt[TEXT_EXCERPT_BYTES];
	char full[TEXT_EXCERPT_BYTES];

	ck_assert_str_eq(text_excerpt("", excerpt), "");
	ck_assert_str_eq(text_excerpt("1 Ki", excerpt), "1 Ki");
	ck_assert_str_eq(text_excerpt("a\nb", excerpt), "a?b");
	memset(full, 'x', sizeof(full) - 1);
	full[sizeof(full) - 1] = '\0';
	ck_assert_str_eq(text_excerpt(full, excerpt), full);
}
END_TEST

START_TEST(excerpt_cuts_between_characters)
{
	char excerpt[TEXT_EXCERPT_BYTES];
	char text[400];

	/* From both parities, so that one of them would be cut in two. */
	for (size_t start = 0; start < 2; start++) {
		size_t len;

		for (size_t i = 0; i + 2 < sizeof(text); i += 2)
			memcpy(text + i, "\xc3\xa4", 3);
		text_excerpt(text + start, excerpt);
		len = strlen(excerpt);
		ck_assert_uint_lt(len, TEXT_EXCERPT_BYTES);
		ck_assert_str_eq(excerpt + len - 3, "...");
		ck_assert_int_eq((unsigned char)excerpt[len - 4], 0xa4);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base/text");
	TCase *c = tcase_create("text");

	tcase_add_test(c, text_is_empty_at_first);
	tcase_add_test(c, text_grows_by_every_means);
	tcase_add_test(c, text_grows_far);
	tcase_add_test(c, text_is_usable_after_a_take);
	tcase_add_test(c, text_failure_sticks);
	tcase_add_test(c, strings_own_copies);
	tcase_add_test(c, strings_hold_many);
	tcase_add_test(c, strings_copy_replaces);
	tcase_add_test(c, strings_copy_passes_a_failure_on);
	tcase_add_test(c, clean_replaces_controls_only);
	tcase_add_test(c, excerpt_keeps_what_is_short);
	tcase_add_test(c, excerpt_cuts_between_characters);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
