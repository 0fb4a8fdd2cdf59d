/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pacer: what a lane of an open loop has besides a lane of a closed one.
 * Between a lane and paced.c.
 *
 * Several messages may be on their way, each with the time at which it was
 * due and the one at which it was sent. Those are remembered here and not
 * taken from the answer, which may be too short for them and comes from the
 * other side.
 *
 * Who sleeps until a message is due wakes up late. So it sleeps until a
 * margin before, and waits for the rest of it by looking at the clock. The
 * margin follows what wake-ups cost here: it rises by a quarter of the
 * distance to one that came later, and falls by a 64th at any other. It
 * begins with the median of a few that are tried before the first phase.
 * Where gaps are shorter than the margin there is no time left to sleep.
 */
#ifndef CORE_MEASURE_PACER_H
#define CORE_MEASURE_PACER_H

#include <stdint.h>

#include "core/measure/report.h"
#include "core/measure/schedule.h"

#define PACER_FLIGHTS 65536u /* messages on their way; a power of two */
#define PACER_MARGIN_NS_MAX UINT64_C(100000)
#define PACER_SLEEP_NS_MAX UINT64_C(50000000) /* then cancel is looked at */

/* A flight that has been answered, or never began. */
#define PACER_LANDED UINT64_MAX

struct pacer_flight {
	uint64_t due_ns;
	uint64_t sent_ns;
};

struct pacer {
	struct schedule schedule;
	uint64_t begin_ns;  /* of the schedule */
	uint64_t margin_ns; /* kept from phase to phase */
	uint64_t flights_max;
	struct report_pace report;
	struct pacer_flight *flights; /* by sequence number; NULL one way */
};

struct lane;

/* What this side of an open loop needs; on the lane's own thread. *ret_pacer
 * is NULL and the status ENOMEMORY where it can't be had. */
WEIR_MUST_USE int pacer_create(const struct lane *lane,
			       struct pacer **ret_pacer);
void pacer_destroy(struct pacer *pacer); /* NULL is allowed */

/* Before a phase. */
void pacer_reset(struct pacer *pacer);

/* Moves what the timed phase has found to the report. */
void pacer_report(struct pacer *pacer, struct report_pace *ret_report);

/* A wake-up came this late. */
void pacer_woke(struct pacer *pacer, uint64_t late_ns);

#endif
