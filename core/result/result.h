/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happened in a run: plain structs that sinks read.
 *
 * A result owns its strings; the plan is borrowed and outlives it. Histograms
 * are kept in their text form (a few KiB), so that a run of a thousand cells
 * stays small.
 */
#ifndef CORE_RESULT_RESULT_H
#define CORE_RESULT_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <weir/error.h>

#include "core/base/text.h"
#include "core/config/plan.h"
#include "core/measure/report.h"
#include "core/result/facts.h"
#include "core/result/figures.h"
#include "core/result/floor.h"
#include "core/result/search.h"
#include "core/result/stream.h"
#include "core/stats/summary.h"

enum result_status {
	RESULT_NOT_RUN,
	RESULT_OK,
	RESULT_FAILED,
	RESULT_REFUSED, /* the transport or machine can't do this cell */
};
extern const char *const result_status_names[];

/* Of a trial that was not run, only index and status are set. */
struct result_trial {
	uint32_t index;      /* 0 … repeat - 1 */
	uint64_t started_ns; /* since the run's start */
	enum result_status status;
	int fault; /* WEIR_* status that made it fail */
	char *reason;
	struct result_block block;
	struct result_block *shares; /* of the clients; none of a single one */
	size_t n_shares;
	struct result_stream stream;
	struct result_search *search; /* of a cell that is one; else NULL */
};

struct result_cell {
	const struct plan_cell *cell;
	enum result_status status; /* failed before refused before ok (some
				    * trials, all good) before not run */
	int fault;
	char *reason; /* of the first trial of that status; NULL if ok */
	struct result_block block; /* all good trials merged */
	/* Per percentile of the block; NULL with fewer than 2 good trials;
	 * low, high and coverage are NaN where they can't reach 95 %. */
	struct summary_interval *over_trials;
	struct result_block *shares; /* as those of a trial, merged */
	size_t n_shares;
	struct result_trial *trials;
	size_t n_trials;
	bool stable; /* until = stable was reached, with n_trials */
	const struct result_clients *clients; /* NULL: not yet known */
	struct strings warnings;
};

struct result {
	const struct plan *plan;
	char started_utc[32];
	uint64_t started_ns;
	bool complete; /* every trial ran to its end, be it with a loss, or its
			* cell was refused, tried again or not */
	bool interrupted;
	bool of_client; /* a client's own side of it: see own.h */
	uint64_t seed; /* of the cells' order */
	struct facts host;
	struct facts client; /* of the first client that was met */
	struct result_floor floor;
	struct result_clients *clients; /* a list; what the cells borrow */
	struct result_cell *cells; /* one per cell of the plan, in its order */
	struct result_stream stream;
	char *stream_error; /* why it broke off, or NULL */
	struct strings warnings;
};

/* A result in which nothing has run yet; NULL without memory. */
struct result *result_create(const struct plan *plan);
void result_destroy(struct result *result);

/*
 * Makes the figures of one trial of a cell from what both sides report. The
 * reports stay the caller's. Accounts across both ends: what one side sent
 * and the other did not receive is lost; a trial with any lost, duplicate,
 * reordered or corrupt message is RESULT_FAILED with WEIR_EINTEGRITY.
 */
struct result_sides {
	const struct report *host;
	const struct report *client; /* all of them, merged */
	bool comparable_clocks; /* one CLOCK_MONOTONIC for both */
	bool loopback;          /* the client took no part */
	/* Of several clients each: what was measured on its channels. */
	const struct result_share {
		const struct report *host;
		const struct report *client;
	} *shares;
	size_t n_shares;
};
WEIR_MUST_USE int result_add_trial(struct result *result, size_t cell,
				   uint32_t trial, uint64_t started_ns,
				   const struct result_sides *sides,
				   struct weir_error *err);

/* Records a trial that gave no figures: failed or refused. */
WEIR_MUST_USE int result_add_failure(struct result *result, size_t cell,
				     uint32_t trial, uint64_t started_ns,
				     enum result_status status,
				     const struct weir_error *why);

/* Takes the figures of a trial away: as if it had none (RESULT_OK), or had
 * never begun (RESULT_NOT_RUN). */
void result_empty_trial(struct result *result, size_t cell, uint32_t trial,
			enum result_status status);

/* Merges the trials of every cell and sets statuses and `complete`. Call it
 * at the end, also of a run cut short; it may be called again. */
WEIR_MUST_USE int result_finish(struct result *result, struct weir_error *err);

/* Whether anything came of any trial. */
bool result_has_trials(const struct result *result);
/* The exit code of a finished result: 1 if a trial failed, the run or its
 * stream broke off, else 4 for lost messages, else 3 for a refused cell. */
int result_exit_code(const struct result *result);

/* The percentiles of every summary: the standard ones and run.percentiles,
 * ascending, each once; what is none or one too many is left out. */
size_t result_percents(const struct plan *plan,
		       double ret_percents[SUMMARY_PERCENTILES_MAX]);

/* The name of a percentile with `point` for its decimal point: "p99_9". */
#define RESULT_PERCENT_BYTES 32
void result_percent_name(double percent, char point,
			 char ret_name[RESULT_PERCENT_BYTES]);

/* The whole result as JSON text (weir-result/1); the caller frees. */
WEIR_MUST_USE int result_to_json(const struct result *result,
				 char **ret_text, struct weir_error *err);

#endif
