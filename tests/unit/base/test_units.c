/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/rand.h"
#include "tests/unit/unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Numbers of every magnitude alike, and the edges of each. */
static uint64_t
any_number(struct rand *r)
{
	uint64_t x = rand_next(r) >> rand_below(r, 64);

	switch (rand_below(r, 4)) {
	case 0:
		return x & (UINT64_MAX << rand_below(r, 64));
	case 1:
		return x / 1000000000 * 1000000000;
	case 2:
		return x / 1000 * 1000;
	default:
		return x;
	}
}

/* A positive double of a rate's magnitude with any mantissa. */
static double
any_rate(struct rand *r)
{
	return ldexp(0.5 + rand_double(r) / 2, (int)rand_below(r, 48) - 8);
}

static const struct {
	const char *text;
	uint64_t bytes;
} sizes[] = {
	{ "0", 0 },
	{ "64", 64 },
	{ "007", 7 },
	{ "64B", 64 },
	{ "1k", 1000 },
	{ "1K", 1000 },
	{ "1KB", 1000 },
	{ "1Ki", 1024 },
	{ "1ki", 1024 },
	{ "1KiB", 1024 },
	{ "1MB", 1000000 },
	{ "2MiB", 2097152 },
	{ "1.5Ki", 1536 },
	{ "1.5Mi", 1572864 },
	{ "0.1k", 100 },
	{ "1.50000000000000000000000000000000000000000000k", 1500 },
	{ "0.00000095367431640625Mi", 1 },
	{ "1.0", 1 },
	{ "3T", UINT64_C(3000000000000) },
	{ "15Ei", UINT64_C(15) << 60 },
	{ "15.999999999999999999132638262011596452794037759304046630859375Ei",
	  UINT64_MAX },
	{ "18446744073709551615", UINT64_MAX },
	{ "18.446744073709551615E", UINT64_MAX },
};

START_TEST(size_is_parsed)
{
	uint64_t bytes = 99;

	ck_assert_int_eq(units_parse_size(sizes[_i].text, &bytes, NULL),
			 WEIR_OK);
	ck_assert_uint_eq(bytes, sizes[_i].bytes);
}
END_TEST

static const struct {
	const char *text;
	const char *says;
} bad_sizes[] = {
	{ "", "write bytes as 64" },
	{ "Ki", "write bytes as 64" },
	{ "+1", "write bytes as 64" },
	{ "0x10", "write bytes as 64" },
	{ ".5k", "write bytes as 64" },
	{ "1.k", "write bytes as 64" },
	{ "1.2.3k", "write bytes as 64" },
	{ "1e3", "write bytes as 64" },
	{ "1i", "write bytes as 64" },
	{ "1KiBB", "write bytes as 64" },
	{ "1BB", "write bytes as 64" },
	{ "1,5Ki", "write bytes as 64" },
	{ "1 Ki", "leave out the space" },
	{ " 1", "leave out the space" },
	{ "1\t", "leave out the space" },
	{ "-1", "negative" },
	{ "1KB/s", "leave out the \"/s\"" },
	{ "1m", "upper case" },
	{ "1gb", "upper case" },
	{ "1Kb", "upper case B" },
	{ "1kib", "upper case B" },
	{ "1.0001k", "not a whole number of bytes" },
	{ "1.5", "not a whole number of bytes" },
	{ "0.3Ki", "not a whole number of bytes" },
	{ "18446744073709551616", "too large" },
	{ "16Ei", "too large" },
	{ "18.5E", "too large" },
	{ "99999999999999999999999999999999", "too large" },
};

START_TEST(bad_size_is_refused)
{
	struct weir_error err = { 0 };
	uint64_t bytes = 99;

	ck_assert_int_eq(units_parse_size(bad_sizes[_i].text, &bytes, &err),
			 WEIR_EINVALID);
	ck_assert_ptr_nonnull(strstr(err.text, bad_sizes[_i].says));
	ck_assert_uint_eq(bytes, 99);
}
END_TEST

START_TEST(size_printed_is_size_parsed)
{
	char text[UNITS_TEXT_BYTES];
	struct rand r;

	rand_init(&r, 1);
	for (int i = 0; i < 5000; i++) {
		uint64_t bytes = i == 0 ? UINT64_MAX : any_number(&r);
		uint64_t back = ~bytes;

		units_print_size(bytes, text);
		ck_assert_int_eq(units_parse_size(text, &back, NULL), WEIR_OK);
		ck_assert_uint_eq(back, bytes);
	}
}
END_TEST

