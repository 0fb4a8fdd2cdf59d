/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/search.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/units.h"
#include "core/result/json_value.h"
#include "core/result/result.h"

/* The distance of two CPUs that did not move varies by less. */
#define MOVED 2
/* More than one in so many probes that were noisy is told. */
#define NOISY_SHARE 4

const double result_curve_percents[RESULT_CURVE_PERCENTS] = { 50, 99, 99.9 };

/* Whether the last probe was one at the rate that was found. */
static bool
ends_at_its_rate(const struct result_search *search)
{
	const struct search *course = &search->course;
	const struct search_step *last;

	if (!course->n_steps || isnan(search->found.pass_per_s))
		return false;
	last = &course->steps[course->n_steps - 1];
	return last->per_s == search->found.pass_per_s &&
	       last->answer == SEARCH_PASS;
}

int
result_search_add(struct result *result, size_t cell, uint32_t trial,
		  const struct result_search *search, struct weir_error *err)
{
	struct result_trial *t = &result->cells[cell].trials[trial];
	struct result_search *copy = malloc(sizeof(*copy));

	if (!copy)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for the result of a search");
	*copy = *search;
	if (t->status == RESULT_OK && !ends_at_its_rate(search))
		result_empty_trial(result, cell, trial, RESULT_OK);
	free(t->search);
	t->search = copy;
	return WEIR_OK;
}

/* ---- what it says ---- */

/* NaN, which says that there is none, stays. */
static double
lower(double a, double b)
{
	return isnan(a) || isnan(b) ? NAN : fmin(a, b);
}

static double
higher(double a, double b)
{
	return isnan(a) || isnan(b) ? NAN : fmax(a, b);
}

static void
take(struct result_search_range *r, const struct result_search *search)
{
	const struct search_result *found = &search->found;
	const struct search *course = &search->course;

	r->pass_per_s = lower(r->pass_per_s, found->pass_per_s);
	r->fail_per_s = higher(r->fail_per_s, found->fail_per_s);
	r->below_per_s = fmax(r->below_per_s, found->below_per_s);
	for (size_t i = 0; i < course->n_steps; i++) {
		r->n_probes += course->steps[i].passes +
			       course->steps[i].fails +
			       course->steps[i].unclear;
		r->n_noisy += search->points[i].noisy;
		r->from_per_s = fmin(r->from_per_s, course->steps[i].per_s);
		r->to_per_s = fmax(r->to_per_s, course->steps[i].per_s);
		r->near_ns = fmin(r->near_ns, search->points[i].near_ns);
		r->far_ns = fmax(r->far_ns, search->points[i].far_ns);
	}
	r->n_without += isnan(found->pass_per_s) ? 1 : 0;
	r->confirmed &= found->confirmed;
	r->narrow &= found->narrow;
	r->open |= found->open;
	r->unreached &= found->unreached;
	r->n++;
}

static void
take_all(struct result_search_range *r, const struct result_cell *cell,
	 bool good)
{
	for (size_t i = 0; i < cell->n_trials; i++)
		if (cell->trials[i].search &&
		    (cell->trials[i].status == RESULT_OK) == good)
			take(r, cell->trials[i].search);
}

bool
result_search_range(const struct result_cell *cell,
		    struct result_search_range *ret_range)
{
	*ret_range = (struct result_search_range){
		.pass_per_s = INFINITY,
		.below_per_s = NAN,
		.near_ns = NAN,
		.far_ns = NAN,
		.from_per_s = INFINITY,
		.confirmed = true,
		.narrow = true,
		.unreached = true,
	};
	take_all(ret_range, cell, true);
	if (!ret_range->n) {
		ret_range->cut = true;
		take_all(ret_range, cell, false);
	}
	return ret_range->n;
}

static void
add_rate(struct text *to, const char *before, double per_s)
{
	char text[UNITS_TEXT_BYTES];

	units_scale_rate(per_s, text);
	text_addf(to, "%s%s", before, text);
}

/* Virtual CPUs that move take the knee with them. */
static void
say_distance(const struct result_search_range *r, struct text *to)
{
	char near[UNITS_TEXT_BYTES], far[UNITS_TEXT_BYTES];

	if (!(r->far_ns > MOVED * r->near_ns))
		return;
	units_scale_ns(r->near_ns, near);
	units_scale_ns(r->far_ns, far);
	text_addf(to, "; the CPUs moved meanwhile, and were %s to %s apart",
		  near, far);
}

static void
say_noise(const struct result_search_range *r, struct text *to)
{
	if (r->n_noisy * NOISY_SHARE > r->n_probes)
		text_addf(to, "; %zu of %zu probes were noisy", r->n_noisy,
			  r->n_probes);
}

static void
say_range(const struct result_search_range *r, const struct plan *plan,
	  const char *level, struct text *to)
{
	add_rate(to, level, r->pass_per_s);
	text_add(to, r->of_several ? " on each channel" : "");
	if (isnan(r->fail_per_s)) {
		if (r->pass_per_s >= plan->run.search_to)
			text_add(to, ", the highest rate that was tried "
				     "(search.to)");
		else if (r->pass_per_s >= r->to_per_s)
			text_add(to, r->cut ? "; no higher rate was tried" :
				 "; search.steps were used up before a "
				 "higher rate was tried");
		else
			text_add(to, "; higher rates are not decided");
	} else if (r->unreached) {
		add_rate(to, "; ", r->fail_per_s);
		text_add(to, " is not reached, so that here it is the rate "
			     "and not the latency that ends");
	} else {
		add_rate(to, "; at ", r->fail_per_s);
		text_add(to, " it does not");
	}
	if (r->open)
		text_add(to, "; rates between them are too near to tell");
	else if (!r->narrow && r->n == 1 && !r->cut && !isnan(r->fail_per_s))
		text_add(to, "; search.steps were used up before they were "
			     "nearer");
	if (!isnan(r->below_per_s)) {
		add_rate(to, "; further down, at ", r->below_per_s);
		text_add(to, ", it does not");
	}
	if (!r->confirmed)
		text_add(to, "; not confirmed by a second test");
	say_distance(r, to);
	say_noise(r, to);
}

