/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of every type, from text into a struct and back.
 */
#include "core/option/option.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/rand.h"
#include "tests/unit/unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* One member of each type. */
struct all {
	uint32_t flag;
	uint32_t wait;
	int64_t number;
	uint64_t size;
	uint64_t timeout;
	double rate;
	double share;
	const char *name;
	const char *cpus;
	struct strings percents;
	struct strings paths;
};

enum {
	FLAG,
	WAIT,
	NUMBER,
	SIZE,
	TIMEOUT,
	RATE,
	SHARE,
	NAME,
	CPUS,
	PERCENTS,
	PATHS,
	N_ROWS
};

static const char *const waits[] = { "block", "spin", "adaptive", NULL };

#define ROW(member, kind, text, ...)                                \
	{                                                           \
		.name = #member, .type = WEIR_OPTION_##kind,        \
		.default_text = (text), .help = "what it is for",   \
		.offset = offsetof(struct all, member), __VA_ARGS__ \
	}

static const struct weir_option rows[N_ROWS] = {
	[FLAG] = ROW(flag, BOOL, "true"),
	[WAIT] = ROW(wait, CHOICE, "adaptive", .choices = waits),
	[NUMBER] = ROW(number, INT, "-5", .min = -10, .max = 1000),
	[SIZE] = ROW(size, SIZE, "1Ki", .min = 1, .max = 16 << 20),
	[TIMEOUT] = ROW(timeout, DURATION, "500ms", .max = INT64_MAX),
	[RATE] = ROW(rate, RATE, "2.5k", .min = 1, .max = 1000000),
	[SHARE] = ROW(share, DOUBLE, "0.5", .min = 0, .max = 1),
	[NAME] = ROW(name, STRING, "a \"name\""),
	[CPUS] = ROW(cpus, CPUS, "0,2-3"),
	[PERCENTS] = ROW(percents, DOUBLE, "[50,99.9]", .max = 100,
			 .flags = WEIR_OPTION_LIST),
	[PATHS] = ROW(paths, STRING, "[]", .flags = WEIR_OPTION_LIST),
};

static const struct option_table table = { rows, N_ROWS, sizeof(struct all) };

/* The print of one row, in memory that the next call takes over. */
static const char *
print(size_t row, const struct all *values)
{
	static char printed[256];
	struct text t = { 0 };

	option_print(&rows[row], values, &t);
	snprintf(printed, sizeof(printed), "%s", text_get(&t));
	text_fini(&t);
	return printed;
}

START_TEST(find_knows_every_name)
{
	for (size_t i = 0; i < N_ROWS; i++)
		ck_assert_ptr_eq(option_find(&table, rows[i].name), &rows[i]);
	ck_assert_ptr_null(option_find(&table, "Flag"));
	ck_assert_ptr_null(option_find(&table, ""));
}
END_TEST

START_TEST(defaults_fill_the_struct)
{
	struct all v;

	memset(&v, 0xff, sizeof(v));
	ck_assert_int_eq(option_defaults(&table, &v, NULL), WEIR_OK);
	ck_assert_uint_eq(v.flag, 1);
	ck_assert_uint_eq(v.wait, 2);
	ck_assert_int_eq(v.number, -5);
	ck_assert_uint_eq(v.size, 1024);
	ck_assert_uint_eq(v.timeout, 500000000);
	ck_assert_double_eq(v.rate, 2500);
	ck_assert_double_eq(v.share, 0.5);
	ck_assert_str_eq(v.name, "a \"name\"");
	ck_assert_str_eq(v.cpus, "0,2-3");
	ck_assert_uint_eq(v.percents.n, 2);
	ck_assert_str_eq(v.percents.at[1], "99.9");
	ck_assert_uint_eq(v.paths.n, 0);
	option_fini(&table, &v);
	ck_assert_ptr_null(v.name);
	option_fini(&table, &v);
}
END_TEST

START_TEST(default_prints_as_it_was_written)
{
	struct all v;

	ck_assert_int_eq(option_defaults(&table, &v, NULL), WEIR_OK);
	for (size_t i = 0; i < N_ROWS; i++)
		ck_assert_str_eq(print(i, &v), rows[i].default_text);
	option_fini(&table, &v);
}
END_TEST

START_TEST(empty_table_is_good)
{
	struct option_table none = { NULL, 0, 0 };
	char values[1];

	ck_assert_int_eq(option_defaults(&none, values, NULL), WEIR_OK);
	option_fini(&none, values);
}
END_TEST

