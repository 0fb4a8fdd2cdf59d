/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writer's end of a slot (slot.h).
 */
#ifndef PLUGINS_SHM_SLOT_OUT_H
#define PLUGINS_SHM_SLOT_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "plugins/shm/copy.h"
#include "plugins/shm/slot.h"

struct slot_out {
	uint8_t *at;    /* shared, borrowed; NULL: no slot */
	uint64_t sent;  /* messages so far, those through the ring included */
	uint64_t acked; /* of them, known to be taken */
	uint8_t count;
	bool fenced;
};

static inline bool
slot_out_free(const struct slot_out *s)
{
	return s->sent == s->acked;
}

/* A message says that so many were taken, in its upper bits. What can't be is
 * not believed: it could only spoil the other side's own messages. */
static inline void
slot_out_ack(struct slot_out *s, uint64_t word)
{
	uint64_t n = ((word >> RING_ACK_SHIFT) - s->acked) & RING_ACK_BITS;

	if (s->sent - s->acked <= RING_ACK_BITS && n <= s->sent - s->acked)
		s->acked += n;
}

/* Where a message is written in place: always in one piece. */
static inline uint8_t *
slot_out_place(const struct slot_out *s)
{
	return s->at + SLOT_BEHIND_AT;
}

static inline void
slot_out_store(struct slot_out *s, uint64_t word)
{
	uint64_t *at = (uint64_t *)(void *)s->at;

	if (s->fenced)
		__atomic_store_n(at, word, __ATOMIC_SEQ_CST);
	else
		__atomic_store_n(at, word, __ATOMIC_RELEASE);
	s->sent++;
}

static inline uint64_t
slot_out_word(struct slot_out *s, size_t len, uint64_t ack)
{
	return ack | (uint64_t)++s->count << SLOT_COUNT_SHIFT | len;
}

/* Sends what lies at slot_out_place. */
static inline void
slot_out_commit(struct slot_out *s, size_t len, uint64_t ack)
{
	slot_out_store(s, slot_out_word(s, len, ack) | SLOT_BEHIND);
}

static inline void
slot_out_put(struct slot_out *s, const void *buf, size_t len, uint64_t ack,
	     bool wide)
{
	const uint8_t *from = buf;
	uint64_t word = slot_out_word(s, len, ack);
	uint64_t *second = (uint64_t *)(void *)(s->at + 64);

	if (len > SLOT_PAIR_BYTES) {
		copy_bytes(slot_out_place(s), buf, len, wide);
		word |= SLOT_BEHIND;
	} else if (len > SLOT_LINE_BYTES) {
		memcpy(s->at + 8, from, SLOT_LINE_BYTES);
		copy_bytes(s->at + 72, from + SLOT_LINE_BYTES,
			   len - SLOT_LINE_BYTES, wide);
		__atomic_store_n(second, word, __ATOMIC_RELEASE);
	} else {
		copy_bytes(s->at + 8, from, len, wide);
	}
	slot_out_store(s, word);
}

#endif
