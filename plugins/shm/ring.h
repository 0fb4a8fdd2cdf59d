/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One direction of a shared-memory channel: a ring of bytes with one writer
 * and one reader, which do not trust each other.
 *
 *	0                     tail                      head          size
 *	|------- free --------|- record - record - ... -|- free ------|
 *
 * A record is one message. Its word says how long it is, and publishes it:
 * the reader polls the word of the record that is due, where the writer has
 * left a 0 behind the last one, and the writer stores that word last.
 *
 *	bits 0-24    bytes of the message, never 0
 *	bit 31       the message is longer than a chunk: see below
 *	bits 40-63   (within) messages taken from the other direction
 *
 * There are two places for words.
 *
 *	within    before the payload, 8 bytes; records are whole words. A
 *	          small message costs one cache line less on its way.
 *	apart     4 bytes in an array of their own, one after the other;
 *	          payloads are whole cache lines, back to back. Many messages
 *	          cost less, stores may pass the caches by, and what lies in
 *	          place is aligned.
 *
 * A message longer than a chunk (words apart only) is published as it is
 * written: its word with the first chunk, and for each further one the
 * writer's progress, a position in a cache line of its own. The reader copies
 * meanwhile, and a message may be larger than the ring. The other shared
 * position is the reader's tail, which gives room back.
 *
 * The ring is mapped twice, back to back: every message is in one piece. All
 * positions run freely through 64 bits.
 *
 * What the peer wrote is read once and checked before use: a word by
 * ring_in_check, the progress by ring_in_flow, the tail by ring_out_refresh.
 * Nothing of one's own is ever read back from shared memory.
 *
 * The two ends are ring_out.h and ring_in.h. They neither wait nor call the
 * system; WEIR_EAGAIN means that the caller may. Each is used by one thread at
 * a time.
 */
#ifndef PLUGINS_SHM_RING_H
#define PLUGINS_SHM_RING_H

#include <stdbool.h>
#include <stdint.h>

#define RING_BYTES_MIN (UINT64_C(4) << 10)
#define RING_BYTES_MAX (UINT64_C(1) << 30)

/* Two lines: neighbours are fetched in pairs. */
#define RING_LINE_BYTES 128

/* What is published at once, and the steps of the tail, are at most this long
 * and at most a quarter of the ring: then a step always fits besides one that
 * the reader keeps to itself, and nobody waits for the other to move first. */
#define RING_CHUNK_BYTES 16384u

/* The least room of a record: as many words as these lie apart. */
#define RING_APART_BYTES 64u
#define RING_WITHIN_BYTES 8u

#define RING_LENGTH_BITS UINT64_C(0x1ffffff)
#define RING_FLOWS (UINT64_C(1) << 31)
#define RING_ACK_SHIFT 40
#define RING_ACK_BITS UINT64_C(0xffffff)

/* What both ends of a ring agree on. */
struct ring_shape {
	uint64_t size; /* a power of two; 0: no ring */
	bool apart;
};

/* Bytes of the array of words. */
static inline uint64_t
ring_words_bytes(const struct ring_shape *shape)
{
	return shape->apart ? shape->size / RING_APART_BYTES * 4 : 0;
}

/* The limit of chunks, batches and steps of the tail for this size. */
static inline uint32_t
ring_chunk_bytes(uint64_t size)
{
	return size / 4 < RING_CHUNK_BYTES ? (uint32_t)(size / 4)
					   : RING_CHUNK_BYTES;
}

/* Where a record's payload and words are, on either side. */
struct ring_place {
	uint64_t mask;  /* size - 1 */
	uint32_t chunk; /* ring_chunk_bytes */
	uint8_t lead;   /* bytes before the payload: the word, or none */
	uint8_t unit;   /* records are multiples of it */
	bool apart;
	bool fenced; /* a publication comes before later loads: the caller
		      * looks whether the other side sleeps */
};

static inline struct ring_place
ring_place_of(const struct ring_shape *shape, bool fenced)
{
	return (struct ring_place){
		.mask = shape->size - 1,
		.chunk = ring_chunk_bytes(shape->size),
		.lead = shape->apart ? 0 : RING_WITHIN_BYTES,
		.unit = shape->apart ? RING_APART_BYTES : RING_WITHIN_BYTES,
		.apart = shape->apart,
		.fenced = fenced,
	};
}

/* Length of the record of a message. */
static inline uint64_t
ring_record_bytes(const struct ring_place *p, uint64_t len)
{
	return (p->lead + len + p->unit - 1) & ~(uint64_t)(p->unit - 1);
}

/*
 * The same of a message that is not published in chunks. One longer than a
 * chunk, which was written in place, takes an odd number of lines: else the
 * first lines of such messages would all fall into one set of a cache.
 */
static inline uint64_t
ring_piece_bytes(const struct ring_place *p, uint64_t len)
{
	uint64_t record = ring_record_bytes(p, len);

	return record > p->chunk ? record | p->unit : record;
}

/* The longest message that can lie in the ring in one piece, the 0 behind it
 * included. */
static inline uint64_t
ring_longest_bytes(const struct ring_place *p)
{
	return p->mask + 1 - p->unit - p->lead;
}

static inline uint64_t
ring_word_index(const struct ring_place *p, uint64_t n)
{
	return n & p->mask / RING_APART_BYTES;
}

#endif
