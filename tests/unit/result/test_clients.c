/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/result.h"
#include "tests/unit/unit.h"

/* Two cells of a container, one of a process, two of different namespaces. */
static struct plan_cell cells[] = {
	{ .axes = { .boundary = PLAN_CONTAINER } },
	{ .axes = { .boundary = PLAN_PROCESS } },
	{ .axes = { .boundary = PLAN_CONTAINER } },
	{ .axes = { .boundary = PLAN_NAMESPACE, .namespaces = "all" } },
	{ .axes = { .boundary = PLAN_NAMESPACE, .namespaces = "pid" } },
};
#define N_CELLS (sizeof(cells) / sizeof(cells[0]))
static const struct plan plan = {
	.run.repeat = 1,
	.cells = cells,
	.n_cells = N_CELLS,
};

static struct result *result;

static void
setup(void)
{
	result = result_create(&plan);
	ck_assert_ptr_nonnull(result);
}

static void
teardown(void)
{
	result_destroy(result);
}

static void
set(size_t cell, double pid)
{
	struct facts facts = { 0 };

	facts_add_number(&facts, "pid", pid);
	ck_assert_int_eq(result_set_client(result, cell, &facts, NULL), 0);
}

static double
pid_of(size_t cell)
{
	ck_assert_ptr_nonnull(result->cells[cell].client);
	return facts_get(result->cells[cell].client, "pid")->number;
}

START_TEST(each_boundary_has_its_own)
{
	for (size_t i = 0; i < N_CELLS; i++)
		set(i, (double)i + 1);
	ck_assert_double_eq(pid_of(1), 2);
	ck_assert_double_eq(pid_of(3), 4);
	ck_assert_double_eq(pid_of(4), 5);
}
END_TEST

START_TEST(cells_of_one_boundary_share_it)
{
	set(0, 1);
	set(2, 3);
	ck_assert_ptr_eq(result->cells[0].client, result->cells[2].client);
	ck_assert_uint_eq(result->n_clients, 1);
}
END_TEST

START_TEST(the_first_one_stays)
{
	set(1, 7);
	set(1, 8);
	set(0, 9);
	ck_assert_double_eq(pid_of(1), 7);
	ck_assert_double_eq(facts_get(&result->client, "pid")->number, 7);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("clients");
	TCase *t = tcase_create("clients");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, each_boundary_has_its_own);
	tcase_add_test(t, cells_of_one_boundary_share_it);
	tcase_add_test(t, the_first_one_stays);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite)
