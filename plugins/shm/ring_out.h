/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writer's end of a ring (ring.h).
 */
#ifndef PLUGINS_SHM_RING_OUT_H
#define PLUGINS_SHM_RING_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <weir/error.h>
#include <weir/status.h>

#include "plugins/shm/ring.h"

/* The writer's private state. */
struct ring_out {
	uint8_t *data;             /* the ring, mapped twice */
	const uint64_t *peer_tail; /* shared: how far the reader has read */
	uint64_t mask;             /* size - 1 */
	uint64_t head;             /* where the next record begins */
	uint64_t tail;             /* the reader's, as last checked */
	uint64_t held;      /* the first record that is not published … */
	uint64_t held_word; /* … and its word; 0 where all are */
	uint64_t done;      /* bytes of the present message in the ring */
	uint32_t chunk;     /* RING_CHUNK_BYTES or a quarter of the ring */
	bool fenced; /* a publication comes before later loads: the caller
		      * looks whether the reader sleeps */
};

/* Prepares it over a ring of size bytes (a power of two, at least
 * RING_BYTES_MIN) whose memory and tail are 0. Everything is borrowed. */
void ring_out_init(struct ring_out *r, uint8_t *data, uint64_t size,
		   const uint64_t *peer_tail, bool fenced);

/* Stores a word where the reader polls for it. */
static inline void
ring_out_store(struct ring_out *r, uint64_t at, uint64_t word)
{
	uint64_t *p = (uint64_t *)(void *)(r->data + (at & r->mask));

	if (r->fenced)
		__atomic_store_n(p, word, __ATOMIC_SEQ_CST);
	else
		__atomic_store_n(p, word, __ATOMIC_RELEASE);
}

/* Publishes what was put with more. */
static inline void
ring_out_publish(struct ring_out *r)
{
	if (!r->held_word)
		return;
	ring_out_store(r, r->held, r->held_word);
	r->held_word = 0;
}

/* True if a record of this length, and the 0 behind it, fits by what is known
 * of the reader. */
static inline bool
ring_out_fits(const struct ring_out *r, uint64_t record)
{
	return r->head - r->tail + record + RING_WORD_BYTES <= r->mask + 1;
}

/* Length of the next record of a message of len bytes. */
static inline uint64_t
ring_out_next(const struct ring_out *r, size_t len)
{
	uint64_t part = len - r->done;

	return part + RING_WORD_BYTES <= r->chunk ? ring_record_bytes(part)
						  : r->chunk;
}

/* Looks how far the reader is and whether such a record fits now.
 * Errors: EAGAIN, EPROTOCOL. */
int ring_out_refresh(struct ring_out *r, uint64_t record) WEIR_MUST_USE;

/* Keeps back, or after others that were kept back publishes, the record at
 * head. */
void ring_out_hold(struct ring_out *r, uint64_t word, uint64_t record,
		   bool more);

/*
 * Puts the next record of a message of len bytes and sets *ret_whole if it
 * was the last one. It is published at once, but with more at the latest
 * after a chunk. On EAGAIN everything put so far is published: the reader
 * could make no room otherwise. Errors: EAGAIN, EPROTOCOL.
 */
static inline int
ring_out_put(struct ring_out *r, const void *buf, size_t len, bool more,
	     bool *ret_whole)
{
	uint64_t record = ring_out_next(r, len);
	uint64_t left = len - r->done;
	uint64_t part = left;
	uint8_t *to = r->data + (r->head & r->mask);
	uint64_t *end;
	int rc;

	if (__builtin_expect(!ring_out_fits(r, record), 0)) {
		rc = ring_out_refresh(r, record);
		if (rc)
			return rc;
	}
	if (part > record - RING_WORD_BYTES)
		part = record - RING_WORD_BYTES;
	memcpy(to + RING_WORD_BYTES, (const uint8_t *)buf + r->done, part);
	end = (uint64_t *)(void *)(r->data + ((r->head + record) & r->mask));
	__atomic_store_n(end, 0, __ATOMIC_RELAXED);
	if (__builtin_expect(more || r->held_word, 0))
		ring_out_hold(r, left << 32 | part, record, more);
	else
		ring_out_store(r, r->head, left << 32 | part);
	r->head += record;
	*ret_whole = part == left;
	r->done = part == left ? 0 : r->done + part;
	return WEIR_OK;
}

#endif
