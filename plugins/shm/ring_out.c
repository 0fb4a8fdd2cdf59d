/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/shm/ring_out.h"

void
ring_out_init(struct ring_out *r, const struct ring_shape *shape,
	      const struct ring_out_memory *memory, bool fenced)
{
	memset(r, 0, sizeof(*r));
	r->at = *memory;
	r->place = ring_place_of(shape, fenced);
	r->wide = copy_has_avx2();
}

int
ring_out_refresh(struct ring_out *r, uint64_t record)
{
	uint64_t published = r->held_word ? r->held : r->head + r->done;
	uint64_t tail = __atomic_load_n(r->at.peer_tail, __ATOMIC_SEQ_CST);

	distance_hear(&r->distance, __atomic_load_n(r->at.peer_distance,
						    __ATOMIC_RELAXED));
	/* It only moves forward, and never beyond what it could read. */
	if (tail - r->tail > published - r->tail)
		return WEIR_EPROTOCOL;
	r->tail = tail;
	if (ring_out_fits(r, record))
		return WEIR_OK;
	ring_out_publish(r);
	return WEIR_EAGAIN;
}

/* The first chunk is there: publishes the word of the message, too. */
static void
begin_flow(struct ring_out *r, size_t len, uint64_t until)
{
	__atomic_store_n(r->at.progress, until, __ATOMIC_RELAXED);
	r->held = r->head;
	r->held_n = r->n++;
	r->held_word = len | RING_FLOWS;
	ring_out_publish(r);
}

int
ring_out_flow(struct ring_out *r, const void *buf, size_t len, bool *ret_whole)
{
	uint64_t part = len - r->done;
	const uint8_t *from = (const uint8_t *)buf + r->done;
	uint8_t *to = r->at.data + ((r->head + r->done) & r->place.mask);
	uint64_t until;
	int rc;

	if (!ring_out_fits(r, ring_out_next(r, len))) {
		rc = ring_out_refresh(r, ring_out_next(r, len));
		if (rc)
			return rc;
	}
	if (part > r->place.chunk)
		part = r->place.chunk;
	ring_out_publish(r);
	if (r->distance.far) {
		copy_past_caches(to, from, part, r->wide);
		r->passed = true;
	} else {
		copy_bytes(to, from, part, r->wide);
	}
	until = r->head + r->done + part;
	if (!r->done) {
		begin_flow(r, len, until);
	} else {
		ring_out_settle(r);
		__atomic_store_n(r->at.progress, until,
				 r->place.fenced ? __ATOMIC_SEQ_CST
						 : __ATOMIC_RELEASE);
	}
	r->done += part;
	*ret_whole = r->done == len;
	if (*ret_whole) {
		r->head += ring_record_bytes(&r->place, len);
		r->done = 0;
	}
	return WEIR_OK;
}
