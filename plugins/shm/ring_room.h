/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the writer's end of a ring (ring_out.h) knows, and what it needs not
 * often.
 */
#ifndef PLUGINS_SHM_RING_ROOM_H
#define PLUGINS_SHM_RING_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <weir/error.h>
#include <weir/status.h>

#include "plugins/shm/distance.h"
#include "plugins/shm/ring.h"

/* The memory of one direction, as its writer has it. */
struct ring_out_memory {
	uint8_t *data;             /* the ring, mapped twice */
	uint32_t *words;           /* where they lie apart */
	const uint64_t *peer_tail; /* shared: how far the reader has read */
	const uint64_t *peer_distance; /* shared, beside it (distance.h) */
	uint64_t *progress;        /* shared: how far this side has written */
};

/* The writer's private state. */
struct ring_out {
	struct ring_out_memory at; /* all borrowed */
	struct ring_place place;
	uint64_t head;      /* where the next record begins */
	uint64_t tail;      /* the reader's, as last checked */
	uint64_t n;         /* records so far */
	uint64_t held;      /* the first record that is not published, … */
	uint64_t held_n;    /* … its number … */
	uint64_t held_word; /* … and its word; 0 where all are */
	uint64_t done;      /* bytes of a message that is under way */
	bool wide;          /* copy_has_avx2 */
	bool passed;        /* stores past the caches await a fence */
	struct distance distance;
};

/* Prepares it over memory that is 0. */
void ring_out_init(struct ring_out *r, const struct ring_shape *shape,
		   const struct ring_out_memory *memory, bool fenced);

/* True if a record of this length, and the 0 behind it, fits by what is known
 * of the reader. */
static inline bool
ring_out_fits(const struct ring_out *r, uint64_t record)
{
	return r->head + record + r->place.unit - r->tail <=
	       r->place.mask + 1;
}

/* Looks how far the reader is and whether such a record fits now; if not,
 * everything put so far is published: the reader could make no room
 * otherwise. Errors: EAGAIN, EPROTOCOL. */
int ring_out_refresh(struct ring_out *r, uint64_t record) WEIR_MUST_USE;

/* Is this message published in chunks? */
static inline bool
ring_out_flows(const struct ring_out *r, size_t len)
{
	return r->place.lead + len > r->place.chunk;
}

/*
 * Puts the next chunk of a message that flows, publishes it, and sets
 * *ret_whole if it was the last one. Errors: EAGAIN, EPROTOCOL.
 */
int ring_out_flow(struct ring_out *r, const void *buf, size_t len,
		  bool *ret_whole) WEIR_MUST_USE;

/* Room that ring_out_flow needs for its next chunk. */
static inline uint64_t
ring_out_next(const struct ring_out *r, size_t len)
{
	uint64_t part = len - r->done;

	if (!ring_out_flows(r, len))
		return ring_record_bytes(&r->place, len);
	return r->done + (part < r->place.chunk
				  ? ring_record_bytes(&r->place, part)
				  : r->place.chunk);
}

#endif
