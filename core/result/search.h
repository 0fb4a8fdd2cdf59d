/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a search for a rate found: its course (stats/search.h), the curve of
 * latency against rate that it has gone along, and what both say.
 *
 * A trial of such a cell is a search of its own. Its block holds the figures
 * of the last probe at the rate that was found, or nothing where none was.
 */
#ifndef CORE_RESULT_SEARCH_H
#define CORE_RESULT_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#include <weir/error.h>

#include "core/base/text.h"
#include "core/stats/search.h"
#include "core/stats/series.h"

#define RESULT_CURVE_PERCENTS 3
extern const double result_curve_percents[RESULT_CURVE_PERCENTS];

/* A step: all of its probes together. */
struct result_point {
	uint64_t messages;
	uint64_t late;
	double clusters; /* of them */
	double reached_per_s;
	/* At result_curve_percents; NaN where the samples can't tell. */
	double latency_ns[RESULT_CURVE_PERCENTS];
	uint32_t noisy; /* probes that were not left in peace */
	double near_ns; /* distance of the CPUs (distance.h) in the nearest */
	double far_ns;  /* and in the farthest probe; NaN: not known */
};

struct result_search {
	bool complete; /* else it was cut short, and this is what it had */
	struct search course;
	struct search_result found;
	struct result_point points[SEARCH_STEPS_MAX]; /* by step */
};

struct plan;
struct result;
struct result_cell;
struct json;
struct cJSON;

/* Gives the search of a trial to it: owned by the result. What the trial
 * holds of a probe stays only if that is one at the rate that was found. */
WEIR_MUST_USE int result_search_add(struct result *result, size_t cell,
				    uint32_t trial,
				    const struct result_search *search,
				    struct weir_error *err);

/* Over the good trials of a cell: what all of them are between; where there
 * are none, over what the others had until they were cut short. False where no
 * rate was tried. */
struct result_search_range {
	double pass_per_s; /* the lowest of the trials; NaN: one has none */
	double fail_per_s; /* the highest of them; likewise */
	double below_per_s; /* highest below the first that failed; NaN */
	double near_ns;    /* as those of a point, of all of them */
	double far_ns;
	double from_per_s; /* what was tried */
	double to_per_s;
	size_t n;          /* searches */
	size_t n_without;  /* of which that many found no rate */
	size_t n_probes;
	size_t n_noisy;    /* of these */
	bool cut;          /* none of them came to its end */
	bool of_several;   /* the rate is that of each of several channels */
	bool confirmed;    /* these three: of every search */
	bool narrow;
	bool unreached;
	bool open;         /* of some */
};
bool result_search_range(const struct result_cell *cell,
			 struct result_search_range *ret_range);

/* Appends "p99 stays below 50 us up to 181 k/s; at 190 k/s it does not". */
void result_search_say(const struct result_cell *cell,
		       const struct plan *plan, struct text *to);

/* The member `search` of a trial and of a cell; neither where there is no
 * search. */
void result_search_trial_to_json(struct json *j, struct cJSON *to,
				 const struct result_search *search);
void result_search_cell_to_json(struct json *j, struct cJSON *to,
				const struct result_cell *cell,
				const struct plan *plan);

#endif
