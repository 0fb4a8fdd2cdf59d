/* SPDX-License-Identifier: Apache-2.0 */
#include "core/config/number.h"

#include <float.h>

#include "tests/unit/config/fixture.h"

static void
assert_taken(const char *text, size_t len)
{
	struct weir_error err = { 0 };
	const char *end = NULL;

	ck_assert_msg(!number_take(text, &end, &err), "%s: %s", text,
		      err.text);
	ck_assert_uint_eq((size_t)(end - text), len);
}

static void
assert_refused(const char *text, const char *sentence)
{
	struct weir_error err = { 0 };
	const char *end = NULL;

	ck_assert_int_eq(number_take(text, &end, &err), WEIR_EINVALID);
	ck_assert_msg(strstr(err.text, sentence) != NULL, "%s: %s", text,
		      err.text);
}

START_TEST(taken)
{
	assert_taken("0;", 1);
	assert_taken("2147483647]", 10);
	assert_taken("-2147483648 ", 11);
	assert_taken("2147483648L;", 11);
	assert_taken("9223372036854775807LL;", 21);
	assert_taken("0x7FFFFFFF", 10);
	assert_taken("0xFFFFFFFFL,", 11);
	assert_taken("+5}", 2);
	assert_taken("1.5e-3;", 6);
	assert_taken(".5)", 2);
	assert_taken("99999999999999999999.0;", 22);
	assert_taken("1e300/", 5);
}
END_TEST

START_TEST(beyond_32_bits)
{
	assert_refused("2147483648;", "put an L behind it");
	assert_refused("-2147483649;", "\"-2147483649\"");
	assert_refused("5000000000;", "5000000000L or \"5000000000\"");
	/* libconfig would make -1 of it. */
	assert_refused("0xFFFFFFFF;", "does not fit into 32 bits");
}
END_TEST

START_TEST(beyond_64_bits)
{
	assert_refused("9223372036854775808L;", "does not fit into 64 bits");
	assert_refused("99999999999999999999;", "does not fit into 64 bits");
	assert_refused("0xFFFFFFFFFFFFFFFFL;", "does not fit into 64 bits");
}
END_TEST

START_TEST(units_need_quotes)
{
	assert_refused("1Ki;", "goes in quotes: \"1Ki\"");
	assert_refused("500ms]", "goes in quotes: \"500ms\"");
	assert_refused("0-3;", "goes in quotes: \"0-3\"");
	assert_refused("1.5s\n", "goes in quotes: \"1.5s\"");
	assert_refused("5%;", "goes in quotes: \"5%\"");
	assert_refused("5l;", "goes in quotes: \"5l\"");
}
END_TEST

START_TEST(prints_shortest)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {
		{ 0.1, "0.1" }, { 99.99, "99.99" }, { 75, "75" },
		{ 1.5e300, "1.5e+300" }, { -0.25, "-0.25" },
		{ 0.1 + 0.2, "0.30000000000000004" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text t = { 0 };

		number_print(cases[i].value, &t);
		ck_assert_str_eq(text_get(&t), cases[i].text);
		text_fini(&t);
	}
}
END_TEST

START_TEST(print_reads_back)
{
	static const double values[] = { DBL_MAX, DBL_MIN, DBL_EPSILON,
					 1.0 / 3, 99.999, 1e15 + 0.5 };

	for (size_t i = 0; i < COUNT(values); i++) {
		struct text t = { 0 };

		number_print(values[i], &t);
		ck_assert(strtod(text_get(&t), NULL) == values[i]);
		text_fini(&t);
	}
}
END_TEST

static Suite *
suite(void)
{
	const TTest *const tests[] = {
		taken, beyond_32_bits, beyond_64_bits, units_need_quotes,
		prints_shortest, print_reads_back,
	};

	return fixture_suite("number", tests, COUNT(tests));
}

UNIT_MAIN(suite)
