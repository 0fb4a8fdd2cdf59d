/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/cost.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/result/distance.h"
#include "core/result/json_value.h"

/* ---- cells that differ in the boundary alone ---- */

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool
same_boundary(const struct plan_axes *a, const struct plan_axes *b)
{
	return a->boundary == b->boundary &&
	       same_text(a->namespaces, b->namespaces);
}

/* Axes hold a number or a text each; see plan_axes_table. */
static bool
same_axis(const struct weir_option *row, const struct plan_axes *a,
	  const struct plan_axes *b)
{
	const char *at = (const char *)a + row->offset;
	const char *other = (const char *)b + row->offset;
	const char *const *text = (const char *const *)(const void *)at;
	const char *const *other_text =
		(const char *const *)(const void *)other;

	switch (row->type) {
	case WEIR_OPTION_BOOL:
	case WEIR_OPTION_CHOICE:
		return memcmp(at, other, sizeof(uint32_t)) == 0;
	case WEIR_OPTION_STRING:
	case WEIR_OPTION_CPUS:
		return same_text(*text, *other_text);
	default:
		return memcmp(at, other, sizeof(uint64_t)) == 0;
	}
}

static bool
same_but_boundary(const struct plan_cell *a, const struct plan_cell *b)
{
	for (size_t i = 0; i < plan_axes_table.n_rows; i++) {
		const struct weir_option *row = &plan_axes_table.rows[i];

		if (strcmp(row->name, "boundary") != 0 &&
		    strcmp(row->name, "namespaces") != 0 &&
		    !same_axis(row, &a->axes, &b->axes))
			return false;
	}
	if (a->n_options != b->n_options)
		return false;
	for (size_t i = 0; i < a->n_options; i++)
		if (!same_text(a->options[i].text, b->options[i].text))
			return false;
	return true;
}

const struct plan_cell *
cost_baseline(const struct plan *plan)
{
	const struct plan_cell *process = NULL;
	bool several = false;

	for (size_t i = 0; i < plan->n_cells; i++) {
		const struct plan_cell *cell = &plan->cells[i];

		if (!process && cell->axes.boundary == PLAN_PROCESS)
			process = cell;
		if (!same_boundary(&cell->axes, &plan->cells[0].axes))
			several = true;
	}
	if (!several)
		return NULL;
	return process ? process : &plan->cells[0];
}

/* ---- figures ---- */

static struct cost_figure
compare(double value, double baseline)
{
	return (struct cost_figure){
		.value = value,
		.baseline = baseline,
		.difference = value - baseline,
		.ratio = baseline > 0 ? value / baseline : NAN,
	};
}

/* In a class there is a tail where there is one in the cell. */
static double
percentile_ns(const struct result_cell *cell, int class, double percent)
{
	const struct summary *s = &cell->block.latency;

	if (cell->status != RESULT_OK || class == DISTANCE_NONE ||
	    !s->samples || isnan(summary_percentile_ns(s, percent)))
		return NAN;
	if (class != DISTANCE_ALL)
		s = &cell->block.classes[class].latency.summary;
	return summary_percentile_ns(s, percent);
}

static double
messages_per_s(const struct result_cell *cell, int class)
{
	if (cell->status != RESULT_OK || class == DISTANCE_NONE)
		return NAN;
	return class == DISTANCE_ALL ? cell->block.messages_per_s :
				       distance_rate(cell, class);
}

static struct cost_figure
compare_percentile(const struct result_cell *a, const struct result_cell *b,
		   int class, double percent)
{
	return compare(percentile_ns(a, class, percent),
		       percentile_ns(b, class, percent));
}

bool
cost_make(const struct result *result, const struct plan_cell *baseline,
	  size_t cell, struct cost *ret_cost)
{
	const struct plan *plan = result->plan;
	const struct plan_cell *own = &plan->cells[cell];
	const struct result_cell *a = &result->cells[cell], *b;
	size_t i = 0;
	int class;

	if (same_boundary(&own->axes, &baseline->axes))
		return false;
	while (i < plan->n_cells &&
	       !(same_boundary(&plan->cells[i].axes, &baseline->axes) &&
		 same_but_boundary(&plan->cells[i], own)))
		i++;
	if (i == plan->n_cells)
		return false;
	b = &result->cells[i];
	class = distance_common(a, b);
	*ret_cost = (struct cost){
		.cell = cell,
		.baseline = i,
		.class = class,
		.p50_ns = compare_percentile(a, b, class, 50),
		.p99_ns = compare_percentile(a, b, class, 99),
		.messages_per_s = compare(messages_per_s(a, class),
					  messages_per_s(b, class)),
	};
	return true;
}

/* ---- JSON ---- */

static void
add_figure(struct json *j, struct cJSON *to, const char *key,
	   const struct cost_figure *figure)
{
	struct cJSON *o = json_add_object(j, to, key);

	json_add_number(j, o, "value", figure->value);
	json_add_number(j, o, "baseline", figure->baseline);
	json_add_number(j, o, "difference", figure->difference);
	json_add_number(j, o, "ratio", figure->ratio);
}

static void
add_distance(struct json *j, struct cJSON *to, int class)
{
	if (class >= 0)
		distance_edges_to_json(j, json_add_object(j, to, "distance"),
				       class);
	else
		json_add_null(j, to, "distance");
	json_add_bool(j, to, "comparable", class != DISTANCE_NONE);
}

static void
add_cost(struct json *j, struct cJSON *array, const struct plan *plan,
	 const struct cost *cost)
{
	const struct plan_cell *cell = &plan->cells[cost->cell];
	const struct plan_cell *baseline = &plan->cells[cost->baseline];
	struct cJSON *o = json_append_object(j, array);

	json_add_text(j, o, "cell", cell->id);
	json_add_text(j, o, "baseline_cell", baseline->id);
	json_add_text(j, o, "boundary",
		      plan_boundary_names[cell->axes.boundary]);
	json_add_text(j, o, "baseline",
		      plan_boundary_names[baseline->axes.boundary]);
	add_distance(j, o, cost->class);
	add_figure(j, o, "p50_ns", &cost->p50_ns);
	add_figure(j, o, "p99_ns", &cost->p99_ns);
	add_figure(j, o, "messages_per_s", &cost->messages_per_s);
}

void
cost_to_json(struct json *j, struct cJSON *root, const struct result *result)
{
	const struct plan *plan = result->plan;
	const struct plan_cell *baseline = cost_baseline(plan);
	struct cJSON *array = json_add_array(j, root, "boundary_cost");
	struct cost cost;

	for (size_t i = 0; baseline && i < plan->n_cells; i++)
		if (cost_make(result, baseline, i, &cost))
			add_cost(j, array, plan, &cost);
}