START_TEST(size_is_printed_in_its_unit)
{
	char text[UNITS_TEXT_BYTES];

	units_print_size(0, text);
	ck_assert_str_eq(text, "0");
	units_print_size(64, text);
	ck_assert_str_eq(text, "64");
	units_print_size(1024, text);
	ck_assert_str_eq(text, "1Ki");
	units_print_size(1536, text);
	ck_assert_str_eq(text, "1536");
	units_print_size(UINT64_C(3) << 20, text);
	ck_assert_str_eq(text, "3Mi");
	units_print_size(UINT64_C(1) << 63, text);
	ck_assert_str_eq(text, "8Ei");
}
END_TEST

static const struct {
	const char *text;
	uint64_t ns;
} durations[] = {
	{ "0", 0 },
	{ "0.0", 0 },
	{ "0s", 0 },
	{ "100ns", 100 },
	{ "100us", 100000 },
	{ "100\u00b5s", 100000 },
	{ "100\u03bcs", 100000 },
	{ "500ms", 500000000 },
	{ "30s", UINT64_C(30000000000) },
	{ "2m", UINT64_C(120000000000) },
	{ "1h", UINT64_C(3600000000000) },
	{ "1.5s", 1500000000 },
	{ "0.000000001s", 1 },
	{ "18446744073.709551615s", UINT64_MAX },
};

START_TEST(duration_is_parsed)
{
	uint64_t ns = 99;

	ck_assert_int_eq(units_parse_duration(durations[_i].text, &ns, NULL),
			 WEIR_OK);
	ck_assert_uint_eq(ns, durations[_i].ns);
}
END_TEST

static const struct {
	const char *text;
	const char *says;
} bad_durations[] = {
	{ "", "write 500ms or 30s" },
	{ "s", "write 500ms or 30s" },
	{ "-1s", "write 500ms or 30s" },
	{ "1 s", "without a space" },
	{ "1sec", "write 500ms or 30s" },
	{ "1S", "write 500ms or 30s" },
	{ "500", "without a unit: write 500ms or 30s" },
	{ "0.5", "without a unit: write 500ms or 30s" },
	{ "99999999999999999999", "without a unit: write 500ms or 30s" },
	{ "1.5ns", "not a whole number of nanoseconds" },
	{ "0.0000000001s", "not a whole number of nanoseconds" },
	{ "18446744073.709551616s", "too long" },
	{ "5124096h", "too long" },
};

START_TEST(bad_duration_is_refused)
{
	struct weir_error err = { 0 };
	uint64_t ns = 99;

	ck_assert_int_eq(units_parse_duration(bad_durations[_i].text, &ns,
					      &err),
			 WEIR_EINVALID);
	ck_assert_ptr_nonnull(strstr(err.text, bad_durations[_i].says));
	ck_assert_uint_eq(ns, 99);
}
END_TEST

START_TEST(duration_printed_is_duration_parsed)
{
	char text[UNITS_TEXT_BYTES];
	struct rand r;

	rand_init(&r, 2);
	for (int i = 0; i < 5000; i++) {
		uint64_t ns = i == 0 ? UINT64_MAX : any_number(&r);
		uint64_t back = ~ns;

		units_print_duration(ns, text);
		ck_assert_int_eq(units_parse_duration(text, &back, NULL),
				 WEIR_OK);
		ck_assert_uint_eq(back, ns);
	}
}
END_TEST

START_TEST(duration_is_printed_in_its_unit)
{
	char text[UNITS_TEXT_BYTES];

	units_print_duration(0, text);
	ck_assert_str_eq(text, "0s");
	units_print_duration(1500000, text);
	ck_assert_str_eq(text, "1500us");
	units_print_duration(UINT64_C(2000000000), text);
	ck_assert_str_eq(text, "2s");
	units_print_duration(UINT64_C(3600000000000), text);
	ck_assert_str_eq(text, "3600s");
	units_print_duration(7, text);
	ck_assert_str_eq(text, "7ns");
}
END_TEST

