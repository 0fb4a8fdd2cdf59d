/* SPDX-License-Identifier: Apache-2.0 */
#include "core/plugin/outcome.h"

#include <string.h>

#include "tests/unit/unit.h"

static struct weir_error err;
static const struct weir_channel *const some = (const void *)&err;

static int
check(int status, const struct weir_channel *channel, const char *said)
{
	memset(&err, 0, sizeof(err));
	if (said)
		weir_error_set(&err, status, "%s", said);
	return outcome_check("pair", "offer", status, channel, &err);
}

START_TEST(a_success_stays_one)
{
	ck_assert_int_eq(check(WEIR_OK, some, NULL), WEIR_OK);
	ck_assert_str_eq(err.text, "");
}
END_TEST

START_TEST(a_failure_that_says_why_stays_as_it_is)
{
	ck_assert_int_eq(check(WEIR_ETOOBIG, NULL, "4096 at most"),
			 WEIR_ETOOBIG);
	ck_assert_str_eq(err.text, "4096 at most");
}
END_TEST

START_TEST(a_failure_without_a_word_gets_one)
{
	ck_assert_int_eq(check(WEIR_EUNAVAILABLE, NULL, NULL),
			 WEIR_EUNAVAILABLE);
	ck_assert_int_eq(err.status, WEIR_EUNAVAILABLE);
	ck_assert_str_eq(err.text,
			 "the transport \"pair\" failed in offer and did not "
			 "say why: not possible on this machine");
}
END_TEST

START_TEST(what_is_no_status_becomes_one)
{
	ck_assert_int_eq(check(9999, NULL, "half a word"), WEIR_ESYSTEM);
	ck_assert_int_eq(err.status, WEIR_ESYSTEM);
	ck_assert_ptr_nonnull(strstr(err.text, "returned 9999 from offer"));
	ck_assert_int_eq(check(-5, some, NULL), WEIR_ESYSTEM);
	ck_assert_int_eq(outcome_status(9999), WEIR_ESYSTEM);
	ck_assert_int_eq(outcome_status(WEIR_OK), WEIR_OK);
	ck_assert_int_eq(outcome_status(WEIR_EPEER), WEIR_EPEER);
}
END_TEST

START_TEST(a_success_needs_a_channel)
{
	ck_assert_int_eq(check(WEIR_OK, NULL, NULL), WEIR_ESYSTEM);
	ck_assert_ptr_nonnull(strstr(err.text, "made no channel"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("outcome");
	TCase *t = tcase_create("outcome");

	tcase_add_test(t, a_success_stays_one);
	tcase_add_test(t, a_failure_that_says_why_stays_as_it_is);
	tcase_add_test(t, a_failure_without_a_word_gets_one);
	tcase_add_test(t, what_is_no_status_becomes_one);
	tcase_add_test(t, a_success_needs_a_channel);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite)
