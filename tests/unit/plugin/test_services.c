/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/plugin/plugin.h"
#include "tests/unit/unit.h"

/* What the services wrote to the log at that level in force. */
static const char *
logged(int in_force, int level, const char *word)
{
	static char said[4096];
	int saved = dup(STDERR_FILENO);
	int fds[2];
	ssize_t n;

	ck_assert_int_ge(saved, 0);
	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_ge(dup2(fds[1], STDERR_FILENO), 0);
	ck_assert_int_eq(close(fds[1]), 0);
	log_level = in_force;
	errno = EXDEV;
	plugin_services()->log(level, "a %s", word);
	ck_assert_int_eq(errno, EXDEV);
	ck_assert_int_ge(dup2(saved, STDERR_FILENO), 0);
	ck_assert_int_eq(close(saved), 0);
	n = read(fds[0], said, sizeof(said) - 1);
	ck_assert_int_ge(n, 0);
	said[n] = '\0';
	ck_assert_int_eq(close(fds[0]), 0);
	return said;
}

START_TEST(head_is_filled)
{
	const struct weir_services *services = plugin_services();

	ck_assert_uint_eq(services->abi, WEIR_ABI);
	ck_assert_uint_eq(services->size, sizeof(*services));
}
END_TEST

START_TEST(clock_is_monotonic)
{
	uint64_t before = plugin_services()->now_ns();

	ck_assert_uint_gt(before, 0);
	ck_assert_uint_ge(plugin_services()->now_ns(), before);
}
END_TEST

START_TEST(level_in_force_speaks)
{
	ck_assert_str_eq(logged(WEIR_LOG_WARN, WEIR_LOG_WARN, "word"),
			 "weir: warn: a word\n");
}
END_TEST

START_TEST(lower_level_is_silent)
{
	ck_assert_str_eq(logged(WEIR_LOG_WARN, WEIR_LOG_INFO, "word"), "");
}
END_TEST

START_TEST(odd_level_is_an_error)
{
	ck_assert_str_eq(logged(WEIR_LOG_WARN, -7, "word"),
			 "weir: error: a word\n");
}
END_TEST

START_TEST(long_line_is_cut)
{
	char word[3000];

	memset(word, 'x', sizeof(word));
	word[sizeof(word) - 1] = '\0';
	ck_assert_uint_lt(strlen(logged(WEIR_LOG_WARN, WEIR_LOG_ERROR, word)),
			  sizeof(word));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("services");
	TCase *t = tcase_create("services");

	tcase_add_test(t, head_is_filled);
	tcase_add_test(t, clock_is_monotonic);
	tcase_add_test(t, level_in_force_speaks);
	tcase_add_test(t, lower_level_is_silent);
	tcase_add_test(t, odd_level_is_an_error);
	tcase_add_test(t, long_line_is_cut);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite)
