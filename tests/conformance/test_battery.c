/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A battery that nothing fails proves nothing: each fault of the module
 * `faulty` has to be found, by the case that is there for it.
 */
#include <stdio.h>
#include <string.h>

#include "core/plugin/plugin.h"
#include "core/plugin/registry.h"
#include "tests/conformance/battery.h"
#include "tests/unit/unit.h"

struct seen {
	unsigned n;
	int outcome;
	char name[256];
	char text[1024];
};

static void
seen_report(void *context, int outcome, const char *name, const char *text)
{
	struct seen *seen = context;

	seen->n++;
	seen->outcome = outcome;
	snprintf(seen->name, sizeof(seen->name), "%s", name);
	snprintf(seen->text, sizeof(seen->text), "%s", text);
}

/* Runs the one case of that full name. */
static void
run_case(const char *name, struct seen *ret_seen)
{
	const char *build = getenv("top_builddir");
	struct registry *registry = NULL;
	struct weir_error err = { 0 };
	struct battery_plan plan = {
		.only = name,
		.thorough = true,
		.report = seen_report,
		.context = ret_seen,
	};
	char path[512];

	snprintf(path, sizeof(path), "%s/tests/conformance/.libs/faulty.so",
		 build ? build : ".");
	ck_assert_int_eq(registry_create(NULL, &registry, NULL), WEIR_OK);
	ck_assert_msg(registry_get(registry, path, &plan.plugin, &err) ==
		      WEIR_OK, "%s", err.text);
	memset(ret_seen, 0, sizeof(*ret_seen));
	ck_assert_msg(battery_run(&plan, &err) == WEIR_OK, "%s", err.text);
	registry_destroy(registry);
	ck_assert_uint_eq(ret_seen->n, 1);
	ck_assert_str_eq(ret_seen->name, name);
}

static const struct {
	const char *name;
	const char *text; /* the beginning of what is said, or all of it */
} found[] = {
	{ "faulty corrupt: echo 64, processes",
	  "message 0 of 64 bytes has other content" },
	{ "faulty clamp: echo 4096, processes",
	  "message 0 has 4095 bytes instead of 4096" },
	{ "faulty own: own message never comes back, processes",
	  "recv of what no other side has sent gives \"success\"" },
	{ "faulty leak: echo 1, threads", "descriptor " },
	{ "faulty litter: echo 1, threads",
	  "left behind in its directory: litter" },
	{ "faulty inherit: no descriptor is inherited, threads",
	  "descriptor " },
	{ "faulty slow: cancel in recv, threads", "it took 1" },
	{ "faulty mute: receive refuses what is too long, threads",
	  "recv of 4096 bytes into 1024 fails with \"the other side broke the "
	  "protocol\" and no sentence" },
	{ "faulty gullible: join refuses other descriptors, threads",
	  "/dev/null for descriptor 0 of 1: join takes it" },
	{ "faulty vague: echo 65536, threads",
	  "the refusal of a size does not name the limit: that is too much" },
	{ "faulty impatient: signals split no message, threads",
	  "recv gives \"system call failed\" (interrupted)" },
	{ "faulty corrupt: a long stream, processes",
	  "message 0 of a long stream has other content" },
	{ "faulty spill: offer where descriptors run out, threads",
	  "descriptor " },
	{ "faulty negative: counters are well formed, threads",
	  "counter \"stalls\" went below zero" },
	{ "faulty hasty: the client receives before accept, threads",
	  "recv gives \"the other side is gone\" (nobody is there)" },
};

START_TEST(fault_is_found)
{
	struct seen seen;

	run_case(found[_i].name, &seen);
	ck_assert_int_eq(seen.outcome, BATTERY_FAILED);
	ck_assert_msg(strncmp(seen.text, found[_i].text,
			      strlen(found[_i].text)) == 0,
		      "\"%s\" instead of \"%s\"", seen.text, found[_i].text);
}
END_TEST

/* Wherever the process dies, the rest of the battery lives. A sanitizer turns
 * the signal into an exit, hence no text. */
START_TEST(crash_is_found)
{
	static const char *const names[] = {
		"faulty crash: echo 1, threads",
		"faulty crash: echo 1, processes",
		"faulty fragile: an offer that nobody takes, threads",
	};
	struct seen seen;

	run_case(names[_i], &seen);
	ck_assert_int_eq(seen.outcome, BATTERY_FAILED);
	ck_assert_str_ne(seen.text, "");
}
END_TEST

START_TEST(nothing_is_found_where_nothing_is)
{
	static const char *const names[] = {
		"faulty none: echo 4096, processes",
		"faulty none: echo 4096, late fork",
		"faulty none: cancel in recv, threads",
		"faulty none: open and close 64 times, threads",
	};
	struct seen seen;

	run_case(names[_i], &seen);
	ck_assert_msg(seen.outcome == BATTERY_PASSED, "%s", seen.text);
}
END_TEST

START_TEST(hole_has_a_reason)
{
	struct seen seen;

	run_case("faulty none: try in pieces, threads", &seen);
	ck_assert_int_eq(seen.outcome, BATTERY_SKIPPED);
	ck_assert_str_eq(seen.text, "no WEIR_CAP_TRY");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("battery");
	TCase *t = tcase_create("battery");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, fault_is_found, 0,
			    sizeof(found) / sizeof(found[0]));
	tcase_add_loop_test(t, crash_is_found, 0, 3);
	tcase_add_loop_test(t, nothing_is_found_where_nothing_is, 0, 4);
	tcase_add_test(t, hole_has_a_reason);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite)
