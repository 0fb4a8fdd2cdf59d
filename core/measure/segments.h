/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The timed region in segments of about SEGMENTS_NS: before the first, after
 * each and after the last the lane meets the other one on the gauge (gauge.h).
 *
 *	start mark ► meet ► traffic ► pause mark ► meet ► traffic ► … end mark
 *	► meet
 *
 * What lies between two segments is no part of the region: its time is
 * counted in report.paused_ns, its CPU time in the lane's pauses. Sequence
 * numbers go on through all of them. A segment belongs to the class of
 * distance in which both meetings around it found the CPUs, or is unclear.
 *
 * Its samples are put to those of its class when the next segment has gone
 * by, before the lanes meet, so that traffic begins right after a meeting.
 */
#ifndef CORE_MEASURE_SEGMENTS_H
#define CORE_MEASURE_SEGMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/measure/report.h"

#define SEGMENTS_NS UINT64_C(250000000)

/* The timed region of a lane so far. */
struct segments {
	double distance_ns; /* at the last meeting */
	uint64_t active_ns;
	uint64_t first_ns; /* its start */
	uint64_t last_ns;  /* its end so far */
	uint64_t paused_ns;
	uint64_t messages;         /* before the segment in hand */
	struct histogram *waiting; /* samples of the segment before */
	int waiting_class;
	struct report_class classes[GAUGE_CLASSES];
	struct report_exchange exchange;
	bool first_failed; /* of the exchanges */
	bool last_failed;
};

struct lane;
struct lane_stop;

/* Memory for a lane that takes samples, all that the region needs; nothing
 * without a gauge. */
WEIR_MUST_USE int segments_prepare(struct lane *lane);
void segments_release(struct lane *lane);

/* Behind the start mark of the timed region. */
void segments_begin(struct lane *lane);

/* When the next segment ends, and whether it was the last one: the
 * initiator's questions. Without a gauge there is one. */
void segments_next(const struct lane *lane, struct lane_stop *ret_stop);
bool segments_over(const struct lane *lane);

/* Behind the mark at the end of a segment: accounts for it, and meets. */
void segments_end(struct lane *lane);

/* Behind the last one: the figures of the whole region, into the lane and its
 * report. */
void segments_finish(struct lane *lane, struct report *report);

#endif