static void
say_tried(const struct result_search_range *r, struct text *to)
{
	if (r->from_per_s < r->to_per_s) {
		add_rate(to, "any rate from ", r->from_per_s);
		add_rate(to, " to ", r->to_per_s);
	} else {
		add_rate(to, "", r->from_per_s);
		text_add(to, ", the only rate that was tried");
	}
}

void
result_search_say(const struct result_cell *cell, const struct plan *plan,
		  struct text *to)
{
	char percentile[RESULT_PERCENT_BYTES], below[UNITS_TEXT_BYTES];
	struct result_search_range r;
	char level[128];

	if (!result_search_range(cell, &r))
		return;
	result_percent_name(plan->run.slo_percentile, '.', percentile);
	units_scale_ns((double)plan->run.slo_below_ns, below);
	text_add(to, r.cut ? "cut short; so far " : "");
	if (r.n_without == r.n) {
		text_addf(to, "%s is not known to stay below %s at ",
			  percentile, below);
		say_tried(&r, to);
		say_noise(&r, to);
		return;
	}
	if (r.n_without) {
		text_addf(to, "%s stays below %s at no rate in %zu of %zu "
			  "searches", percentile, below, r.n_without, r.n);
		say_noise(&r, to);
		return;
	}
	snprintf(level, sizeof(level), "%s stays below %s up to ", percentile,
		 below);
	r.of_several = cell->cell->axes.concurrency > 1;
	say_range(&r, plan, level, to);
}

/* ---- JSON ---- */

static void
add_step(struct json *j, struct cJSON *to, const struct search_step *step,
	 const struct result_point *point)
{
	static const char *const answers[] = {
		[SEARCH_OPEN] = "open",
		[SEARCH_PASS] = "pass",
		[SEARCH_FAIL] = "fail",
	};
	struct cJSON *o = json_append_object(j, to), *latency;

	json_add_number(j, o, "rate_per_s", step->per_s);
	json_add_text(j, o, "answer", answers[step->answer]);
	json_add_bool(j, o, "retest", step->retest);
	json_add_u64(j, o, "passes", step->passes);
	json_add_u64(j, o, "fails", step->fails);
	json_add_u64(j, o, "unclear", step->unclear);
	json_add_u64(j, o, "not_reached", step->unreached);
	json_add_u64(j, o, "noisy", point->noisy);
	json_add_number(j, o, "reached_per_s", point->reached_per_s);
	json_add_u64(j, o, "messages", point->messages);
	json_add_u64(j, o, "late", point->late);
	json_add_number(j, o, "late_clusters", point->clusters);
	json_add_number(j, o, "distance_low_ns", point->near_ns);
	json_add_number(j, o, "distance_high_ns", point->far_ns);
	latency = json_add_object(j, o, "latency_ns");
	for (size_t i = 0; i < RESULT_CURVE_PERCENTS; i++) {
		char name[RESULT_PERCENT_BYTES];

		result_percent_name(result_curve_percents[i], '_', name);
		json_add_number(j, latency, name, point->latency_ns[i]);
	}
}

void
result_search_trial_to_json(struct json *j, struct cJSON *to,
			    const struct result_search *search)
{
	struct cJSON *o, *steps;

	if (!search)
		return;
	o = json_add_object(j, to, "search");
	json_add_bool(j, o, "complete", search->complete);
	json_add_number(j, o, "highest_pass_per_s", search->found.pass_per_s);
	json_add_number(j, o, "lowest_fail_per_s", search->found.fail_per_s);
	json_add_number(j, o, "low_fail_per_s", search->found.below_per_s);
	json_add_bool(j, o, "confirmed", search->found.confirmed);
	json_add_bool(j, o, "fail_not_reached", search->found.unreached);
	steps = json_add_array(j, o, "steps");
	for (size_t i = 0; i < search->course.n_steps; i++)
		add_step(j, steps, &search->course.steps[i],
			 &search->points[i]);
}

void
result_search_cell_to_json(struct json *j, struct cJSON *to,
			   const struct result_cell *cell,
			   const struct plan *plan)
{
	struct result_search_range r;
	struct text said = { 0 };
	struct cJSON *o;

	if (!result_search_range(cell, &r))
		return;
	result_search_say(cell, plan, &said);
	o = json_add_object(j, to, "search");
	json_add_number(j, o, "percentile", plan->run.slo_percentile);
	json_add_u64(j, o, "below_ns", plan->run.slo_below_ns);
	json_add_bool(j, o, "complete", !r.cut);
	json_add_number(j, o, "highest_pass_per_s", r.pass_per_s);
	json_add_number(j, o, "lowest_fail_per_s", r.fail_per_s);
	json_add_number(j, o, "low_fail_per_s", r.below_per_s);
	json_add_bool(j, o, "confirmed", r.confirmed && !r.n_without);
	json_add_text(j, o, "summary", text_get(&said));
	text_fini(&said);
}
