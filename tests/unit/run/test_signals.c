/* SPDX-License-Identifier: Apache-2.0 */
#include "core/run/signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static const int stopping[] = { SIGINT, SIGTERM, SIGHUP };
#define N_STOPPING ((int)(sizeof(stopping) / sizeof(stopping[0])))

static void
install(void)
{
	for (int i = 0; i < N_STOPPING; i++)
		signal(stopping[i], SIG_DFL);
	ck_assert_int_eq(signals_install(NULL), WEIR_OK);
}

static int
is_readable(void)
{
	struct pollfd stop = { .fd = signals_stop_fd(), .events = POLLIN };

	return poll(&stop, 1, 0) == 1;
}

/* How a process ends in which this runs and then returns: its wait status,
 * which is that of exit code 0 if it does. */
static int
ending_of(void (*what)(int), int argument)
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		what(argument);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

START_TEST(nothing_has_come_yet)
{
	install();
	ck_assert(!is_readable());
	ck_assert_int_eq(signals_received(), 0);
	signals_die(); /* returns */
}
END_TEST

START_TEST(a_signal_is_told_and_waits)
{
	install();
	raise(stopping[_i]);
	ck_assert(is_readable());
	ck_assert_int_eq(signals_received(), stopping[_i]);
}
END_TEST

START_TEST(a_signal_leaves_errno_alone)
{
	install();
	errno = ENOENT;
	raise(SIGTERM);
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

START_TEST(what_was_ignored_stays_ignored)
{
	install();
	signal(stopping[_i], SIG_IGN);
	ck_assert_int_eq(signals_install(NULL), WEIR_OK);
	raise(stopping[_i]);
	ck_assert(!is_readable());
	ck_assert_int_eq(signals_received(), 0);
}
END_TEST

START_TEST(a_broken_pipe_is_an_error_only)
{
	int fds[2];

	install();
	ck_assert_int_eq(pipe(fds), 0);
	close(fds[0]);
	ck_assert_int_lt(write(fds[1], "x", 1), 0);
	ck_assert_int_eq(errno, EPIPE);
	close(fds[1]);
}
END_TEST

static void
be_told_again_and_again(int signal_number)
{
	install();
	for (int i = 0; i < 200; i++) {
		raise(signal_number);
		poll(NULL, 0, 50);
	}
}

START_TEST(who_insists_kills)
{
	int status = ending_of(be_told_again_and_again, stopping[_i]);

	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), stopping[_i]);
}
END_TEST

static void
die_of(int signal_number)
{
	install();
	raise(signal_number);
	signals_die();
}

START_TEST(the_end_is_the_signals)
{
	int status = ending_of(die_of, stopping[_i]);

	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), stopping[_i]);
}
END_TEST

static void
die_of_one_that_is_blocked(int signal_number)
{
	sigset_t set;

	install();
	raise(signal_number);
	sigemptyset(&set);
	sigaddset(&set, signal_number);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals_die();
}

START_TEST(the_end_comes_though_the_signal_is_blocked)
{
	int status = ending_of(die_of_one_that_is_blocked, SIGTERM);

	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 128 + SIGTERM);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("run/signals");
	TCase *come = tcase_create("come");
	TCase *end = tcase_create("end");

	tcase_add_test(come, nothing_has_come_yet);
	tcase_add_loop_test(come, a_signal_is_told_and_waits, 0, N_STOPPING);
	tcase_add_test(come, a_signal_leaves_errno_alone);
	tcase_add_loop_test(come, what_was_ignored_stays_ignored, 0,
			    N_STOPPING);
	tcase_add_test(come, a_broken_pipe_is_an_error_only);
	tcase_set_timeout(end, 30);
	tcase_add_loop_test(end, who_insists_kills, 0, N_STOPPING);
	tcase_add_loop_test(end, the_end_is_the_signals, 0, N_STOPPING);
	tcase_add_test(end, the_end_comes_though_the_signal_is_blocked);
	suite_add_tcase(s, come);
	suite_add_tcase(s, end);
	return s;
}

UNIT_MAIN(suite)
