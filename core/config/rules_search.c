/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes no sense with rate = "search", or without it.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/units.h"
#include "core/config/build.h"

/* Of settings that may have been said the first one. */
static const struct setting *
first_said(const struct build *b, const char *const *paths)
{
	const struct setting *at = NULL;

	while (*paths && !at)
		at = settings_get(b->settings, *paths++);
	return at;
}

/* Whether a duration was written that is none. What is no duration at all has
 * its own sentence. */
static bool
is_zero(const struct setting *at)
{
	uint64_t ns;

	return at->values.n == 1 &&
	       !units_parse_duration(at->values.at[0], &ns, NULL) && !ns;
}

static void
check_slo(struct build *b)
{
	const struct plan_run *run = &b->plan->run;
	const struct setting *below = settings_get(b->settings, "slo.below");
	const struct setting *percentile =
		settings_get(b->settings, "slo.percentile");

	if (!below)
		problems_add(b, WEIR_EINVALID,
			     settings_get(b->settings, "matrix.rate"),
			     "matrix.rate: a search needs to know what for; "
			     "say slo: { percentile = 99.0; below = \"50us\"; "
			     "};");
	else if (is_zero(below))
		problems_add(b, WEIR_EINVALID, below,
			     "slo.below: no latency is below it; write a "
			     "duration, as \"50us\"");
	if (!(run->slo_percentile > 0 && run->slo_percentile < 100))
		problems_add(b, WEIR_EINVALID, percentile,
			     "slo.percentile: lies between 0 and 100, both "
			     "excluded");
	if (run->search_from > run->search_to)
		problems_add(b, WEIR_EINVALID,
			     settings_get(b->settings, "search.from"),
			     "search.from: is above search.to, where the "
			     "search ends");
}

/* What goes by a trial, where a search goes by probes of it. */
static void
check_others(struct build *b)
{
	static const char *const streams[] = {
		"output.streaming_json", "output.streaming_csv", NULL,
	};
	const struct plan_run *run = &b->plan->run;

	if (!plan_has(b, "pattern", plan_pattern_names[PLAN_PACED]))
		problems_add(b, WEIR_EINVALID,
			     settings_get(b->settings, "matrix.rate"),
			     "matrix.rate: only messages that are due have a "
			     "rate to search for: set matrix.pattern = "
			     "\"paced\"");
	if (run->count)
		problems_add(b, WEIR_EINVALID,
			     settings_get(b->settings, "count"),
			     "count: a search takes a duration for each of its "
			     "probes, whatever their rate: take count out");
	if (run->until == PLAN_UNTIL_STABLE)
		problems_add(b, WEIR_EINVALID,
			     settings_get(b->settings, "until"),
			     "until: a search ends by itself; take out \"stable"
			     "\", or the search");
	if (*run->output_streaming_json || *run->output_streaming_csv)
		problems_add(b, WEIR_EINVALID, first_said(b, streams),
			     "output: a search has no stream of its messages: "
			     "stream them at a rate");
}

static bool
is_searched(const struct build *b)
{
	return plan_has(b, "rate", AXES_SEARCH);
}

/* -D matrix.rate=10k is no fault. */
bool
rules_search_is_gone(const struct build *b, const struct setting *at)
{
	const struct setting *rate = plan_axis(b, "rate")->from;

	return !is_searched(b) && rate && rate->layer > at->layer;
}

void
rules_search_check(struct build *b)
{
	static const char *const slo[] = {
		"slo.below", "slo.percentile", NULL,
	};
	const struct setting *said = first_said(b, slo);
	/* As an effective config says it that has no search. */
	bool none = said && !strcmp(said->path, "slo.below") && is_zero(said);

	if (is_searched(b)) {
		check_slo(b);
		check_others(b);
		return;
	}
	if (said && !none && !rules_search_is_gone(b, said)) {
		problems_add(b, WEIR_EINVALID, said,
			     "%s: is what a search is for, and nothing is "
			     "searched: set matrix.rate = \"search\", or take "
			     "it out", said->path);
	}
}
