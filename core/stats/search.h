/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The search for the highest rate at which a service level is kept: which
 * rate is next, and what the answers come to. No clock, no traffic.
 *
 * It goes in steps, each at one rate, and a step in probes. A probe is one
 * measurement, and says by the interval of the share of late messages
 * (exceed.h) that the level is kept (all of it lies below what is allowed),
 * that it is not (above), or nothing. A rate that was not reached is not
 * kept. Three probes that agree decide a step. Of five that do not the three
 * in the middle are taken together, by their shares; they may leave it open.
 *
 *	ramp     rates double from the lowest one until one that was kept is
 *	         followed by one that is not. Here it is enough if the first
 *	         probe says "kept": the final test is still to come. Rates that
 *	         fail below the first one that passes end nothing: who sleeps
 *	         between messages may be slower at a low rate.
 *	bisect   the geometric middle between the highest rate that passed and
 *	         the lowest above it that did not, until they are as near as
 *	         `precision`
 *	retest   both ends, with fresh probes: the lower one always, and the
 *	         upper one where nothing but the ramp speaks against it. If an
 *	         answer was wrong the search goes on from there.
 *
 * A bisection whose answers may be wrong (Horstein 1963; Waeber, Frazier and
 * Henderson, "Bisection search with noisy responses", SIAM J. Control Optim.
 * 51, 2013) asks each question until it is answered well enough, and may step
 * back (Karp and Kleinberg, "Noisy binary search and its applications", SODA
 * 2007). RFC 9971 (Multiple Loss Ratio Search) does as much for loss.
 */
#ifndef CORE_STATS_SEARCH_H
#define CORE_STATS_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/stats/exceed.h"

#define SEARCH_STEPS_MAX 64
#define SEARCH_PROBES 5   /* of a step, at most */
#define SEARCH_MAJORITY 3 /* of them */

struct search_rules {
	double from_per_s; /* of the ramp */
	double to_per_s;   /* its ceiling */
	double precision;  /* 0.05: the ends are 5 % apart at most */
	double share;      /* of messages that may be late: 0.01 for p99 */
	uint32_t steps;    /* at most: 2 … SEARCH_STEPS_MAX, the last of which
			    * is kept for a retest */
};

enum search_answer { SEARCH_OPEN, SEARCH_PASS, SEARCH_FAIL };

struct search_step {
	double per_s;
	enum search_answer answer; /* of the probes so far */
	uint32_t passes;
	uint32_t fails;
	uint32_t unclear;   /* probes that said nothing */
	uint32_t unreached; /* fails because the rate was not reached */
	bool retest;
	struct exceed probes[SEARCH_PROBES];
};

enum search_phase { SEARCH_RAMP, SEARCH_BISECT, SEARCH_OVER };

struct search {
	struct search_rules rules;
	enum search_phase phase;
	bool going; /* the last step wants another probe */
	size_t n_steps;
	struct search_step steps[SEARCH_STEPS_MAX];
};

void search_init(struct search *s, const struct search_rules *rules);

/* The rate of the next probe; false: the search is over. Steps begin here. */
bool search_next(struct search *s, double *ret_per_s);

/* What that probe found. True: its step has its answer. */
bool search_probe(struct search *s, const struct exceed *found, bool reached);

/* Ends a search that is not over: takes a step without any probe back. */
void search_cut(struct search *s);

/* What it came to. */
struct search_result {
	double pass_per_s; /* highest rate that is kept; NaN: none */
	double fail_per_s; /* lowest above it that is not; NaN: none */
	double below_per_s; /* highest rate below the first that is not kept
			     * either; NaN: none */
	bool confirmed;    /* the first passed twice */
	bool narrow;       /* the two are as near as was asked for */
	bool unreached;    /* the second failed by its rate alone */
	bool open;         /* between the two lie rates without an answer */
};
void search_result_get(const struct search *s,
		       struct search_result *ret_result);

/* The last step at a rate, or NULL. */
const struct search_step *search_step_at(const struct search *s, double per_s);

#endif
