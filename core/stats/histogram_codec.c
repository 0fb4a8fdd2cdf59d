/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text form of a histogram: HdrHistogram's V2 compressed encoding in
 * base64. Big endian, field by field:
 *
 *	packed   u32 cookie   0x1c849314
 *	         u32 length   of what follows
 *	         zlib of:
 *	head     u32 cookie   0x1c849313
 *	         u32 length   of the counts below, in bytes
 *	         u32 offset   0; only histograms of doubles are shifted
 *	         u32 digits   3
 *	         u64 lowest   1
 *	         u64 highest  3600000000000
 *	         f64 ratio    1.0
 *	counts   per slot, up to the last one in use: its count, or minus the
 *	         number of empty slots from here on; zigzag, then LEB128 of at
 *	         most 9 bytes, the ninth of which has 8 bits
 *
 * Bits 4 to 7 of a cookie are a word size, which V2 has no use for.
 */
#include "core/stats/histogram.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "core/base/cleanup.h"
#include "core/stats/base64.h"
#include "core/stats/sticky.h"

#define COOKIE_HEAD 0x1c849303u
#define COOKIE_PACKED 0x1c849304u
#define COOKIE_WORD_SIZE 0x10u
#define COOKIE_WORD_SIZE_MASK 0xf0u

#define HEAD_BYTES 40u
#define PACKED_HEAD_BYTES 8u
#define COUNT_BYTES_MAX 9u
#define DIGITS 3u
#define RATIO_BITS UINT64_C(0x3ff0000000000000) /* 1.0 */

/* No histogram of this layout needs more. What zlib adds to bytes that it
 * can't compress is well below a thousandth. */
#define PLAIN_BYTES_MAX (HEAD_BYTES + COUNT_BYTES_MAX * HISTOGRAM_SLOTS)
#define PACKED_BYTES_MAX \
	(PACKED_HEAD_BYTES + PLAIN_BYTES_MAX + PLAIN_BYTES_MAX / 1000 + 64)
#define TEXT_CHARS_MAX ((PACKED_BYTES_MAX + 2) / 3 * 4)

static uint8_t *
put_be(uint8_t *at, uint64_t value, unsigned int bytes)
{
	while (bytes--)
		*at++ = (uint8_t)(value >> (8 * bytes));
	return at;
}

static uint64_t
get_be(const uint8_t *at, unsigned int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | *at++;
	return value;
}

/* ------------------------------------------------------------------ */
/* Encoding                                                            */

static uint8_t *
put_count(uint8_t *at, int64_t count)
{
	uint64_t rest = (uint64_t)count << 1 ^ (count < 0 ? UINT64_MAX : 0);
	unsigned int i;

	for (i = 1; i < COUNT_BYTES_MAX && rest > 0x7f; i++) {
		*at++ = (uint8_t)(rest | 0x80);
		rest >>= 7;
	}
	*at++ = (uint8_t)rest;
	return at;
}

static uint8_t *
put_counts(uint8_t *at, const struct histogram *h)
{
	uint32_t slot, end = HISTOGRAM_SLOTS;
	int64_t zeros = 0;

	/* One slot even of an empty one: readers expect a count. */
	while (end > 1 && !h->count[end - 1])
		end--;
	for (slot = 0; slot < end; slot++) {
		if (!h->count[slot]) {
			zeros++;
			continue;
		}
		if (zeros)
			at = put_count(at, -zeros);
		zeros = 0;
		at = put_count(at, (int64_t)h->count[slot]);
	}
	return zeros ? put_count(at, -zeros) : at;
}

/* Writes head and counts; returns how many bytes of PLAIN_BYTES_MAX. */
static size_t
put_plain(uint8_t *plain, const struct histogram *h)
{
	uint8_t *end = put_counts(plain + HEAD_BYTES, h);
	uint8_t *at = plain;

	at = put_be(at, COOKIE_HEAD | COOKIE_WORD_SIZE, 4);
	at = put_be(at, (uint64_t)(end - plain) - HEAD_BYTES, 4);
	at = put_be(at, 0, 4);
	at = put_be(at, DIGITS, 4);
	at = put_be(at, 1, 8);
	at = put_be(at, HISTOGRAM_HIGHEST_NS, 8);
	put_be(at, RATIO_BITS, 8);
	return (size_t)(end - plain);
}

int
histogram_encode(const struct histogram *h, char **ret_base64,
		 struct weir_error *err)
{
	cleanup_free uint8_t *plain = NULL;
	cleanup_free uint8_t *packed = NULL;
	uLongf packed_bytes = compressBound(PLAIN_BYTES_MAX);
	size_t plain_bytes;
	char *text;

