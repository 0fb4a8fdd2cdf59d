/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was said and changes nothing, because no cell has a use for it: a
 * warning each. Not of a value that is the default, as an effective config
 * says them all; and not where a higher layer chose the cells: -D
 * matrix.pattern=one_way is no fault.
 */
#include <stdlib.h>
#include <string.h>

#include "core/config/build.h"

static bool
has_container(const struct build *b)
{
	return plan_has(b, "boundary", plan_boundary_names[PLAN_CONTAINER]);
}

static bool
has_external(const struct build *b)
{
	return plan_has(b, "boundary", plan_boundary_names[PLAN_EXTERNAL]);
}

static bool
has_stranger(const struct build *b)
{
	return has_container(b) || has_external(b);
}

static bool
has_auto(const struct build *b)
{
	return plan_has(b, "placement", plan_placement_names[PLAN_AUTO]);
}

static bool
has_search(const struct build *b)
{
	return plan_has(b, "rate", AXES_SEARCH);
}

static bool
has_precision(const struct build *b)
{
	return b->plan->run.until == PLAN_UNTIL_STABLE || has_search(b);
}

/* Of the whole run: a key, or a group by its name with the dot. */
static const struct unused {
	const char *key;
	bool (*has_use)(const struct build *b);
	const char *why;
	const char *by; /* the key that decides */
} rows[] = {
	{ "search.", has_search, "nothing is searched", "matrix.rate" },
	{ "precision", has_precision,
	  "no cell is measured until it is stable, and nothing is searched",
	  "until" },
	{ "container.", has_container, "no cell has a container",
	  "matrix.boundary" },
	{ "ipc.", has_external, "no cell has clients that come by themselves",
	  "matrix.boundary" },
	{ "clients", has_external,
	  "no cell has clients that come by themselves", "matrix.boundary" },
	{ "allow_uids", has_external,
	  "no cell has clients that come by themselves", "matrix.boundary" },
	{ "trust_peer", has_stranger,
	  "no cell has a container or clients that come by themselves",
	  "matrix.boundary" },
	{ "cpu.", has_auto, "no cell has the placement auto",
	  "matrix.placement" },
};

static bool
is_default(const struct setting *at)
{
	const struct weir_option *row = option_find(&plan_run_table, at->path);
	char *canonical = NULL;
	bool same;

	if (at->values.n != 1)
		return !at->values.n;
	same = !option_check(row, at->values.at[0], &canonical, NULL) &&
	       !strcmp(canonical, row->default_text);
	free(canonical);
	return same;
}

static bool
is_of(const char *path, const char *key)
{
	size_t n = strlen(key);

	return key[n - 1] == '.' ? !strncmp(path, key, n) :
				   !strcmp(path, key);
}

static void
warn(struct build *b, const struct setting *at, const char *why,
     const char *by)
{
	const struct setting *chosen = settings_get(b->settings, by);

	if (!chosen || chosen->layer <= at->layer)
		strings_addf(&b->plan->warnings, "%.400s: %s: changes "
			     "nothing, because %s: see %s", at->where,
			     at->path, why, by);
}

/* Of a group the first one that was said. */
static void
warn_row(struct build *b, const struct unused *row)
{
	for (size_t i = 0; i < b->settings->n; i++) {
		const struct setting *at = &b->settings->at[i];

		if (is_of(at->path, row->key) && !is_default(at)) {
			warn(b, at, row->why, row->by);
			return;
		}
	}
}

static bool
changes_a_cell(const struct plan *plan, const struct values *axis)
{
	for (size_t i = 0; i < plan->n_cells; i++)
		if (axes_apply(axis->row, &plan->cells[i].axes))
			return true;
	return plan->n_cells == 0;
}

static void
warn_axis(struct build *b, const struct values *axis)
{
	const char *name = axis->row->name;

	if (!axis->from || changes_a_cell(b->plan, axis) ||
	    (axis->texts.n == 1 &&
	     !strcmp(axis->texts.at[0], axis->row->default_text)))
		return;
	warn(b, axis->from, "no cell has a use for it",
	     strcmp(name, "namespaces") ? "matrix.pattern" :
					  "matrix.boundary");
}

void
unused_warn(struct build *b)
{
	for (size_t i = 0; i < plan_axes_table.n_rows; i++)
		warn_axis(b, &b->own->axes[i]);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!rows[i].has_use(b))
			warn_row(b, &rows[i]);
}
