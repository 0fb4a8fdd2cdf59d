/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict: was the measurement left in peace?
 *
 * It is made of the evidence of both sides, over a trial or over all trials
 * of a cell together. Every reason has a figure and a threshold below, which
 * docs/MEASUREMENT.md explains. What can't be seen here gives no reason.
 */
#ifndef CORE_RESULT_VERDICT_H
#define CORE_RESULT_VERDICT_H

#include <stddef.h>

#include "core/base/text.h"
#include "core/result/figures.h"

/* Shares of the time of the measured CPUs. The kernel counts these in ticks
 * of 10 ms, so that less than the _NS can't be told from nothing. */
#define VERDICT_STEAL 0.01
#define VERDICT_STEAL_NS 20e6
#define VERDICT_OTHERS 0.03
#define VERDICT_OTHERS_NS 30e6
/* What it takes to put a CPU to sleep and to wake it is nobody's time, and of
 * a lane that blocks no other's: 2.2 to 3.7 us each were seen. */
#define VERDICT_SWITCH_NS 4e3
/* Of the sleeper's wakes (hiccup.h), those that were late, and how many. */
#define VERDICT_LATE_WAKES 0.01
#define VERDICT_LATE_WAKES_N 2
/* Of a lane, per second. */
#define VERDICT_MIGRATIONS_PER_S 1.0
/* Of the highest frequency that was seen, how far it went down. */
#define VERDICT_FREQUENCY 0.05

/* Of the time of a cell whose figures are those of one class (distance.h),
 * what was in others. */
#define VERDICT_DISTANCE 0.05

enum verdict_kind {
	VERDICT_BY_STEAL,       /* share */
	VERDICT_BY_OTHERS,      /* share of CPU time that others took */
	VERDICT_BY_THROTTLING,  /* periods of the quota */
	VERDICT_BY_LATE_WAKES,  /* share */
	VERDICT_BY_MIGRATIONS,  /* per lane and second */
	VERDICT_BY_FAULTS,      /* that waited for a disk */
	VERDICT_BY_FREQUENCY,   /* share */
	VERDICT_BY_DISTANCE,    /* share of the time at another one */
	VERDICT_BY_RATE,        /* share of the rate that was not reached */
	VERDICT_KINDS
};

struct verdict_reason {
	enum verdict_kind kind;
	double value;
	double detail;    /* late wakes: the worst, ns; throttling: ns; rate:
			   * what was reached, per second */
	double wake_up_ns; /* rate: what a wake-up takes, which is longer than
			    * a gap between messages; else NaN */
	const char *side; /* "host", "client"; NULL: both together */
};

struct verdict {
	size_t n; /* none: clean */
	struct verdict_reason at[2 * VERDICT_KINDS];
};

void verdict_make(const struct result_block *block,
		  struct verdict *ret_verdict);

/* Appends what no reason can come of, since a side could not look: a sentence,
 * or nothing. */
void verdict_add_not_seen(const struct result_block *block, struct text *to);

/* Appends "steal 3.1 % (client)". */
void verdict_add_text(const struct verdict_reason *reason, struct text *to);

/* The members `verdict` (null where nothing was measured) and `evidence`. */
struct json;
struct cJSON;
void verdict_to_json(struct json *j, struct cJSON *to,
		     const struct result_block *block);
void verdict_evidence_to_json(struct json *j, struct cJSON *to,
			      const struct result_block *block);

#endif
