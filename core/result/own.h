/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client's own results: what it knows of its side of one run.
 *
 * A host begins with its plan; a client hears of one trial after the other,
 * and its plan and its result grow with them. It accounts for what arrived
 * at its own end only, and takes the figures that it measured itself: there
 * is latency where it took the samples.
 */
#ifndef CORE_RESULT_OWN_H
#define CORE_RESULT_OWN_H

#include <weir/error.h>

#include "core/config/plan.h"
#include "core/measure/report.h"
#include "core/result/facts.h"
#include "core/result/result.h"

struct own;

/* Of a client that says this of itself (copied). NULL without memory. */
struct own *own_create(const struct facts *client);
/* NULL is allowed. */
void own_destroy(struct own *own);

/* What the host says of itself; the run begins here. Copies. */
void own_meet(struct own *own, const struct facts *host);
bool own_has_met(const struct own *own);

/* A trial as the host describes it; all of it is copied but for the rows of
 * the options, which stay valid as long as this. */
struct own_trial {
	struct plan_cell cell;
	uint32_t index;
	bool initiates;
	bool loopback; /* the client takes no part in the traffic */
};

/* A trial begins: the one in hand from now on. Beyond OWN_TRIALS_MAX it is
 * left out, and a warning says so. */
#define OWN_TRIALS_MAX 16384
WEIR_MUST_USE int own_begin(struct own *own, const struct own_trial *trial,
			    struct weir_error *err);

/* What came of the trial in hand; the last word counts. Without one, no
 * effect. */
WEIR_MUST_USE int own_report(struct own *own, const struct report *report,
			     struct weir_error *err);
WEIR_MUST_USE int own_fail(struct own *own, const struct weir_error *why,
			   struct weir_error *err);

/* The whole, once; complete: the host said that it had come to its end.
 * Borrowed. */
WEIR_MUST_USE int own_finish(struct own *own, bool complete, bool interrupted,
			     const struct result **ret_result,
			     struct weir_error *err);

#endif
