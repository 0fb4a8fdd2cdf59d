/* SPDX-License-Identifier: Apache-2.0 */
/* Boundary `thread`. */
#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/coord/hello.h"
#include "core/launch/launch.h"
#include "tests/unit/unit.h"

static struct plan_run run = { .silence_timeout_ns = 30 * NS_PER_S };
static struct facts facts;
static struct registry *registry;
static struct launch_config config;
static struct launch *launch;
static struct weir_error err;
static char how[LAUNCH_HOW_BYTES];
static int control;

static void
start(void)
{
	const struct strings none = { 0 };

	facts_gather(&facts);
	ck_assert_int_eq(registry_create(&none, &registry, &err), WEIR_OK);
	ck_assert_int_eq(launch_site_create(&run, -1, &config.site, &err),
			 WEIR_OK);
	config.boundary = PLAN_THREAD;
	config.run = &run;
	config.registry = registry;
	config.facts = &facts;
	ck_assert_msg(launch_start(&config, &launch, &control, &err) ==
		      WEIR_OK, "%s", err.text);
}

static void
end(void)
{
	launch_end(launch, false, how);
	launch_site_destroy(config.site);
	registry_destroy(registry);
}

static int
count(const char *folder)
{
	DIR *dir = opendir(folder);
	int n = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

START_TEST(it_has_a_name_and_no_process)
{
	start();
	ck_assert_str_eq(launch_name(launch), "the client (a thread)");
	ck_assert_int_lt(launch_exit_fd(launch), 0);
	close(control);
	end();
}
END_TEST

START_TEST(it_ends_with_its_connection)
{
	start();
	close(control);
	end();
	ck_assert_str_eq(how, "");
}
END_TEST

/* A thread that was joined is in /proc for a moment yet. */
static int
count_threads(int at_most)
{
	int n = count("/proc/self/task");

	for (int i = 0; i < 1000 && n > at_most; i++) {
		poll(NULL, 0, 10);
		n = count("/proc/self/task");
	}
	return n;
}

/* Those that stay: the same number ten times in a row. */
static int
count_settled_threads(void)
{
	int n = count("/proc/self/task");

	for (int same = 0; same < 10; same++) {
		int now;

		poll(NULL, 0, 10);
		now = count("/proc/self/task");
		if (now != n)
			same = 0;
		n = now;
	}
	return n;
}

/* Counted behind a first client, with which a sanitizer may begin a thread of
 * its own. */
START_TEST(it_leaves_no_thread_and_no_descriptor)
{
	int threads, descriptors;

	start();
	close(control);
	end();
	threads = count_settled_threads();
	descriptors = count("/proc/self/fd");
	start();
	close(control);
	end();
	ck_assert_int_le(count_threads(threads), threads);
	ck_assert_int_eq(count("/proc/self/fd"), descriptors);
}
END_TEST

START_TEST(it_greets_as_a_process_does)
{
	int fds[MESSAGE_FDS_MAX], status;
	static struct message message;
	struct control *host;

	start();
	ck_assert_int_eq(control_open(control, launch_name(launch),
				      30 * NS_PER_S, &host, &err), WEIR_OK);
	while ((status = control_receive(host, &message, fds, &err)) ==
	       WEIR_EAGAIN) {
		struct pollfd more = { .fd = control_fd(host),
				       .events = POLLIN };

		ck_assert_int_ge(poll(&more, 1, 20000), 1);
	}
	ck_assert_int_eq(status, WEIR_OK);
	ck_assert_int_eq(message.type, MESSAGE_HELLO);
	ck_assert_int_eq(hello_check(host, &message, &err), WEIR_OK);
	message_fini(&message);
	control_close(host);
	end();
	ck_assert_str_eq(how, "");
}
END_TEST

START_TEST(what_never_began_has_no_end)
{
	snprintf(how, sizeof(how), "something");
	launch_end(NULL, false, how);
	ck_assert_str_eq(how, "");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("launch/thread");
	TCase *c = tcase_create("thread");

	tcase_add_test(c, it_has_a_name_and_no_process);
	tcase_add_test(c, it_ends_with_its_connection);
	tcase_add_test(c, it_leaves_no_thread_and_no_descriptor);
	tcase_add_test(c, it_greets_as_a_process_does);
	tcase_add_test(c, what_never_began_has_no_end);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
