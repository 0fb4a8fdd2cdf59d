/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one side measured in one trial: plain figures, no files, no JSON.
 */
#ifndef CORE_MEASURE_REPORT_H
#define CORE_MEASURE_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include <weir/transport.h>

#include "core/measure/evidence.h"
#include "core/measure/gauge.h"
#include "core/stats/histogram.h"
#include "core/stats/series.h"

#define REPORT_NO_TIME UINT64_MAX /* a time that was not taken */
#define REPORT_CPUS_BYTES 256

/* Receipts as checked by the receiver against sequence and content. */
struct report_integrity {
	uint64_t sent;      /* messages this side sent (echoes too) */
	uint64_t received;  /* messages that arrived, duplicates included */
	uint64_t lost;      /* sequence numbers that never arrived */
	uint64_t duplicate; /* arrived more than once */
	uint64_t reordered; /* arrived after a later one */
	uint64_t corrupt;   /* wrong length or content */
};

/* Latencies above the deadline. */
struct report_deadline {
	uint64_t misses;
	uint64_t worst_row; /* misses of messages one behind the other */
};

/* What a sender by schedule did; times are summed over channels. */
struct report_pace {
	uint64_t schedule_ns; /* from the begin to when the last one was due */
	uint64_t sending_ns;  /* from the begin to when the last one was sent */
	uint64_t not_sent;    /* due in the region, and given up: too late */
	uint64_t sleeps;      /* times it slept until a message was due */
	uint64_t wake_up_ns;  /* what it set aside for a wake-up; the largest */
	struct histogram *send_lag;  /* owned; sending after the due time */
	struct histogram *from_send; /* owned; latency from the sending */
};

/* What was measured at one distance of the CPUs: see segments.h. */
struct report_class {
	struct histogram *latency; /* owned; NULL: no samples */
	uint64_t messages;
	uint64_t elapsed_ns; /* of this lane's clock */
	uint64_t segments;
	uint64_t distance_sum_ns; /* over the segments */
};

/* What a side that leads knows of the two clocks: see gauge.h. */
struct report_exchange {
	uint64_t meetings;  /* 0: this side does not lead */
	uint64_t failed;    /* first and last ones without an exchange */
	uint64_t disagreed; /* that showed two clocks */
	uint64_t error_ns;  /* largest bound of the others */
	uint64_t steps;     /* as of a look, summed */
	uint64_t backward;
};

/* What the busy channels beside the measured ones moved. */
struct report_load {
	struct report_integrity integrity;
	uint64_t started_ns; /* as those of the report */
	uint64_t ended_ns;
};

/*
 * One side of one trial, all of its channels merged. Times are
 * CLOCK_MONOTONIC of that side, in ns; REPORT_NO_TIME where there is none.
 */
struct report {
	struct report_integrity integrity; /* timed region only */
	struct report_load load; /* in no other figure but the evidence */
	uint64_t first_message_ns; /* latency of the channels' first message,
				    * the largest of them */
	uint64_t started_ns;       /* first send of the timed region */
	uint64_t ended_ns;         /* last receipt of the timed region */
	uint64_t paused_ns; /* of the time between, spent between segments; of
			     * several channels the least */
	uint64_t cpu_user_ns;      /* of the measuring threads, timed region */
	uint64_t cpu_system_ns;
	uint64_t voluntary_switches;
	uint64_t involuntary_switches;
	struct weir_counters counters; /* see report_add_counters */
	struct evidence evidence;
	struct report_exchange exchange;
	struct report_class classes[GAUGE_CLASSES]; /* where this side counts
						     * messages: lane_notes */
	char cpus[REPORT_CPUS_BYTES];  /* masks of the measuring threads as the
					* kernel tells them, "0;1" */
	struct report_deadline deadline;
	struct report_pace pace; /* zeroed in a closed loop */
	struct histogram *latency; /* owned; NULL where this side takes none */
	struct series *series; /* likewise: the same samples by time */
	struct histogram *teardown; /* likewise: of channels that it closed
				     * under the pattern connect */
};

/* No messages, no times, no histogram. */
void report_init(struct report *report);

/*
 * Adds `from` (one channel, or another client) to `to`: figures are summed
 * (and stick at their limit), the earliest start, the latest end and the
 * largest first message stay, each CPU mask is named once. WEIR_ENOMEMORY
 * where a histogram can't be had; `to` is then of no use.
 */
WEIR_MUST_USE int report_merge(struct report *to, const struct report *from,
			       struct weir_error *err);

/* The same, and moves what `to` has none of; `from` is then as after
 * report_init. */
WEIR_MUST_USE int report_take(struct report *to, struct report *from,
			      struct weir_error *err);

/* Frees the histograms; the report is then as after report_init. */
void report_fini(struct report *report);

/* Adds misses; the worst row is that of the worse of the two. */
void report_add_deadline(struct report_deadline *to,
			 const struct report_deadline *from);

/* The two parts of a merge that results need for their trials, too. */
void report_add_integrity(struct report_integrity *to,
			  const struct report_integrity *from);

/*
 * Adds counters by name. A name that ends in "_bytes" is a size that was
 * granted (sndbuf_bytes), of which the largest stays; any other is a number
 * of events, which is summed. Beyond WEIR_COUNTERS_MAX names: left out.
 */
void report_add_counters(struct weir_counters *to,
			 const struct weir_counters *from);

/* Adds each mask of a list ("0;1") that `to` does not name yet and has room
 * for. `to` holds REPORT_CPUS_BYTES. */
void report_add_cpus(char *to, const char *from);

#endif
