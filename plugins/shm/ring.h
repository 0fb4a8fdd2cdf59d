/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One direction of a shared-memory channel: a ring of bytes with one writer
 * and one reader, which do not trust each other.
 *
 *	0                     tail                      head          size
 *	|------- free --------|- record - record - ... -|- 0 -- free --|
 *
 * The ring holds records of whole 8-byte words: one word, then the payload.
 *
 *	bits 0-31    payload bytes in this record, never 0
 *	bits 32-63   bytes of the message from here on, these included: in
 *	             the last record of a message (mostly the only one) as
 *	             many as in the lower half
 *
 * The word is also what publishes the record: the reader polls the word at
 * its tail, where the writer has left a 0 behind the last record, and the
 * writer stores that word last. So a small message costs one cache line on its
 * way instead of two (a position, then the data), which was measured to make a
 * 64 B round trip a fifth shorter. The only shared position is the reader's
 * tail, in a cache line of its own, which gives room back.
 *
 * A message larger than a record's limit is a row of records, each published
 * by itself, so that the reader copies while the writer still writes, and so
 * that it may be larger than the ring.
 *
 * The ring is mapped twice, back to back: a record that crosses the end is in
 * one piece. All positions run freely through 64 bits.
 *
 * What the peer wrote is read once and checked before use: a word by
 * ring_in_take, the tail by ring_out_refresh. Nothing of one's own is ever
 * read back from shared memory.
 *
 * The two ends are ring_out.h and ring_in.h. They neither wait nor call the
 * system; WEIR_EAGAIN means that the caller may. Each is used by one thread at
 * a time.
 */
#ifndef PLUGINS_SHM_RING_H
#define PLUGINS_SHM_RING_H

#include <stdint.h>

#define RING_BYTES_MIN (UINT64_C(4) << 10)
#define RING_BYTES_MAX (UINT64_C(1) << 30)
#define RING_WORD_BYTES 8u

/* Two lines: neighbours are fetched in pairs. */
#define RING_LINE_BYTES 128

/* Records, batches and steps of the tail are at most this long, and at most a
 * quarter of the ring: then any record fits besides a step that the reader
 * keeps to itself, and nobody waits for the other to move first. */
#define RING_CHUNK_BYTES 16384u

/* Length of a record with this payload. */
static inline uint64_t
ring_record_bytes(uint64_t payload)
{
	return (RING_WORD_BYTES + payload + 7) & ~UINT64_C(7);
}

/* The limit of records, batches and steps of the tail for this size. */
static inline uint32_t
ring_chunk_bytes(uint64_t size)
{
	return size / 4 < RING_CHUNK_BYTES ? (uint32_t)(size / 4)
					   : RING_CHUNK_BYTES;
}

#endif