	if (h->samples > HISTOGRAM_SAMPLES_MAX)
		return weir_error_set(err, WEIR_EINVALID,
				      "a histogram of %llu samples is more "
				      "than its text form carries",
				      (unsigned long long)h->samples);
	plain = malloc(PLAIN_BYTES_MAX);
	packed = malloc(PACKED_HEAD_BYTES + packed_bytes);
	if (!plain || !packed)
		goto no_memory;
	plain_bytes = put_plain(plain, h);
	/* The room is what compressBound asks for: only memory can lack. */
	if (compress(packed + PACKED_HEAD_BYTES, &packed_bytes, plain,
		     plain_bytes) != Z_OK)
		goto no_memory;
	put_be(packed, COOKIE_PACKED | COOKIE_WORD_SIZE, 4);
	put_be(packed + 4, packed_bytes, 4);
	text = base64_encode(packed, PACKED_HEAD_BYTES + packed_bytes);
	if (!text)
		goto no_memory;
	*ret_base64 = text;
	return WEIR_OK;

no_memory:
	return weir_error_set(err, WEIR_ENOMEMORY,
			      "no memory to encode a histogram");
}

/* ------------------------------------------------------------------ */
/* Decoding: everything here comes from a peer or a file               */

static bool
cookie_is(const uint8_t *at, uint32_t cookie)
{
	return (get_be(at, 4) & ~(uint64_t)COOKIE_WORD_SIZE_MASK) == cookie;
}

/* zlib to at most PLAIN_BYTES_MAX bytes. */
static int
inflate_all(const uint8_t *packed, size_t packed_bytes, uint8_t *plain,
	    size_t *ret_n, struct weir_error *err)
{
	z_stream stream = {
		/* zlib only reads it; its type says otherwise where it was
		 * built without ZLIB_CONST. */
		.next_in = (Bytef *)(uintptr_t)packed,
		.avail_in = (uInt)packed_bytes,
		.next_out = plain,
		.avail_out = PLAIN_BYTES_MAX,
	};
	const char *wrong = "is damaged";
	int end;

	if (inflateInit(&stream) != Z_OK)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory to decode a histogram");
	end = inflate(&stream, Z_FINISH);
	(void)inflateEnd(&stream);
	if (end == Z_MEM_ERROR)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory to decode a histogram");
	if (end == Z_STREAM_END && stream.avail_in == 0) {
		*ret_n = PLAIN_BYTES_MAX - stream.avail_out;
		return WEIR_OK;
	}
	if (end == Z_STREAM_END)
		wrong = "goes on after its end";
	else if (end == Z_BUF_ERROR && stream.avail_out == 0)
		wrong = "expands to more than any histogram needs";
	else if (end == Z_BUF_ERROR)
		wrong = "ends too early";
	return weir_error_set(err, WEIR_EPROTOCOL,
			      "the compressed part of a histogram %s", wrong);
}

static int
check_head(const uint8_t *plain, size_t plain_bytes, struct weir_error *err)
{
	if (plain_bytes < HEAD_BYTES || !cookie_is(plain, COOKIE_HEAD))
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "a histogram does not begin like one "
				      "(HdrHistogram V2)");
	if (get_be(plain + 4, 4) != plain_bytes - HEAD_BYTES)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "a histogram announces %llu bytes of "
				      "counts and has %zu",
				      (unsigned long long)get_be(plain + 4, 4),
				      plain_bytes - HEAD_BYTES);
	if (get_be(plain + 12, 4) != DIGITS)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "a histogram has %llu significant "
				      "digits where weir has %u",
				      (unsigned long long)get_be(plain + 12, 4),
				      DIGITS);
	/* Another highest value is the same layout, longer or shorter. */
	if (get_be(plain + 16, 8) != 1 || get_be(plain + 32, 8) != RATIO_BITS ||
	    get_be(plain + 8, 4) != 0)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "a histogram's unit is not one "
				      "nanosecond");
	return WEIR_OK;
}

