/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/coordinates.h"

#include <stdio.h>
#include <string.h>

#include "core/base/units.h"
#include "core/result/utf8.h"

static bool
has_boundaries(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n_cells; i++)
		if (plan->cells[i].axes.boundary !=
			    plan->cells[0].axes.boundary ||
		    plan->cells[i].axes.namespaces)
			return true;
	return false;
}

static bool
has_concurrencies(const struct plan *plan)
{
	for (size_t i = 1; i < plan->n_cells; i++)
		if (plan->cells[i].axes.concurrency !=
		    plan->cells[0].axes.concurrency)
			return true;
	return false;
}

size_t
output_coordinates_columns(struct output_table *t, const struct plan *plan)
{
	size_t n = 3;

	output_table_column(t, NULL, "transport", false);
	output_table_column(t, NULL, "pattern", false);
	output_table_column(t, NULL, "size", true);
	if (has_boundaries(plan)) {
		output_table_column(t, NULL, "boundary", false);
		n++;
	}
	if (has_concurrencies(plan)) {
		output_table_column(t, NULL, "channels", true);
		n++;
	}
	return n;
}

/* The transport with those of its options that vary in this plan. */
static void
add_transport(struct output_table *t, const struct plan_cell *cell)
{
	struct text name = { 0 };

	utf8_add_printable(&name, cell->axes.transport);
	for (size_t i = 0; i < cell->n_options; i++) {
		if (!cell->options[i].varies)
			continue;
		text_addf(&name, " %s=", cell->options[i].row->name);
		utf8_add_printable(&name, cell->options[i].text);
	}
	if (name.failed)
		t->cells.failed = true;
	output_table_cell(t, text_get(&name));
	text_fini(&name);
}

void
output_coordinates_boundary(const struct plan_axes *axes,
			    char ret_text[OUTPUT_BOUNDARY_BYTES])
{
	const char *name = plan_boundary_names[axes->boundary];

	if (!axes->namespaces || strcmp(axes->namespaces, "all") == 0)
		snprintf(ret_text, OUTPUT_BOUNDARY_BYTES, "%s", name);
	else
		snprintf(ret_text, OUTPUT_BOUNDARY_BYTES, "%s %s", name,
			 axes->namespaces);
}

/* Pattern, with the further axes that are not their default, and size. */
static void
add_traffic(struct output_table *t, const struct plan_cell *cell)
{
	char size[UNITS_TEXT_BYTES];
	struct text pattern = { 0 };

	text_add(&pattern, plan_pattern_names[cell->axes.pattern]);
	for (size_t i = 0; i < cell->n_further; i++) {
		const struct plan_option *axis = &cell->further[i];

		if (!strcmp(axis->text, axis->row->default_text))
			continue;
		text_addf(&pattern, " %s=", axis->row->name);
		utf8_add_printable(&pattern, axis->text);
	}
	if (pattern.failed)
		t->cells.failed = true;
	output_table_cell(t, text_get(&pattern));
	text_fini(&pattern);
	units_print_size(cell->axes.size_bytes, size);
	output_table_cell(t, size);
}

/* The columns were chosen once, by a look at all cells. */
static bool
has_column(const struct output_table *t, const char *title)
{
	return strings_contains(&t->titles, title);
}

void
output_coordinates_row(struct output_table *t, const struct plan_cell *cell)
{
	char text[OUTPUT_BOUNDARY_BYTES];

	add_transport(t, cell);
	add_traffic(t, cell);
	if (has_column(t, "boundary")) {
		output_coordinates_boundary(&cell->axes, text);
		output_table_cell(t, text);
	}
	if (has_column(t, "channels")) {
		snprintf(text, sizeof(text), "%lld",
			 (long long)cell->axes.concurrency);
		output_table_cell(t, text);
	}
}
