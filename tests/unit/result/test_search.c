/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/search.h"

#include <math.h>
#include <string.h>

#include "core/result/result.h"
#include "tests/unit/unit.h"

/* Two searches of one cell, as far as their sentence goes. */
struct fixture {
	struct plan plan;
	struct result_search searches[2];
	struct result_trial trials[2];
	struct plan_cell planned;
	struct result_cell cell;
};

static void
begin(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	f->plan.run.slo_percentile = 99.9;
	f->plan.run.slo_below_ns = 50000;
	f->plan.run.search_to = 1e6;
	f->cell.cell = &f->planned;
	f->cell.trials = f->trials;
	f->cell.n_trials = 2;
	for (int i = 0; i < 2; i++) {
		struct result_search *s = &f->searches[i];

		f->trials[i].status = RESULT_OK;
		f->trials[i].search = s;
		s->course.n_steps = 2;
		s->course.steps[0].per_s = 1000;
		s->course.steps[1].per_s = 64000;
		s->found = (struct search_result){
			.pass_per_s = 10000 + 1000 * i,
			.fail_per_s = 12000 + 1000 * i,
			.below_per_s = NAN,
			.confirmed = true,
			.narrow = true,
		};
	}
}

static void
says(const struct fixture *f, const char *sentence)
{
	struct text said = { 0 };

	result_search_say(&f->cell, &f->plan, &said);
	ck_assert_str_eq(text_get(&said), sentence);
	text_fini(&said);
}

START_TEST(searches_are_one_interval)
{
	struct result_search_range range;
	struct fixture f;

	begin(&f);
	ck_assert(result_search_range(&f.cell, &range));
	ck_assert_double_eq(range.pass_per_s, 10000);
	ck_assert_double_eq(range.fail_per_s, 13000);
	ck_assert_uint_eq(range.n, 2);
	ck_assert(range.confirmed && range.narrow && !range.open);
	says(&f, "p99.9 stays below 50.0 us up to 10.0 k/s; at 13.0 k/s it "
		 "does not");
	f.searches[0].found.confirmed = false;
	f.searches[1].found.below_per_s = 2000;
	f.searches[1].found.open = true;
	says(&f, "p99.9 stays below 50.0 us up to 10.0 k/s; at 13.0 k/s it "
		 "does not; rates between them are too near to tell; further "
		 "down, at 2.00 k/s, it does not; not confirmed by a second "
		 "test");
}
END_TEST

START_TEST(cpus_that_moved_are_told)
{
	struct fixture f;

	begin(&f);
	for (int i = 0; i < 2; i++) {
		f.searches[i].points[0].near_ns = f.searches[i].points[0].far_ns
			= 50 + 10 * i;
		f.searches[i].points[1].near_ns = NAN;
		f.searches[i].points[1].far_ns = NAN;
	}
	f.planned.axes.concurrency = 2;
	says(&f, "p99.9 stays below 50.0 us up to 10.0 k/s on each channel; at "
		 "13.0 k/s it does not");
	f.searches[1].points[1].far_ns = 425;
	says(&f, "p99.9 stays below 50.0 us up to 10.0 k/s on each channel; at "
		 "13.0 k/s it does not; the CPUs moved meanwhile, and were "
		 "50.0 ns to 425 ns apart");
}
END_TEST

START_TEST(what_never_fails)
{
	struct fixture f;

	begin(&f);
	f.searches[0].found.unreached = true;
	says(&f, "p99.9 stays below 50.0 us up to 10.0 k/s; at 13.0 k/s it "
		 "does not");
	f.searches[1].found.unreached = true;
	says(&f, "p99.9 stays below 50.0 us up to 10.0 k/s; 13.0 k/s is not "
		 "reached, so that here it is the rate and not the latency "
		 "that ends");
	f.searches[1].found.fail_per_s = NAN;
	says(&f, "p99.9 stays below 50.0 us up to 10.0 k/s; higher rates are "
		 "not decided");
	f.searches[0].found.pass_per_s = f.searches[1].found.pass_per_s = 64e3;
	says(&f, "p99.9 stays below 50.0 us up to 64.0 k/s; search.steps were "
		 "used up before a higher rate was tried");
	f.searches[0].found.pass_per_s = f.searches[1].found.pass_per_s = 1e6;
	says(&f, "p99.9 stays below 50.0 us up to 1.00 M/s, the highest rate "
		 "that was tried (search.to)");
}
END_TEST

START_TEST(what_never_passes)
{
	struct result_search_range range;
	struct fixture f;

	begin(&f);
	f.searches[1].found.pass_per_s = NAN;
	ck_assert(result_search_range(&f.cell, &range));
	ck_assert_double_nan(range.pass_per_s);
	says(&f, "p99.9 stays below 50.0 us at no rate in 1 of 2 searches");
	f.searches[0].found.pass_per_s = NAN;
	says(&f, "p99.9 is not known to stay below 50.0 us at any rate from "
		 "1.00 k/s to 64.0 k/s");
	f.searches[0].course.n_steps = f.searches[1].course.n_steps = 1;
	says(&f, "p99.9 is not known to stay below 50.0 us at 1.00 k/s, the "
		 "only rate that was tried");
}
END_TEST

/* A search that was not left in peace says so, whatever it found. */
START_TEST(noisy_probes_are_told)
{
	struct fixture f;

	begin(&f);
	for (int i = 0; i < 2; i++)
		f.searches[i].course.steps[0].passes = 5;
	f.searches[1].points[0].noisy = 2;
	says(&f, "p99.9 stays below 50.0 us up to 10.0 k/s; at 13.0 k/s it "
		 "does not");
	f.searches[1].points[0].noisy = 3;
	says(&f, "p99.9 stays below 50.0 us up to 10.0 k/s; at 13.0 k/s it "
		 "does not; 3 of 10 probes were noisy");
	f.searches[0].found.pass_per_s = f.searches[1].found.pass_per_s = NAN;
	says(&f, "p99.9 is not known to stay below 50.0 us at any rate from "
		 "1.00 k/s to 64.0 k/s; 3 of 10 probes were noisy");
}
END_TEST

START_TEST(no_search_says_nothing)
{
	struct result_search_range range;
	struct fixture f;

	begin(&f);
	f.trials[0].search = NULL;
	f.trials[1].search = NULL;
	f.trials[1].status = RESULT_FAILED;
	ck_assert(!result_search_range(&f.cell, &range));
	says(&f, "");
}
END_TEST

START_TEST(what_was_cut_short_is_told)
{
	struct result_search_range range;
	struct fixture f;

	begin(&f);
	f.trials[1].status = RESULT_FAILED;
	ck_assert(result_search_range(&f.cell, &range));
	ck_assert(!range.cut);
	ck_assert_uint_eq(range.n, 1);
	f.trials[0].search = NULL;
	f.searches[1].found = (struct search_result){
		.pass_per_s = 64000, .fail_per_s = NAN, .below_per_s = NAN,
	};
	ck_assert(result_search_range(&f.cell, &range));
	ck_assert(range.cut);
	says(&f, "cut short; so far p99.9 stays below 50.0 us up to "
		 "64.0 k/s; no higher rate was tried; not confirmed by a "
		 "second test");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("result/search");
	TCase *c = tcase_create("search");

	tcase_add_test(c, searches_are_one_interval);
	tcase_add_test(c, cpus_that_moved_are_told);
	tcase_add_test(c, what_never_fails);
	tcase_add_test(c, what_never_passes);
	tcase_add_test(c, noisy_probes_are_told);
	tcase_add_test(c, no_search_says_nothing);
	tcase_add_test(c, what_was_cut_short_is_told);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
