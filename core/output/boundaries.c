/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/boundaries.h"

#include <math.h>
#include <stdio.h>

#include "core/base/units.h"
#include "core/output/coordinates.h"
#include "core/output/table.h"
#include "core/result/cost.h"

static void
add_columns(struct output_table *t, const struct plan *plan)
{
	static const char *const groups[] = { "p50", "p99", "messages" };

	output_coordinates_columns(t, plan);
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		output_table_column(t, groups[i], "difference", true);
		output_table_column(t, groups[i], "ratio", true);
	}
}

/* The difference with its sign, and how many times the baseline it is. */
static void
add_figure(struct output_table *t, const struct cost_figure *figure,
	   void (*scale)(double value, char *ret_text))
{
	char text[UNITS_TEXT_BYTES], cell[UNITS_TEXT_BYTES + 1];

	scale(figure->difference, text);
	snprintf(cell, sizeof(cell), "%s%s", figure->difference > 0 ? "+" : "",
		 text);
	output_table_cell(t, cell);
	if (isnan(figure->ratio))
		snprintf(cell, sizeof(cell), "\u2013");
	else
		snprintf(cell, sizeof(cell), "%.*f\u00d7",
			 figure->ratio < 9.995 ? 2 : 1, figure->ratio);
	output_table_cell(t, cell);
}

static void
add_row(struct output_table *t, const struct plan *plan,
	const struct cost *cost)
{
	output_coordinates_row(t, &plan->cells[cost->cell]);
	if (cost->class == DISTANCE_NONE) {
		output_table_end_row(t, "not compared: the CPUs were at "
					"different distances");
		return;
	}
	add_figure(t, &cost->p50_ns, units_scale_ns);
	add_figure(t, &cost->p99_ns, units_scale_ns);
	add_figure(t, &cost->messages_per_s, units_scale_rate);
	output_table_end_row(t, NULL);
}

void
output_boundaries_add(struct text *to, const struct result *result,
		      bool color)
{
	const struct plan *plan = result->plan;
	const struct plan_cell *baseline = cost_baseline(plan);
	char name[OUTPUT_BOUNDARY_BYTES];
	struct output_table t = { 0 };
	struct text title = { 0 };
	struct cost cost;

	if (!baseline)
		return;
	output_coordinates_boundary(&baseline->axes, name);
	text_addf(&title, "boundaries compared with %s", name);
	text_add(to, "\n");
	output_style_add(to, color, OUTPUT_BOLD, text_get(&title));
	text_add(to, "\n\n");
	text_fini(&title);
	add_columns(&t, plan);
	for (size_t i = 0; i < plan->n_cells; i++)
		if (cost_make(result, baseline, i, &cost))
			add_row(&t, plan, &cost);
	output_table_render(&t, color, to);
	output_table_fini(&t);
}
