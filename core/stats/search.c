/* SPDX-License-Identifier: Apache-2.0 */
#include "core/stats/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RAMP_FACTOR 2

/* What may be asked of the last steps: a retest of the lower end. */
#define STEPS_KEPT 1

void
search_init(struct search *s, const struct search_rules *rules)
{
	*s = (struct search){ .rules = *rules };
	if (s->rules.steps > SEARCH_STEPS_MAX)
		s->rules.steps = SEARCH_STEPS_MAX;
}

const struct search_step *
search_step_at(const struct search *s, double per_s)
{
	for (size_t i = s->n_steps; i-- > 0;)
		if (s->steps[i].per_s == per_s)
			return &s->steps[i];
	return NULL;
}

/* Most of what speaks against it is that the rate was not reached. */
static bool
is_unreached(const struct search_step *step)
{
	return step->answer == SEARCH_FAIL &&
	       2 * step->unreached > step->fails;
}

/* Whether a rate stands as passed: the last word on it counts. */
static bool
passed(const struct search *s, double per_s)
{
	return search_step_at(s, per_s)->answer == SEARCH_PASS;
}

static uint32_t
times_tested(const struct search *s, double per_s)
{
	uint32_t n = 0;

	for (size_t i = 0; i < s->n_steps; i++)
		n += s->steps[i].per_s == per_s;
	return n;
}

static uint32_t
times_passed(const struct search *s, double per_s)
{
	uint32_t n = 0;

	for (size_t i = 0; i < s->n_steps; i++)
		n += s->steps[i].per_s == per_s &&
		     s->steps[i].answer == SEARCH_PASS;
	return n;
}

/* The highest rate that passed; NaN: none. */
static double
find_pass(const struct search *s)
{
	double best = NAN;

	for (size_t i = 0; i < s->n_steps; i++) {
		double per_s = s->steps[i].per_s;

		if (!(per_s <= best) && passed(s, per_s))
			best = per_s;
	}
	return best;
}

/* The lowest rate above one that did not pass, or of those that failed. */
static double
find_end(const struct search *s, double above, bool failed_only)
{
	double best = NAN;

	for (size_t i = 0; i < s->n_steps; i++) {
		double per_s = s->steps[i].per_s;

		if (per_s <= above || per_s >= best || passed(s, per_s))
			continue;
		if (!failed_only ||
		    search_step_at(s, per_s)->answer == SEARCH_FAIL)
			best = per_s;
	}
	return best;
}

/* The highest rate below one that failed; NaN: none. */
static double
find_failed_below(const struct search *s, double below)
{
	double best = NAN;

	for (size_t i = 0; i < s->n_steps; i++) {
		double per_s = s->steps[i].per_s;

		if (per_s < below && !(per_s <= best) &&
		    search_step_at(s, per_s)->answer == SEARCH_FAIL)
			best = per_s;
	}
	return best;
}

/* Four digits: what is finer than that nobody can read, nor measure. */
static double
rounded(double per_s)
{
	double unit = pow(10, floor(log10(per_s)) - 3);

	return unit < 1 ? round(per_s) : round(per_s / unit) * unit;
}

/* The next rate of the ramp; NaN: it is at its end. */
static double
next_of_ramp(const struct search *s)
{
	const struct search_step *last;
	double per_s;

	if (!s->n_steps)
		return rounded(s->rules.from_per_s);
	last = &s->steps[s->n_steps - 1];
	if (last->answer == SEARCH_FAIL &&
	    (!isnan(find_pass(s)) || is_unreached(last)))
		return NAN;
	per_s = fmin(rounded(last->per_s * RAMP_FACTOR), s->rules.to_per_s);
	return per_s > last->per_s ? per_s : NAN;
}

static bool
is_narrow(const struct search *s, double pass, double end)
{
	double middle = rounded(sqrt(pass * end));

	return end <= pass * (1 + s->rules.precision) || middle <= pass ||
	       middle >= end;
}

/* Nothing but one step of the ramp says that this rate is too high: all that
 * came after it, below, passed. */
static bool
is_doubtful(const struct search *s, double end)
{
	bool seen = false;

	for (size_t i = 0; i < s->n_steps; i++) {
		if (seen && s->steps[i].answer != SEARCH_PASS)
			return false;
		seen |= s->steps[i].per_s == end;
	}
	return times_tested(s, end) == 1 &&
	       !is_unreached(search_step_at(s, end));
}

/* The next rate behind the ramp; NaN: the search is over. */
static double
next_of_bisection(struct search *s)
{
	double pass = find_pass(s), end;

	if (isnan(pass))
		return NAN;
	end = find_end(s, pass, false);
	if (s->n_steps + STEPS_KEPT < s->rules.steps && !isnan(end)) {
		if (!is_narrow(s, pass, end))
			return rounded(sqrt(pass * end));
		if (is_doubtful(s, end))
			return end;
	}
	if (isnan(end) && pass < s->rules.to_per_s &&
	    s->n_steps + STEPS_KEPT < s->rules.steps)
		return fmin(rounded(pass * RAMP_FACTOR), s->rules.to_per_s);
	if (times_passed(s, pass) < 2 ||
	    s->steps[s->n_steps - 1].per_s != pass)
		return pass;
	return NAN;
}