static const struct {
	const char *text;
	double per_s;
	const char *prints;
} rates[] = {
	{ "1000", 1000, "1k" },
	{ "10k", 10000, "10k" },
	{ "10k/s", 10000, "10k" },
	{ "10/s", 10, "10" },
	{ "2.5M", 2500000, "2.5M" },
	{ "1G", 1e9, "1G" },
	{ "1000G", 1e12, "1000G" },
	{ "0.1k", 100, "100" },
	{ "0.1", 0.1, "0.1" },
	{ "0.05", 0.05, "0.05" },
	{ "0.001", 0.001, "0.001" },
	{ "12.3", 12.3, "12.3" },
	{ "1234567", 1234567, "1.234567M" },
};

START_TEST(rate_is_parsed_and_printed)
{
	char text[UNITS_TEXT_BYTES];
	double per_s = 99;

	ck_assert_int_eq(units_parse_rate(rates[_i].text, &per_s, NULL),
			 WEIR_OK);
	ck_assert_double_eq(per_s, rates[_i].per_s);
	units_print_rate(per_s, text);
	ck_assert_str_eq(text, rates[_i].prints);
}
END_TEST

static const char *const bad_rates[] = {
	"",
	"0",
	"0.0",
	"-1",
	"k",
	"10 k",
	"10Ki",
	"10/m",
	"10k/s/s",
	"/s",
	"1e3",
	"inf",
	"nan",
	"2000G",
	"0.0001",
	"1.00000000000000000000000000000000000000000000000000000000000000",
};

START_TEST(bad_rate_is_refused)
{
	struct weir_error err = { 0 };
	double per_s = 99;

	ck_assert_int_eq(units_parse_rate(bad_rates[_i], &per_s, &err),
			 WEIR_EINVALID);
	ck_assert_ptr_nonnull(strstr(err.text, "rate"));
	ck_assert_double_eq(per_s, 99);
}
END_TEST

START_TEST(rate_printed_is_rate_parsed)
{
	char text[UNITS_TEXT_BYTES];
	struct rand r;

	rand_init(&r, 3);
	for (int i = 0; i < 5000; i++) {
		double per_s = any_rate(&r);
		double back = 0;

		units_print_rate(per_s, text);
		ck_assert_int_eq(units_parse_rate(text, &back, NULL), WEIR_OK);
		ck_assert_double_eq(back, per_s);
	}
}
END_TEST

START_TEST(rate_that_is_none_still_prints)
{
	char text[UNITS_TEXT_BYTES];

	units_print_rate(0, text);
	ck_assert_str_eq(text, "0");
	units_print_rate(NAN, text);
	units_print_rate(-1e300, text);
	ck_assert_uint_lt(strlen(text), UNITS_TEXT_BYTES);
}
END_TEST

static const struct {
	const char *text;
	int64_t value;
} ints[] = {
	{ "0", 0 },
	{ "-0", 0 },
	{ "1000", 1000 },
	{ "-5", -5 },
	{ "100k", 100000 },
	{ "1.5k", 1500 },
	{ "-10M", -10000000 },
	{ "9223372036854775807", INT64_MAX },
	{ "-9223372036854775808", INT64_MIN },
};

START_TEST(int_is_parsed)
{
	int64_t value = 99;

	ck_assert_int_eq(units_parse_int(ints[_i].text, &value, NULL), WEIR_OK);
	ck_assert_int_eq(value, ints[_i].value);
}
END_TEST

static const char *const bad_ints[] = {
	"",
	"-",
	"--1",
	"+1",
	" 1",
	"1 ",
	"1.5",
	"1Ki",
	"1kk",
	"0x1",
	"1T",
	"9223372036854775808",
	"-9223372036854775809",
	"18446744073709551616",
	"9300000000G",
};

START_TEST(bad_int_is_refused)
{
	int64_t value = 99;

	ck_assert_int_eq(units_parse_int(bad_ints[_i], &value, NULL),
			 WEIR_EINVALID);
	ck_assert_int_eq(value, 99);
}
END_TEST

static const struct {
	const char *text;
	double value;
} doubles[] = {
	{ "0", 0 },        { "-0.5", -0.5 },          { "99.9", 99.9 },
	{ "1e-3", 0.001 }, { "-1.5E+300", -1.5e300 }, { "5e-324", 5e-324 },
};

START_TEST(double_is_parsed)
{
	double value = 99;

	ck_assert_int_eq(units_parse_double(doubles[_i].text, &value, NULL),
			 WEIR_OK);
	ck_assert_double_eq(value, doubles[_i].value);
}
END_TEST

