/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the two sides do with the bytes of a message besides carrying them.
 *
 *	none      nothing: not even the header is written or looked at
 *	header    the sender stamps it, the receiver checks it
 *	sampled   and one word of 8 bytes in each further 64
 *	full      and every byte: the sender writes it, the receiver adds it up
 *
 * It is what an application does that makes a message, or reads one. Whether
 * the content is right is another question (verify).
 */
#ifndef CORE_MEASURE_TOUCH_H
#define CORE_MEASURE_TOUCH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum touch { TOUCH_NONE, TOUCH_HEADER, TOUCH_SAMPLED, TOUCH_FULL };

#define TOUCH_STEP_BYTES 64u /* a cache line */

/* A register's worth, wherever it lies. */
typedef uint64_t touch_words
	__attribute__((vector_size(16), aligned(1), may_alias));

/* Writes what is behind the first `from` bytes: 8-byte words of `word`. */
static inline void
touch_write(unsigned char *buf, size_t from, size_t size, enum touch touch,
	    uint64_t word)
{
	const touch_words words = { word, word };
	size_t at = from;

	if (touch == TOUCH_SAMPLED) {
		for (at = TOUCH_STEP_BYTES; at + sizeof(word) <= size;
		     at += TOUCH_STEP_BYTES)
			memcpy(buf + at, &word, sizeof(word));
		return;
	}
	for (; at + sizeof(words) <= size; at += sizeof(words))
		*(touch_words *)(void *)(buf + at) = words;
	for (; at + sizeof(word) <= size; at += sizeof(word))
		memcpy(buf + at, &word, sizeof(word));
	if (at < size)
		memset(buf + at, (int)(word & 0xff), size - at);
}

/* Reads what touch_write has written, and all before it: a sum that nobody
 * needs. */
static inline void
touch_read(const unsigned char *buf, size_t size, enum touch touch)
{
	touch_words sums[4] = { { 0 } };
	uint64_t word, sum = 0;
	size_t at = 0;

	if (touch == TOUCH_SAMPLED) {
		for (at = TOUCH_STEP_BYTES; at + sizeof(word) <= size;
		     at += TOUCH_STEP_BYTES) {
			memcpy(&word, buf + at, sizeof(word));
			sum += word;
		}
		__asm__ volatile("" : : "r"(sum));
		return;
	}
	for (; at + sizeof(sums) <= size; at += sizeof(sums)) {
		const touch_words *p = (const void *)(buf + at);

		sums[0] += p[0];
		sums[1] += p[1];
		sums[2] += p[2];
		sums[3] += p[3];
	}
	for (; at + sizeof(word) <= size; at += sizeof(word)) {
		memcpy(&word, buf + at, sizeof(word));
		sum += word;
	}
	for (; at < size; at++)
		sum += buf[at];
	sums[0] += sums[1] + (sums[2] + sums[3]);
	sum += sums[0][0] + sums[0][1];
	__asm__ volatile("" : : "r"(sum));
}

#endif
