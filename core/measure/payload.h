/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is inside a message.
 *
 *	byte 0 … 7    sequence number, little endian (only the low bytes where
 *	              the message is smaller)
 *	byte 8 … 15   time of sending, CLOCK_MONOTONIC ns, little endian; in
 *	              an open loop the time at which it was due
 *	byte 16 …     filler; under verify = full a pattern of the sequence
 *	              (one way in an open loop: 16 … 23 the time of sending,
 *	              and the filler behind it)
 *
 * A mark is a message that is not traffic: it opens or ends a phase, or ends
 * a segment of one, inside the channel. It is told apart by its length, 8
 * bytes (9 where messages are 8), so that no size loses a bit to it.
 */
#ifndef CORE_MEASURE_PAYLOAD_H
#define CORE_MEASURE_PAYLOAD_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PAYLOAD_HEADER_BYTES 16u
#define PAYLOAD_TIMES_BYTES 24u /* of an open loop one way, with both times */
#define PAYLOAD_BUFFER_BYTES(size) ((size) < 16u ? 16u : (size))

static inline size_t
payload_mark_bytes(size_t size)
{
	return size == 8 ? 9 : 8;
}

/* The longest message of a trial: what weir_setup.max_message_bytes says. */
static inline size_t
payload_max_bytes(size_t size)
{
	return size > 9 ? size : 9;
}

/* How many bytes payload_stamp writes. */
static inline size_t
payload_stamp_bytes(size_t size)
{
	if (size >= PAYLOAD_HEADER_BYTES)
		return PAYLOAD_HEADER_BYTES;
	return size < 8 ? size : 8;
}

/* A header in one register: in halves, the copy of it that a transport makes
 * next would wait until both have left the store buffer. */
typedef uint64_t payload_header
	__attribute__((vector_size(16), aligned(1), may_alias));

static inline void
payload_stamp(unsigned char *buf, size_t size, uint64_t sequence,
	      uint64_t now_ns)
{
	const uint64_t word = htole64(sequence);

	if (__builtin_expect(size >= PAYLOAD_HEADER_BYTES, 1))
		*(payload_header *)(void *)buf =
			(payload_header){ word, htole64(now_ns) };
	else
		memcpy(buf, &word, size < 8 ? size : 8);
}

/* The bits of a sequence number that a message of this size holds. */
static inline uint64_t
payload_sequence_mask(size_t size)
{
	return size >= 8 ? UINT64_MAX : (UINT64_C(1) << (8 * size)) - 1;
}

static inline uint64_t
payload_sequence(const unsigned char *buf, size_t size)
{
	uint64_t sequence = 0;

	if (__builtin_expect(size >= 8, 1))
		memcpy(&sequence, buf, 8);
	else
		memcpy(&sequence, buf, size);
	return le64toh(sequence);
}

/* Of a message of at least PAYLOAD_HEADER_BYTES. */
static inline uint64_t
payload_sent_ns(const unsigned char *buf)
{
	uint64_t sent_ns;

	memcpy(&sent_ns, buf + 8, sizeof(sent_ns));
	return le64toh(sent_ns);
}

/* The other time, of a message of at least PAYLOAD_TIMES_BYTES. */
static inline void
payload_stamp_actual(unsigned char *buf, uint64_t now_ns)
{
	uint64_t time = htole64(now_ns);

	memcpy(buf + PAYLOAD_HEADER_BYTES, &time, sizeof(time));
}

static inline uint64_t
payload_actual_ns(const unsigned char *buf)
{
	return payload_sent_ns(buf + 8);
}

/* Writes, and checks, the pattern of verify = full from a byte on: a multiple
 * of 8. Without one, behind the header. */
void payload_fill_from(unsigned char *buf, size_t from, size_t size,
		       uint64_t sequence);
bool payload_check_from(const unsigned char *buf, size_t from, size_t size,
			uint64_t sequence);

static inline void
payload_fill(unsigned char *buf, size_t size, uint64_t sequence)
{
	payload_fill_from(buf, PAYLOAD_HEADER_BYTES, size, sequence);
}

static inline bool
payload_check(const unsigned char *buf, size_t size, uint64_t sequence)
{
	return payload_check_from(buf, PAYLOAD_HEADER_BYTES, size, sequence);
}

/* Marks. write: buf has room for 16 bytes; the length is
 * payload_mark_bytes(size). read: false where it is no mark of that kind. */
enum payload_mark {
	PAYLOAD_START = 1,
	PAYLOAD_END = 2,
	PAYLOAD_PAUSE = 3
};
void payload_mark_write(unsigned char *buf, enum payload_mark mark,
			uint64_t value);
bool payload_mark_read(const unsigned char *buf, size_t len, size_t size,
		       enum payload_mark mark, uint64_t *ret_value);

#endif