static const char *const bad_doubles[] = {
	"",   "-",   "inf",   "-inf",   "nan", "+1", " 1", "1 ",   "0x1p3",
	"1e", "1e+", "1e400", "1e-400", ".5",  "1.", "1f", "1e5e", "1,5",
};

START_TEST(bad_double_is_refused)
{
	double value = 99;

	ck_assert_int_eq(units_parse_double(bad_doubles[_i], &value, NULL),
			 WEIR_EINVALID);
	ck_assert_double_eq(value, 99);
}
END_TEST

START_TEST(double_printed_is_double_parsed)
{
	char text[UNITS_TEXT_BYTES];
	struct rand r;

	rand_init(&r, 4);
	for (int i = 0; i < 5000; i++) {
		uint64_t bits = rand_next(&r);
		double value;
		double back = 0;

		memcpy(&value, &bits, sizeof(value));
		if (!isfinite(value))
			continue;
		units_print_double(value, text);
		ck_assert_int_eq(units_parse_double(text, &back, NULL),
				 WEIR_OK);
		ck_assert_int_eq(memcmp(&back, &value, sizeof(value)), 0);
	}
}
END_TEST

START_TEST(double_is_printed_plainly_where_short)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ -0.0, "-0" },
		{ 100, "100" },
		{ -99.9, "-99.9" },
		{ 0.1, "0.1" },
		{ 0.00025, "0.00025" },
		{ 1e15, "1000000000000000" },
		{ 1e16, "1e+16" },
		{ 1e-6, "1e-06" },
		{ 999.9999999999999, "999.9999999999999" },
		{ INFINITY, "inf" },
	};
	char text[UNITS_TEXT_BYTES];

	for (size_t i = 0; i < COUNT(cases); i++) {
		units_print_double(cases[i].value, text);
		ck_assert_str_eq(text, cases[i].text);
	}
}
END_TEST

START_TEST(bool_is_parsed)
{
	static const char *const names[] = {
		"false", "true", "no", "yes", "off", "on",
		"0",     "1",    "NO", "Yes", "oFF", "TRUE",
	};

	for (size_t i = 0; i < COUNT(names); i++) {
		uint32_t value = 99;

		ck_assert_int_eq(units_parse_bool(names[i], &value, NULL),
				 WEIR_OK);
		ck_assert_uint_eq(value, i % 2);
	}
}
END_TEST

START_TEST(bad_bool_is_refused)
{
	static const char *const texts[] = { "", "2", "tru", "true ", "y" };

	for (size_t i = 0; i < COUNT(texts); i++) {
		uint32_t value = 99;

		ck_assert_int_eq(units_parse_bool(texts[i], &value, NULL),
				 WEIR_EINVALID);
		ck_assert_uint_eq(value, 99);
	}
}
END_TEST

/* Whatever the bytes, a parser gives a number or a clean sentence. */
START_TEST(parsers_survive_random_text)
{
	static const char likely[] = "0123456789.-+eEkKMGTPiBbmsnuh/ \n\"%";
	struct rand r;

	rand_init(&r, 5);
	for (int i = 0; i < 8000; i++) {
		int status[6];
		struct weir_error err[6] = { 0 };
		char text[96];
		size_t len = (size_t)rand_below(&r, sizeof(text));
		uint64_t u;
		int64_t n;
		uint32_t b;
		double d;

		for (size_t j = 0; j < len; j++)
			text[j] = i % 4 == 0 ?
					  (char)(1 + rand_below(&r, 255)) :
					  likely[rand_below(&r, sizeof(likely) -
									1)];
		text[i % 3 ? len % 8 : len] = '\0';
		status[0] = units_parse_size(text, &u, &err[0]);
		status[1] = units_parse_duration(text, &u, &err[1]);
		status[2] = units_parse_rate(text, &d, &err[2]);
		status[3] = units_parse_int(text, &n, &err[3]);
		status[4] = units_parse_double(text, &d, &err[4]);
		status[5] = units_parse_bool(text, &b, &err[5]);
		for (int j = 0; j < 6; j++) {
			ck_assert(status[j] == WEIR_OK ||
				  status[j] == WEIR_EINVALID);
			ck_assert_int_eq(err[j].status, status[j]);
			ck_assert_ptr_null(strchr(err[j].text, '\n'));
		}
	}
}
END_TEST

