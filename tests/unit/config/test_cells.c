/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/config/fixture.h"

static void
assert_ids(const char *text, const char *const *ids, size_t n)
{
	struct fixture_plan p = fixture_plan(text);

	ck_assert_int_eq(p.status, 0);
	ck_assert_uint_eq(p.plan->n_cells, n);
	for (size_t i = 0; i < n; i++)
		ck_assert_str_eq(p.plan->cells[i].id, ids[i]);
	fixture_plan_fini(&p);
}

START_TEST(one_cell)
{
	static const char *const ids[] = { "uds/round_trip/64/process/1" };

	assert_ids("matrix: { transport = \"uds\"; size = [64]; };\n", ids, 1);
}
END_TEST

START_TEST(cross_product_in_order)
{
	static const char *const ids[] = {
		"uds/round_trip/64/thread/2",  "uds/round_trip/1Ki/thread/2",
		"uds/one_way/64/thread/2",     "uds/one_way/1Ki/thread/2",
		"pipe/round_trip/64/thread/2", "pipe/round_trip/1Ki/thread/2",
		"pipe/one_way/64/thread/2",    "pipe/one_way/1Ki/thread/2",
	};

	assert_ids("matrix: { transport = [\"uds\", \"pipe\"]; size = "
		   "[\"64\", 1024]; boundary = \"thread\"; concurrency = 2; "
		   "pattern = [\"round_trip\", \"one_way\"]; };\n",
		   ids, COUNT(ids));
}
END_TEST

START_TEST(options_that_vary_are_in_the_id)
{
	static const char *const ids[] = {
		"uds[wait=block,buffer=1Ki]/round_trip/1Ki/process/1",
		"uds[wait=block,buffer=2Ki]/round_trip/1Ki/process/1",
		"uds[wait=spin,buffer=1Ki]/round_trip/1Ki/process/1",
		"uds[wait=spin,buffer=2Ki]/round_trip/1Ki/process/1",
		"shm/round_trip/1Ki/process/1",
	};

	assert_ids("matrix: { transport = [\"uds\", \"shm\"]; };\n"
		   "transports: { uds: { wait = [\"block\", \"spin\"]; "
		   "buffer = [1024, \"2Ki\"]; label = \"x\"; };\n"
		   "shm: { wait = \"spin\"; }; };\n",
		   ids, COUNT(ids));
}
END_TEST

