/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the loops of the timed region share; included by them only.
 */
#ifndef CORE_MEASURE_LOOP_H
#define CORE_MEASURE_LOOP_H

#include "core/measure/lane.h"
#include "core/measure/payload.h"
#include "core/measure/tape.h"

#define loop_unlikely(condition) __builtin_expect(!!(condition), 0)

/* Tells the coordinating thread that messages move: a plain store. */
static inline void
loop_progress(struct lane *lane, uint64_t n)
{
	__atomic_store_n(&lane->progress, n, __ATOMIC_RELAXED);
}

/*
 * Notes a message on a tape, and waits where that is full; *now is then read
 * anew, so that the wait is in no latency. Loops are made twice, without a
 * tape and with one, by inlining: see round_trip_initiate.
 */
#define loop_inline static inline __attribute__((always_inline))

loop_inline int
loop_note(struct lane *lane, struct tape *tape, uint64_t *now, uint64_t id,
	  uint64_t latency_ns)
{
	uint64_t at_ns = *now;
	int status;

	if (loop_unlikely(tape_full(tape))) {
		status = tape_wait(tape, &lane->cancel);
		*now = lane->spec->now_ns();
		if (status)
			return status;
	}
	tape_put(tape, at_ns, id, latency_ns);
	return WEIR_OK;
}

/* Accounts for one arrival of the right length. */
static inline void
loop_arrival(struct lane *lane, const unsigned char *buf, size_t size,
	     enum lane_verify verify)
{
	uint64_t sequence;

	if (verify == LANE_VERIFY_NONE) {
		lane->track.received++;
		lane->track.next++;
		return;
	}
	sequence = payload_sequence(buf, size);
	if (loop_unlikely(verify == LANE_VERIFY_FULL) &&
	    !payload_check(buf, size, sequence))
		lane_damaged(lane);
	else
		track_arrival(&lane->track, sequence);
}

#endif
