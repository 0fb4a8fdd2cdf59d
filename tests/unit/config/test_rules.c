/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One test for each row of the table of rules.
 */
#include "tests/unit/config/fixture.h"

#define UDS "matrix: { transport = \"uds\"; };\n"

START_TEST(count_and_duration)
{
	struct fixture_plan p = fixture_plan(
		UDS "duration = \"1s\";\ncount = 5;\n");
	char both[200];

	ck_assert_int_eq(p.status, WEIR_EINVALID);
	ck_assert_uint_eq(p.problems.n, 1);
	fixture_assert_problem(&p, 0, 3, "duration: excludes count");
	snprintf(both, sizeof(both), "duration is said at %s:2, count at %s:3",
		 fixture_path("t.cfg"), fixture_path("t.cfg"));
	ck_assert_ptr_nonnull(strstr(p.problems.at[0], both));
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(count_and_duration_on_the_command_line)
{
	const char *const overrides[] = { "duration=1s", "count=5", NULL };
	struct fixture_plan p = fixture_plan_with(UDS, overrides);

	ck_assert_int_eq(p.status, WEIR_EINVALID);
	ck_assert_ptr_nonnull(strstr(p.problems.at[0],
				     "command line -D count=5: duration: "
				     "excludes count"));
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(warmup_twice)
{
	assert_one_problem(UDS "warmup_count = 5;\nwarmup = \"1s\";\n", 3,
			   "warmup_count: excludes warmup");
}
END_TEST

START_TEST(count_of_nothing)
{
	assert_one_problem(UDS "count = 0;\n", 2, "count: 0 messages");
	assert_one_problem(UDS "count = \"0k\";\n", 2, "count: 0 messages");
}
END_TEST

#define TOUCH(rest) "matrix: { transport = \"uds\"; " rest " };\n"

START_TEST(touch_none_and_verify)
{
	assert_one_problem(TOUCH("touch = [\"none\", \"full\"];"), 1,
			   "matrix.touch: none leaves nothing in a message");
	assert_warns(TOUCH("touch = \"none\";") "verify = \"none\";\n", 0,
		     NULL);
}
END_TEST

START_TEST(touch_none_and_a_stream)
{
	assert_one_problem(TOUCH("pattern = \"one_way\"; touch = \"none\";")
			   "verify = \"none\";\n"
			   "output: { streaming_csv = \"s\"; };\n", 1,
			   "matrix.touch: none leaves no number");
	assert_warns(TOUCH("touch = \"none\";") "verify = \"none\";\n"
		     "output: { streaming_csv = \"s\"; };\n", 0, NULL);
}
END_TEST

START_TEST(touch_warnings)
{
	assert_warns(TOUCH("pattern = \"one_way\"; touch = \"none\";")
		     "verify = \"none\";\n", 1,
		     "matrix.touch: with none, one-way messages");
	assert_warns(TOUCH("touch = \"full\";") "verify = \"full\";\n", 1,
		     "matrix.touch: changes nothing with verify");
}
END_TEST

START_TEST(namespaces)
{
	assert_one_problem("matrix: { transport = \"uds\";\n"
			   "namespaces = [\"all\", \"pid+mnt\"]; };\n",
			   2, "matrix.namespaces: takes all, none, or some");
}
END_TEST

START_TEST(client_connects)
{
	assert_one_problem("matrix: { transport = \"uds\";\n"
			   "pattern = \"connect\"; };\n"
			   "initiator = \"client\";\n",
			   3, "initiator: is the client, but under the");
}
END_TEST

START_TEST(pauses)
{
	assert_one_problem("matrix: { transport = \"uds\";\n"
			   "idle = [\"0s\", \"1ms\"];\n"
			   "send_delay = \"2ms\"; };\n",
			   3, "matrix.idle: excludes matrix.send_delay");
	assert_one_problem("matrix: { transport = \"uds\";\n"
			   "idle = [\"1ms\", \"6s\"]; };\n",
			   2, "matrix.idle: is more than half of");
	assert_one_problem("matrix: { transport = \"uds\";\n"
			   "send_delay = \"501ms\"; };\n"
			   "stall_timeout = \"1s\";\n",
			   2, "matrix.send_delay: is more than half of");
}
END_TEST

START_TEST(too_few_to_be_stable)
{
	assert_one_problem(UDS "until = \"stable\";\nrepeat = 10;\n", 3,
			   "repeat: is the most trials that a cell may have");
}
END_TEST

START_TEST(load)
{
	assert_one_problem("matrix: { transport = \"uds\";\n"
			   "load = [0, 2]; };\ncount = 5;\n",
			   3, "matrix.load: goes on for a duration");
	assert_one_problem("matrix: { transport = \"uds\";\n"
			   "pattern = \"connect\";\nload = 1; };\n",
			   3, "matrix.load: has no meaning with the pattern");
	assert_one_problem("matrix: { transport = \"uds\";\n"
			   "concurrency = [2, 800];\nload = [0, 300]; };\n",
			   3, "matrix.load: makes more than 1024 channels");
}
END_TEST

START_TEST(background)
{
	assert_one_problem("matrix: { transport = \"uds\";\n"
			   "background = [\"none\", \"sh -c 'x\"]; };\n",
			   2, "matrix.background: takes none or a command");
	assert_one_problem("matrix: { transport = \"uds\";\n"
			   "background = \" \"; };\n",
			   2, "matrix.background: takes none or a command");
}
END_TEST

START_TEST(container_user)
{
	static const char *const wrong[] = { "", "root", "1001", "1001:",
					     ":1001", "1001:1001x",
					     "-1:1", "12345678901:1" };

	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct text t = { 0 };

		text_addf(&t, UDS "container: {\nuser = \"%s\"; };\n",
			  wrong[i]);
		assert_one_problem(text_get(&t), 3,
				   "container.user: takes UID:GID");
		text_fini(&t);
	}
}
END_TEST

START_TEST(container_name_engine_and_image)
{
	assert_one_problem(UDS "container: {\nname_prefix = \"-x\"; };\n", 3,
			   "container.name_prefix: takes up to 64");
	assert_one_problem(UDS "container: {\nname_prefix = \"a/b\"; };\n", 3,
			   "container.name_prefix: takes up to 64");
	assert_one_problem(UDS "container: {\nengine = \"\"; };\n", 3,
			   "container.engine: is empty");
	assert_one_problem(UDS "container: {\nimage = \"--rm\"; };\n", 3,
			   "container.image: does not name an image");
}
END_TEST

START_TEST(no_transport)
{
	struct fixture_plan p = fixture_plan("repeat = 1;\n");

	ck_assert_int_eq(p.status, WEIR_EINVALID);
	ck_assert_uint_eq(p.problems.n, 1);
	ck_assert_ptr_nonnull(strstr(p.problems.at[0],
				     "t.cfg: matrix.transport: is missing"));
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(percentiles_at_the_ends)
{
	assert_one_problem(UDS "percentiles = [50, 0];\n", 2,
			   "percentiles: each lies between");
	assert_one_problem(UDS "percentiles = [100];\n", 2,
			   "percentiles: each lies between");
}
END_TEST

START_TEST(too_many_percentiles)
{
	struct fixture_plan p = fixture_plan(
		UDS "percentiles = [1,2,3,4,5,6,7,8,9,10];\n");

	ck_assert_int_eq(p.status, 0);
	fixture_plan_fini(&p);
	assert_one_problem(UDS "percentiles = [1,2,3,4,5,6,7,8,9,10,11];\n", 2,
			   "percentiles: more than 10");
}
END_TEST

START_TEST(empty_output)
{
	assert_one_problem(UDS "output: { json = \"\"; };\n", 2,
			   "output.json: is empty");
	assert_one_problem(UDS "output: { directory = \"\"; };\n", 2,
			   "output.directory: is empty");
}
END_TEST

START_TEST(no_room_for_the_send_time)
{
	struct fixture_plan p = fixture_plan(
		"matrix: { transport = \"uds\"; pattern = \"one_way\";\n"
		"size = [\"1Ki\", 15, 64]; };\n");

	ck_assert_int_eq(p.status, 0);
	ck_assert_uint_eq(p.plan->warnings.n, 1);
	ck_assert_ptr_nonnull(strstr(p.plan->warnings.at[0],
				     "t.cfg:2: matrix.size: one-way"));
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(room_for_the_send_time)
{
	static const char *const texts[] = {
		"matrix: { transport = \"uds\"; pattern = \"one_way\";\n"
		"size = [16, \"1Ki\"]; };\n",
		"matrix: { transport = \"uds\"; size = 1; };\n",
	};

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct fixture_plan p = fixture_plan(texts[i]);

		ck_assert_int_eq(p.status, 0);
		ck_assert_uint_eq(p.plan->warnings.n, 0);
		fixture_plan_fini(&p);
	}
}
END_TEST

START_TEST(rules_are_reported_together)
{
	struct fixture_plan p = fixture_plan(
		"count = 0; duration = \"1s\"; percentiles = [100];\n");

	ck_assert_uint_eq(p.problems.n, 4);
	fixture_plan_fini(&p);
}
END_TEST

static Suite *
suite(void)
{
	const TTest *const tests[] = {
		touch_none_and_verify, touch_none_and_a_stream,
		touch_warnings,
		namespaces,
		client_connects,
		pauses,
		too_few_to_be_stable,
		load,
		background,
		container_user,
		container_name_engine_and_image,
		count_and_duration, count_and_duration_on_the_command_line,
		warmup_twice, count_of_nothing, no_transport,
		percentiles_at_the_ends, too_many_percentiles, empty_output,
		no_room_for_the_send_time, room_for_the_send_time,
		rules_are_reported_together,
	};

	return fixture_suite("rules", tests, COUNT(tests));
}

UNIT_MAIN(suite)
