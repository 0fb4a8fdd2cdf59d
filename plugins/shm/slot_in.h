/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader's end of a slot (slot.h).
 */
#ifndef PLUGINS_SHM_SLOT_IN_H
#define PLUGINS_SHM_SLOT_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "plugins/shm/copy.h"
#include "plugins/shm/slot.h"

struct slot_in {
	const uint8_t *at;
	uint64_t seen;  /* the word that was taken last */
	uint64_t taken; /* messages so far, those from the ring included */
	uint64_t told;  /* of them, known to the other side */
};

/* The upper bits of the next word that goes the other way. */
static inline uint64_t
slot_in_ack(struct slot_in *s)
{
	s->told = s->taken;
	return (s->taken & RING_ACK_BITS) << RING_ACK_SHIFT;
}

static inline bool
slot_in_is_pair(uint64_t word)
{
	return !(word & SLOT_BEHIND) &&
	       (word & RING_LENGTH_BITS) > SLOT_LINE_BYTES;
}

/* A new word, or 0. */
static inline uint64_t
slot_in_peek(const struct slot_in *s)
{
	const uint64_t *at = (const uint64_t *)(const void *)s->at;
	uint64_t word = __atomic_load_n(at, __ATOMIC_SEQ_CST);
	uint64_t again = __atomic_load_n(at + 8, __ATOMIC_SEQ_CST);

	if (word == s->seen || (slot_in_is_pair(word) && again != word))
		return 0;
	return word;
}

/* The length that a word tells; 0 for one that can't be, or is longer than
 * cap. */
static inline uint64_t
slot_in_check(uint64_t word, size_t cap)
{
	uint64_t len = word & RING_LENGTH_BITS;
	uint64_t limit = word & SLOT_BEHIND ? SLOT_MESSAGE_BYTES
					    : SLOT_PAIR_BYTES;

	return len <= cap && len <= limit ? len : 0;
}

/* Copies the payload of a message whose length was checked. */
static inline void
slot_in_copy(const struct slot_in *s, uint64_t word, void *buf, size_t len,
	     bool wide)
{
	uint8_t *to = buf;

	if (word & SLOT_BEHIND) {
		copy_bytes(to, s->at + SLOT_BEHIND_AT, len, wide);
	} else if (len > SLOT_LINE_BYTES) {
		memcpy(to, s->at + 8, SLOT_LINE_BYTES);
		copy_bytes(to + SLOT_LINE_BYTES, s->at + 72,
			   len - SLOT_LINE_BYTES, wide);
	} else {
		copy_bytes(to, s->at + 8, len, wide);
	}
}

static inline void
slot_in_pass(struct slot_in *s, uint64_t word)
{
	s->seen = word;
	s->taken++;
}

#endif
