/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/fronts.h"

#include <math.h>
#include <string.h>

#include "core/output/coordinates.h"
#include "core/output/table.h"

/* NULL where its transport waits in one way only, or does not say. */
static const char *
wait_of(const struct plan_cell *cell)
{
	for (size_t i = 0; i < cell->n_options; i++)
		if (cell->options[i].varies &&
		    !strcmp(cell->options[i].row->name, "wait"))
			return cell->options[i].text;
	return NULL;
}

/* The first axes are in place, the further ones by name and text. */
static bool
same_axes(const struct plan_cell *a, const struct plan_cell *b)
{
	const struct plan_axes *x = &a->axes, *y = &b->axes;

	if (strcmp(x->transport, y->transport) || x->pattern != y->pattern ||
	    x->size_bytes != y->size_bytes || x->boundary != y->boundary ||
	    x->concurrency != y->concurrency || !x->namespaces !=
	    !y->namespaces || a->n_further != b->n_further ||
	    (x->namespaces && strcmp(x->namespaces, y->namespaces)))
		return false;
	for (size_t i = 0; i < a->n_further; i++)
		if (strcmp(a->further[i].text, b->further[i].text))
			return false;
	return true;
}

/* Whether they differ in the way of waiting, and in nothing else. */
static bool
are_rivals(const struct plan_cell *a, const struct plan_cell *b)
{
	if (a == b || !wait_of(a) || !wait_of(b) || !same_axes(a, b) ||
	    a->n_options != b->n_options)
		return false;
	for (size_t i = 0; i < a->n_options; i++)
		if (strcmp(a->options[i].row->name, "wait") &&
		    strcmp(a->options[i].text, b->options[i].text))
			return false;
	return strcmp(wait_of(a), wait_of(b)) != 0;
}

struct figures {
	double p50_ns;
	double cpu_ns; /* of both sides, per message */
};

/* False where there are none. */
static bool
figures_of(const struct result_cell *cell, struct figures *ret_figures)
{
	const struct result_block *block = &cell->block;

	if (cell->status != RESULT_OK || !block->latency.samples)
		return false;
	ret_figures->p50_ns = summary_percentile_ns(&block->latency, 50);
	ret_figures->cpu_ns = block->host_cpu_ns_per_message +
			      block->client_cpu_ns_per_message;
	return !isnan(ret_figures->p50_ns) && !isnan(ret_figures->cpu_ns);
}

static bool
beats(const struct figures *a, const struct figures *b)
{
	return a->p50_ns <= b->p50_ns && a->cpu_ns <= b->cpu_ns &&
	       (a->p50_ns < b->p50_ns || a->cpu_ns < b->cpu_ns);
}

/* Of the rivals of a cell with figures, how many there are, and which of
 * those that beat it is the fastest (NULL: none). */
static size_t
look_at_rivals(const struct result *result, size_t at,
	       const struct figures *own, const struct plan_cell **ret_better)
{
	const struct plan *plan = result->plan;
	double fastest_ns = INFINITY;
	size_t n = 0;

	*ret_better = NULL;
	for (size_t i = 0; i < plan->n_cells; i++) {
		struct figures other;

		if (!are_rivals(&plan->cells[at], &plan->cells[i]) ||
		    !figures_of(&result->cells[i], &other))
			continue;
		n++;
		if (!beats(&other, own) || other.p50_ns >= fastest_ns)
			continue;
		fastest_ns = other.p50_ns;
		*ret_better = &plan->cells[i];
	}
	return n;
}

static void
add_row(struct output_table *t, const struct result *result, size_t at,
	const struct figures *own, const struct plan_cell *better)
{
	const struct plan_cell *cell = &result->plan->cells[at];
	struct text note = { 0 };

	output_coordinates_row(t, cell);
	output_table_ns(t, own->p50_ns);
	output_table_ns(t, own->cpu_ns);
	if (better)
		text_addf(&note, "%s is better in both", wait_of(better));
	else
		text_add(&note, "on the front");
	output_table_cell(t, text_get(&note));
	t->cells.failed |= note.failed;
	text_fini(&note);
	output_table_end_row(t, NULL);
}

void
output_fronts_add(struct text *to, const struct result *result, bool color)
{
	struct output_table t = { 0 };
	size_t n = 0;

	output_coordinates_columns(&t, result->plan);
	output_table_column(&t, "latency", "p50", true);
	output_table_column(&t, "CPU/message", "both sides", true);
	output_table_column(&t, NULL, "latency against CPU", false);
	for (size_t i = 0; i < result->plan->n_cells; i++) {
		const struct plan_cell *better;
		struct figures own;

		if (!figures_of(&result->cells[i], &own) ||
		    !look_at_rivals(result, i, &own, &better))
			continue;
		add_row(&t, result, i, &own, better);
		n++;
	}
	if (n) {
		text_add(to, "\n");
		output_style_add(to, color, OUTPUT_BOLD, "ways of waiting");
		text_add(to, "\n\n");
		output_table_render(&t, color, to);
	}
	output_table_fini(&t);
}
