/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader's end of a ring (ring.h).
 */
#ifndef PLUGINS_SHM_RING_IN_H
#define PLUGINS_SHM_RING_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <weir/error.h>
#include <weir/status.h>

#include "plugins/shm/copy.h"
#include "plugins/shm/ring.h"

/* The memory of one direction, as its reader has it. */
struct ring_in_memory {
	const uint8_t *data;      /* the ring, mapped twice */
	const uint32_t *words;    /* where they lie apart */
	const uint64_t *progress; /* shared: how far the writer has written */
	uint64_t *tail;           /* shared: what the writer sees of tail */
};

/* The reader's private state. */
struct ring_in {
	struct ring_in_memory at; /* all borrowed */
	struct ring_place place;
	uint64_t tail;     /* read up to here */
	uint64_t n;        /* records so far */
	uint64_t returned; /* the tail that the writer was told */
	uint64_t done;     /* bytes taken of a message that flows … */
	uint64_t left;     /* … and to come; 0 between messages */
	uint64_t lacking;  /* so many of these at least are waited for */
	bool wide;         /* copy_has_avx2 */
};

/* Prepares it over the memory that ring_out_init has at the other side. */
void ring_in_init(struct ring_in *r, const struct ring_shape *shape,
		  const struct ring_in_memory *memory, bool fenced);

/* The word that is due: 0 if no record is there. */
static inline uint64_t
ring_in_peek(const struct ring_in *r)
{
	const uint8_t *p = r->at.data + (r->tail & r->place.mask);

	if (r->place.apart)
		return __atomic_load_n(
			&r->at.words[ring_word_index(&r->place, r->n)],
			__ATOMIC_SEQ_CST);
	return __atomic_load_n((const uint64_t *)(const void *)p,
			       __ATOMIC_SEQ_CST);
}

/* Tells the writer how far everything was read. */
static inline void
ring_in_return(struct ring_in *r)
{
	if (r->place.fenced)
		__atomic_store_n(r->at.tail, r->tail, __ATOMIC_SEQ_CST);
	else
		__atomic_store_n(r->at.tail, r->tail, __ATOMIC_RELEASE);
	r->returned = r->tail;
}

/* The length that a word tells; 0 for one that can't be, or is longer than
 * cap. */
static inline uint64_t
ring_in_check(const struct ring_in *r, uint64_t word, size_t cap)
{
	uint64_t len = word & RING_LENGTH_BITS;

	/* The copy ends within the buffer and the second mapping. */
	if (__builtin_expect(len > cap ||
			     (uint32_t)word & ~(RING_LENGTH_BITS |
						RING_FLOWS),
			     0))
		return 0;
	if (word & RING_FLOWS)
		return r->place.apart && len > r->place.chunk ? len : 0;
	return len <= ring_longest_bytes(&r->place) ? len : 0;
}

/* The payload of the record that is due. */
static inline const uint8_t *
ring_in_payload(const struct ring_in *r)
{
	return r->at.data + (r->tail & r->place.mask) + r->place.lead;
}

/* The record of a message of len bytes, which did not flow, was read. */
static inline void
ring_in_pass(struct ring_in *r, uint64_t len)
{
	r->tail += ring_piece_bytes(&r->place, len);
	r->n++;
}

/*
 * Takes the record whose word ring_in_peek gave, and sets *ret_len: to 0 for
 * the beginning of a message that flows, which ring_in_flow then takes.
 * Errors: EPROTOCOL for a word that can't be.
 */
static inline int
ring_in_take(struct ring_in *r, uint64_t word, void *buf, size_t cap,
	     size_t *ret_len)
{
	uint64_t len = ring_in_check(r, word, cap);

	if (__builtin_expect(!len, 0))
		return WEIR_EPROTOCOL;
	if (__builtin_expect(word & RING_FLOWS, 0)) {
		r->n++;
		r->left = len;
		*ret_len = 0;
		return WEIR_OK;
	}
	copy_bytes(buf, ring_in_payload(r), len, r->wide);
	ring_in_pass(r, len);
	*ret_len = len;
	return WEIR_OK;
}

/* How many bytes of the message under way are there, set in *ret_n: EAGAIN
 * below `lacking`. Errors: EPROTOCOL for a progress that can't be. */
int ring_in_flowed(const struct ring_in *r, uint64_t *ret_n) WEIR_MUST_USE;

/*
 * Takes what is there of the message under way, a chunk at most, into buf (the
 * same one for all of it, of cap bytes), and sets *ret_len to its length if
 * that was the end, else to 0. Errors: EAGAIN, EPROTOCOL.
 */
int ring_in_flow(struct ring_in *r, void *buf, size_t cap,
		 size_t *ret_len) WEIR_MUST_USE;

/* True if the writer should be told: not after each record, as the line of
 * the tail would then bounce between the two. */
static inline bool
ring_in_is_due(const struct ring_in *r)
{
	return r->tail - r->returned >= r->place.chunk;
}

#endif