static double
next_rate(struct search *s)
{
	double per_s = NAN;

	if (s->n_steps == s->rules.steps)
		return NAN;
	if (s->phase == SEARCH_RAMP &&
	    s->n_steps + STEPS_KEPT < s->rules.steps)
		per_s = next_of_ramp(s);
	if (isnan(per_s)) {
		s->phase = SEARCH_BISECT;
		per_s = next_of_bisection(s);
	}
	return per_s;
}

bool
search_next(struct search *s, double *ret_per_s)
{
	double per_s;

	if (s->phase == SEARCH_OVER)
		return false;
	if (!s->going) {
		per_s = next_rate(s);
		if (isnan(per_s)) {
			s->phase = SEARCH_OVER;
			return false;
		}
		s->steps[s->n_steps] = (struct search_step){
			.per_s = per_s,
			.retest = times_tested(s, per_s),
		};
		s->n_steps++;
		s->going = true;
	}
	*ret_per_s = s->steps[s->n_steps - 1].per_s;
	return true;
}

static enum search_answer
answer_of(const struct search *s, const struct exceed *found)
{
	struct exceed_interval share = exceed_share(found);

	if (share.high <= s->rules.share)
		return SEARCH_PASS;
	return share.low > s->rules.share ? SEARCH_FAIL : SEARCH_OPEN;
}

static double
share_above(const struct exceed *e)
{
	return e->samples ? (double)e->above / (double)e->samples : 1;
}

static int
compare(const void *a, const void *b)
{
	double x = share_above(a), y = share_above(b);

	return (x > y) - (x < y);
}

/* The answer of the probes that are left without the highest and the lowest:
 * something may have disturbed one of them as a whole. */
static enum search_answer
answer_of_middle(const struct search *s, const struct search_step *step)
{
	struct exceed probes[SEARCH_PROBES], all = { 0 };

	memcpy(probes, step->probes, sizeof(probes));
	qsort(probes, SEARCH_PROBES, sizeof(probes[0]), compare);
	for (size_t i = 1; i < SEARCH_PROBES - 1; i++)
		exceed_add(&all, &probes[i]);
	return answer_of(s, &all);
}

static uint32_t
count_probes(const struct search_step *step)
{
	return step->passes + step->fails + step->unclear;
}

/* Whether the step has its answer. */
static bool
is_decided(const struct search *s, struct search_step *step)
{
	bool enough = s->phase == SEARCH_RAMP && count_probes(step) == 1;

	if (step->fails == SEARCH_MAJORITY)
		step->answer = SEARCH_FAIL;
	else if (step->passes == SEARCH_MAJORITY || (enough && step->passes))
		step->answer = SEARCH_PASS;
	else if (count_probes(step) < SEARCH_PROBES)
		return false;
	else
		step->answer = answer_of_middle(s, step);
	return true;
}

bool
search_probe(struct search *s, const struct exceed *found, bool reached)
{
	struct search_step *step = &s->steps[s->n_steps - 1];
	enum search_answer answer = reached ? answer_of(s, found) :
					      SEARCH_FAIL;

	step->probes[count_probes(step)] = *found;
	step->unreached += !reached;
	step->passes += answer == SEARCH_PASS;
	step->fails += answer == SEARCH_FAIL;
	step->unclear += answer == SEARCH_OPEN;
	s->going = !is_decided(s, step);
	return !s->going;
}

void
search_cut(struct search *s)
{
	if (s->n_steps && !count_probes(&s->steps[s->n_steps - 1]))
		s->n_steps--;
	s->phase = SEARCH_OVER;
}

void
search_result_get(const struct search *s, struct search_result *ret_result)
{
	struct search_result *r = ret_result;
	double end;

	*r = (struct search_result){ .pass_per_s = find_pass(s) };
	end = find_end(s, isnan(r->pass_per_s) ? 0 : r->pass_per_s, false);
	r->fail_per_s = find_end(s, isnan(r->pass_per_s) ? 0 : r->pass_per_s,
				 true);
	r->confirmed = times_passed(s, r->pass_per_s) > 1;
	r->below_per_s = find_failed_below(s, r->pass_per_s);
	r->open = !isnan(end) && !(r->fail_per_s <= end);
	r->narrow = !isnan(r->fail_per_s) && !isnan(r->pass_per_s) &&
		    is_narrow(s, r->pass_per_s, r->fail_per_s);
	r->unreached = !isnan(r->fail_per_s) &&
		       is_unreached(search_step_at(s, r->fail_per_s));
}
