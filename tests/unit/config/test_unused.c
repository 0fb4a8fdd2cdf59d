/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/config/fixture.h"

#define MATRIX(more) "matrix: { transport = \"uds\"; " more " };\n"
#define IPC "ipc: { path = \"here\"; };\n"
#define AT(boundary) MATRIX("boundary = \"" boundary "\";")

/* What was said and changes no cell is told; a default is nobody's wish. */
START_TEST(axes_that_apply_to_no_cell)
{
	assert_warns(MATRIX("rate = [\"10k\", \"20k\"];"), 1,
		     "t.cfg:1: matrix.rate: changes nothing, because no cell");
	assert_warns(MATRIX("pattern = \"paced\"; access = \"in_place\";"), 1,
		     "matrix.access: changes nothing, because no cell");
	assert_warns(MATRIX("pattern = \"paced\"; idle = \"1ms\";"), 1,
		     "matrix.idle: changes nothing, because no cell");
	assert_warns(MATRIX("namespaces = \"user+net\";"), 1,
		     "matrix.namespaces: changes nothing");
	assert_warns(MATRIX("rate = \"1k\"; batch = 1;"), 0, NULL);
	assert_warns(MATRIX("pattern = [\"paced\", \"one_way\"];"
			   "rate = \"10k\"; batch = 4;"), 0, NULL);
}
END_TEST

/* Each setting, and where it has a use. */
static const struct {
	const char *text;
	const char *used;
	const char *warning;
} settings[] = {
	{ "container: { image = \"here\"; user = \"1:1\"; };",
	  AT("container"),
	  "t.cfg:2: container.image: changes nothing, because no cell has a "
	  "container: see matrix.boundary" },
	{ "container: { extra_args = [\"-t\"]; };", AT("container"),
	  "container.extra_args: " },
	{ IPC, AT("external"),
	  "ipc.path: changes nothing, because no cell has clients" },
	{ "allow_uids = [7];", AT("external") IPC,
	  "allow_uids: changes nothing" },
	{ "clients = 2;",
	  MATRIX("boundary = \"external\"; concurrency = 2;") IPC,
	  "clients: changes nothing" },
	{ "trust_peer = true;", AT("container"),
	  "trust_peer: changes nothing" },
	{ "cpu: { host = \"0\"; };",
	  MATRIX("placement = [\"same\", \"auto\"];"), NULL },
	{ "precision = 0.01;", MATRIX("") "repeat = 11; until = \"stable\";",
	  "precision: changes nothing, because no cell is measured until" },
};

/* What the setting says with a config of the others. */
static struct fixture_plan
with(const char *text, const char *others)
{
	char config[1024];
	struct fixture_plan p;

	snprintf(config, sizeof(config), "%s%s\n", others, text);
	p = fixture_plan(config);
	ck_assert_int_eq(p.status, 0);
	return p;
}

START_TEST(keys_that_no_cell_has_a_use_for)
{
	for (size_t i = 0; i < COUNT(settings); i++) {
		const char *warning = settings[i].warning;
		struct fixture_plan p = with(settings[i].text, MATRIX(""));

		ck_assert_uint_eq(p.plan->warnings.n, warning != NULL);
		ck_assert(!warning ||
			  strstr(p.plan->warnings.at[0], warning));
		fixture_plan_fini(&p);
		p = with(settings[i].text, settings[i].used);
		ck_assert_uint_eq(p.plan->warnings.n, 0);
		fixture_plan_fini(&p);
	}
}
END_TEST

START_TEST(cpus_that_a_placement_takes_the_place_of)
{
	assert_warns(MATRIX("placement = \"same\";")
		     "cpu: { host = \"0\"; };", 1,
		     "cpu.host: changes nothing, because no cell has the "
		     "placement auto: see matrix.placement");
}
END_TEST

/* As an effective config says them all. */
START_TEST(a_default_is_no_wish)
{
	struct fixture_plan p = fixture_plan(MATRIX("")), again;

	again = fixture_plan(p.plan->text);
	ck_assert_int_eq(again.status, 0);
	ck_assert_uint_eq(again.plan->warnings.n, 0);
	fixture_plan_fini(&p);
	fixture_plan_fini(&again);
}
END_TEST

START_TEST(a_higher_layer_may_choose_the_cells)
{
	static const char *const process[] = { "matrix.boundary=process",
					       NULL };
	static const char *const image[] = { "container.image=there", NULL };
	struct fixture_plan p = fixture_plan_with(
		AT("container") "container: { image = \"here\"; };", process);

	ck_assert_int_eq(p.status, 0);
	ck_assert_uint_eq(p.plan->warnings.n, 0);
	fixture_plan_fini(&p);
	p = fixture_plan_with(AT("process"), image);
	ck_assert_int_eq(p.status, 0);
	ck_assert_uint_eq(p.plan->warnings.n, 1);
	fixture_plan_fini(&p);
}
END_TEST

static Suite *
suite(void)
{
	const TTest *const tests[] = {
		axes_that_apply_to_no_cell,
		keys_that_no_cell_has_a_use_for,
		cpus_that_a_placement_takes_the_place_of,
		a_default_is_no_wish,
		a_higher_layer_may_choose_the_cells,
	};

	return fixture_suite("unused", tests, COUNT(tests));
}

UNIT_MAIN(suite)
