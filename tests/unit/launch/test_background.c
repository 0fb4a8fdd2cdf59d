/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What runs beside a trial begins, and is gone at its end with all that it
 * started. The commands tell their pid through a FIFO of the test's folder.
 */
#include "core/launch/background.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/text.h"
#include "tests/unit/unit.h"

#define WAIT_MS 20000

static char folder[32];
static char fifo[64];
static int from;
static struct weir_error err;
static char how[BACKGROUND_HOW_BYTES];
static struct background *background;

static void
set_up(void)
{
	snprintf(folder, sizeof(folder), "/tmp/weir-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(fifo, sizeof(fifo), "%s/pids", folder);
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	from = open(fifo, O_RDWR);
	ck_assert_int_ge(from, 0);
}

static void
tear_down(void)
{
	close(from);
	unlink(fifo);
	rmdir(folder);
}

/* Every @ of the command stands for the FIFO. */
static void
start(const char *command)
{
	struct text t = { 0 };

	for (const char *p = command; *p; p++)
		if (*p == '@')
			text_add(&t, fifo);
		else
			text_add_bytes(&t, p, 1);
	ck_assert_msg(background_start(text_get(&t), &background, &err) ==
		      WEIR_OK, "%s", err.text);
	ck_assert_ptr_nonnull(background);
	text_fini(&t);
}

/* The next pid that a command tells. */
static pid_t
next_pid(void)
{
	struct pollfd fd = { .fd = from, .events = POLLIN };
	char text[16] = "";

	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		ck_assert_int_eq(poll(&fd, 1, WAIT_MS), 1);
		ck_assert_int_eq(read(from, text + n, 1), 1);
		if (text[n] == '\n')
			break;
	}
	return (pid_t)atoi(text);
}

/* Of others' children nothing but their absence can be seen. */
static bool
is_gone(pid_t pid)
{
	for (int ms = 0; ms < WAIT_MS; ms++) {
		if (kill(pid, 0) != 0 && errno == ESRCH)
			return true;
		poll(NULL, 0, 1);
	}
	return false;
}

START_TEST(nothing_is_started_for_none)
{
	ck_assert_int_eq(background_start("none", &background, &err), WEIR_OK);
	ck_assert_ptr_null(background);
	ck_assert_int_eq(background_start(NULL, &background, &err), WEIR_OK);
	ck_assert_ptr_null(background);
	background_end(NULL, how);
	ck_assert_str_eq(how, "");
}
END_TEST

START_TEST(a_command_runs_until_the_end)
{
	pid_t pid;

	start("sh -c 'echo $$ >@; exec sleep 1000'");
	pid = next_pid();
	ck_assert_int_eq(getpgid(pid), pid);
	ck_assert_int_eq(kill(pid, 0), 0);
	background_end(background, how);
	ck_assert_str_eq(how, "");
	ck_assert(is_gone(pid));
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

/* One of the group, one that ignores what it can, one that has left it. */
START_TEST(all_of_it_is_ended)
{
	pid_t pids[3];

	start("sh -c 'sh -c \"echo \\$\\$; exec sleep 1000\" >@ & "
	      "(trap \"\" TERM; sh -c \"echo \\$\\$; exec sleep 1000\" >@) & "
	      "setsid sh -c \"echo \\$\\$; exec sleep 1000\" >@ & wait'");
	for (int i = 0; i < 3; i++)
		pids[i] = next_pid();
	background_end(background, how);
	for (int i = 0; i < 3; i++)
		ck_assert(is_gone(pids[i]));
}
END_TEST

START_TEST(an_early_end_is_told)
{
	struct pollfd never = { .fd = -1 };

	start("sh -c 'echo $$ >@; exit 3'");
	ck_assert(next_pid() > 0);
	/* Its number stays taken until the guard's end, so that the end can
	 * be told only by the guard. */
	for (int ms = 0; ms < WAIT_MS && !*how; ms += 100) {
		poll(&never, 1, 100);
		background_end(background, how);
		if (!*how)
			start("sh -c 'echo $$ >@; exit 3'");
	}
	ck_assert_str_eq(how, "it ended with exit code 3");
}
END_TEST

START_TEST(what_is_not_there_is_not_available)
{
	ck_assert_int_eq(background_start("/nowhere/stress", &background,
					  &err), WEIR_EUNAVAILABLE);
	ck_assert_int_eq(err.status, WEIR_EUNAVAILABLE);
	ck_assert_ptr_nonnull(strstr(err.text, "\"/nowhere/stress\""));
	ck_assert_ptr_nonnull(strstr(err.text, strerror(ENOENT)));
	ck_assert_int_eq(background_start("/etc/passwd x", &background, &err),
			 WEIR_EUNAVAILABLE);
	ck_assert_int_eq(background_start("'", &background, &err),
			 WEIR_EINVALID);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

/* Whoever started it is killed, with no time to end anything. */
START_TEST(it_does_not_outlive_who_started_it)
{
	pid_t starter = fork(), pid;

	if (starter == 0) {
		start("sh -c 'echo $$ >@; exec sleep 1000'");
		for (;;)
			pause();
	}
	pid = next_pid();
	ck_assert_int_eq(kill(starter, SIGKILL), 0);
	ck_assert_int_eq(waitpid(starter, NULL, 0), starter);
	ck_assert(is_gone(pid));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("launch/background");
	TCase *c = tcase_create("background");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, nothing_is_started_for_none);
	tcase_add_test(c, a_command_runs_until_the_end);
	tcase_add_test(c, all_of_it_is_ended);
	tcase_add_test(c, an_early_end_is_told);
	tcase_add_test(c, what_is_not_there_is_not_available);
	tcase_add_test(c, it_does_not_outlive_who_started_it);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
