/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The axes of the matrix: what a cell is a point of.
 *
 * The first ones, up to namespaces, stand in a cell's id by their place. The
 * further ones apply to some cells only, are named in ids where they are not
 * their default, and reach the other side by name: a new one is a row and a
 * member here, and a line in axes_apply.
 */
#ifndef CORE_CONFIG_AXES_H
#define CORE_CONFIG_AXES_H

#include <float.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/option/option.h"

enum plan_pattern {
	PLAN_ROUND_TRIP,
	PLAN_ONE_WAY,
	PLAN_CONNECT,
	PLAN_PACED
};
enum plan_arrival { PLAN_UNIFORM, PLAN_POISSON };
enum plan_boundary {
	PLAN_THREAD,
	PLAN_PROCESS,
	PLAN_NAMESPACE,
	PLAN_CONTAINER,
	PLAN_EXTERNAL
};

enum plan_touch {
	PLAN_TOUCH_NONE,
	PLAN_TOUCH_HEADER,
	PLAN_TOUCH_SAMPLED,
	PLAN_TOUCH_FULL
};
enum plan_access { PLAN_COPY, PLAN_IN_PLACE };

enum plan_placement {
	PLAN_AUTO,
	PLAN_SAME,
	PLAN_SIBLING,
	PLAN_CACHE,
	PLAN_FAR
};

/* Names of the enums above, NULL-terminated, in order. */
extern const char *const plan_pattern_names[];
extern const char *const plan_boundary_names[];
extern const char *const plan_placement_names[];
extern const char *const plan_touch_names[];
extern const char *const plan_access_names[];
extern const char *const plan_arrival_names[];
extern const char *const plan_direction_names[];

/* The coordinates of a cell: filled by the rows of plan_axes_table. One that
 * does not apply to the cell is zero. */
struct plan_axes {
	const char *transport; /* name in `transports`, or of a plugin */
	uint32_t pattern;      /* enum plan_pattern */
	uint64_t size_bytes;
	uint32_t boundary; /* enum plan_boundary */
	int64_t concurrency;
	/* "all", "none" or names as "pid+net" (namespaces.h); NULL but at
	 * the boundary namespace */
	const char *namespaces;
	uint64_t idle_ns;       /* before each message, asleep */
	uint64_t send_delay_ns; /* before each message, awake at its end */
	int64_t load;           /* busy channels beside those measured */
	const char *background; /* a command beside the trials, or "none" */
	int64_t batch;   /* messages that are sent as one */
	uint32_t touch;  /* enum plan_touch */
	uint32_t access; /* enum plan_access */
	/* of an open loop */
	double rate; /* messages per second; 0: closed loop; see
		      * axes_search */
	uint32_t arrival;   /* enum plan_arrival */
	uint32_t direction; /* PLAN_ROUND_TRIP or PLAN_ONE_WAY */
	uint32_t placement; /* enum plan_placement */
};

extern const struct option_table plan_axes_table; /* names without matrix. */

/* Whether an axis has a meaning where those before it in the table have these
 * values: else it does not multiply, and its member is zero. */
bool axes_apply(const struct weir_option *row, const struct plan_axes *axes);

/* Whether each message is answered: the initiator, who sends it, takes the
 * latency. Else the receiver does. */
static inline bool
axes_answered(const struct plan_axes *axes)
{
	return axes->pattern == PLAN_ROUND_TRIP ||
	       axes->pattern == PLAN_CONNECT ||
	       (axes->pattern == PLAN_PACED &&
		axes->direction == PLAN_ROUND_TRIP);
}

/* Whether the rate is searched for (slo and search): its member is then
 * INFINITY, and never that of a trial. */
static inline bool
axes_search(const struct plan_axes *axes)
{
	return axes->rate > DBL_MAX;
}

/* To be added to what a row's type says of a text that is none of its own. */
const char *axes_word(const struct weir_option *row);

/* A text that no row's type knows: "search" for a rate. Sets the member; false
 * where it is no such text. */
#define AXES_SEARCH "search"
bool axes_set_word(const struct weir_option *row, const char *text,
		   struct plan_axes *axes);

/* The one way to write a text for which the row's type knows none: a word as
 * above, or namespaces. False where the type is to be asked. */
#define AXES_SPELLING_BYTES 64
bool axes_spell(const struct weir_option *row, const char *text,
		char ret_text[AXES_SPELLING_BYTES]);

/* All channels of a cell: those that are measured come first, then the busy
 * ones beside them. */
static inline uint32_t
axes_channels(const struct plan_axes *axes)
{
	return (uint32_t)(axes->concurrency + axes->load);
}

/* Whether a cell's id has this axis by its place. */
bool axes_in_place(const struct weir_option *row);

#endif