START_TEST(options_know_that_they_vary)
{
	struct fixture_plan p = fixture_plan(
		"matrix: { transport = [\"uds\", \"shm\"]; };\n"
		"transports: { uds: { wait = [\"block\", \"spin\"]; "
		"buffer = 1024; }; shm: { wait = \"spin\"; }; };\n");

	ck_assert_int_eq(p.status, 0);
	ck_assert_uint_eq(p.plan->n_cells, 3);
	for (size_t i = 0; i < p.plan->n_cells; i++) {
		const struct plan_cell *cell = &p.plan->cells[i];

		for (size_t k = 0; k < cell->n_options; k++)
			ck_assert_int_eq(
				cell->options[k].varies,
				i < 2 && !strcmp(cell->options[k].row->name,
						 "wait"));
	}
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(texts_in_ids_are_quoted_where_they_would_mislead)
{
	static const char *const ids[] = {
		"uds[label=a b]/round_trip/1Ki/process/1",
		"uds[label=\"a,b\"]/round_trip/1Ki/process/1",
		"uds[label=\"]\\\"\"]/round_trip/1Ki/process/1",
	};

	assert_ids("matrix: { transport = \"uds\"; };\n"
		   "transports: { uds: { label = [\"a b\", \"a,b\", "
		   "\"]\\\"\"]; }; };\n",
		   ids, COUNT(ids));
}
END_TEST

START_TEST(cells_are_typed)
{
	struct fixture_plan p = fixture_plan(
		"matrix: { transport = [\"uds\", \"shm\"]; size = [1, 16777216]"
		"; pattern = \"one_way\"; boundary = [\"process\", "
		"\"thread\"]; concurrency = 1024; };\n");
	const struct plan_axes *last;

	ck_assert_int_eq(p.status, 0);
	ck_assert_uint_eq(p.plan->n_cells, 8);
	last = &p.plan->cells[7].axes;
	ck_assert_str_eq(last->transport, "shm");
	ck_assert_uint_eq(last->pattern, PLAN_ONE_WAY);
	ck_assert_uint_eq(last->size_bytes, 16 << 20);
	ck_assert_uint_eq(last->boundary, PLAN_THREAD);
	ck_assert_int_eq(last->concurrency, 1024);
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(namespaces_multiply_at_their_boundary_only)
{
	static const char *const ids[] = {
		"uds/round_trip/1Ki/process/1",
		"uds/round_trip/1Ki/namespace/1/all",
		"uds/round_trip/1Ki/namespace/1/pid+net",
		"uds/round_trip/1Ki/container/1",
	};

	assert_ids("matrix: { transport = \"uds\"; boundary = [\"process\", "
		   "\"namespace\", \"container\"]; namespaces = [\"all\", "
		   "\"pid+net\"]; };\n",
		   ids, COUNT(ids));
}
END_TEST

START_TEST(namespaces_do_not_matter_elsewhere)
{
	static const char *const ids[] = { "uds/round_trip/1Ki/thread/1" };
	struct fixture_plan p = fixture_plan(
		"matrix: { transport = \"uds\"; boundary = [\"thread\", "
		"\"namespace\"]; namespaces = \"uts\"; };\n");

	assert_ids("matrix: { transport = \"uds\"; boundary = \"thread\"; "
		   "namespaces = [\"none\", \"user\", \"all\"]; };\n",
		   ids, COUNT(ids));
	ck_assert_int_eq(p.status, 0);
	ck_assert_ptr_null(p.plan->cells[0].axes.namespaces);
	ck_assert_str_eq(p.plan->cells[1].axes.namespaces, "uts");
	fixture_plan_fini(&p);
}
END_TEST

START_TEST(further_axes_go_by_their_name)
{
	static const char *const ids[] = {
		"uds/one_way/64/thread/1",
		"uds/one_way/64/thread/1/access=in_place",
		"uds/one_way/64/thread/1/batch=16",
		"uds/one_way/64/thread/1/batch=16/access=in_place",
	};

	assert_ids("matrix: { transport = \"uds\"; pattern = \"one_way\"; "
		   "size = 64; boundary = \"thread\"; batch = [1, 16]; "
		   "access = [\"copy\", \"in_place\"]; touch = \"header\"; "
		   "};\n", ids, COUNT(ids));
}
END_TEST

/* transport = "uds", n sizes, m concurrencies. */
static void
add_lists(struct text *t, int n, int m)
{
	text_add(t, "matrix: { transport = \"uds\"; size = [");
	for (int i = 1; i <= n; i++)
		text_addf(t, "%s%d", i > 1 ? "," : "", i);
	text_add(t, "]; concurrency = [");
	for (int i = 1; i <= m; i++)
		text_addf(t, "%s%d", i > 1 ? "," : "", i);
	text_add(t, "]; };\n");
}

START_TEST(a_hundred_thousand_cells)
{
	struct text t = { 0 };
	struct fixture_plan p;

	add_lists(&t, 1000, 100);
	p = fixture_plan(text_get(&t));
	ck_assert_int_eq(p.status, 0);
	ck_assert_uint_eq(p.plan->n_cells, PLAN_CELLS_MAX);
	ck_assert_str_eq(p.plan->cells[PLAN_CELLS_MAX - 1].id,
			 "uds/round_trip/1000/process/100");
	fixture_plan_fini(&p);
	text_fini(&t);
}
END_TEST

START_TEST(more_cells_are_refused)
{
	struct text t = { 0 };

	add_lists(&t, 1000, 101);
	assert_one_problem(text_get(&t), 1, "matrix: more than 100000 cells");
	text_fini(&t);
}
END_TEST

START_TEST(a_product_beyond_64_bits_is_refused)
{
	struct text t = { 0 };

	add_lists(&t, 4096, 1024);
	text_add(&t, "transports: { uds: { ");
	for (int option = 0; option < 2; option++) {
		text_add(&t, option ? "label = [" : "buffer = [");
		for (int i = 0; i < 4096; i++)
			text_addf(&t, "%s%d", i ? "," : "", i);
		text_add(&t, "]; ");
	}
	text_add(&t, "}; };\n");
	assert_one_problem(text_get(&t), 1, "matrix: more than 100000 cells");
	text_fini(&t);
}
END_TEST

static Suite *
suite(void)
{
	const TTest *const tests[] = {
		namespaces_multiply_at_their_boundary_only,
		namespaces_do_not_matter_elsewhere,
		further_axes_go_by_their_name,
		one_cell, cross_product_in_order,
		options_that_vary_are_in_the_id,
		options_know_that_they_vary,
		texts_in_ids_are_quoted_where_they_would_mislead,
		cells_are_typed, a_hundred_thousand_cells,
		more_cells_are_refused, a_product_beyond_64_bits_is_refused,
	};

	return fixture_suite("cells", tests, COUNT(tests));
}

UNIT_MAIN(suite)