START_TEST(set_replaces_strings)
{
	struct all v;

	ck_assert_int_eq(option_defaults(&table, &v, NULL), WEIR_OK);
	ck_assert_int_eq(option_set(&rows[NAME], "new", &v, NULL), WEIR_OK);
	ck_assert_str_eq(v.name, "new");
	/* Its own text, too. */
	ck_assert_int_eq(option_set(&rows[NAME], v.name, &v, NULL), WEIR_OK);
	ck_assert_str_eq(v.name, "new");
	ck_assert_int_eq(option_set(&rows[NAME], "", &v, NULL), WEIR_OK);
	ck_assert_str_eq(v.name, "");
	option_fini(&table, &v);
}
END_TEST

static const struct {
	size_t row;
	const char *text;
	const char *says;
} bad_values[] = {
	{ FLAG, "maybe", "flag: \"maybe\" is neither true nor false" },
	{ WAIT, "adaptiv",
	  "wait: \"adaptiv\" is not one of block, spin, adaptive; "
	  "did you mean adaptive?" },
	{ WAIT, "poll", "wait: \"poll\" is not one of block, spin, adaptive" },
	{ WAIT, "Spin",
	  "wait: \"Spin\" is not one of block, spin, adaptive; "
	  "did you mean spin?" },
	{ NUMBER, "-11",
	  "number: \"-11\" is out of range, which is -10 \u2026 1000" },
	{ NUMBER, "2k",
	  "number: \"2k\" is out of range, which is -10 \u2026 1000" },
	{ SIZE, "0", "size: \"0\" is out of range, which is 1 \u2026 16Mi" },
	{ SIZE, "16385Ki",
	  "size: \"16385Ki\" is out of range, which is 1 \u2026 16Mi" },
	{ SIZE, "15Ei",
	  "size: \"15Ei\" is out of range, which is 1 \u2026 16Mi" },
	{ TIMEOUT, "5",
	  "timeout: \"5\" is a duration without a unit: write "
	  "500ms or 30s" },
	{ TIMEOUT, "9223372037s",
	  "timeout: \"9223372037s\" is out of range, which is at least 0s" },
	{ RATE, "0.5", "rate: \"0.5\" is out of range, which is 1 \u2026 1M" },
	{ SHARE, "1.01",
	  "share: \"1.01\" is out of range, which is 0 \u2026 1" },
	{ SHARE, "-1e-9",
	  "share: \"-1e-9\" is out of range, which is 0 \u2026 1" },
	{ CPUS, "3-2",
	  "cpus: \"3-2\" is not a list of CPUs: write auto, none, "
	  "or ascending ranges of numbers below 4096, as 0,2-3" },
	{ PERCENTS, "50,101",
	  "percents: \"101\" is out of range, which is 0 \u2026 100" },
	{ PERCENTS, "[50,",
	  "percents: \"[50,\" is not a list: write a,b or "
	  "[a,b], an element with a comma in double quotes" },
};

START_TEST(bad_value_is_refused_and_changes_nothing)
{
	struct weir_error err = { 0 };
	char before[256];
	struct all v;
	const struct weir_option *row = &rows[bad_values[_i].row];

	ck_assert_int_eq(option_defaults(&table, &v, NULL), WEIR_OK);
	snprintf(before, sizeof(before), "%s", print(bad_values[_i].row, &v));
	ck_assert_int_eq(option_set(row, bad_values[_i].text, &v, &err),
			 WEIR_EINVALID);
	ck_assert_str_eq(err.text, bad_values[_i].says);
	ck_assert_int_eq(option_set(row, bad_values[_i].text, &v, NULL),
			 WEIR_EINVALID);
	ck_assert_str_eq(print(bad_values[_i].row, &v), before);
	option_fini(&table, &v);
}
END_TEST

START_TEST(range_includes_its_ends)
{
	struct all v;

	ck_assert_int_eq(option_defaults(&table, &v, NULL), WEIR_OK);
	ck_assert_int_eq(option_set(&rows[NUMBER], "-10", &v, NULL), WEIR_OK);
	ck_assert_int_eq(option_set(&rows[NUMBER], "1k", &v, NULL), WEIR_OK);
	ck_assert_int_eq(option_set(&rows[SIZE], "1", &v, NULL), WEIR_OK);
	ck_assert_int_eq(option_set(&rows[SIZE], "16Mi", &v, NULL), WEIR_OK);
	ck_assert_int_eq(option_set(&rows[SHARE], "1.0", &v, NULL), WEIR_OK);
	ck_assert_int_eq(option_set(&rows[RATE], "1M/s", &v, NULL), WEIR_OK);
	option_fini(&table, &v);
}
END_TEST

