/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader's end of a ring (ring.h).
 */
#ifndef PLUGINS_SHM_RING_IN_H
#define PLUGINS_SHM_RING_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <weir/error.h>
#include <weir/status.h>

#include "plugins/shm/ring.h"

/* The reader's private state. */
struct ring_in {
	const uint8_t *data; /* the ring, mapped twice */
	uint64_t *tail_out;  /* shared: what the writer sees of tail */
	uint64_t mask;       /* size - 1 */
	uint64_t tail;       /* where the next record begins */
	uint64_t returned;   /* the tail that the writer was told */
	uint64_t done;       /* bytes of the present message taken */
	uint64_t left;       /* bytes of it to come; 0 between messages */
	uint32_t chunk;      /* RING_CHUNK_BYTES or a quarter of the ring */
	bool fenced;         /* as in ring_out */
};

/* Prepares it over the memory that ring_out_init has at the other side.
 * Everything is borrowed. */
void ring_in_init(struct ring_in *r, const uint8_t *data, uint64_t size,
		  uint64_t *tail_out, bool fenced);

/* The word at the tail: 0 if no record is there. */
static inline uint64_t
ring_in_peek(const struct ring_in *r)
{
	const uint64_t *p = (const uint64_t *)(const void *)
		(r->data + (r->tail & r->mask));

	return __atomic_load_n(p, __ATOMIC_SEQ_CST);
}

/* Tells the writer how far everything was read. */
static inline void
ring_in_return(struct ring_in *r)
{
	if (r->fenced)
		__atomic_store_n(r->tail_out, r->tail, __ATOMIC_SEQ_CST);
	else
		__atomic_store_n(r->tail_out, r->tail, __ATOMIC_RELEASE);
	r->returned = r->tail;
}

/*
 * Takes the record whose word ring_in_peek gave: appends its payload to buf
 * (the same one for all records of a message, of cap bytes) and sets *ret_len
 * to the message's length if it is complete, else to 0. The caller calls
 * ring_in_return when ring_in_is_due, and before it waits.
 * Errors: EPROTOCOL for a word that can't be.
 */
static inline int
ring_in_take(struct ring_in *r, uint64_t word, void *buf, size_t cap,
	     size_t *ret_len)
{
	uint64_t part = (uint32_t)word;
	uint64_t left = word >> 32;

	/* The copy ends within buf and within the second mapping; and a long
	 * message does not come in crumbs, as there is no wait between them
	 * that would notice cancel. */
	if (__builtin_expect(part == 0 || part > left ||
			     r->done + left > cap ||
			     ring_record_bytes(part) > r->mask ||
			     (part < left &&
			      part + RING_WORD_BYTES < r->chunk) ||
			     (r->left && left != r->left), 0))
		return WEIR_EPROTOCOL;
	memcpy((uint8_t *)buf + r->done,
	       r->data + (r->tail & r->mask) + RING_WORD_BYTES, part);
	r->tail += ring_record_bytes(part);
	if (part == left) {
		*ret_len = r->done + part;
		r->done = 0;
		r->left = 0;
	} else {
		*ret_len = 0;
		r->done += part;
		r->left = left - part;
	}
	return WEIR_OK;
}

/* True if the writer should be told: not after each record, as the line of
 * the tail would then bounce between the two. */
static inline bool
ring_in_is_due(const struct ring_in *r)
{
	return r->tail - r->returned >= r->chunk;
}

#endif
