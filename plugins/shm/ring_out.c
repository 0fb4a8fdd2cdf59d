/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/shm/ring_out.h"

void
ring_out_init(struct ring_out *r, uint8_t *data, uint64_t size,
	      const uint64_t *peer_tail, bool fenced)
{
	memset(r, 0, sizeof(*r));
	r->data = data;
	r->peer_tail = peer_tail;
	r->mask = size - 1;
	r->chunk = ring_chunk_bytes(size);
	r->fenced = fenced;
}

int
ring_out_refresh(struct ring_out *r, uint64_t record)
{
	uint64_t tail = __atomic_load_n(r->peer_tail, __ATOMIC_SEQ_CST);
	uint64_t published = r->held_word ? r->held : r->head;

	/* It only moves forward, and never beyond what it could read. */
	if (tail - r->tail > published - r->tail)
		return WEIR_EPROTOCOL;
	r->tail = tail;
	if (ring_out_fits(r, record))
		return WEIR_OK;
	ring_out_publish(r);
	return WEIR_EAGAIN;
}

void
ring_out_hold(struct ring_out *r, uint64_t word, uint64_t record, bool more)
{
	uint64_t *p;

	/* Of a batch only the first word is kept back: the reader can't see
	 * the others before it. */
	if (r->held_word) {
		p = (uint64_t *)(void *)(r->data + (r->head & r->mask));
		__atomic_store_n(p, word, __ATOMIC_RELAXED);
	} else {
		r->held = r->head;
		r->held_word = word;
	}
	if (!more || r->head + record - r->held >= r->chunk)
		ring_out_publish(r);
}
