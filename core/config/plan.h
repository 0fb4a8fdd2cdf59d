/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan: what a run will do, typed, checked and frozen.
 *
 * plan_make() turns settings into a plan; then everybody only reads it. All
 * tables of core options are here: run options (one value for the whole run),
 * axes (lists multiply into cells) and, through a callback so that this folder
 * does not know of plugins, the options of each transport (lists multiply).
 */
#ifndef CORE_CONFIG_PLAN_H
#define CORE_CONFIG_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <weir/error.h>
#include <weir/option.h>

#include "core/base/text.h"
#include "core/config/axes.h"
#include "core/config/keys.h"
#include "core/config/settings.h"
#include "core/option/option.h"

#define PLAN_LIST_MAX 4096       /* values of one list */
#define PLAN_TEXT_BYTES_MAX 4096 /* of one value */
#define PLAN_CELLS_MAX 100000    /* points of the matrix */

/* One option of a cell's transport, or one of its further axes, as canonical
 * text. */
struct plan_option {
	const struct weir_option *row; /* borrowed from the plugin, or static */
	const char *text; /* borrowed from the plan; a LIST row's is [a,b] */
	bool varies; /* has several values in the host's plan */
};

struct plan_cell {
	/* "uds/round_trip/64/process/1"; options that have several values in
	 * this plan as in "uds[wait=spin]/round_trip/64/process/1", further
	 * axes that are not their default as in "uds/.../1/batch=16" */
	char *id;
	struct plan_axes axes;
	const char *plugin;          /* borrowed from the plan */
	struct plan_option *options; /* every row of the plugin's table */
	size_t n_options;
	/* The axes behind namespaces in plan_axes_table that apply here. */
	struct plan_option *further;
	size_t n_further;
};
/* Has the option of that name this canonical text? */
bool plan_cell_says(const struct plan_cell *cell, const char *option,
		    const char *text);

/* One effective setting and where it came from: "default" or `where`. */
struct plan_value {
	char *path;
	char *text;
	char *origin;
};

struct plan {
	struct plan_run run;
	struct plan_cell *cells;
	size_t n_cells;
	char *text; /* the effective config: libconfig that runs again */
	struct plan_value *values;
	size_t n_values;
	struct strings warnings;
	void *own; /* memory that the members above borrow from */
};

/*
 * The option table of a plugin by name, kept valid by the caller. Fails with
 * WEIR_EUNAVAILABLE where the plugin can't be had.
 */
typedef int plan_plugin_fn(void *context, const char *plugin,
			   const struct strings *plugin_path,
			   struct option_table *ret_table,
			   struct weir_error *err);

/*
 * Makes a plan. Every problem found goes to ret_problems as a sentence that
 * begins with where it was said ("x.cfg:7: matrix.sise: unknown key; did you
 * mean matrix.size?"). The status is WEIR_EINVALID if any of them is the
 * config's fault, else WEIR_EUNAVAILABLE (a plugin is missing). The plugin
 * callback must outlive the plan's readers: cells borrow its rows.
 */
WEIR_MUST_USE int plan_make(const struct settings *settings,
			    plan_plugin_fn *plugin, void *context,
			    struct plan **ret_plan,
			    struct strings *ret_problems);

void plan_destroy(struct plan *plan);

#endif
