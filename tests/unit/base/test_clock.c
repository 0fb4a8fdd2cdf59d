/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/clock.h"

#include <limits.h>
#include <string.h>

#include "tests/unit/unit.h"

START_TEST(now_never_goes_back)
{
	uint64_t before = clock_now_ns();

	for (int i = 0; i < 1000; i++) {
		uint64_t now = clock_now_ns();

		ck_assert_uint_ge(now, before);
		before = now;
	}
}
END_TEST

START_TEST(deadline_lies_ahead_by_what_was_asked)
{
	uint64_t before = clock_now_ns();
	uint64_t deadline = clock_deadline_ns(5 * NS_PER_S);
	uint64_t after = clock_now_ns();

	ck_assert_uint_ge(deadline, before + 5 * NS_PER_S);
	ck_assert_uint_le(deadline, after + 5 * NS_PER_S);
}
END_TEST

START_TEST(deadline_saturates)
{
	ck_assert(clock_deadline_ns(UINT64_MAX) == CLOCK_NEVER);
	ck_assert(clock_deadline_ns(UINT64_MAX - 1) == CLOCK_NEVER);
}
END_TEST

START_TEST(a_wait_ends_when_its_time_has_come)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t cond;
	uint64_t until_ns = clock_deadline_ns(2 * NS_PER_MS);

	clock_cond_init(&cond);
	pthread_mutex_lock(&lock);
	while (clock_cond_wait(&cond, &lock, until_ns))
		;
	ck_assert_uint_ge(clock_now_ns(), until_ns);
	ck_assert(!clock_cond_wait(&cond, &lock, 0));
	pthread_mutex_unlock(&lock);
	pthread_cond_destroy(&cond);
}
END_TEST

START_TEST(poll_timeout_of_never_is_endless)
{
	ck_assert_int_eq(clock_poll_timeout_ms(CLOCK_NEVER), -1);
}
END_TEST

START_TEST(poll_timeout_of_the_past_is_none)
{
	ck_assert_int_eq(clock_poll_timeout_ms(0), 0);
	ck_assert_int_eq(clock_poll_timeout_ms(clock_now_ns()), 0);
}
END_TEST

START_TEST(poll_timeout_rounds_up)
{
	uint64_t deadline = clock_deadline_ns(NS_PER_S);
	int timeout = clock_poll_timeout_ms(deadline);

	/* Whatever passed in between, the timeout reaches the deadline. */
	ck_assert_uint_ge(clock_now_ns() + (uint64_t)timeout * NS_PER_MS,
			  deadline);
	ck_assert_int_le(timeout, 1000);
}
END_TEST

START_TEST(poll_timeout_fits_an_int)
{
	ck_assert_int_eq(clock_poll_timeout_ms(CLOCK_NEVER - 1), INT_MAX);
}
END_TEST

START_TEST(utc_text_has_its_form)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
	char text[32];

	clock_utc_text(text);
	ck_assert_uint_eq(strlen(text), strlen(form));
	for (size_t i = 0; form[i]; i++) {
		if (form[i] == 'd')
			ck_assert(text[i] >= '0' && text[i] <= '9');
		else
			ck_assert_int_eq(text[i], form[i]);
	}
}
END_TEST

START_TEST(measured_facts_are_positive)
{
	struct clock_facts facts;

	clock_measure(clock_now_ns, &facts);
	ck_assert(facts.cost_ns > 0);
	ck_assert_uint_ge(facts.resolution_ns, 1);
	ck_assert_uint_lt(facts.resolution_ns, NS_PER_S);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base/clock");
	TCase *c = tcase_create("clock");

	tcase_add_test(c, now_never_goes_back);
	tcase_add_test(c, deadline_lies_ahead_by_what_was_asked);
	tcase_add_test(c, deadline_saturates);
	tcase_add_test(c, a_wait_ends_when_its_time_has_come);
	tcase_add_test(c, poll_timeout_of_never_is_endless);
	tcase_add_test(c, poll_timeout_of_the_past_is_none);
	tcase_add_test(c, poll_timeout_rounds_up);
	tcase_add_test(c, poll_timeout_fits_an_int);
	tcase_add_test(c, utc_text_has_its_form);
	tcase_add_test(c, measured_facts_are_positive);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
