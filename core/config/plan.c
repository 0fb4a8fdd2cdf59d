/* SPDX-License-Identifier: Apache-2.0 */
#include "core/config/plan.h"

#include <stdlib.h>
#include <string.h>

#include "core/config/build.h"

/* One row of the whole run. Values of rows that list are one struct strings,
 * others one text. */
static void
run_take_one(struct build *b, const struct weir_option *row)
{
	const struct setting *from = settings_get(b->settings, row->name);
	struct values values = { 0 };
	struct weir_error err = { 0 };
	int status = WEIR_OK;

	if (!from)
		return;
	values_take(b, row, from, "", false, &values);
	if (row->flags & WEIR_OPTION_LIST)
		status = option_set_list(row, &values.texts, &b->plan->run,
					 &err);
	else if (values.texts.n == 1)
		status = option_set(row, values.texts.at[0], &b->plan->run,
				    &err);
	if (status)
		problems_add(b, status, from, "%s", err.text);
	values_fini(&values);
}

/* What was said in one way takes the default of the other way away. */
static void
run_exclude(struct build *b)
{
	const struct settings *s = b->settings;
	struct plan_run *run = &b->plan->run;

	if (settings_get(s, "count") && !settings_get(s, "duration"))
		run->duration_ns = 0;
	if (settings_get(s, "warmup_count") && !settings_get(s, "warmup"))
		run->warmup_ns = 0;
}

static void
run_take(struct build *b)
{
	for (size_t i = 0; i < plan_run_table.n_rows; i++)
		run_take_one(b, &plan_run_table.rows[i]);
	run_exclude(b);
}

const struct values *
plan_axis(const struct build *b, const char *name)
{
	const struct weir_option *row = option_find(&plan_axes_table, name);

	return &b->own->axes[row - plan_axes_table.rows];
}

bool
plan_has(const struct build *b, const char *axis, const char *text)
{
	return strings_contains(&plan_axis(b, axis)->texts, text);
}

static void
axes_take(struct build *b)
{
	for (size_t i = 0; i < plan_axes_table.n_rows; i++) {
		const struct weir_option *row = &plan_axes_table.rows[i];
		struct text path = { 0 };

		text_addf(&path, "matrix.%s", row->name);
		values_take(b, row, settings_get(b->settings, text_get(&path)),
			    "matrix.", true, &b->own->axes[i]);
		b->no_memory |= path.failed;
		text_fini(&path);
	}
}

/* Everything that can be found wrong is found; cells are made only of a
 * config without fault. */
static void
build(struct build *b)
{
	run_take(b);
	axes_take(b);
	if (!b->no_memory)
		transports_take(b);
	if (!b->no_memory)
		unknown_report(b);
	rules_check(b);
	if (!b->problems.n && !b->no_memory)
		cells_make(b);
	if (!b->problems.n && !b->no_memory)
		unused_warn(b);
	if (!b->problems.n && !b->no_memory)
		print_plan(b);
}

int
plan_make(const struct settings *settings, plan_plugin_fn *plugin,
	  void *context, struct plan **ret_plan, struct strings *ret_problems)
{
	struct build b = {
		.settings = settings,
		.plugin = plugin,
		.context = context,
		.plan = calloc(1, sizeof(*b.plan)),
		.own = calloc(1, sizeof(*b.own)),
	};
	struct weir_error err = { 0 };
	int status = WEIR_ENOMEMORY;

	if (b.own)
		b.own->axes = calloc(plan_axes_table.n_rows,
				     sizeof(b.own->axes[0]));
	if (b.plan && b.own && b.own->axes)
		status = option_defaults(&plan_run_table, &b.plan->run, &err);
	if (status) {
		strings_add(ret_problems,
			    *err.text ? err.text : "no memory for the plan");
		goto fail;
	}
	b.plan->own = b.own;
	build(&b);
	status = problems_take(&b, ret_problems);
	if (!status) {
		*ret_plan = b.plan;
		return WEIR_OK;
	}
	plan_destroy(b.plan);
	return status;
fail:
	free(b.own ? b.own->axes : NULL);
	free(b.own);
	free(b.plan);
	return status;
}

bool
plan_cell_says(const struct plan_cell *cell, const char *option,
	       const char *text)
{
	for (size_t i = 0; i < cell->n_options; i++) {
		if (strcmp(cell->options[i].row->name, option) == 0)
			return strcmp(cell->options[i].text, text) == 0;
	}
	return false;
}

void
plan_destroy(struct plan *plan)
{
	struct own *own = plan ? plan->own : NULL;

	if (!plan)
		return;
	for (size_t i = 0; i < plan->n_cells; i++) {
		free(plan->cells[i].id);
		free(plan->cells[i].options);
		free(plan->cells[i].further);
	}
	free(plan->cells);
	for (size_t i = 0; i < plan->n_values; i++) {
		free(plan->values[i].path);
		free(plan->values[i].text);
		free(plan->values[i].origin);
	}
	free(plan->values);
	free(plan->text);
	strings_fini(&plan->warnings);
	option_fini(&plan_run_table, &plan->run);
	transports_fini(own);
	for (size_t i = 0; i < plan_axes_table.n_rows; i++)
		values_fini(&own->axes[i]);
	free(own->axes);
	free(own);
	free(plan);
}
