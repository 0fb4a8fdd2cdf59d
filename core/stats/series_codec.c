/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "core/base/cleanup.h"
#include "core/stats/base64.h"
#include "core/stats/series.h"

#define NUMBER_BYTES_MAX 10u
/* No count takes more than 5 bytes, and two neighbours of which one is a run
 * of zeros no more than 7 together. */
#define PLAIN_BYTES_MAX \
	((size_t)NUMBER_BYTES_MAX + 5u * SERIES_PARTS * SERIES_SLOTS)
#define PACKED_BYTES_MAX (PLAIN_BYTES_MAX + PLAIN_BYTES_MAX / 1000 + 64)
#define TEXT_CHARS_MAX ((PACKED_BYTES_MAX + 2) / 3 * 4)
#define COUNTS (SERIES_PARTS * SERIES_SLOTS)

static uint8_t *
put(uint8_t *at, uint64_t number)
{
	while (number > 0x7f) {
		*at++ = (uint8_t)(number | 0x80);
		number >>= 7;
	}
	*at++ = (uint8_t)number;
	return at;
}

static uint8_t *
put_zeros(uint8_t *at, uint64_t n)
{
	if (!n)
		return at;
	*at++ = 0;
	return put(at, n);
}

static size_t
put_all(uint8_t *plain, const struct series *s)
{
	const uint32_t *counts = &s->count[0][0];
	uint8_t *at = put(plain, s->width_ns);
	uint64_t zeros = 0;

	for (size_t i = 0; i < COUNTS; i++) {
		if (!counts[i]) {
			zeros++;
			continue;
		}
		at = put_zeros(at, zeros);
		zeros = 0;
		at = put(at, counts[i]);
	}
	return (size_t)(put_zeros(at, zeros) - plain);
}

static int
no_memory(struct weir_error *err)
{
	return weir_error_set(err, WEIR_ENOMEMORY,
			      "no memory for the parts of a trial");
}

int
series_encode(const struct series *s, char **ret_base64,
	      struct weir_error *err)
{
	cleanup_free uint8_t *plain = malloc(PLAIN_BYTES_MAX);
	cleanup_free uint8_t *packed = malloc(PACKED_BYTES_MAX);
	uLongf n_packed = PACKED_BYTES_MAX;

	if (!plain || !packed ||
	    compress2(packed, &n_packed, plain, put_all(plain, s),
		      Z_BEST_SPEED) != Z_OK)
		return no_memory(err);
	*ret_base64 = base64_encode(packed, n_packed);
	return *ret_base64 ? WEIR_OK : no_memory(err);
}

struct reader {
	const uint8_t *at;
	const uint8_t *end;
};

static bool
get(struct reader *r, uint64_t *ret_number)
{
	uint64_t number = 0;

	for (unsigned shift = 0; shift < 63 && r->at < r->end; shift += 7) {
		uint8_t byte = *r->at++;

		number |= (uint64_t)(byte & 0x7f) << shift;
		if (byte & 0x80)
			continue;
		*ret_number = number;
		return true;
	}
	return false;
}

/* False where the bytes are no counts, or not as many as there have to be. */
static bool
get_counts(struct reader *r, uint32_t *counts)
{
	size_t at = 0;
	uint64_t number;

	while (at < COUNTS) {
		if (!get(r, &number))
			return false;
		if (number > UINT32_MAX)
			return false;
		if (number) {
			counts[at++] = (uint32_t)number;
			continue;
		}
		if (!get(r, &number) || !number || number > COUNTS - at)
			return false;
		at += number;
	}
	return r->at == r->end;
}

static bool
decode(const char *base64, size_t chars, struct series *s, bool *ret_memory)
{
	cleanup_free uint8_t *packed = malloc(base64_decoded_bytes_max(chars));
	cleanup_free uint8_t *plain = malloc(PLAIN_BYTES_MAX);
	uLongf n_plain = PLAIN_BYTES_MAX;
	struct reader r = { plain, plain };
	uint64_t width_ns;
	size_t n_packed;

	*ret_memory = packed && plain;
	if (!*ret_memory || !base64_decode(base64, chars, packed, &n_packed) ||
	    uncompress(plain, &n_plain, packed, n_packed) != Z_OK)
		return false;
	r.end = plain + n_plain;
	if (!get(&r, &width_ns) || !width_ns ||
	    !get_counts(&r, &s->count[0][0]))
		return false;
	s->width_ns = width_ns;
	return true;
}

int
series_decode(const char *base64, struct series *s, struct weir_error *err)
{
	size_t chars = strnlen(base64, TEXT_CHARS_MAX + 1);
	bool memory = true;

	series_begin(s, UINT64_MAX);
	if (chars <= TEXT_CHARS_MAX && decode(base64, chars, s, &memory))
		return WEIR_OK;
	series_begin(s, UINT64_MAX);
	if (!memory)
		return no_memory(err);
	return weir_error_set(err, WEIR_EPROTOCOL,
			      "it holds what are no parts of a trial");
}
