/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/cost.h"

#include <math.h>

#include "core/result/json_value.h"
#include "tests/unit/result/walls.h"
#include "tests/unit/unit.h"

static struct sample s;

static void
set_up(void)
{
	walls_init(&s);
}

static void
tear_down(void)
{
	sample_fini(&s);
}

static struct cost
cost_of(size_t cell)
{
	struct cost cost = { 0 };

	sample_finish(&s);
	ck_assert(cost_make(s.result, cost_baseline(&s.plan), cell, &cost));
	ck_assert_uint_eq(cost.cell, cell);
	return cost;
}

static bool
has_cost(size_t cell)
{
	struct cost cost;

	return cost_make(s.result, cost_baseline(&s.plan), cell, &cost);
}

START_TEST(process_is_what_others_are_compared_with)
{
	ck_assert_ptr_eq(cost_baseline(&s.plan), &s.cells[WALLS_PROCESS]);
	ck_assert_uint_eq(cost_of(WALLS_THREAD).baseline, WALLS_PROCESS);
	ck_assert_uint_eq(cost_of(WALLS_NAMESPACE).baseline, WALLS_PROCESS);
	ck_assert(!has_cost(WALLS_PROCESS));
}
END_TEST

START_TEST(without_a_process_the_first_is)
{
	s.cells[WALLS_PROCESS].axes.boundary = PLAN_CONTAINER;
	ck_assert_ptr_eq(cost_baseline(&s.plan), &s.cells[0]);
	ck_assert_uint_eq(cost_of(WALLS_NAMESPACE).baseline, 0);
}
END_TEST

START_TEST(one_boundary_costs_nothing)
{
	for (size_t i = 0; i < s.plan.n_cells; i++)
		s.cells[i].axes.boundary = PLAN_THREAD;
	s.cells[WALLS_NAMESPACE].axes.namespaces = NULL;
	ck_assert_ptr_null(cost_baseline(&s.plan));
}
END_TEST

START_TEST(sets_of_namespaces_are_boundaries)
{
	for (size_t i = 0; i < s.plan.n_cells; i++) {
		s.cells[i].axes.boundary = PLAN_NAMESPACE;
		s.cells[i].axes.namespaces = i == 2 ? "pid" : "none";
	}
	ck_assert_ptr_eq(cost_baseline(&s.plan), &s.cells[0]);
	ck_assert(!has_cost(1));
	ck_assert_uint_eq(cost_of(2).baseline, 0);
}
END_TEST

START_TEST(a_cell_is_compared_with_its_like_only)
{
	struct plan_cell *thread = &s.cells[WALLS_THREAD];

	ck_assert(has_cost(WALLS_THREAD));
	thread->axes.size_bytes = 128;
	ck_assert(!has_cost(WALLS_THREAD));
	thread->axes.size_bytes = 64;
	thread->axes.pattern = PLAN_ONE_WAY;
	ck_assert(!has_cost(WALLS_THREAD));
	thread->axes.pattern = PLAN_ROUND_TRIP;
	thread->axes.concurrency = 2;
	ck_assert(!has_cost(WALLS_THREAD));
	thread->axes.concurrency = 1;
	thread->axes.transport = "shm";
	ck_assert(!has_cost(WALLS_THREAD));
	thread->axes.transport = "uds";
	thread->options = s.spin;
	ck_assert(!has_cost(WALLS_THREAD));
}
END_TEST

START_TEST(difference_and_ratio_are_of_this_run)
{
	struct cost cost;

	walls_measure(&s, WALLS_PROCESS, 1000, 1000);
	walls_measure(&s, WALLS_THREAD, 1000, 500);
	cost = cost_of(WALLS_THREAD);
	ck_assert_double_eq_tol(cost.p50_ns.value, 500, 1);
	ck_assert_double_eq_tol(cost.p50_ns.baseline, 1000, 1);
	ck_assert_double_eq_tol(cost.p50_ns.difference, -500, 1);
	ck_assert_double_eq_tol(cost.p50_ns.ratio, 0.5, 0.01);
	ck_assert_double_eq_tol(cost.p99_ns.ratio, 0.5, 0.01);
	ck_assert_double_eq_tol(cost.messages_per_s.value, 2e6, 1);
	ck_assert_double_eq_tol(cost.messages_per_s.difference, 1e6, 1);
	ck_assert_double_eq_tol(cost.messages_per_s.ratio, 2, 1e-9);
}
END_TEST

