/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/config/fixture.h"

START_TEST(a_name_is_the_plugin_of_that_name)
{
	struct fixture_plan p = fixture_plan(
		"matrix: { transport = \"shm\"; };\n");

	ck_assert_int_eq(p.status, 0);
	ck_assert_str_eq(p.plan->cells[0].plugin, "shm");
	ck_assert_uint_eq(p.plan->cells[0].n_options, COUNT(fixture_rows));
	ck_assert_str_eq(p.plan->cells[0].options[0].text, "block");
	ck_assert_ptr_eq(p.plan->cells[0].options[0].row, &fixture_rows[0]);
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(a_group_names_its_plugin)
{
	struct fixture_plan p = fixture_plan(
		"matrix: { transport = [\"fast\", \"pipe\"]; };\n"
		"transports: { fast: { plugin = \"shm\"; wait = \"spin\"; };\n"
		"pipe: {}; };\n");

	ck_assert_int_eq(p.status, 0);
	ck_assert_str_eq(p.plan->cells[0].axes.transport, "fast");
	ck_assert_str_eq(p.plan->cells[0].plugin, "shm");
	ck_assert_str_eq(p.plan->cells[0].options[0].text, "spin");
	ck_assert_str_eq(p.plan->cells[1].plugin, "pipe");
	ck_assert_uint_eq(p.plan->warnings.n, 0);
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(options_are_canonical)
{
	struct fixture_plan p = fixture_plan(
		"matrix: { transport = \"uds\"; };\n"
		"transports: { uds: { buffer = 65536; }; };\n");

	ck_assert_int_eq(p.status, 0);
	ck_assert_str_eq(p.plan->cells[0].options[1].text, "64Ki");
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(rows_that_list_do_not_multiply)
{
	struct fixture_plan p = fixture_plan(
		"matrix: { transport = \"uds\"; };\n"
		"transports: { uds: { hints = [\"a\", \"b,c\"]; }; };\n");

	ck_assert_int_eq(p.status, 0);
	ck_assert_uint_eq(p.plan->n_cells, 1);
	ck_assert_str_eq(p.plan->cells[0].options[3].text, "[a,\"b,c\"]");
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(cell_options_fill_the_struct_of_the_plugin)
{
	struct fixture_plan p = fixture_plan(
		"matrix: { transport = \"uds\"; };\n"
		"transports: { uds: { hints = [\"a\", \"b,c\"]; wait = "
		"\"adaptive\"; buffer = \"1Ki\"; label = \"[x\"; }; };\n");
	const struct option_table table = {
		fixture_rows, COUNT(fixture_rows),
		sizeof(struct fixture_options)
	};
	struct fixture_options o;
	const struct plan_cell *cell;

	ck_assert_int_eq(p.status, 0);
	cell = &p.plan->cells[0];
	ck_assert_int_eq(option_defaults(&table, &o, NULL), 0);
	for (size_t i = 0; i < cell->n_options; i++)
		ck_assert_int_eq(option_set(cell->options[i].row,
					    cell->options[i].text, &o, NULL),
				 0);
	ck_assert_uint_eq(o.wait, 2);
	ck_assert_uint_eq(o.buffer, 1024);
	ck_assert_str_eq(o.label, "[x");
	ck_assert_uint_eq(o.hints.n, 2);
	ck_assert_str_eq(o.hints.at[1], "b,c");
	option_fini(&table, &o);
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(faults)
{
	static const struct {
		const char *transport;
		const char *group;
		const char *sentence;
	} cases[] = {
		{ "uds", "uds: { wait = \"spni\"; };",
		  "transports.uds.wait: \"spni\" is not one of" },
		{ "uds", "uds: { wait = [\"spin\", \"spin\"]; };",
		  "transports.uds.wait: the value spin stands twice" },
		{ "uds", "uds: { wait = []; };",
		  "transports.uds.wait: the list is empty" },
		{ "uds", "uds: { buffer = 1048577; };",
		  "transports.uds.buffer: \"1048577\" is out of range" },
		{ "uds", "uds: { plugin = [\"uds\"]; };",
		  "transports.uds.plugin: takes the name of one plugin" },
		{ "uds", "uds: { plugin = \"\"; };",
		  "transports.uds.plugin: takes the name of one plugin" },
		{ "uds", "uds: { wait: { x = 1; }; };",
		  "transports.uds.wait.x: unknown option" },
		{ "uds", "uds: { plugin: { x = 1; }; };",
		  "transports.uds.plugin.x: unknown option" },
		{ "uds", "uds = \"stream\";", "transports.uds: is a group" },
		{ "uds", "shm: { plugin = \"shm\"; wiat = 1; };",
		  "transports.shm.wiat: unknown option of the plugin shm; did "
		  "you mean wait?" },
		{ "uds", "uds: { pulgin = \"uds\"; };",
		  "transports.uds.pulgin: unknown option of the plugin uds; "
		  "did you mean plugin?" },
		{ "uds", "uds: { zzzzzzzzzzz = 1; };",
		  "transports.uds.zzzzzzzzzzz: unknown option of the plugin "
		  "uds; weir describe uds lists" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text t = { 0 };

		text_addf(&t,
			  "matrix: { transport = \"%s\"; };\n"
			  "transports: {\n%s\n};\n",
			  cases[i].transport, cases[i].group);
		assert_one_problem(text_get(&t), 3, cases[i].sentence);
		text_fini(&t);
	}
}
END_TEST

START_TEST(names_of_groups)
{
	static const char *const overrides[] = {
		"transports.9p.wait=spin", "transports.=1",
		"transports..wait=1",
	};

	for (size_t i = 0; i < COUNT(overrides); i++) {
		const char *const all[] = { "matrix.transport=uds",
					    overrides[i], NULL };
		struct fixture_plan p = fixture_plan_with(NULL, all);

		ck_assert_int_eq(p.status, WEIR_EINVALID);
		ck_assert_uint_eq(p.problems.n, 1);
		ck_assert_ptr_nonnull(strstr(p.problems.at[0],
					     "a transport's name is made of"));
		fixture_plan_fini(&p);
	}
}
END_TEST

START_TEST(empty_name)
{
	assert_one_problem("matrix: { transport = [\"uds\", \"\"]; };\n", 1,
			   "matrix.transport: an empty name");
}
END_TEST

START_TEST(missing_plugin_is_of_this_machine)
{
	struct fixture_plan p = fixture_plan(
		"matrix: { transport = [\"uds\", \"zmq\"]; };\n");

	ck_assert_int_eq(p.status, WEIR_EUNAVAILABLE);
	ck_assert_uint_eq(p.problems.n, 1);
	fixture_assert_problem(&p, 0, 1,
			       "transport zmq: no plugin \"zmq\" in /nowhere");
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(missing_plugin_of_a_group)
{
	struct fixture_plan p = fixture_plan(
		"matrix: { transport = \"q\"; };\n"
		"transports: { q: {\n plugin = \"zmq\"; hwm = 5; }; };\n");

	/* What options it would have, nobody knows. */
	ck_assert_int_eq(p.status, WEIR_EUNAVAILABLE);
	ck_assert_uint_eq(p.problems.n, 1);
	fixture_assert_problem(&p, 0, 3, "transport q: no plugin");
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(config_faults_win_over_missing_plugins)
{
	struct fixture_plan p = fixture_plan(
		"matrix: { transport = \"zmq\"; };\nrepeat = 0;\n");

	ck_assert_int_eq(p.status, WEIR_EINVALID);
	ck_assert_uint_eq(p.problems.n, 2);
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(unused_is_a_warning)
{
	struct fixture_plan p = fixture_plan(
		"matrix: { transport = \"uds\"; };\n"
		"transports: {\n old: { plugin = \"zmq\"; hwm = 5; }; };\n");
	char begin[160];

	ck_assert_int_eq(p.status, 0);
	ck_assert_uint_eq(p.plan->warnings.n, 1);
	snprintf(begin, sizeof(begin), "%s:3: transports.old: not used",
		 fixture_path("t.cfg"));
	ck_assert_ptr_eq(strstr(p.plan->warnings.at[0], begin),
			 p.plan->warnings.at[0]);
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(unused_by_choice_of_a_higher_layer_is_none)
{
	const char *const overrides[] = { "matrix.transport=uds", NULL };
	struct fixture_plan p = fixture_plan_with(
		"matrix: { transport = [\"uds\", \"shm\"]; };\n"
		"transports: { shm: { wait = \"spin\"; }; };\n",
		overrides);

	ck_assert_int_eq(p.status, 0);
	ck_assert_uint_eq(p.plan->warnings.n, 0);
	fixture_plan_fini(&p);
}
END_TEST

static Suite *
suite(void)
{
	const TTest *const tests[] = {
		a_name_is_the_plugin_of_that_name, a_group_names_its_plugin,
		options_are_canonical, rows_that_list_do_not_multiply,
		cell_options_fill_the_struct_of_the_plugin, faults,
		names_of_groups, empty_name,
		missing_plugin_is_of_this_machine, missing_plugin_of_a_group,
		config_faults_win_over_missing_plugins, unused_is_a_warning,
		unused_by_choice_of_a_higher_layer_is_none,
	};

	return fixture_suite("transports", tests, COUNT(tests));
}

UNIT_MAIN(suite)
