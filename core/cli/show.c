/* SPDX-License-Identifier: Apache-2.0 */
#include "core/cli/show.h"

#include <inttypes.h>
#include <string.h>

#include "core/base/units.h"
#include "core/stats/search.h"

/* What searches take at most: each probe may be late by as much again. */
static void
show_searches(const struct plan *plan, size_t n, FILE *to)
{
	const struct plan_run *run = &plan->run;
	uint64_t trials = n * (uint64_t)run->repeat;
	uint64_t probes = trials * (uint64_t)run->search_steps *
			  SEARCH_PROBES;
	char text[UNITS_TEXT_BYTES];

	units_scale_ns(2.0 * (double)(run->duration_ns + run->warmup_ns) *
			       (double)probes, text);
	fprintf(to, "%" PRIu64 " of these trials search, in at most %" PRIi64
		" steps each: %s at most without what it takes to start "
		"them, as a rule a third of that\n", trials,
		run->search_steps, text);
}

static size_t
count_searches(const struct plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n_cells; i++)
		n += axes_search(&plan->cells[i].axes);
	return n;
}

static void
show_length(const struct plan *plan, FILE *to)
{
	const struct plan_run *run = &plan->run;
	size_t n_searches = count_searches(plan);
	uint64_t n = (plan->n_cells - n_searches) * (uint64_t)run->repeat;
	char text[UNITS_TEXT_BYTES];

	fprintf(to, "%zu cell%s × %" PRIi64 " trial%s", plan->n_cells,
		plan->n_cells == 1 ? "" : "s", run->repeat,
		run->repeat == 1 ? "" : "s");
	if (!n) {
		fprintf(to, "\n");
	} else if (run->duration_ns) {
		units_scale_ns((double)((run->duration_ns + run->warmup_ns) *
					n), text);
		fprintf(to, ", about %s in all\n", text);
	} else {
		fprintf(to, " of %" PRIi64 " messages per channel\n",
			run->count);
	}
	if (n_searches)
		show_searches(plan, n_searches, to);
	fprintf(to, "\n");
}

void
show_plan(const struct plan *plan, FILE *to)
{
	size_t widest = 0;

	if (*plan->run.name)
		fprintf(to, "%s: ", plan->run.name);
	show_length(plan, to);
	for (size_t i = 0; i < plan->n_cells; i++)
		fprintf(to, "  %s\n", plan->cells[i].id);
	fprintf(to, "\nsettings:\n");
	for (size_t i = 0; i < plan->n_values; i++) {
		size_t width = strlen(plan->values[i].path) +
			       strlen(plan->values[i].text);

		if (width > widest && width < 60)
			widest = width;
	}
	for (size_t i = 0; i < plan->n_values; i++) {
		const struct plan_value *value = &plan->values[i];
		size_t width = strlen(value->path) + strlen(value->text);

		fprintf(to, "  %s = %s%*s  # %s\n", value->path, value->text,
			(int)(width < widest ? widest - width : 0), "",
			value->origin);
	}
	for (size_t i = 0; i < plan->warnings.n; i++)
		fprintf(to, "\nwarning: %s\n", plan->warnings.at[i]);
}
