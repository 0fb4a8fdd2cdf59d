/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/facts.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

static struct facts f;

static void
set_up(void)
{
	memset(&f, 0, sizeof(f));
}

START_TEST(facts_keep_their_order_and_kind)
{
	facts_add_text(&f, "kernel", "Linux");
	facts_add_number(&f, "page_bytes", 4096);
	facts_add_bool(&f, "sealed", true);
	ck_assert_uint_eq(f.n, 3);
	ck_assert_str_eq(f.at[0].text, "Linux");
	ck_assert_int_eq(f.at[1].kind, FACTS_NUMBER);
	ck_assert_double_eq(f.at[1].number, 4096);
	ck_assert_int_eq(f.at[2].kind, FACTS_BOOL);
	ck_assert_double_eq(f.at[2].number, 1);
	ck_assert_ptr_eq(facts_get(&f, "page_bytes"), &f.at[1]);
	ck_assert_ptr_null(facts_get(&f, "page"));
}
END_TEST

START_TEST(a_key_is_replaced_in_its_place)
{
	facts_add_text(&f, "a", "text");
	facts_add_text(&f, "b", "b");
	facts_add_number(&f, "a", 7);
	ck_assert_uint_eq(f.n, 2);
	ck_assert_int_eq(f.at[0].kind, FACTS_NUMBER);
	ck_assert_str_eq(f.at[0].text, "");
}
END_TEST

START_TEST(a_full_list_drops_new_facts_only)
{
	char key[16];

	for (int i = 0; i < FACTS_MAX + 5; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		facts_add_number(&f, key, i);
	}
	facts_add_number(&f, "k3", 33);
	ck_assert_uint_eq(f.n, FACTS_MAX);
	ck_assert_double_eq(facts_get(&f, "k3")->number, 33);
	ck_assert_ptr_null(facts_get(&f, "k64"));
}
END_TEST

START_TEST(long_text_is_cut_between_characters)
{
	char text[2 * FACTS_VALUE_BYTES + 2] = "x";

	for (size_t i = 1; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "é", 3);
	facts_add_text(&f, "t", text);
	ck_assert_uint_eq(strlen(f.at[0].text), FACTS_VALUE_BYTES - 1);
	memmove(text, text + 1, sizeof(text) - 1);
	facts_add_text(&f, "t", text);
	ck_assert_uint_eq(strlen(f.at[0].text), FACTS_VALUE_BYTES - 2);
}
END_TEST

START_TEST(long_keys_meet_themselves)
{
	char key[2 * FACTS_KEY_BYTES];

	memset(key, 'k', sizeof(key) - 1);
	key[sizeof(key) - 1] = '\0';
	facts_add_number(&f, key, 1);
	facts_add_number(&f, key, 2);
	ck_assert_uint_eq(f.n, 1);
	ck_assert_double_eq(facts_get(&f, key)->number, 2);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("result/facts");
	TCase *c = tcase_create("facts");

	tcase_add_checked_fixture(c, set_up, NULL);
	tcase_add_test(c, facts_keep_their_order_and_kind);
	tcase_add_test(c, a_key_is_replaced_in_its_place);
	tcase_add_test(c, a_full_list_drops_new_facts_only);
	tcase_add_test(c, long_text_is_cut_between_characters);
	tcase_add_test(c, long_keys_meet_themselves);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
