/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lane: one side of one channel, driven by one thread.
 *
 * A trial has three phases, each opened by a barrier between the sides:
 *
 *	first     one message on a channel that has carried none
 *	warm-up   the traffic of the timed region, not recorded
 *	timed     the TIMED REGION: nothing but the transport and the clock
 *
 * Where there is a gauge, the timed region is cut: see segments.h.
 * Inside warm-up and timed the initiator fires a start mark through the
 * channel and waits for its echo, so that both threads are awake before the
 * first sample; an end mark, echoed too, tells the responder that the phase
 * is over and the initiator that everything has arrived.
 */
#ifndef CORE_MEASURE_LANE_H
#define CORE_MEASURE_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <weir/transport.h>

#include "core/measure/misses.h"
#include "core/measure/report.h"
#include "core/measure/schedule.h"
#include "core/measure/segments.h"
#include "core/measure/touch.h"
#include "core/measure/track.h"

enum lane_phase { LANE_FIRST, LANE_WARMUP, LANE_TIMED, LANE_DONE };

/* "the first message", "the warm-up", "the timed region", "the end". */
extern const char *const lane_phase_names[];

enum lane_pattern { LANE_ROUND_TRIP, LANE_ONE_WAY };
enum lane_verify { LANE_VERIFY_NONE, LANE_VERIFY_HEADER, LANE_VERIFY_FULL };

/* When a phase ends: at `count` messages or after `duration_ns`, whichever
 * comes first; UINT64_MAX is never. */
struct lane_stop {
	uint64_t count;
	uint64_t duration_ns;
};

/* What all lanes of a side do: const for a trial. */
struct lane_spec {
	const struct weir_transport *ops;
	uint64_t (*now_ns)(void);
	enum lane_pattern pattern;
	enum lane_verify verify;
	enum touch touch;
	uint32_t batch; /* messages sent as one, 1 … LANE_BATCH_MAX */
	bool in_place;  /* loan and borrow instead of send and recv */
	bool initiator; /* this side sends first */
	bool include_first;
	bool warm; /* has a warm-up */
	int realtime; /* priority of SCHED_FIFO; 0: none */
	bool one_way_latency; /* one clock, and room for the time in it */
	size_t size;
	uint64_t idle_ns;       /* pause.h; one of the two, before each */
	uint64_t send_delay_ns; /* message of warm-up and timed region */
	bool connects, busy; /* see connect.h; load for others (report.h) */
	struct schedule_pace pace; /* of an open loop */
	uint64_t deadline_ns; /* later latencies are misses; 0: none is */
	struct lane_stop warmup;
	struct lane_stop timed;
};

/* What the pauses of a phase cost its thread. */
struct lane_pauses {
	uint64_t cpu_ns;
	uint64_t sleeps;
};
#define LANE_BATCH_MAX WEIR_MANY_MAX
/* A batch is in memory at once, twice on each side. */
#define LANE_BATCH_BYTES_MAX (UINT64_C(64) << 20)

/* How far apart the messages of a batch lie. */
static inline size_t
lane_stride_bytes(size_t size)
{
	return (size + 63) & ~(size_t)63;
}

struct tape;
struct pacer;
struct gauge;

struct lane {
	/* Written by the lane's thread while it measures: own lines. */
	_Alignas(128) uint64_t progress; /* messages so far; atomic */
	struct track track;

	_Alignas(128) const struct lane_spec *spec;
	struct weir_channel *channel;
	uint32_t cancel; /* atomic; the transport tests it */
	int cpu;         /* or AFFINITY_ANY */
	uint32_t index;
	struct tape *tape;   /* NULL: no stream; borrowed */
	struct tape *noting; /* the same in the timed region only */
	struct gauge *gauge; /* NULL: none; borrowed */
	struct segments segments;
	unsigned char *send_buf;
	unsigned char *recv_buf;
	size_t buf_bytes; /* of one message */
	size_t stride;    /* from one message of a batch to the next */
	struct pacer *pacer; /* of an open loop (pacer.h) */
	struct misses misses;
	struct histogram *latency; /* where this side takes samples */
	struct series *series;     /* likewise */
	/* Under `connects`: what its channels, one at a time, are made of. */
	const struct weir_setup *setup; /* borrowed */
	int door;                       /* borrowed */
	struct histogram *teardown;
	struct weir_counters counters;
	uint64_t sent;       /* in the current phase */
	uint64_t n_negative; /* one-way latencies below zero */
	uint64_t started_ns;
	uint64_t ended_ns;
	uint64_t first_ns;   /* latency of the first message */
	struct lane_pauses pauses;
	struct weir_error fault;
	struct report report; /* after the timed phase */
};

/* Allocates, touches and locks the buffers; on the lane's own thread, so
 * that the memory is near its CPU. Errors go to lane->fault. */
WEIR_MUST_USE int lane_prepare(struct lane *lane);

/* True if this side can tell each message's latency, or its receipt, and so
 * is the one that a tape belongs to. */
bool lane_notes(const struct lane_spec *spec);

/* Runs one phase to its end. A failure's sentence is in lane->fault. */
WEIR_MUST_USE int lane_run(struct lane *lane, enum lane_phase phase);

/* Whether this side pauses before its messages. */
static inline bool
lane_pauses(const struct lane_spec *spec)
{
	return spec->idle_ns || spec->send_delay_ns;
}

/* Frees what lane_prepare made (not the channel, not the report). */
void lane_release(struct lane *lane);

#endif
