/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several messages at once, into a ring and out of it: what one by one would do
 * (ring_out.h, ring_in.h), with positions kept in registers and one compare a
 * message for all that is rare. A message of 64 bytes takes 9 ns, not 20.
 */
#ifndef PLUGINS_SHM_RING_BATCH_H
#define PLUGINS_SHM_RING_BATCH_H

#include "plugins/shm/ring_in.h"
#include "plugins/shm/ring_out.h"

#define ring_inline static inline __attribute__((always_inline))

/* How many records of this length fit by what is known of the reader. */
static inline uint64_t
ring_out_fitting(const struct ring_out *r, uint64_t record)
{
	uint64_t used = r->head - r->tail + r->place.unit;

	return (r->place.mask + 1 - used) / record;
}

/* Puts n messages of one length that fit and make no more than a chunk, and
 * publishes them together. */
ring_inline void
ring_out_batch(struct ring_out *r, const uint8_t *from, size_t stride,
	       size_t len, uint64_t extra, size_t n, const bool apart)
{
	const uint64_t mask = r->place.mask, head = r->head, n_first = r->n;
	const uint64_t record = ring_record_bytes(&r->place, len);
	const uint64_t words = mask / RING_APART_BYTES, word = extra | len;
	const bool wide = r->wide, past = apart && r->distance.far;
	uint8_t *const data = r->at.data;
	uint32_t *const word_at = r->at.words;

	ring_out_publish(r);
	for (size_t i = 0; i < n; i++, from += stride) {
		uint8_t *at = data + ((head + i * record) & mask);

		if (!apart && i)
			__atomic_store_n((uint64_t *)(void *)at, word,
					 __ATOMIC_RELAXED);
		else if (i)
			__atomic_store_n(&word_at[(n_first + i) & words],
					 (uint32_t)word, __ATOMIC_RELAXED);
		at += apart ? 0 : RING_WITHIN_BYTES;
		if (__builtin_expect(past, 0))
			copy_past_caches(at, from, len, wide);
		else
			copy_bytes(at, from, len, wide);
	}
	r->passed |= past;
	r->held = head;
	r->held_n = n_first;
	r->held_word = word;
	r->head = head + n * record;
	r->n = n_first + n;
	ring_out_publish(r);
}

/*
 * Takes the messages that are there, n at most and little more than a chunk of
 * bytes, but none that flows, into places stride bytes apart: sets ret_lens,
 * and returns how many. *ret_last is the last one's word, if there is one.
 */
ring_inline size_t
ring_in_batch(struct ring_in *r, uint8_t *to, size_t stride, size_t cap,
	      size_t n, size_t *ret_lens, uint64_t *ret_last, const bool apart)
{
	const uint64_t mask = r->place.mask, words = mask / RING_APART_BYTES;
	const uint64_t first = r->tail, n_first = r->n;
	const uint64_t longest = cap < r->place.chunk - r->place.lead
				       ? cap : r->place.chunk - r->place.lead;
	const bool wide = r->wide;
	const uint8_t *const data = r->at.data;
	const uint32_t *const word_at = r->at.words;
	uint64_t tail = first;
	size_t i;

	for (i = 0; i < n && tail - first < r->place.chunk; i++, to += stride) {
		const uint8_t *at = data + (tail & mask);
		uint64_t word, len;

		if (apart)
			word = __atomic_load_n(&word_at[(n_first + i) & words],
					       __ATOMIC_SEQ_CST);
		else
			word = __atomic_load_n((const uint64_t *)
					       (const void *)at,
					       __ATOMIC_SEQ_CST);
		/* One compare for all that is rare: none there, one that
		 * flows, one that can't be. */
		len = (uint32_t)word;
		if (len - 1 >= longest)
			break;
		copy_bytes(to, at + (apart ? 0 : RING_WITHIN_BYTES), len,
			   wide);
		ret_lens[i] = len;
		*ret_last = word;
		tail += apart ? (len + RING_APART_BYTES - 1) &
				  ~(uint64_t)(RING_APART_BYTES - 1)
			      : (2 * RING_WITHIN_BYTES - 1 + len) &
				  ~(uint64_t)(RING_WITHIN_BYTES - 1);
	}
	r->tail = tail;
	r->n = n_first + i;
	return i;
}

#endif
