/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/config/fixture.h"

#define PACED(more) \
	"matrix: { transport = \"uds\";\npattern = \"paced\";\n" more " };\n"
#define SEARCH PACED("rate = \"search\";")
#define SLO "slo = { percentile = 99.9; below = \"50us\"; };\n"

START_TEST(a_search_has_a_cell)
{
	struct fixture_plan p = fixture_plan(
		PACED("rate = [\"1k\", \"search\"];") SLO);

	ck_assert_int_eq(p.status, WEIR_OK);
	ck_assert_uint_eq(p.plan->n_cells, 2);
	ck_assert(!axes_search(&p.plan->cells[0].axes));
	ck_assert(axes_search(&p.plan->cells[1].axes));
	ck_assert_str_eq(p.plan->cells[1].id,
			 "uds/paced/1Ki/process/1/rate=search");
	ck_assert_uint_eq(p.plan->run.slo_below_ns, 50000);
	ck_assert_double_eq(p.plan->run.slo_percentile, 99.9);
	ck_assert_ptr_nonnull(strstr(p.plan->text, "below = \"50us\""));
	fixture_plan_fini(&p);
}
END_TEST

/* Ends p, whose effective config is as good as it was, without a warning. */
static void
assert_runs_again(struct fixture_plan *p, uint64_t below_ns)
{
	struct fixture_plan again = fixture_plan(p->plan->text);

	ck_assert_int_eq(p->status, WEIR_OK);
	ck_assert_uint_eq(p->plan->warnings.n, 0);
	ck_assert_int_eq(again.status, WEIR_OK);
	ck_assert_uint_eq(again.plan->warnings.n, 0);
	ck_assert_uint_eq(again.plan->run.slo_below_ns, below_ns);
	fixture_plan_fini(p);
	fixture_plan_fini(&again);
}

START_TEST(an_effective_config_runs_again)
{
	struct fixture_plan p = fixture_plan(PACED("rate = 5;"));

	assert_runs_again(&p, 0);
	p = fixture_plan(SEARCH SLO);
	assert_runs_again(&p, 50000);
}
END_TEST

START_TEST(the_two_need_each_other)
{
	assert_one_problem(SEARCH, 3, "matrix.rate: a search needs to know");
	assert_one_problem(SEARCH "slo: { percentile = 99.0; };", 3,
			   "matrix.rate: a search needs to know");
	assert_one_problem(PACED("") SLO, 4,
			   "slo.below: is what a search is for");
	assert_one_problem(PACED("") "slo: { percentile = 99.0; };", 4,
			   "slo.percentile: is what a search is for");
}
END_TEST

START_TEST(a_search_that_is_taken_away)
{
	static const char *const rate[] = { "matrix.rate=5", NULL };
	struct fixture_plan p = fixture_plan_with(
		SEARCH SLO "search: { steps = 5; };", rate);

	assert_runs_again(&p, 0);
}
END_TEST

START_TEST(without_a_search_its_steps_change_nothing)
{
	static const char warning[] = "search.from: changes nothing, because "
				      "nothing is searched";

	assert_warns(PACED("") "search: { from = \"2k\"; to = \"10M\"; };", 1,
		     warning);
	assert_warns(SEARCH SLO "search: { from = \"2k\"; };", 0, "");
}
END_TEST

START_TEST(a_level_that_is_none)
{
	assert_one_problem(SEARCH "slo: { below = \"0s\"; };", 4,
			   "slo.below: no latency is below it");
	assert_one_problem(SEARCH "slo: { below = \"soon\"; };", 4,
			   "slo.below: \"soon\"");
	assert_one_problem(SEARCH "slo: { percentile = 100;\n"
				  "below = \"1ms\"; };",
			   4, "slo.percentile: lies between 0 and 100");
	assert_one_problem(SEARCH "slo: { percentile = 0;\n"
				  "below = \"1ms\"; };",
			   4, "slo.percentile: lies between 0 and 100");
	assert_one_problem(SEARCH "slo: { percentile = 101;\n"
				  "below = \"1ms\"; };",
			   4, "slo.percentile: \"101\" is out of range");
	assert_one_problem(SEARCH SLO "search: { from = \"2k\"; to = 1000; };",
			   5, "search.from: is above search.to");
}
END_TEST

START_TEST(what_a_search_is_not_for)
{
	assert_one_problem("matrix: { transport = \"uds\";\n"
			   "rate = \"search\"; };\n" SLO, 2,
			   "matrix.rate: only messages that are due");
	assert_one_problem(SEARCH SLO "count = 5;", 5, "count: a search");
	assert_one_problem(SEARCH SLO "repeat = 20;\nuntil = \"stable\";", 6,
			   "until: a search ends by itself");
	assert_one_problem(SEARCH SLO
			   "output: { streaming_csv = \"a.csv\"; };", 5,
			   "output: a search has no stream");
}
END_TEST

/* Only a rate can be searched for. */
START_TEST(no_other_word)
{
	assert_one_problem(PACED("rate = \"serch\";"), 3, "matrix.rate");
	assert_one_problem(PACED("size = \"search\";"), 3, "matrix.size");
}
END_TEST

static Suite *
suite(void)
{
	const TTest *const tests[] = {
		a_search_has_a_cell,
		an_effective_config_runs_again,
		the_two_need_each_other,
		a_search_that_is_taken_away,
		without_a_search_its_steps_change_nothing,
		a_level_that_is_none,
		what_a_search_is_not_for,
		no_other_word,
	};

	return fixture_suite("rules_search", tests, COUNT(tests));
}

UNIT_MAIN(suite)
