/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The effective config makes the same plan again.
 */
#include "tests/unit/config/fixture.h"

static const struct plan_value *
value_of(const struct plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->n_values; i++)
		if (!strcmp(plan->values[i].path, path))
			return &plan->values[i];
	return NULL;
}

static void
assert_same(const struct plan *a, const struct plan *b)
{
	ck_assert_str_eq(a->text, b->text);
	ck_assert_uint_eq(a->n_values, b->n_values);
	for (size_t i = 0; i < a->n_values; i++) {
		ck_assert_str_eq(a->values[i].path, b->values[i].path);
		ck_assert_str_eq(a->values[i].text, b->values[i].text);
	}
	ck_assert_uint_eq(a->n_cells, b->n_cells);
	for (size_t i = 0; i < a->n_cells; i++) {
		const struct plan_cell *x = &a->cells[i];
		const struct plan_cell *y = &b->cells[i];

		ck_assert_str_eq(x->id, y->id);
		ck_assert_str_eq(x->plugin, y->plugin);
		ck_assert_uint_eq(x->n_options, y->n_options);
		for (size_t k = 0; k < x->n_options; k++)
			ck_assert_str_eq(x->options[k].text,
					 y->options[k].text);
	}
	for (size_t i = 0; i < plan_run_table.n_rows; i++) {
		const struct weir_option *row = &plan_run_table.rows[i];
		struct text x = { 0 };
		struct text y = { 0 };

		option_print(row, &a->run, &x);
		option_print(row, &b->run, &y);
		ck_assert_str_eq(text_get(&x), text_get(&y));
		text_fini(&x);
		text_fini(&y);
	}
}

static void
assert_idempotent(const char *text, const char *const *overrides)
{
	struct fixture_plan first = fixture_plan_with(text, overrides);
	struct fixture_plan again;

	ck_assert_msg(!first.status, "%s",
		      first.problems.n ? first.problems.at[0] : "");
	again = fixture_plan(first.plan->text);
	ck_assert_msg(!again.status, "%s\n%s",
		      again.problems.n ? again.problems.at[0] : "",
		      first.plan->text);
	assert_same(first.plan, again.plan);
	ck_assert_uint_eq(again.plan->warnings.n, 0);
	fixture_plan_fini(&first);
	fixture_plan_fini(&again);
}

START_TEST(defaults_again)
{
	assert_idempotent("matrix: { transport = \"uds\"; };\n", NULL);
}
END_TEST

START_TEST(everything_again)
{
	assert_idempotent(
		"name = \"a \\\"b\\\" \\\\ \\n\\x1b \xc3\xa4 [x] // #\";\n"
		"matrix: { transport = [\"uds\", \"fast\", \"pipe\"]; size = "
		"(16, \"1Ki\", 16777216); pattern = [\"one_way\", "
		"\"round_trip\"]; boundary = [\"thread\", \"process\"]; "
		"concurrency = [1, 2]; };\n"
		"repeat = 7; count = 5000000000L; warmup_count = 12;\n"
		"seed = 9223372036854775807L; verify = \"none\";\n"
		"initiator = \"client\"; include_first_message = true;\n"
		"percentiles = [0.1, 99.999, 75]; plugin_path = [\"/a b\", "
		"\"c,d\", \"007\", \"true\"];\n"
		"silence_timeout = \"1500ms\"; stall_timeout = \"1m\";\n"
		"connect_timeout = \"1h\"; cpu: { host = \"none\"; client = "
		"\"0,2-3\"; }; output: { directory = \"/x\"; json = \"-\"; };\n"
		"transports: { fast: { plugin = \"shm\"; wait = [\"spin\", "
		"\"block\"]; buffer = [0, 1, \"1Mi\"]; }; uds: { label = "
		"[\"\", \"true\", \"12\", \"0x1\"]; hints = [\"a\", \"b,c\", "
		"\"\"]; }; unused: {}; };\n",
		NULL);
}
END_TEST

