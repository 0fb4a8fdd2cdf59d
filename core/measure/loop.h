/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the loops of the timed region share; for them and what drives them.
 */
#ifndef CORE_MEASURE_LOOP_H
#define CORE_MEASURE_LOOP_H

#include "core/measure/lane.h"
#include "core/measure/loops.h"
#include "core/measure/pause.h"
#include "core/measure/payload.h"
#include "core/measure/sample.h"
#include "core/measure/tape.h"

#define loop_unlikely(condition) __builtin_expect(!!(condition), 0)

/* Tells the coordinating thread that messages move: a plain store. */
static inline void
loop_progress(struct lane *lane, uint64_t n)
{
	__atomic_store_n(&lane->progress, n, __ATOMIC_RELAXED);
}

/* A phase begins now; returns when it is over by its clock. */
static inline uint64_t
loop_begin(struct lane *lane, const struct lane_stop *stop, uint64_t now)
{
	lane->started_ns = now;
	return stop->duration_ns < UINT64_MAX - now ?
		       now + stop->duration_ns : UINT64_MAX;
}

/* Loops are made twice, without a tape and with one, by inlining: see
 * round_trip_initiate. */
#define loop_inline static inline __attribute__((always_inline))

/* Notes a message on a tape, and waits where that is full; *now is then read
 * anew, so that the wait is in no latency. */
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

/* How many messages the next batch has, with so many left. */
static inline size_t
loop_batch(const struct lane_spec *spec, uint64_t left)
{
	return left < spec->batch ? (size_t)left : spec->batch;
}

/* The pause before a batch, if any: *now is then read anew. */
loop_inline int
loop_pause(struct lane *lane, uint64_t sequence, uint64_t *now)
{
	int status;

	if (__builtin_expect(!lane_pauses(lane->spec), 1))
		return WEIR_OK;
	status = pause_keep(lane);
	*now = lane->spec->now_ns();
	if (!sequence)
		lane->started_ns = *now;
	return status;
}

/* ---- what a message holds ---- */

/* The usual: the stamp is written and the sequence number read. What else
 * verify and touch can ask for is out of line. */
static inline bool
loop_stamps(const struct lane_spec *spec)
{
	return spec->verify != LANE_VERIFY_FULL && spec->touch == TOUCH_HEADER;
}

static inline bool
loop_checks(const struct lane_spec *spec)
{
	return spec->verify == LANE_VERIFY_HEADER &&
	       spec->touch == TOUCH_HEADER;
}

/* Whether an answer, which has the bytes of its question, is written anew:
 * every sender writes what touch says, but for content that is verified. */
static inline bool
loop_rewrites(const struct lane_spec *spec)
{
	return spec->touch > TOUCH_HEADER && spec->verify != LANE_VERIFY_FULL;
}

/* Writes, and examines, a message by what the lane's spec asks for. */
void loop_write_more(const struct lane *lane, unsigned char *buf,
		     uint64_t sequence, uint64_t now_ns);
void loop_examine(struct lane *lane, const unsigned char *buf);

static inline void
loop_write(const struct lane *lane, unsigned char *buf, size_t size,
	   uint64_t sequence, uint64_t now_ns, bool plain)
{
	if (loop_unlikely(!plain))
		loop_write_more(lane, buf, sequence, now_ns);
	else
		payload_stamp(buf, size, sequence, now_ns);
}

/* Accounts for one arrival of the right length. */
static inline void
loop_arrival(struct lane *lane, const unsigned char *buf, size_t size,
	     bool plain)
{
	if (loop_unlikely(!plain))
		loop_examine(lane, buf);
	else
		track_arrival(&lane->track, payload_sequence(buf, size));
}

/* One way, from the stamp to now; below zero the clocks disagree: counted. */
static inline uint64_t
loop_latency(struct lane *lane, uint64_t sent_ns, uint64_t now)
{
	if (loop_unlikely(sent_ns > now)) {
		lane->n_negative++;
		return 0;
	}
	return now - sent_ns;
}

/* Keeps the bytes of a mark that is not in recv_buf already. */
static inline void
loop_keep_mark(struct lane *lane, const unsigned char *buf, size_t len)
{
	size_t n = len < PAYLOAD_HEADER_BYTES ? len : PAYLOAD_HEADER_BYTES;

	if (buf != lane->recv_buf)
		memmove(lane->recv_buf, buf, n);
}

#endif