START_TEST(cpu_lists_are_checked)
{
	static const char *const good[] = {
		"0", "0,2-3", "4095", "3,1", "2-2", "auto", "none",
	};
	static const char *const bad[] = {
		"",     ",",    "0,",    ",0",   "-1",
		"1-",   "0--1", "1-2-3", "4096", "99999999999999999999",
		"0 ,1", "0x1",  "a",     "AUTO", "0,auto",
	};

	for (size_t i = 0; i < COUNT(good); i++)
		ck_assert_int_eq(option_check(&rows[CPUS], good[i], NULL, NULL),
				 WEIR_OK);
	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_int_eq(option_check(&rows[CPUS], bad[i], NULL, NULL),
				 WEIR_EINVALID);
}
END_TEST

START_TEST(check_gives_the_canonical_text)
{
	static const struct {
		size_t row;
		const char *text;
		const char *canonical;
	} cases[] = {
		{ FLAG, "ON", "true" },       { WAIT, "spin", "spin" },
		{ NUMBER, "0.5k", "500" },    { SIZE, "1024", "1Ki" },
		{ TIMEOUT, "0.5s", "500ms" }, { RATE, "1000/s", "1k" },
		{ SHARE, "5e-1", "0.5" },     { NAME, "1024", "1024" },
		{ CPUS, "1", "1" },           { PERCENTS, "99.90", "99.9" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *canonical = NULL;

		ck_assert_int_eq(option_check(&rows[cases[i].row],
					      cases[i].text, &canonical, NULL),
				 WEIR_OK);
		ck_assert_str_eq(canonical, cases[i].canonical);
		free(canonical);
	}
}
END_TEST

/* Any value of a row of that type, into the struct; strings stay. */
static void
randomise(struct rand *r, struct all *v)
{
	v->flag = (uint32_t)rand_below(r, 2);
	v->wait = (uint32_t)rand_below(r, 3);
	v->number = (int64_t)rand_below(r, 1011) - 10;
	v->size = 1 + rand_below(r, 16 << 20);
	v->timeout = rand_next(r) >> (1 + rand_below(r, 63));
	v->rate = 1 + rand_double(r) * 999999;
	v->share = ldexp(rand_double(r), -(int)rand_below(r, 200));
}

START_TEST(print_then_set_is_identity)
{
	struct rand r;
	struct all v;
	struct all back;

	rand_init(&r, 1);
	ck_assert_int_eq(option_defaults(&table, &v, NULL), WEIR_OK);
	ck_assert_int_eq(option_defaults(&table, &back, NULL), WEIR_OK);
	for (int n = 0; n < 500; n++) {
		randomise(&r, &v);
		for (size_t i = 0; i < N_ROWS; i++)
			ck_assert_int_eq(option_set(&rows[i], print(i, &v),
						    &back, NULL),
					 WEIR_OK);
		ck_assert_int_eq(memcmp(&back, &v, offsetof(struct all, name)),
				 0);
		ck_assert_str_eq(back.name, v.name);
		ck_assert_str_eq(back.cpus, v.cpus);
		ck_assert_uint_eq(back.percents.n, v.percents.n);
	}
	option_fini(&table, &v);
	option_fini(&table, &back);
}
END_TEST

START_TEST(type_is_described)
{
	static const char *const expected[N_ROWS] = {
		[FLAG] = "true or false",
		[WAIT] = "one of block, spin, adaptive",
		[NUMBER] = "whole number, -10 \u2026 1000",
		[SIZE] = "size in bytes, 1 \u2026 16Mi",
		[TIMEOUT] = "duration, at least 0s",
		[RATE] = "rate per second, 1 \u2026 1M",
		[SHARE] = "number, 0 \u2026 1",
		[NAME] = "text",
		[CPUS] = "auto, none or CPUs as 0,2-3",
		[PERCENTS] = "list of: number, 0 \u2026 100",
		[PATHS] = "list of: text",
	};

	for (size_t i = 0; i < N_ROWS; i++) {
		struct text t = { 0 };

		option_describe_type(&rows[i], &t);
		ck_assert_str_eq(text_get(&t), expected[i]);
		text_fini(&t);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("option/option");
	TCase *c = tcase_create("option");

	tcase_add_test(c, find_knows_every_name);
	tcase_add_test(c, defaults_fill_the_struct);
	tcase_add_test(c, default_prints_as_it_was_written);
	tcase_add_test(c, empty_table_is_good);
	tcase_add_test(c, set_replaces_strings);
	tcase_add_loop_test(c, bad_value_is_refused_and_changes_nothing, 0,
			    COUNT(bad_values));
	tcase_add_test(c, range_includes_its_ends);
	tcase_add_test(c, cpu_lists_are_checked);
	tcase_add_test(c, check_gives_the_canonical_text);
	tcase_add_test(c, print_then_set_is_identity);
	tcase_add_test(c, type_is_described);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
