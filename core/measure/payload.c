/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/payload.h"

#define MARK_SHIFT 56
#define MARK_VALUE ((UINT64_C(1) << MARK_SHIFT) - 1)

/* Odd multipliers (of splitmix64): neighbours in sequence and in place give
 * different words, and each costs one multiplication. */
static inline uint64_t
pattern_word(uint64_t sequence, uint64_t at)
{
	return htole64((sequence + 1) * UINT64_C(0x9e3779b97f4a7c15) ^
		       at * UINT64_C(0xbf58476d1ce4e5b9));
}

void
payload_fill_from(unsigned char *buf, size_t from, size_t size,
		  uint64_t sequence)
{
	for (size_t at = from; at < size; at += 8) {
		uint64_t word = pattern_word(sequence, at);

		memcpy(buf + at, &word, size - at < 8 ? size - at : 8);
	}
}

bool
payload_check_from(const unsigned char *buf, size_t from, size_t size,
		   uint64_t sequence)
{
	for (size_t at = from; at < size; at += 8) {
		uint64_t word = pattern_word(sequence, at);

		if (memcmp(buf + at, &word, size - at < 8 ? size - at : 8))
			return false;
	}
	return true;
}

void
payload_mark_write(unsigned char *buf, enum payload_mark mark, uint64_t value)
{
	uint64_t word = htole64((uint64_t)mark << MARK_SHIFT |
				(value & MARK_VALUE));

	memset(buf, 0, PAYLOAD_HEADER_BYTES);
	memcpy(buf, &word, sizeof(word));
}

bool
payload_mark_read(const unsigned char *buf, size_t len, size_t size,
		  enum payload_mark mark, uint64_t *ret_value)
{
	uint64_t word;

	if (len != payload_mark_bytes(size))
		return false;
	memcpy(&word, buf, sizeof(word));
	word = le64toh(word);
	if (word >> MARK_SHIFT != (uint64_t)mark)
		return false;
	*ret_value = word & MARK_VALUE;
	return true;
}
