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
#include "core/config/settings.h"
#include "core/option/option.h"

#define PLAN_LIST_MAX 4096       /* values of one list */
#define PLAN_TEXT_BYTES_MAX 4096 /* of one value */
#define PLAN_CELLS_MAX 100000    /* points of the matrix */

enum plan_pattern { PLAN_ROUND_TRIP, PLAN_ONE_WAY };
enum plan_boundary {
	PLAN_THREAD,
	PLAN_PROCESS,
	PLAN_NAMESPACE,
	PLAN_CONTAINER,
	PLAN_EXTERNAL
};
enum plan_verify { PLAN_VERIFY_NONE, PLAN_VERIFY_HEADER, PLAN_VERIFY_FULL };
enum plan_initiator { PLAN_HOST_INITIATES, PLAN_CLIENT_INITIATES };

/* Names of the enums above, NULL-terminated, in order. */
extern const char *const plan_pattern_names[];
extern const char *const plan_boundary_names[];
extern const char *const plan_verify_names[];
extern const char *const plan_initiator_names[];

/* One value for the whole run: filled by the rows of plan_run_table. */
struct plan_run {
	const char *name;
	int64_t repeat;       /* trials of each cell */
	int64_t count;        /* messages per channel and trial; 0: duration */
	uint64_t duration_ns; /* of the timed region; 0: count */
	uint64_t warmup_ns;   /* 0: warmup_count */
	int64_t warmup_count; /* 0 with warmup_ns 0: no warm-up */
	int64_t seed;         /* of the cells' order; 0: from the kernel */
	uint32_t verify;      /* enum plan_verify */
	uint32_t initiator;   /* enum plan_initiator */
	uint32_t include_first_message;
	struct strings percentiles; /* extra ones, in the order given */
	const char *cpu_host;       /* "auto", "none" or a CPU list */
	const char *cpu_client;
	uint64_t connect_timeout_ns;
	uint64_t silence_timeout_ns;
	uint64_t stall_timeout_ns; /* no message moved though both live */
	struct strings plugin_path;
	const char *container_engine;
	const char *container_image;
	const char *container_name_prefix;
	const char *container_user;       /* "UID:GID" */
	uint64_t container_memory_bytes;  /* 0: no limit */
	double container_cpus;            /* 0: no limit */
	struct strings container_extra_args;
	uint32_t container_keep;
	const char *output_directory;
	const char *output_json; /* in output_directory unless absolute */
	const char *output_streaming_json; /* "": none */
	const char *output_streaming_csv;
	int64_t clients;         /* that an external boundary waits for */
	const char *ipc_path;    /* control socket of an external boundary */
	const char *ipc_mode;    /* of the socket file, octal */
	const char *ipc_owner;   /* "", "UID" or "UID:GID" */
	const char *ipc_group;   /* "", a group's name or GID */
	struct strings allow_uids;
	uint32_t trust_peer;
};

/* The coordinates of a cell: filled by the rows of plan_axes_table. */
struct plan_axes {
	const char *transport; /* name in `transports`, or of a plugin */
	uint32_t pattern;      /* enum plan_pattern */
	uint64_t size_bytes;
	uint32_t boundary; /* enum plan_boundary */
	int64_t concurrency;
	/* "all", "none" or names as "pid+net" (namespaces.h); NULL but at
	 * the boundary namespace */
	const char *namespaces;
};

extern const struct option_table plan_run_table;  /* names are full paths */
extern const struct option_table plan_axes_table; /* names without matrix. */

/* One option of a cell's transport, as canonical text. */
struct plan_option {
	const struct weir_option *row; /* borrowed from the plugin */
	const char *text; /* borrowed from the plan; a LIST row's is [a,b] */
};

struct plan_cell {
	/* "uds/round_trip/64/process/1"; options that have several values in
	 * this plan as in "uds[wait=spin]/round_trip/64/process/1" */
	char *id;
	struct plan_axes axes;
	const char *plugin;          /* borrowed from the plan */
	struct plan_option *options; /* every row of the plugin's table */
	size_t n_options;
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