/* 3000 round trips at each distance, of so many ns; 0: it was not met. */
static void
measure_at(size_t cell, uint64_t near_ns, uint64_t far_ns)
{
	const uint64_t ns[] = { near_ns, far_ns };

	s.cells[cell].options = s.spin;
	sample_round_trips(&s, 0);
	for (int i = 0; i < 2; i++) {
		struct report_class *c = &s.host.classes[2 * i];

		if (!ns[i])
			continue;
		c->latency = histogram_create();
		histogram_record_many(c->latency, ns[i], 3000);
		histogram_merge(s.host.latency, c->latency);
		c->messages = 3000;
		c->segments = 12;
		c->elapsed_ns = 3000 * ns[i];
	}
	s.host.integrity.sent = s.host.integrity.received =
		s.client.integrity.sent = s.client.integrity.received =
			s.host.latency->samples;
	s.host.ended_ns = s.host.started_ns + 3000 * (near_ns + far_ns);
	sample_add(&s, cell, 0);
	sample_finish(&s);
}

START_TEST(sides_that_spin_are_compared_at_one_distance)
{
	struct cost cost;

	measure_at(WALLS_PROCESS, 100, 900);
	measure_at(WALLS_THREAD, 50, 0);
	cost = cost_of(WALLS_THREAD);
	ck_assert_int_eq(cost.class, 0);
	ck_assert_double_eq_tol(cost.p50_ns.value, 50, 1);
	ck_assert_double_eq_tol(cost.p50_ns.baseline, 100, 1);
	ck_assert_double_eq_tol(cost.messages_per_s.ratio, 2, 1e-6);
}
END_TEST

START_TEST(at_different_distances_there_is_nothing_to_compare)
{
	struct cost cost;

	measure_at(WALLS_PROCESS, 0, 900);
	measure_at(WALLS_THREAD, 50, 0);
	cost = cost_of(WALLS_THREAD);
	ck_assert_int_eq(cost.class, DISTANCE_NONE);
	ck_assert(isnan(cost.p50_ns.ratio) && isnan(cost.p99_ns.ratio));
	ck_assert(isnan(cost.messages_per_s.ratio));
}
END_TEST

START_TEST(what_is_missing_is_not_made_up)
{
	struct cost cost;

	walls_measure(&s, WALLS_PROCESS, 100, 1000);
	walls_measure(&s, WALLS_THREAD, 100, 500);
	cost = cost_of(WALLS_THREAD);
	ck_assert(isnan(cost.p99_ns.difference) && isnan(cost.p99_ns.ratio));
	sample_add_failure(&s, WALLS_PROCESS, 0, RESULT_FAILED, WEIR_EPEER,
			   "gone");
	cost = cost_of(WALLS_THREAD);
	ck_assert_double_eq_tol(cost.messages_per_s.value, 2e6, 1);
	ck_assert(isnan(cost.messages_per_s.baseline));
	ck_assert(isnan(cost.messages_per_s.ratio));
}
END_TEST

START_TEST(json_has_a_row_each)
{
	struct weir_error err = { 0 };
	struct json j = { 0 };
	struct cJSON *root = json_create(&j);
	char *text = NULL;

	walls_measure(&s, WALLS_PROCESS, 1000, 1000);
	sample_finish(&s);
	cost_to_json(&j, root, s.result);
	ck_assert_int_eq(json_finish(&j, root, &text, &err), WEIR_OK);
	ck_assert_ptr_nonnull(strstr(text, "\"baseline\":\t\"process\"") ?:
			      strstr(text, "\"baseline\":\"process\""));
	ck_assert_ptr_nonnull(strstr(text, "null"));
	free(text);
}
END_TEST

static Suite *
suite(void)
{
	Suite *all = suite_create("cost");
	TCase *c = tcase_create("cost");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, process_is_what_others_are_compared_with);
	tcase_add_test(c, without_a_process_the_first_is);
	tcase_add_test(c, one_boundary_costs_nothing);
	tcase_add_test(c, sets_of_namespaces_are_boundaries);
	tcase_add_test(c, a_cell_is_compared_with_its_like_only);
	tcase_add_test(c, difference_and_ratio_are_of_this_run);
	tcase_add_test(c, sides_that_spin_are_compared_at_one_distance);
	tcase_add_test(c,
		       at_different_distances_there_is_nothing_to_compare);
	tcase_add_test(c, what_is_missing_is_not_made_up);
	tcase_add_test(c, json_has_a_row_each);
	suite_add_tcase(all, c);
	return all;
}

UNIT_MAIN(suite)
