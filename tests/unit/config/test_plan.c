/* SPDX-License-Identifier: Apache-2.0 */
#include "core/config/plan.h"

#include "tests/unit/config/fixture.h"

#define UDS "matrix: { transport = \"uds\"; };\n"

START_TEST(defaults)
{
	struct fixture_plan p = fixture_plan(UDS);
	const struct plan_run *run;

	ck_assert_int_eq(p.status, 0);
	run = &p.plan->run;
	ck_assert_int_eq(run->repeat, 3);
	ck_assert_int_eq(run->count, 0);
	ck_assert_uint_eq(run->duration_ns, 500000000);
	ck_assert_uint_eq(run->warmup_ns, 100000000);
	ck_assert_int_eq(run->warmup_count, 0);
	ck_assert_uint_eq(run->verify, PLAN_VERIFY_HEADER);
	ck_assert_uint_eq(run->initiator, PLAN_HOST_INITIATES);
	ck_assert_uint_eq(run->percentiles.n, 0);
	ck_assert_str_eq(run->cpu_host, "auto");
	ck_assert_str_eq(run->output_json, "results.json");
	ck_assert_uint_eq(p.plan->n_cells, 1);
	ck_assert_uint_eq(p.plan->cells[0].axes.pattern, PLAN_ROUND_TRIP);
	ck_assert_uint_eq(p.plan->cells[0].axes.size_bytes, 1024);
	ck_assert_uint_eq(p.plan->cells[0].axes.boundary, PLAN_PROCESS);
	ck_assert_int_eq(p.plan->cells[0].axes.concurrency, 1);
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(what_the_file_says)
{
	struct fixture_plan p = fixture_plan(
		UDS "repeat = 5; count = \"10k\"; warmup_count = 7;\n"
		    "seed = 9223372036854775807L; verify = \"full\";\n"
		    "initiator = \"client\"; include_first_message = true;\n"
		    "percentiles = [75, \"99.999\"]; plugin_path = \"/x\";\n"
		    "cpu: { host = \"0,2-3\"; client = 1; };\n"
		    "output: { json = \"-\"; };\n");
	const struct plan_run *run;

	ck_assert_int_eq(p.status, 0);
	run = &p.plan->run;
	ck_assert_int_eq(run->repeat, 5);
	ck_assert_int_eq(run->count, 10000);
	ck_assert_uint_eq(run->duration_ns, 0);
	ck_assert_int_eq(run->warmup_count, 7);
	ck_assert_uint_eq(run->warmup_ns, 0);
	ck_assert_int_eq(run->seed, INT64_MAX);
	ck_assert_uint_eq(run->verify, PLAN_VERIFY_FULL);
	ck_assert_uint_eq(run->initiator, PLAN_CLIENT_INITIATES);
	ck_assert_uint_eq(run->include_first_message, 1);
	ck_assert_uint_eq(run->percentiles.n, 2);
	ck_assert_str_eq(run->percentiles.at[1], "99.999");
	ck_assert_uint_eq(run->plugin_path.n, 1);
	ck_assert_str_eq(run->cpu_host, "0,2-3");
	ck_assert_str_eq(run->cpu_client, "1");
	ck_assert_str_eq(run->output_json, "-");
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(count_over_duration_of_the_file)
{
	const char *const overrides[] = { "count=5", "warmup_count=0", NULL };
	struct fixture_plan p = fixture_plan_with(
		UDS "duration = \"1s\"; warmup = \"1s\";\n", overrides);

	ck_assert_int_eq(p.status, 0);
	ck_assert_int_eq(p.plan->run.count, 5);
	ck_assert_uint_eq(p.plan->run.duration_ns, 0);
	ck_assert_uint_eq(p.plan->run.warmup_ns, 0);
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(duration_over_count_of_the_file)
{
	const char *const overrides[] = { "duration=2s", NULL };
	struct fixture_plan p = fixture_plan_with(UDS "count = 5;\n",
						  overrides);

	ck_assert_int_eq(p.status, 0);
	ck_assert_int_eq(p.plan->run.count, 0);
	ck_assert_uint_eq(p.plan->run.duration_ns, 2000000000);
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(numbers_and_texts_are_alike)
{
	const char *const overrides[] = { "matrix.size=\"64\"",
					  "matrix.transport=\"shm\"",
					  "repeat=\"2\"", NULL };
	struct fixture_plan p = fixture_plan_with(NULL, overrides);

	ck_assert_int_eq(p.status, 0);
	ck_assert_uint_eq(p.plan->cells[0].axes.size_bytes, 64);
	ck_assert_int_eq(p.plan->run.repeat, 2);
	fixture_plan_fini(&p);
}
END_TEST

static const struct {
	const char *said;
	int64_t priority;
} realtimes[] = {
	{ "realtime = true;", 1 },   { "realtime = false;", 0 },
	{ "realtime = \"true\";", 1 }, { "realtime = 10;", 10 },
	{ "realtime = \"yes\";", 1 },  { "realtime = \"off\";", 0 },
};

/* A word for a priority; the config of the results says which. */
START_TEST(realtime_takes_a_truth_value)
{
	char text[64];

	for (size_t i = 0; i < COUNT(realtimes); i++) {
		struct fixture_plan p;

		snprintf(text, sizeof(text), UDS "%s", realtimes[i].said);
		p = fixture_plan(text);
		ck_assert_int_eq(p.status, 0);
		ck_assert_int_eq(p.plan->run.realtime, realtimes[i].priority);
		snprintf(text, sizeof(text), "realtime = %d;",
			 (int)realtimes[i].priority);
		ck_assert_ptr_nonnull(strstr(p.plan->text, text));
		fixture_plan_fini(&p);
	}
}
END_TEST

START_TEST(wrong_values)
{
	static const struct {
		const char *text;
		const char *sentence;
	} cases[] = {
		{ "repeat = 0;", "repeat: \"0\" is out of range" },
		{ "repeat = 1.5;", "repeat: " },
		{ "repeat = true;", "repeat: " },
		{ "repeat = [1, 2];", "repeat: takes one value, not a list" },
		{ "repeat: { a: {}; };", "repeat.a: unknown key" },
		{ "repeat: {};", "repeat: a group stands where a value" },
		{ "count = -1;", "count: " },
		{ "duration = 5;", "duration: " },
		{ "duration = \"5 s\";", "duration: " },
		{ "duration = \"0\";", "duration: " },
		{ "warmup = \"2h\";", "warmup: " },
		{ "silence_timeout = \"999ms\";", "silence_timeout: " },
		{ "verify = \"ful\";", "verify: \"ful\" is not one of" },
		{ "verify = 1;", "verify: " },
		{ "percentiles = [50, \"x\"];", "percentiles: " },
		{ "percentiles = [75, \"75.0\"];",
		  "percentiles: the value 75 stands twice" },
		{ "cpu: { host = \"0-\"; };", "cpu.host: " },
		{ "cpu = [];", "cpu: is a group" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text t = { 0 };

		text_addf(&t, UDS "%s\n", cases[i].text);
		assert_one_problem(text_get(&t), 2, cases[i].sentence);
		text_fini(&t);
	}
}
END_TEST

START_TEST(wrong_axes)
{
	static const struct {
		const char *text;
		const char *sentence;
	} cases[] = {
		{ "size = 0;", "matrix.size: \"0\" is out of range" },
		{ "size = \"17Mi\";", "matrix.size: \"17Mi\" is out of" },
		{ "size = \"64 B\";", "matrix.size: " },
		{ "size = [];", "matrix.size: the list is empty" },
		{ "size = [64, \"64\"];",
		  "matrix.size: the value 64 stands twice in the list" },
		{ "size = [1024, \"1Ki\"];",
		  "matrix.size: the value 1Ki stands twice in the list" },
		{ "size: {};", "matrix.size: a group stands" },
		{ "pattern = \"pingpong\";", "matrix.pattern: " },
		{ "boundary = \"moat\";", "matrix.boundary: " },
		{ "boundary = \"namespace\"; namespaces = [\"pid+net\", "
		  "\"net+pid\"];", "matrix.namespaces: the value pid+net "
				      "stands twice" },
		{ "rate = 0;", "matrix.rate: \"0\" is not a usable rate: "
				"write 0.001 to 1000G, per second; here it has "
				"to be 1 … 10M, or \"search\"" },
		{ "namespaces = \"pid+pid\";", "matrix.namespaces: takes" },
		{ "concurrency = 1025;", "matrix.concurrency: " },
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

START_TEST(all_problems_by_line)
{
	const char *const overrides[] = { "repeat=0", NULL };
	struct fixture_plan p = fixture_plan_with(
		"matrix: {\n transport = [\"uds\", \"nope\"];\n size = 0;\n"
		" sise = 1;\n};\n"
		"transports: {\n uds: { wiat = 1; wait = \"spni\"; };\n};\n"
		"count = 1; duration = \"0\";\n",
		overrides);

	ck_assert_int_eq(p.status, WEIR_EINVALID);
	ck_assert_uint_eq(p.problems.n, 8);
	fixture_assert_problem(&p, 0, 2, "transport nope: no plugin");
	fixture_assert_problem(&p, 1, 3, "matrix.size: \"0\"");
	fixture_assert_problem(&p, 2, 4, "matrix.sise: unknown key");
	fixture_assert_problem(&p, 3, 7, "transports.uds.wiat: unknown");
	fixture_assert_problem(&p, 4, 7, "transports.uds.wait: \"spni\"");
	fixture_assert_problem(&p, 5, 9, "duration: \"0\"");
	fixture_assert_problem(&p, 6, 9, "duration: excludes count");
	ck_assert_ptr_nonnull(strstr(p.problems.at[7],
				     "command line -D repeat=0: repeat: "));
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(many_problems_are_counted)
{
	struct text t = { 0 };
	struct fixture_plan p;

	text_add(&t, UDS);
	for (int i = 0; i < 150; i++)
		text_addf(&t, "nothing%d = 1;\n", i);
	p = fixture_plan(text_get(&t));
	ck_assert_uint_eq(p.problems.n, 101);
	fixture_assert_problem(&p, 99, 101, "nothing99: unknown key");
	ck_assert_str_eq(p.problems.at[100], "… and 50 problems more");
	fixture_plan_fini(&p);
	text_fini(&t);
}
END_TEST

START_TEST(problems_are_clean)
{
	const char *const overrides[] = { "matrix.transport=uds",
					  "verify=\033[2J\n", NULL };
	struct fixture_plan p = fixture_plan_with(NULL, overrides);

	ck_assert_uint_eq(p.problems.n, 1);
	ck_assert_ptr_null(strpbrk(p.problems.at[0], "\033\n"));
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(too_long_a_text)
{
	struct text t = { 0 };

	text_add(&t, UDS "name = \"");
	for (int i = 0; i <= PLAN_TEXT_BYTES_MAX; i++)
		text_add(&t, "x");
	text_add(&t, "\";\n");
	assert_one_problem(text_get(&t), 2, "name: a text of more than");
	text_fini(&t);
}
END_TEST

START_TEST(what_a_cell_says)
{
	struct fixture_plan p = fixture_plan(
		UDS "transports: { uds: { wait = \"spin\"; }; };\n");
	const struct plan_cell *cell;

	ck_assert_int_eq(p.status, 0);
	cell = &p.plan->cells[0];
	ck_assert(plan_cell_says(cell, "wait", "spin"));
	ck_assert(!plan_cell_says(cell, "wait", "block"));
	ck_assert(!plan_cell_says(cell, "wai", "spin"));
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(nothing_said_at_all)
{
	struct fixture_plan p = fixture_plan_with(NULL, NULL);

	ck_assert_int_eq(p.status, WEIR_EINVALID);
	ck_assert_uint_eq(p.problems.n, 1);
	ck_assert_ptr_nonnull(strstr(p.problems.at[0],
				     "config: matrix.transport: is missing"));
	fixture_plan_fini(&p);
	plan_destroy(NULL);
}
END_TEST

static Suite *
suite(void)
{
	const TTest *const tests[] = {
		defaults, what_the_file_says, count_over_duration_of_the_file,
		duration_over_count_of_the_file, numbers_and_texts_are_alike,
		realtime_takes_a_truth_value, wrong_values, wrong_axes,
		all_problems_by_line, many_problems_are_counted,
		problems_are_clean, too_long_a_text, what_a_cell_says,
		nothing_said_at_all,
	};

	return fixture_suite("plan", tests, COUNT(tests));
}

UNIT_MAIN(suite)
