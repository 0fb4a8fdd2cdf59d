/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/clients.h"
#include "tests/unit/result/reports.h"
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
	ck_assert_int_eq(result_set_clients(result, cell, &facts, 1, NULL), 0);
}

static double
pid_of(size_t cell)
{
	ck_assert_ptr_nonnull(result->cells[cell].clients);
	return facts_get(result->cells[cell].clients->at, "pid")->number;
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
	ck_assert_ptr_eq(result->cells[0].clients, result->cells[2].clients);
	ck_assert_ptr_null(result->clients->next);
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

START_TEST(all_of_them_are_kept)
{
	struct facts facts[3] = { 0 };

	for (size_t i = 0; i < 3; i++)
		facts_add_number(&facts[i], "pid", (double)i);
	ck_assert_int_eq(result_set_clients(result, 1, facts, 3, NULL), 0);
	ck_assert_uint_eq(result->cells[1].clients->n, 3);
	ck_assert_double_eq(facts_get(&result->cells[1].clients->at[2],
				      "pid")->number, 2);
}
END_TEST

/* ---- shares ---- */

static struct sample whole, first, second;

static void
add_trial(uint32_t index)
{
	const struct result_share shares[2] = {
		{ &first.host, &first.client },
		{ &second.host, &second.client },
	};
	const struct result_sides sides = {
		.host = &whole.host,
		.client = &whole.client,
		.comparable_clocks = true,
		.shares = shares,
		.n_shares = 2,
	};

	ck_assert_int_eq(result_add_trial(whole.result, SAMPLE_UDS, index, 0,
					  &sides, NULL), WEIR_OK);
}

static void
setup_shares(void)
{
	sample_init(&whole, 3);
	sample_init(&first, 1);
	sample_init(&second, 1);
	sample_round_trips(&whole, 300);
	sample_round_trips(&first, 100);
	sample_round_trips(&second, 200);
}

static void
teardown_shares(void)
{
	sample_fini(&second);
	sample_fini(&first);
	sample_fini(&whole);
}

START_TEST(each_client_has_its_share_of_all_trials)
{
	const struct result_cell *c = &whole.result->cells[SAMPLE_UDS];

	for (uint32_t i = 0; i < 3; i++)
		add_trial(i);
	sample_finish(&whole);
	ck_assert_uint_eq(c->block.latency.samples, 900);
	ck_assert_uint_eq(c->n_shares, 2);
	ck_assert_uint_eq(c->shares[0].latency.samples, 300);
	ck_assert_uint_eq(c->shares[1].latency.samples, 600);
	ck_assert_uint_eq(c->shares[1].messages, 600);
	ck_assert_double_eq(c->shares[0].first_message_ns, 5000);
	ck_assert_double_eq_tol(c->shares[1].client_cpu_ns_per_message, 400,
				1e-6);
}
END_TEST

START_TEST(a_failed_trial_counts_in_the_integrity_of_its_clients)
{
	const struct result_cell *c = &whole.result->cells[SAMPLE_UDS];

	add_trial(0);
	second.client.integrity.received -= 7;
	whole.client.integrity.received -= 7;
	add_trial(1);
	sample_finish(&whole);
	ck_assert_int_eq(c->trials[1].status, RESULT_FAILED);
	ck_assert_uint_eq(c->shares[0].latency.samples, 100);
	ck_assert_uint_eq(c->shares[1].latency.samples, 200);
	ck_assert_uint_eq(c->shares[0].integrity.lost, 0);
	ck_assert_uint_eq(c->shares[1].integrity.lost, 7);
}
END_TEST

START_TEST(finishing_again_does_not_add_up)
{
	const struct result_cell *c = &whole.result->cells[SAMPLE_UDS];

	add_trial(0);
	sample_finish(&whole);
	add_trial(0);
	sample_finish(&whole);
	ck_assert_uint_eq(c->n_shares, 2);
	ck_assert_uint_eq(c->shares[1].latency.samples, 200);
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
	tcase_add_test(t, all_of_them_are_kept);
	suite_add_tcase(s, t);
	t = tcase_create("shares");
	tcase_add_checked_fixture(t, setup_shares, teardown_shares);
	tcase_add_test(t, each_client_has_its_share_of_all_trials);
	tcase_add_test(t,
		       a_failed_trial_counts_in_the_integrity_of_its_clients);
	tcase_add_test(t, finishing_again_does_not_add_up);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite)
