/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writer's end of a ring (ring.h).
 */
#ifndef PLUGINS_SHM_RING_OUT_H
#define PLUGINS_SHM_RING_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <weir/error.h>
#include <weir/status.h>

#include "plugins/shm/copy.h"
#include "plugins/shm/ring_room.h"

static inline void
ring_out_store(struct ring_out *r, uint64_t at, uint64_t n, uint64_t word,
	       int order)
{
	if (r->place.apart) {
		__atomic_store_n(&r->at.words[ring_word_index(&r->place, n)],
				 (uint32_t)word, order);
	} else {
		uint8_t *p = r->at.data + (at & r->place.mask);

		__atomic_store_n((uint64_t *)(void *)p, word, order);
	}
}

/* Where the payload of the next record goes. */
static inline uint8_t *
ring_out_payload(const struct ring_out *r)
{
	return r->at.data + (r->head & r->place.mask) + r->place.lead;
}

/* Before anything is published. */
static inline void
ring_out_settle(struct ring_out *r)
{
	if (__builtin_expect(r->passed, 0)) {
		copy_fence();
		r->passed = false;
	}
}

/* Publishes everything that was put. */
static inline void
ring_out_publish(struct ring_out *r)
{
	if (!r->held_word)
		return;
	ring_out_store(r, r->head, r->n, 0, __ATOMIC_RELAXED);
	ring_out_settle(r);
	if (r->place.fenced)
		ring_out_store(r, r->held, r->held_n, r->held_word,
			       __ATOMIC_SEQ_CST);
	else
		ring_out_store(r, r->held, r->held_n, r->held_word,
			       __ATOMIC_RELEASE);
	r->held_word = 0;
}

/*
 * The payload of the next record lies in its place, and the record fits: with
 * more it is kept back, at the latest until there is a chunk. Of a batch only
 * the first word is: the reader can't see the others before it.
 */
static inline void
ring_out_commit(struct ring_out *r, uint64_t word, uint64_t record, bool more)
{
	if (r->held_word) {
		ring_out_store(r, r->head, r->n, word, __ATOMIC_RELAXED);
	} else {
		r->held = r->head;
		r->held_n = r->n;
		r->held_word = word;
	}
	r->head += record;
	r->n++;
	if (!more || r->head - r->held >= r->place.chunk)
		ring_out_publish(r);
}

/*
 * Puts a message that does not flow. extra: the upper bits of its word.
 * Errors: EAGAIN, EPROTOCOL.
 */
static inline int
ring_out_put(struct ring_out *r, const void *buf, size_t len, uint64_t extra,
	     bool more)
{
	uint64_t record = ring_record_bytes(&r->place, len);
	int rc;

	if (__builtin_expect(!ring_out_fits(r, record), 0)) {
		rc = ring_out_refresh(r, record);
		if (rc)
			return rc;
	}
	/* A fence costs as much as a fetch: not for one small message. */
	if (__builtin_expect(r->distance.far, 0) && r->place.apart &&
	    (more || r->held_word || len >= COPY_PAST_BYTES)) {
		copy_past_caches(ring_out_payload(r), buf, len, r->wide);
		r->passed = true;
	} else {
		copy_bytes(ring_out_payload(r), buf, len, r->wide);
	}
	ring_out_commit(r, extra | len, record, more);
	return WEIR_OK;
}

#endif
