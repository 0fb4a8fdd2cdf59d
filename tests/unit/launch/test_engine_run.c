/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/launch/engine.h"
#include "tests/unit/unit.h"

#define PLENTY_NS (60 * NS_PER_S)

static struct engine_output output;
static struct weir_error err;

static void
setup(void)
{
	memset(&err, 0, sizeof(err));
}

static int
sh(const char *script, uint64_t timeout_ns, int stop_fd)
{
	return engine_ask("sh", timeout_ns, stop_fd, &output, &err, "-c",
			  script, NULL);
}

START_TEST(both_streams_and_the_exit_code)
{
	ck_assert_int_eq(sh("echo out; echo talk >&2; exit 7", PLENTY_NS, -1),
			 WEIR_OK);
	ck_assert_str_eq(output.out, "out\n");
	ck_assert_str_eq(output.talk, "talk\n");
	ck_assert_int_eq(output.exit_code, 7);
}
END_TEST

START_TEST(a_signal_is_an_exit_code)
{
	ck_assert_int_eq(sh("kill -9 $$", PLENTY_NS, -1), WEIR_OK);
	ck_assert_int_eq(output.exit_code, 137);
}
END_TEST

START_TEST(arguments_are_not_a_shells)
{
	ck_assert_int_eq(engine_ask("printf", PLENTY_NS, -1, &output, &err,
				    "[%s]", "a b; $HOME", "*", NULL),
			 WEIR_OK);
	ck_assert_str_eq(output.out, "[a b; $HOME][*]");
}
END_TEST

START_TEST(its_input_is_empty)
{
	ck_assert_int_eq(sh("cat; echo end", PLENTY_NS, -1), WEIR_OK);
	ck_assert_str_eq(output.out, "end\n");
}
END_TEST

START_TEST(much_output_is_cut)
{
	ck_assert_int_eq(sh("echo begin; i=0; while [ $i -lt 3000 ]; do "
			    "echo $i line; echo $i word >&2; i=$((i+1)); "
			    "done; echo end >&2",
			    PLENTY_NS, -1),
			 WEIR_OK);
	ck_assert_uint_lt(strlen(output.out), ENGINE_OUTPUT_BYTES);
	ck_assert_uint_lt(strlen(output.talk), ENGINE_OUTPUT_BYTES);
	ck_assert_int_eq(strncmp(output.out, "begin\n0 line\n", 13), 0);
	ck_assert_str_eq(output.talk + strlen(output.talk) - 4, "end\n");
}
END_TEST

START_TEST(who_stays_behind_does_not_hold_it_up)
{
	uint64_t begun_ns = clock_now_ns();

	/* As an engine's monitor does with the streams of its parent. */
	ck_assert_int_eq(sh("tail -f /dev/null & echo $!", PLENTY_NS, -1),
			 WEIR_OK);
	ck_assert_uint_lt(clock_now_ns() - begun_ns, PLENTY_NS / 2);
	ck_assert_int_eq(kill((pid_t)strtol(output.out, NULL, 10), SIGKILL),
			 0);
}
END_TEST

START_TEST(a_command_that_hangs_is_ended)
{
	ck_assert_int_eq(sh("exec tail -f /dev/null", 50 * NS_PER_MS, -1),
			 WEIR_ETIMEOUT);
	ck_assert_ptr_nonnull(strstr(err.text, "did not end within"));
}
END_TEST

START_TEST(even_one_that_does_not_want_to)
{
	ck_assert_int_eq(sh("trap '' TERM; while :; do tail -f /dev/null; "
			    "done", 50 * NS_PER_MS, -1), WEIR_ETIMEOUT);
}
END_TEST

START_TEST(stop_ends_it)
{
	int stop_fd = eventfd(1, EFD_CLOEXEC);

	ck_assert_int_ge(stop_fd, 0);
	ck_assert_int_eq(sh("exec tail -f /dev/null", PLENTY_NS, stop_fd),
			 WEIR_ECANCELED);
	close(stop_fd);
}
END_TEST

START_TEST(a_missing_program)
{
	ck_assert_int_eq(engine_ask("/nowhere/podman", PLENTY_NS, -1, &output,
				    &err, "ps", NULL), WEIR_EUNAVAILABLE);
	ck_assert_ptr_nonnull(strstr(err.text, "/nowhere/podman"));
	setenv("PATH", "/nowhere", 1);
	ck_assert_int_eq(engine_ask("podman", PLENTY_NS, -1, &output, &err,
				    "ps", NULL), WEIR_EUNAVAILABLE);
	ck_assert_ptr_nonnull(strstr(err.text, "podman is not installed: "
				     "apt-get install podman"));
	ck_assert_int_eq(engine_ask("docker", PLENTY_NS, -1, &output, &err,
				    "ps", NULL), WEIR_EUNAVAILABLE);
	ck_assert_ptr_nonnull(strstr(err.text, "docker.io"));
}
END_TEST

START_TEST(last_words)
{
	static const struct {
		const char *talk, *words;
	} cases[] = {
		{ "", "it said nothing" },
		{ "\n \n\t\n", "it said nothing" },
		{ "one\ntwo\n", "two" },
		{ "warning: x\nError: no such image\n", "no such image" },
		{ "Error: unknown flag\nSee 'podman run --help'\n",
		  "unknown flag" },
		{ "Error: first\nError: second\nmore\n", "second" },
		{ "a\x1b[31mb\n", "a?[31mb" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char talk[128];

		snprintf(talk, sizeof(talk), "%s", cases[i].talk);
		ck_assert_str_eq(engine_last_words(talk), cases[i].words);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("engine_run");
	TCase *t = tcase_create("engine_run");

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, both_streams_and_the_exit_code);
	tcase_add_test(t, a_signal_is_an_exit_code);
	tcase_add_test(t, arguments_are_not_a_shells);
	tcase_add_test(t, its_input_is_empty);
	tcase_add_test(t, much_output_is_cut);
	tcase_add_test(t, who_stays_behind_does_not_hold_it_up);
	tcase_add_test(t, a_command_that_hangs_is_ended);
	tcase_add_test(t, even_one_that_does_not_want_to);
	tcase_add_test(t, stop_ends_it);
	tcase_add_test(t, a_missing_program);
	tcase_add_test(t, last_words);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite)
