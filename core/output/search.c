/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/search.h"

#include <math.h>
#include <stdio.h>

#include "core/base/units.h"
#include "core/output/coordinates.h"
#include "core/output/table.h"
#include "core/result/utf8.h"

/* The first good one, else the first that was cut short. */
static const struct result_search *
first_search(const struct result_cell *cell)
{
	const struct result_search *cut = NULL;

	for (size_t i = 0; i < cell->n_trials; i++) {
		const struct result_trial *trial = &cell->trials[i];

		if (trial->search && trial->status == RESULT_OK)
			return trial->search;
		if (!cut)
			cut = trial->search;
	}
	return cut;
}

/* Returns how many of the columns say which cell it is. */
static size_t
add_columns(struct output_table *t, const struct plan *plan)
{
	size_t n = output_coordinates_columns(t, plan);

	output_table_column(t, "rate per channel", "due", true);
	output_table_column(t, "rate per channel", "sent", true);
	for (size_t i = 0; i < RESULT_CURVE_PERCENTS; i++) {
		char name[RESULT_PERCENT_BYTES];

		result_percent_name(result_curve_percents[i], '.', name);
		output_table_column(t, "latency", name, true);
	}
	output_table_column(t, NULL, "late", true);
	output_table_column(t, NULL, "", false);
	return n;
}

/* The last step at the lowest rate above one, or NULL. */
static const struct search_step *
next_rate(const struct search *course, double above)
{
	double best = INFINITY;

	for (size_t i = 0; i < course->n_steps; i++)
		if (course->steps[i].per_s > above)
			best = fmin(best, course->steps[i].per_s);
	return search_step_at(course, best);
}

static const char *
answer_of(const struct search_step *step)
{
	switch (step->answer) {
	case SEARCH_PASS:
		return "passes";
	case SEARCH_FAIL:
		return 2 * step->unreached > step->fails ? "not reached" :
							   "fails";
	case SEARCH_OPEN:
		break;
	}
	return "open";
}

static void
add_point(struct output_table *t, const struct search_step *step,
	  const struct result_point *point)
{
	char text[UNITS_TEXT_BYTES];

	output_table_rate(t, step->per_s);
	output_table_rate(t, point->reached_per_s);
	for (size_t i = 0; i < RESULT_CURVE_PERCENTS; i++)
		output_table_ns(t, point->latency_ns[i]);
	snprintf(text, sizeof(text), "%.2f %%",
		 point->messages ? 100 * (double)point->late /
					   (double)point->messages :
				   100);
	output_table_cell(t, text);
	output_table_cell(t, answer_of(step));
	output_table_end_row(t, NULL);
}

static void
add_curve(struct output_table *t, const struct plan_cell *cell,
	  const struct result_search *search, size_t n_coordinates)
{
	const struct search *course = &search->course;
	const struct search_step *step = next_rate(course, 0);

	output_coordinates_row(t, cell);
	while (step) {
		add_point(t, step, &search->points[step - course->steps]);
		step = next_rate(course, step->per_s);
		for (size_t i = 0; step && i < n_coordinates; i++)
			output_table_cell(t, "");
	}
}

void
output_search_add(struct text *to, const struct result *result, bool color)
{
	struct output_table t = { 0 };
	struct text said = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < result->plan->n_cells; i++) {
		const struct result_cell *cell = &result->cells[i];
		const struct result_search *search = first_search(cell);

		if (!search)
			continue;
		if (!said.len)
			n = add_columns(&t, result->plan);
		add_curve(&t, cell->cell, search, n);
		utf8_add_printable(&said, cell->cell->id);
		text_add(&said, ": ");
		result_search_say(cell, result->plan, &said);
		text_add(&said, "\n");
	}
	if (said.len) {
		text_add(to, "\n");
		output_style_add(to, color, OUTPUT_BOLD,
				 result->plan->run.repeat > 1 ?
					 "search: the highest rate, and "
					 "latency on the way to it (of the "
					 "first good trial)" :
					 "search: the highest rate, and "
					 "latency on the way to it");
		text_add(to, "\n\n");
		output_table_render(&t, color, to);
		text_addf(to, "\n%s", text_get(&said));
	}
	to->failed |= said.failed;
	output_table_fini(&t);
	text_fini(&said);
}