/* Reads one count and moves *at behind it; false where it is cut off. */
static bool
get_count(const uint8_t **at, const uint8_t *end, int64_t *ret_count)
{
	uint64_t value = 0;
	unsigned int i;

	for (i = 0; i < COUNT_BYTES_MAX; i++) {
		uint8_t byte;

		if (*at == end)
			return false;
		byte = *(*at)++;
		if (i == COUNT_BYTES_MAX - 1) {
			value |= (uint64_t)byte << (7 * i);
			break;
		}
		value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (!(byte & 0x80))
			break;
	}
	*ret_count = (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
	return true;
}

/* Checks the counts, and puts them into h, which is empty, unless NULL. */
static int
get_counts(const uint8_t *at, const uint8_t *end, struct histogram *h,
	   struct weir_error *err)
{
	uint64_t slot = 0, samples = 0;
	int64_t count;

	while (at < end) {
		uint64_t n, slots;

		if (!get_count(&at, end, &count))
			return weir_error_set(err, WEIR_EPROTOCOL,
					      "the last count of a histogram "
					      "is cut off");
		n = count > 0 ? (uint64_t)count : 0;
		slots = count < 0 ? 0 - (uint64_t)count : 1;
		if (slots > HISTOGRAM_SLOTS - slot)
			return weir_error_set(err, WEIR_EPROTOCOL,
					      "the counts of a histogram go "
					      "beyond its %u slots",
					      HISTOGRAM_SLOTS);
		if (n > HISTOGRAM_SAMPLES_MAX - samples)
			return weir_error_set(err, WEIR_EPROTOCOL,
					      "the counts of a histogram add "
					      "up to more than 2^53");
		if (h)
			h->count[slot] = n;
		samples += n;
		slot += slots;
	}
	return WEIR_OK;
}

/* What the slots tell of the figures that are not in the encoding. */
static void
figures_from_slots(struct histogram *h)
{
	uint32_t slot;

	for (slot = 0; slot < HISTOGRAM_SLOTS; slot++) {
		uint64_t n = h->count[slot];
		uint64_t low = histogram_slot_low_ns(slot);
		uint64_t high = histogram_slot_high_ns(slot);

		if (!n)
			continue;
		if (!h->samples)
			h->min_ns = low;
		h->max_ns = high;
		h->samples += n;
		/* Other writers of this layout go a little above one hour. */
		if (low > HISTOGRAM_HIGHEST_NS)
			h->saturated += n;
		h->sum_ns = sticky_add(h->sum_ns, sticky_mul(n, low));
		h->sum_ns = sticky_add(h->sum_ns,
				       sticky_mul(n, high - low) / 2);
	}
}

/* From the bytes behind the base64 to head and counts, all checked. */
static int
unpack(const uint8_t *packed, size_t packed_bytes, uint8_t *plain,
       size_t *ret_plain_bytes, struct weir_error *err)
{
	size_t n = 0;
	int status;

	if (packed_bytes < PACKED_HEAD_BYTES ||
	    !cookie_is(packed, COOKIE_PACKED))
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "a histogram's text is not HdrHistogram "
				      "V2, compressed");
	if (get_be(packed + 4, 4) != packed_bytes - PACKED_HEAD_BYTES)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "a histogram announces %llu compressed "
				      "bytes and has %zu",
				      (unsigned long long)get_be(packed + 4, 4),
				      packed_bytes - PACKED_HEAD_BYTES);
	status = inflate_all(packed + PACKED_HEAD_BYTES,
			     packed_bytes - PACKED_HEAD_BYTES, plain, &n, err);
	if (status == WEIR_OK)
		status = check_head(plain, n, err);
	if (status == WEIR_OK)
		status = get_counts(plain + HEAD_BYTES, plain + n, NULL, err);
	if (status == WEIR_OK)
		*ret_plain_bytes = n;
	return status;
}

int
histogram_decode(const char *base64, struct histogram *h,
		 struct weir_error *err)
{
	size_t chars = strnlen(base64, TEXT_CHARS_MAX + 1);
	cleanup_free uint8_t *packed = NULL;
	cleanup_free uint8_t *plain = NULL;
	size_t packed_bytes, plain_bytes = 0;
	int status;

	if (chars > TEXT_CHARS_MAX)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "a histogram's text is longer than the "
				      "%u characters that one can need",
				      TEXT_CHARS_MAX);
	packed = malloc(base64_decoded_bytes_max(chars));
	plain = malloc(PLAIN_BYTES_MAX);
	if (!packed || !plain)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory to decode a histogram");
	if (!base64_decode(base64, chars, packed, &packed_bytes))
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "a histogram's text of %zu characters "
				      "is not base64",
				      chars);
	status = unpack(packed, packed_bytes, plain, &plain_bytes, err);
	if (status != WEIR_OK)
		return status;
	histogram_reset(h);
	status = get_counts(plain + HEAD_BYTES, plain + plain_bytes, h, err);
	figures_from_slots(h);
	return status;
}
