/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/paced.h"

#include <stdio.h>

#include "core/base/units.h"
#include "core/output/coordinates.h"
#include "core/output/table.h"
#include "core/result/paced.h"

static const double percents[] = { 50, 99, 99.9 };

#define N_PERCENTS (sizeof(percents) / sizeof(percents[0]))

typedef bool has_fn(const struct result_cell *cell);

static bool
is_paced(const struct result_cell *cell)
{
	return cell->status == RESULT_OK && cell->block.paced.on;
}

static bool
has_deadline(const struct result_cell *cell)
{
	return cell->status == RESULT_OK &&
	       cell->block.deadline.deadline_ns &&
	       cell->block.latency.samples;
}

/* Begins a table, where some cell belongs into it. */
static bool
begin(struct text *to, const struct result *result, bool color, has_fn *has,
      const char *title, struct output_table *t)
{
	size_t i = 0;

	while (i < result->plan->n_cells && !has(&result->cells[i]))
		i++;
	if (i == result->plan->n_cells)
		return false;
	text_add(to, "\n");
	output_style_add(to, color, OUTPUT_BOLD, title);
	text_add(to, "\n\n");
	output_coordinates_columns(t, result->plan);
	return true;
}

static void
add_series(struct output_table *t, const struct result_samples *series)
{
	const struct summary *s = &series->summary;

	for (size_t i = 0; i < N_PERCENTS; i++)
		output_table_ns(t, summary_percentile_ns(s, percents[i]));
}

static void
add_rates(struct text *to, const struct result *result, bool color)
{
	static const char *const groups[] = { "from the sending",
					      "sent late by" };
	struct output_table t = { 0 };

	if (!begin(to, result, color, is_paced,
		   "open loop: latency counts from the due time", &t))
		return;
	output_table_column(&t, "rate per channel", "due", true);
	output_table_column(&t, "rate per channel", "sent", true);
	for (size_t g = 0; g < 2; g++)
		for (size_t i = 0; i < N_PERCENTS; i++) {
			char name[RESULT_PERCENT_BYTES];

			result_percent_name(percents[i], '.', name);
			output_table_column(&t, groups[g], name, true);
		}
	for (size_t i = 0; i < result->plan->n_cells; i++) {
		const struct result_paced *paced =
			&result->cells[i].block.paced;

		if (!is_paced(&result->cells[i]))
			continue;
		output_coordinates_row(&t, &result->plan->cells[i]);
		output_table_rate(&t, result_paced_offered_per_s(paced));
		output_table_rate(&t, result_paced_reached_per_s(paced));
		add_series(&t, &paced->from_send);
		add_series(&t, &paced->send_lag);
		output_table_end_row(&t, NULL);
	}
	output_table_render(&t, color, to);
	output_table_fini(&t);
}

static void
add_misses(struct text *to, const struct result *result, bool color)
{
	struct output_table t = { 0 };
	char title[UNITS_TEXT_BYTES + 32], text[UNITS_TEXT_BYTES];

	units_print_duration(result->plan->run.deadline_ns, text);
	snprintf(title, sizeof(title), "deadline of %s", text);
	if (!begin(to, result, color, has_deadline, title, &t))
		return;
	output_table_column(&t, "misses", "ppm", true);
	output_table_column(&t, "misses", "number", true);
	output_table_column(&t, "misses", "in a row", true);
	for (size_t i = 0; i < result->plan->n_cells; i++) {
		const struct result_block *block = &result->cells[i].block;

		if (!has_deadline(&result->cells[i]))
			continue;
		output_coordinates_row(&t, &result->plan->cells[i]);
		snprintf(text, sizeof(text), "%.0f",
			 result_deadline_ppm(block));
		output_table_cell(&t, text);
		snprintf(text, sizeof(text), "%llu",
			 (unsigned long long)block->deadline.found.misses);
		output_table_cell(&t, text);
		snprintf(text, sizeof(text), "%llu",
			 (unsigned long long)block->deadline.found.worst_row);
		output_table_cell(&t, text);
		output_table_end_row(&t, NULL);
	}
	output_table_render(&t, color, to);
	output_table_fini(&t);
}

void
output_paced_add(struct text *to, const struct result *result, bool color)
{
	add_rates(to, result, color);
	add_misses(to, result, color);
}
