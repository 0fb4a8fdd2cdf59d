/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/progress.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/result/utf8.h"
#include "tests/unit/unit.h"

static struct output_progress p;
static char said[1024];
static int saved, file;

static void
set_up(void)
{
	saved = dup(STDERR_FILENO);
	file = memfd_create("stderr", MFD_CLOEXEC);
	ck_assert_int_ge(saved, 0);
	ck_assert_int_ge(file, 0);
	ck_assert_int_ge(dup2(file, STDERR_FILENO), 0);
	p = (struct output_progress){ .on = true,
				      .n_trials = 54,
				      .started_ns = clock_now_ns() };
}

static void
tear_down(void)
{
	ck_assert_int_ge(dup2(saved, STDERR_FILENO), 0);
	close(saved);
	close(file);
}

static const char *
what_was_said(void)
{
	ssize_t n = pread(file, said, sizeof(said) - 1, 0);

	ck_assert_int_ge(n, 0);
	said[n] = '\0';
	return said;
}

START_TEST(a_file_is_no_terminal)
{
	output_progress_start(&p, false, 3);
	ck_assert(!p.on);
	output_progress_step(&p, 0, "x");
	output_progress_end(&p);
	ck_assert_str_eq(what_was_said(), "");
}
END_TEST

START_TEST(quiet_is_quiet)
{
	output_progress_start(&p, true, 3);
	ck_assert(!p.on);
}
END_TEST

START_TEST(a_wait_is_quiet_on_a_file_too)
{
	output_progress_wait(&p, false, "a host");
	ck_assert(!p.on);
	output_progress_end(&p);
	ck_assert_str_eq(what_was_said(), "");
}
END_TEST

/* A terminal hands over what was written as it likes, in pieces or not. */
static void
read_all(int terminal, size_t n)
{
	size_t at = 0;

	while (at < n) {
		ssize_t some = read(terminal, said + at, n - at);

		ck_assert_int_gt(some, 0);
		at += (size_t)some;
	}
	said[n] = '\0';
}

/* On a terminal: what it shows. */
START_TEST(a_wait_says_for_what)
{
	static const char shown[] = "\r\033[Kwaiting for a host at "
				    "\xef\xbf\xbdx" "\r\033[K";
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), other;

	ck_assert_int_ge(terminal, 0);
	ck_assert_int_eq(grantpt(terminal), 0);
	ck_assert_int_eq(unlockpt(terminal), 0);
	other = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
	ck_assert_int_ge(other, 0);
	ck_assert_int_ge(dup2(other, STDERR_FILENO), 0);
	output_progress_wait(&p, true, "nothing");
	output_progress_wait(&p, false, "a host at \033x");
	output_progress_end(&p);
	read_all(terminal, strlen(shown));
	ck_assert_str_eq(said, shown);
	close(other);
	close(terminal);
}
END_TEST

START_TEST(the_first_step_knows_no_time)
{
	output_progress_step(&p, 0, "uds/round_trip/64");
	ck_assert_str_eq(what_was_said(),
			 "\r\033[Ktrial 1 of 54 · uds/round_trip/64");
}
END_TEST

START_TEST(later_steps_tell_what_is_left)
{
	p.n_trials = 4;
	p.started_ns -= 100 * NS_PER_S;
	output_progress_step(&p, 2, "x");
	ck_assert_str_eq(what_was_said(),
			 "\r\033[Ktrial 3 of 4 · 1 min 40 s left · x");
}
END_TEST

START_TEST(long_runs_are_told_in_hours)
{
	p.n_trials = 3;
	p.started_ns -= 2 * 3600 * NS_PER_S;
	output_progress_step(&p, 1, "x");
	ck_assert_str_eq(what_was_said(),
			 "\r\033[Ktrial 2 of 3 · 4 h 0 min left · x");
}
END_TEST

START_TEST(a_long_line_is_cut_to_one)
{
	char id[200];

	memset(id, 'i', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	output_progress_step(&p, 0, id);
	ck_assert_uint_eq(utf8_width(what_was_said()), 79 + strlen("\r\033[K"));
}
END_TEST

START_TEST(the_end_erases_once)
{
	output_progress_end(&p);
	output_progress_end(&p);
	ck_assert_str_eq(what_was_said(), "\r\033[K");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("output/progress");
	TCase *c = tcase_create("progress");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, a_file_is_no_terminal);
	tcase_add_test(c, quiet_is_quiet);
	tcase_add_test(c, a_wait_is_quiet_on_a_file_too);
	tcase_add_test(c, a_wait_says_for_what);
	tcase_add_test(c, the_first_step_knows_no_time);
	tcase_add_test(c, later_steps_tell_what_is_left);
	tcase_add_test(c, long_runs_are_told_in_hours);
	tcase_add_test(c, a_long_line_is_cut_to_one);
	tcase_add_test(c, the_end_erases_once);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
