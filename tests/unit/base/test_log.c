/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/unit.h"

/* Standard error is a pipe in packet mode: each write to it is one read. */
static int log_end = -1;

static void
redirect(void)
{
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC | O_NONBLOCK | O_DIRECT), 0);
	ck_assert_int_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	close(ends[1]);
	log_end = ends[0];
}

static void
restore(void)
{
	close(log_end);
	log_level = WEIR_LOG_WARN;
	log_set_name("weir");
}

/* The next write to the log; "" where there is none. */
static const char *
next_line(void)
{
	static char line[4097];
	ssize_t n = read(log_end, line, sizeof(line) - 1);

	line[n > 0 ? n : 0] = '\0';
	return line;
}

START_TEST(line_has_its_form)
{
	log_write(WEIR_LOG_WARN, "%d of %s", 3, "four");
	ck_assert_str_eq(next_line(), "weir: warn: 3 of four\n");
	ck_assert_str_eq(next_line(), "");
}
END_TEST

START_TEST(name_can_be_set)
{
	log_set_name("weir client");
	log_error("gone");
	ck_assert_str_eq(next_line(), "weir client: error: gone\n");
}
END_TEST

START_TEST(level_filters)
{
	ck_assert_int_eq(log_level, WEIR_LOG_WARN);
	log_info("unseen");
	log_debug("unseen");
	log_warn("seen");
	ck_assert_str_eq(next_line(), "weir: warn: seen\n");
	log_level = WEIR_LOG_DEBUG;
	log_debug("seen");
	ck_assert_str_eq(next_line(), "weir: debug: seen\n");
}
END_TEST

START_TEST(level_that_is_off_evaluates_nothing)
{
	int calls = 0;

	log_debug("%d", ++calls);
	ck_assert_int_eq(calls, 0);
}
END_TEST

START_TEST(controls_are_replaced)
{
	log_error("peer says \"%s\"", "x\nweir: error: forged\x1b[1m");
	ck_assert_str_eq(next_line(), "weir: error: peer says "
				      "\"x?weir: error: forged?[1m\"\n");
}
END_TEST

START_TEST(trailing_newlines_are_dropped)
{
	log_error("from a plugin\n\n");
	ck_assert_str_eq(next_line(), "weir: error: from a plugin\n");
}
END_TEST

START_TEST(long_line_is_cut_and_whole)
{
	char text[5000];
	const char *line;
	size_t len;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_error("%s", text);
	line = next_line();
	len = strlen(line);
	ck_assert_uint_gt(len, 2000);
	ck_assert_str_eq(line + len - 5, "x...\n");
	ck_assert_str_eq(next_line(), "");
}
END_TEST

START_TEST(errno_is_kept)
{
	int unwritable = open("/dev/null", O_RDONLY | O_CLOEXEC);

	ck_assert_int_eq(dup2(unwritable, STDERR_FILENO), STDERR_FILENO);
	close(unwritable);
	errno = EXDEV;
	log_error("nobody hears %d", 1);
	ck_assert_int_eq(errno, EXDEV);
}
END_TEST

START_TEST(levels_have_names)
{
	for (int i = WEIR_LOG_ERROR; i <= WEIR_LOG_TRACE; i++)
		ck_assert_int_eq(log_level_parse(log_level_name(i)), i);
	ck_assert_int_eq(log_level_parse("error"), WEIR_LOG_ERROR);
	ck_assert_int_eq(log_level_parse("trace"), WEIR_LOG_TRACE);
	ck_assert_int_eq(log_level_parse(""), -1);
	ck_assert_int_eq(log_level_parse("Error"), -1);
	ck_assert_int_eq(log_level_parse("warning"), -1);
	ck_assert_str_eq(log_level_name(-1), "unknown");
	ck_assert_str_eq(log_level_name(99), "unknown");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base/log");
	TCase *c = tcase_create("log");

	tcase_add_checked_fixture(c, redirect, restore);
	tcase_add_test(c, line_has_its_form);
	tcase_add_test(c, name_can_be_set);
	tcase_add_test(c, level_filters);
	tcase_add_test(c, level_that_is_off_evaluates_nothing);
	tcase_add_test(c, controls_are_replaced);
	tcase_add_test(c, trailing_newlines_are_dropped);
	tcase_add_test(c, long_line_is_cut_and_whole);
	tcase_add_test(c, errno_is_kept);
	tcase_add_test(c, levels_have_names);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
