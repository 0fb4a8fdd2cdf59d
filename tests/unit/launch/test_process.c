/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boundary `process`. What is launched is the running program itself: here
 * this test, which then plays the client that LAUNCH_ACT asks for.
 */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/launch/launch.h"
#include "tests/unit/unit.h"

#define CONTROL_FD 3
#define WAIT_MS 20000

/* ---- the client ---- */

static void
tell(const char *text)
{
	ssize_t n = write(CONTROL_FD, text, strlen(text));

	_exit(n == (ssize_t)strlen(text) ? 0 : 9);
}

/* "0 1 2 3" */
static void
tell_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	char seen[64] = "";
	size_t used = 0;

	for (int fd = 0; fd < 10; fd++) {
		rewinddir(dir);
		while ((entry = readdir(dir))) {
			int n = atoi(entry->d_name);

			if (entry->d_name[0] != '.' && n == fd &&
			    n != dirfd(dir))
				used += (size_t)snprintf(seen + used,
							 sizeof(seen) - used,
							 "%d ", n);
		}
	}
	tell(seen);
}

static void
tell_arguments(int argc, char **argv)
{
	char text[128] = "";

	for (int i = 2; i < argc; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%s%s", i > 2 ? " " : "", argv[i]);
	tell(text);
}

static void
tell_variable(const char *name)
{
	const char *text = getenv(name);

	tell(text ? text : "none");
}

/* Of int, term and hup: "3 ignored, none blocked" */
static void
tell_signals(void)
{
	static const int all[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction on;
	sigset_t blocked;
	int ignored = 0;
	char text[128];

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		sigaction(all[i], NULL, &on);
		ignored += on.sa_handler == SIG_IGN;
	}
	sigprocmask(SIG_SETMASK, NULL, &blocked);
	snprintf(text, sizeof(text), "%d ignored, %s blocked", ignored,
		 sigismember(&blocked, SIGUSR1) ? "one" : "none");
	tell(text);
}

static void
tell_pid(void)
{
	char text[32];

	snprintf(text, sizeof(text), "%d", (int)getpid());
	tell(text);
}

__attribute__((constructor)) static void
be_client(int argc, char **argv)
{
	const char *act = getenv("LAUNCH_ACT");
	char byte;

	if (argc < 2 || strcmp(argv[1], "client") != 0 || !act)
		return;
	if (strncmp(act, "exit ", 5) == 0)
		_exit(atoi(act + 5));
	if (strncmp(act, "signal ", 7) == 0)
		kill(getpid(), atoi(act + 7));
	if (strncmp(act, "variable ", 9) == 0)
		tell_variable(act + 9);
	if (strcmp(act, "arguments") == 0)
		tell_arguments(argc, argv);
	if (strcmp(act, "descriptors") == 0)
		tell_descriptors();
	if (strcmp(act, "signals") == 0)
		tell_signals();
	if (strcmp(act, "pid") == 0)
		tell_pid();
	if (strcmp(act, "stdout") == 0)
		tell(write(STDOUT_FILENO, "x", 1) == 1 ? "written" : "not");
	if (strcmp(act, "listen") == 0)
		_exit(read(CONTROL_FD, &byte, 1) == 0 ? 0 : 9);
	for (;;) /* "hang" */
		poll(NULL, 0, WAIT_MS);
}

/* ---- the test ---- */

static struct plan_run run = { .silence_timeout_ns = 7 * NS_PER_S };
static struct launch_config config;
static struct launch *launch;
static struct weir_error err;
static char how[LAUNCH_HOW_BYTES];
static int control;

static void
start(const char *act)
{
	setenv("LAUNCH_ACT", act, 1);
	ck_assert_int_eq(launch_site_create(&run, -1, &config.site, &err),
			 WEIR_OK);
	config.boundary = PLAN_PROCESS;
	config.run = &run;
	ck_assert_msg(launch_start(&config, &launch, &control, &err) ==
		      WEIR_OK, "%s", err.text);
}

static void
end(bool lost)
{
	close(control);
	launch_end(launch, lost, how);
	launch_site_destroy(config.site);
}

static void
ends_with(const char *act, const char *words)
{
	start(act);
	end(false);
	ck_assert_str_eq(how, words);
	ck_assert_int_lt(waitpid(-1, NULL, WNOHANG), 0);
	ck_assert_int_eq(errno, ECHILD);
}

/* What the client says before it closes the connection. */
static const char *
said(const char *act)
{
	static char text[1024];
	size_t used = 0;
	ssize_t n;

	start(act);
	while (used < sizeof(text) - 1 &&
	       (n = read(control, text + used, sizeof(text) - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	end(false);
	ck_assert_str_eq(how, "");
	return text;
}

START_TEST(a_good_end_needs_no_words)
{
	ends_with("exit 0", "");
}
END_TEST

START_TEST(an_exit_code_is_told)
{
	ends_with("exit 3", "it ended with exit code 3");
}
END_TEST

START_TEST(a_signal_is_told_with_its_name)
{
	ends_with("signal 9", "it was killed by signal 9 (Killed)");
	ends_with("signal 10",
		  "it was killed by signal 10 (User defined signal 1)");
}
END_TEST

START_TEST(one_that_listens_ends_with_its_connection)
{
	ends_with("listen", "");
}
END_TEST

START_TEST(one_that_hangs_is_killed_and_reaped)
{
	start("hang");
	end(true);
	ck_assert_str_eq(how, "it did not end by itself and was killed");
	ck_assert_int_lt(waitpid(-1, NULL, WNOHANG), 0);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

START_TEST(one_that_is_stopped_is_killed_and_reaped)
{
	start("signal 19");
	end(true);
	ck_assert_str_eq(how, "it did not end by itself and was killed");
	ck_assert_int_lt(waitpid(-1, NULL, WNOHANG), 0);
}
END_TEST

START_TEST(the_end_can_be_waited_for)
{
	struct pollfd exit_poll = { .events = POLLIN };

	start("exit 0");
	exit_poll.fd = launch_exit_fd(launch);
	if (exit_poll.fd >= 0) /* an old kernel has no pidfd */
		ck_assert_int_eq(poll(&exit_poll, 1, WAIT_MS), 1);
	end(false);
}
END_TEST

START_TEST(its_life_can_be_seen)
{
	struct pollfd exit_poll = { .events = POLLIN };

	start("hang");
	exit_poll.fd = launch_exit_fd(launch);
	ck_assert_int_eq(poll(&exit_poll, 1, 0), 0);
	end(true);
}
END_TEST

START_TEST(its_name_holds_its_pid)
{
	char name[64], text[32];
	ssize_t n;

	start("pid");
	n = read(control, text, sizeof(text) - 1);
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	snprintf(name, sizeof(name), "the client (pid %s)", text);
	ck_assert_str_eq(launch_name(launch), name);
	end(false);
}
END_TEST

START_TEST(it_is_told_what_it_needs)
{
	ck_assert_str_eq(said("arguments"),
			 "--control-fd=3 --silence-timeout=7s");
}
END_TEST

START_TEST(it_inherits_nothing_else)
{
	int open_one = dup2(STDERR_FILENO, 7);

	ck_assert_int_eq(open_one, 7);
	ck_assert_str_eq(said("descriptors"), "0 1 2 3 ");
	close(open_one);
}
END_TEST

START_TEST(what_it_prints_is_not_the_hosts_data)
{
	int ends[2];
	char text[8];

	ck_assert_int_eq(pipe(ends), 0);
	fflush(NULL);
	dup2(ends[1], STDERR_FILENO);
	ck_assert_str_eq(said("stdout"), "written");
	ck_assert_int_eq(read(ends[0], text, sizeof(text)), 1);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(settings_in_the_environment_are_the_hosts_only)
{
	setenv("WEIR_REPEAT", "7", 1);
	ck_assert_str_eq(said("variable WEIR_REPEAT"), "none");
}
END_TEST

START_TEST(the_rest_of_the_environment_is_its_own)
{
	setenv("LAUNCH_OTHER", "kept", 1);
	ck_assert_str_eq(said("variable LAUNCH_OTHER"), "kept");
}
END_TEST

START_TEST(it_looks_for_plugins_where_the_host_does)
{
	setenv("WEIR_PLUGIN_PATH", "/a:/b", 1);
	strings_add(&run.plugin_path, "/c");
	ck_assert_str_eq(said("variable WEIR_PLUGIN_PATH"), "/a:/b:/c");
	unsetenv("WEIR_PLUGIN_PATH");
	ck_assert_str_eq(said("variable WEIR_PLUGIN_PATH"), "/c");
	strings_fini(&run.plugin_path);
	ck_assert_str_eq(said("variable WEIR_PLUGIN_PATH"), "none");
}
END_TEST

START_TEST(it_logs_as_the_host_does)
{
	log_level = WEIR_LOG_DEBUG;
	ck_assert_str_eq(said("variable WEIR_LOG"), "debug");
}
END_TEST

START_TEST(ctrl_c_is_for_the_host)
{
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	signal(SIGTERM, SIG_IGN);
	ck_assert_str_eq(said("signals"),
			 "3 ignored, none blocked");
}
END_TEST

START_TEST(it_dies_with_its_host)
{
	int ends[2], pidfd;
	struct pollfd gone = { .events = POLLIN };
	pid_t host, client = 0;

	ck_assert_int_eq(pipe(ends), 0);
	host = fork();
	if (host == 0) {
		start("hang");
		if (sscanf(launch_name(launch), "the client (pid %d)",
			   &client) == 1 &&
		    write(ends[1], &client, sizeof(client)) > 0)
			poll(NULL, 0, WAIT_MS);
		_exit(1);
	}
	ck_assert_int_eq(read(ends[0], &client, sizeof(client)),
			 sizeof(client));
	pidfd = (int)syscall(SYS_pidfd_open, client, 0);
	ck_assert_int_eq(kill(host, SIGKILL), 0);
	ck_assert_int_eq(waitpid(host, NULL, 0), host);
	if (pidfd < 0)
		return;
	gone.fd = pidfd;
	ck_assert_int_eq(poll(&gone, 1, WAIT_MS), 1);
	close(pidfd);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("launch/process");
	TCase *ends = tcase_create("end");
	TCase *begins = tcase_create("begin");

	tcase_add_test(ends, a_good_end_needs_no_words);
	tcase_add_test(ends, an_exit_code_is_told);
	tcase_add_test(ends, a_signal_is_told_with_its_name);
	tcase_add_test(ends, one_that_listens_ends_with_its_connection);
	tcase_add_test(ends, one_that_hangs_is_killed_and_reaped);
	tcase_add_test(ends, one_that_is_stopped_is_killed_and_reaped);
	tcase_add_test(ends, the_end_can_be_waited_for);
	tcase_add_test(ends, its_life_can_be_seen);
	tcase_add_test(ends, it_dies_with_its_host);
	tcase_add_test(begins, its_name_holds_its_pid);
	tcase_add_test(begins, it_is_told_what_it_needs);
	tcase_add_test(begins, it_inherits_nothing_else);
	tcase_add_test(begins, what_it_prints_is_not_the_hosts_data);
	tcase_add_test(begins, settings_in_the_environment_are_the_hosts_only);
	tcase_add_test(begins, the_rest_of_the_environment_is_its_own);
	tcase_add_test(begins, it_looks_for_plugins_where_the_host_does);
	tcase_add_test(begins, it_logs_as_the_host_does);
	tcase_add_test(begins, ctrl_c_is_for_the_host);
	suite_add_tcase(s, ends);
	suite_add_tcase(s, begins);
	return s;
}

UNIT_MAIN(suite)
