/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between lane.c (memory, and what a phase is) and the files that tell how a
 * phase goes: lane_first.c, lane_traffic.c and, at the end, lane_report.c. All
 * of them on the lane's own thread; a failure's sentence is in lane->fault.
 */
#ifndef CORE_MEASURE_LANE_INTERNAL_H
#define CORE_MEASURE_LANE_INTERNAL_H

#include "core/measure/evidence.h"
#include "core/measure/lane.h"

/* One message on a channel that has carried none: there and back, or, one
 * way, timed by the receiver. */
WEIR_MUST_USE int lane_first(struct lane *lane);

/* Warm-up or timed region, from its start mark to the echo of its end. */
WEIR_MUST_USE int lane_traffic(struct lane *lane, enum lane_phase phase);

/* EPROTOCOL: a message of len bytes, neither the traffic's nor a mark. */
int lane_broken(struct lane *lane, enum lane_phase phase, size_t len);

/* Moves and adds up in lane->report what the timed region has left in the
 * lane; the evidence is borrowed. */
void lane_make_report(struct lane *lane, const struct evidence_lane *began,
		      const struct evidence_lane *ended);

#endif