START_TEST(overrides_again)
{
	const char *const overrides[] = {
		"count=5", "warmup=0", "matrix.size=[4Ki,65536]",
		"transports.uds.label=\" \\\"x\\\" \"", "name=", NULL
	};

	assert_idempotent("matrix: { transport = \"uds\"; size = 64; };\n"
			  "duration = \"1s\"; warmup_count = 5;\n",
			  overrides);
}
END_TEST

START_TEST(values_have_origins)
{
	const char *const overrides[] = { "repeat=5", NULL };
	struct fixture_plan p = fixture_plan_with(
		"matrix: { transport = \"uds\";\n size = [64, \"1Ki\"]; };\n"
		"transports: { uds: {\n wait = \"spin\"; }; };\n",
		overrides);
	char where[160];

	ck_assert_int_eq(p.status, 0);
	snprintf(where, sizeof(where), "%s:2", fixture_path("t.cfg"));
	ck_assert_str_eq(value_of(p.plan, "matrix.size")->origin, where);
	ck_assert_str_eq(value_of(p.plan, "matrix.size")->text, "[64,1Ki]");
	snprintf(where, sizeof(where), "%s:4", fixture_path("t.cfg"));
	ck_assert_str_eq(value_of(p.plan, "transports.uds.wait")->origin,
			 where);
	ck_assert_str_eq(value_of(p.plan, "repeat")->origin,
			 "command line -D repeat=5");
	ck_assert_str_eq(value_of(p.plan, "verify")->origin, "default");
	ck_assert_str_eq(value_of(p.plan, "transports.uds.plugin")->text,
			 "uds");
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(what_is_not_in_force_stays_out)
{
	struct fixture_plan p = fixture_plan(
		"matrix: { transport = \"uds\"; };\n"
		"count = 5; warmup_count = 2;\n");

	ck_assert_int_eq(p.status, 0);
	ck_assert_ptr_nonnull(value_of(p.plan, "count"));
	ck_assert_ptr_null(value_of(p.plan, "duration"));
	ck_assert_ptr_nonnull(value_of(p.plan, "warmup_count"));
	ck_assert_ptr_null(value_of(p.plan, "warmup"));
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(unused_transports_stay_out)
{
	struct fixture_plan p = fixture_plan(
		"matrix: { transport = \"uds\"; };\n"
		"transports: { shm: { wait = \"spin\"; }; };\n");

	ck_assert_int_eq(p.status, 0);
	ck_assert_ptr_null(strstr(p.plan->text, "shm"));
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(groups_open_and_close)
{
	struct fixture_plan p = fixture_plan(
		"matrix: { transport = [\"uds\", \"shm\"]; };\n");
	const char *end;

	ck_assert_int_eq(p.status, 0);
	end = strstr(p.plan->text, "transports: {\n");
	ck_assert_ptr_nonnull(end);
	ck_assert_str_eq(end, "transports: {\n"
			      "\tuds: {\n"
			      "\t\tplugin = \"uds\";\n"
			      "\t\twait = \"block\";\n"
			      "\t\tbuffer = 0;\n"
			      "\t\tlabel = \"\";\n"
			      "\t\thints = [];\n"
			      "\t};\n"
			      "\tshm: {\n"
			      "\t\tplugin = \"shm\";\n"
			      "\t\twait = \"block\";\n"
			      "\t\tbuffer = 0;\n"
			      "\t\tlabel = \"\";\n"
			      "\t\thints = [];\n"
			      "\t};\n"
			      "};\n");
	fixture_plan_fini(&p);
}
END_TEST

static Suite *
suite(void)
{
	const TTest *const tests[] = {
		defaults_again, everything_again, overrides_again,
		values_have_origins, what_is_not_in_force_stays_out,
		unused_transports_stay_out, groups_open_and_close,
	};

	return fixture_suite("print", tests, COUNT(tests));
}

UNIT_MAIN(suite)
