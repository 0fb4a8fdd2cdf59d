/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/config/fixture.h"

START_TEST(suggestions)
{
	static const struct {
		const char *text;
		const char *sentence;
	} cases[] = {
		{ "repaet = 3;", "repaet: unknown key; did you mean repeat?" },
		{ "size = 64;",
		  "size: unknown key; did you mean matrix.size?" },
		{ "transport = \"uds\";", "did you mean matrix.transport?" },
		{ "cpus: { host = \"0\"; };", "did you mean cpu.host?" },
		{ "cpu: { hots = \"0\"; };", "did you mean cpu.host?" },
		{ "json = \"x\";", "did you mean output.json?" },
		{ "wait = \"spin\";", "did you mean transports.uds.wait?" },
		{ "Repeat = 3;", "did you mean repeat?" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text t = { 0 };
		struct fixture_plan p;

		text_addf(&t, "matrix: { transport = \"uds\"; };\n%s\n",
			  cases[i].text);
		p = fixture_plan(text_get(&t));
		ck_assert_int_eq(p.status, WEIR_EINVALID);
		ck_assert_uint_eq(p.problems.n, 1);
		fixture_assert_problem(&p, 0, 2, "");
		ck_assert_msg(strstr(p.problems.at[0], cases[i].sentence) !=
				      NULL, "%s", p.problems.at[0]);
		fixture_plan_fini(&p);
		text_fini(&t);
	}
}
END_TEST

START_TEST(inside_the_matrix)
{
	static const struct {
		const char *text;
		const char *sentence;
	} cases[] = {
		{ "sise = 64;",
		  "matrix.sise: unknown key; did you mean matrix.size?" },
		{ "repeat = 3;",
		  "matrix.repeat: unknown key; did you mean repeat?" },
		{ "wait = \"spin\";", "matrix.wait: unknown key; did you mean "
				      "transports.uds.wait?" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text t = { 0 };

		text_addf(&t, "matrix: { transport = \"uds\";\n%s };\n",
			  cases[i].text);
		assert_one_problem(text_get(&t), 2, cases[i].sentence);
		text_fini(&t);
	}
}
END_TEST

START_TEST(nothing_near)
{
	struct fixture_plan p = fixture_plan(
		"matrix: { transport = \"uds\"; };\nxyzzyplugh = 1;\n");

	ck_assert_uint_eq(p.problems.n, 1);
	fixture_assert_problem(&p, 0, 2, "xyzzyplugh: unknown key");
	ck_assert_ptr_null(strstr(p.problems.at[0], "did you mean"));
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(groups)
{
	static const struct {
		const char *text;
		const char *sentence;
	} cases[] = {
		{ "cpu = 5;", "cpu: is a group: write cpu: { name" },
		{ "output = [];", "output: is a group" },
		{ "transports = \"uds\";", "transports: is a group" },
		{ "container = 1;", "container: is a group" },
		{ "moat: {};", "moat: unknown key" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text t = { 0 };

		text_addf(&t, "matrix: { transport = \"uds\"; };\n%s\n",
			  cases[i].text);
		assert_one_problem(text_get(&t), 2, cases[i].sentence);
		text_fini(&t);
	}
}
END_TEST

START_TEST(empty_groups_that_exist)
{
	struct fixture_plan p = fixture_plan(
		"matrix: { transport = \"uds\"; };\n"
		"cpu: {}; container: {}; output: {}; transports: {};\n");

	ck_assert_int_eq(p.status, 0);
	fixture_plan_fini(&p);
}
END_TEST

static Suite *
suite(void)
{
	const TTest *const tests[] = { suggestions, inside_the_matrix,
				       nothing_near, groups,
				       empty_groups_that_exist };

	return fixture_suite("unknown", tests, COUNT(tests));
}

UNIT_MAIN(suite)