START_TEST(parsers_survive_a_very_long_text)
{
	static char text[100001];
	struct weir_error err;
	uint64_t u;
	double d;

	memset(text, '9', sizeof(text) - 1);
	ck_assert_int_eq(units_parse_size(text, &u, &err), WEIR_EINVALID);
	ck_assert_uint_lt(strlen(err.text), 200);
	ck_assert_int_eq(units_parse_rate(text, &d, &err), WEIR_EINVALID);
	ck_assert_int_eq(units_parse_double(text, &d, &err), WEIR_EINVALID);
	text[1] = '.';
	memset(text + 2, '0', sizeof(text) - 3);
	ck_assert_int_eq(units_parse_size(text, &u, &err), WEIR_OK);
	ck_assert_uint_eq(u, 9);
}
END_TEST

static const struct {
	double value;
	const char *ns;
	const char *rate;
	const char *bytes;
} scaled[] = {
	{ 0, "0 ns", "0 /s", "0 B/s" },
	{ 0.5, "0.50 ns", "0.50 /s", "0.50 B/s" },
	{ 9.994, "9.99 ns", "9.99 /s", "9.99 B/s" },
	{ 9.996, "10.0 ns", "10.0 /s", "10.0 B/s" },
	{ 99.96, "100 ns", "100 /s", "100 B/s" },
	{ 999.4, "999 ns", "999 /s", "999 B/s" },
	{ 999.6, "1.00 us", "1.00 k/s", "1.00 kB/s" },
	{ 1234, "1.23 us", "1.23 k/s", "1.23 kB/s" },
	{ 45600000, "45.6 ms", "45.6 M/s", "45.6 MB/s" },
	{ 3.4e9, "3.40 s", "3.40 G/s", "3.40 GB/s" },
	{ 3.6e12, "3600 s", "3600 G/s", "3.60 TB/s" },
	{ 1e30, "1e+21 s", "1e+21 G/s", "1e+18 TB/s" },
	{ -1500, "-1.50 us", "-1.50 k/s", "-1.50 kB/s" },
	{ NAN, "\u2013", "\u2013", "\u2013" },
};

START_TEST(scaled_text_has_three_digits)
{
	char text[UNITS_TEXT_BYTES];

	units_scale_ns(scaled[_i].value, text);
	ck_assert_str_eq(text, scaled[_i].ns);
	units_scale_rate(scaled[_i].value, text);
	ck_assert_str_eq(text, scaled[_i].rate);
	units_scale_bytes_per_s(scaled[_i].value, text);
	ck_assert_str_eq(text, scaled[_i].bytes);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base/units");
	TCase *c = tcase_create("units");

	tcase_add_loop_test(c, size_is_parsed, 0, COUNT(sizes));
	tcase_add_loop_test(c, bad_size_is_refused, 0, COUNT(bad_sizes));
	tcase_add_test(c, size_printed_is_size_parsed);
	tcase_add_test(c, size_is_printed_in_its_unit);
	tcase_add_loop_test(c, duration_is_parsed, 0, COUNT(durations));
	tcase_add_loop_test(c, bad_duration_is_refused, 0,
			    COUNT(bad_durations));
	tcase_add_test(c, duration_printed_is_duration_parsed);
	tcase_add_test(c, duration_is_printed_in_its_unit);
	tcase_add_loop_test(c, rate_is_parsed_and_printed, 0, COUNT(rates));
	tcase_add_loop_test(c, bad_rate_is_refused, 0, COUNT(bad_rates));
	tcase_add_test(c, rate_printed_is_rate_parsed);
	tcase_add_test(c, rate_that_is_none_still_prints);
	tcase_add_loop_test(c, int_is_parsed, 0, COUNT(ints));
	tcase_add_loop_test(c, bad_int_is_refused, 0, COUNT(bad_ints));
	tcase_add_loop_test(c, double_is_parsed, 0, COUNT(doubles));
	tcase_add_loop_test(c, bad_double_is_refused, 0, COUNT(bad_doubles));
	tcase_add_test(c, double_printed_is_double_parsed);
	tcase_add_test(c, double_is_printed_plainly_where_short);
	tcase_add_test(c, bool_is_parsed);
	tcase_add_test(c, bad_bool_is_refused);
	tcase_add_test(c, parsers_survive_random_text);
	tcase_add_test(c, parsers_survive_a_very_long_text);
	tcase_add_loop_test(c, scaled_text_has_three_digits, 0, COUNT(scaled));
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
