/* SPDX-License-Identifier: Apache-2.0 */
#include "core/stats/histogram.h"

#include <string.h>

#include <zlib.h>

#include "core/stats/base64.h"
#include "tests/unit/unit.h"

/* Written by HdrHistogram_c 0.11.10: 3 samples of 100 ns, one each of 2050 ns
 * and 1 ms, 70 000 of one hour. */
static const char written_elsewhere[] =
	"HISTFAAAADJ4nJNpmSzMwMAgwAABzFCaEch0M9ixgMH+A0TgOCPbdjmmvX2MTJdvMz04"
	"ygEAx34Kqw==";

static struct histogram *h, *back;
static struct weir_error err;

static void
setup(void)
{
	h = histogram_create();
	back = histogram_create();
	ck_assert_ptr_nonnull(h);
	ck_assert_ptr_nonnull(back);
}

static void
teardown(void)
{
	histogram_destroy(h);
	histogram_destroy(back);
}

static void
record_what_was_written_elsewhere(void)
{
	int i;

	for (i = 0; i < 3; i++)
		histogram_record(h, 100);
	histogram_record(h, 2050);
	histogram_record(h, 1000000);
	for (i = 0; i < 70000; i++)
		histogram_record(h, HISTOGRAM_HIGHEST_NS);
}

/* ------------------------------------------------------------------ */
/* An encoding that can lie in every field                             */

struct forged {
	uint32_t packed_cookie, packed_length, cookie, length, offset, digits;
	uint64_t lowest, highest, ratio;
	const uint8_t *counts;
	size_t n_counts;
};

static const uint8_t one_sample[] = { 2 };

static struct forged
honest(void)
{
	return (struct forged){
		.packed_cookie = 0x1c849314,
		.cookie = 0x1c849313,
		.digits = 3,
		.lowest = 1,
		.highest = HISTOGRAM_HIGHEST_NS,
		.ratio = UINT64_C(0x3ff0000000000000),
		.counts = one_sample,
		.n_counts = sizeof(one_sample),
	};
}

static uint8_t *
be(uint8_t *at, uint64_t value, int bytes)
{
	while (bytes--)
		*at++ = (uint8_t)(value >> (8 * bytes));
	return at;
}

/* Lengths of 0 stand for the true ones; tail bytes follow the zlib data. */
static char *
forge_with_tail(const struct forged *f, size_t tail)
{
	size_t plain_bytes = 40 + f->n_counts;
	uLongf zipped = compressBound(plain_bytes);
	uint8_t *plain = malloc(plain_bytes);
	uint8_t *packed = calloc(1, 8 + zipped + tail);
	uint8_t *at = plain;
	char *text;

	at = be(at, f->cookie, 4);
	at = be(at, f->length ? f->length : f->n_counts, 4);
	at = be(at, f->offset, 4);
	at = be(at, f->digits, 4);
	at = be(at, f->lowest, 8);
	at = be(at, f->highest, 8);
	at = be(at, f->ratio, 8);
	memcpy(at, f->counts, f->n_counts);
	ck_assert_int_eq(compress(packed + 8, &zipped, plain, plain_bytes),
			 Z_OK);
	be(packed, f->packed_cookie, 4);
	be(packed + 4, f->packed_length ? f->packed_length : zipped + tail, 4);
	text = base64_encode(packed, 8 + zipped + tail);
	free(plain);
	free(packed);
	return text;
}

/* Decodes and frees the text; a failure must leave `back` as it was. */
static int
decode(char *text)
{
	struct histogram *before = histogram_create();
	int status;

	histogram_record(back, 42);
	memcpy(before, back, sizeof(*before));
	err.text[0] = '\0';
	status = histogram_decode(text, back, &err);
	if (status != WEIR_OK)
		ck_assert_mem_eq(back, before, sizeof(*back));
	histogram_destroy(before);
	free(text);
	return status;
}

static void
refused(const struct forged *f, const char *why)
{
	ck_assert_int_eq(decode(forge_with_tail(f, 0)), WEIR_EPROTOCOL);
	ck_assert_msg(strstr(err.text, why), "'%s' in '%s'", why, err.text);
}

static void
refused_counts(const uint8_t *counts, size_t n, const char *why)
{
	struct forged f = honest();

	f.counts = counts;
	f.n_counts = n;
	refused(&f, why);
}

/* ------------------------------------------------------------------ */

/* What zlib has packed; how it packs is its own affair. */
static uLongf
unzip(const char *text, uint8_t ret_plain[256])
{
	uint8_t packed[256];
	uLongf plain_bytes = 256;
	size_t n;

	ck_assert_uint_lt(base64_decoded_bytes_max(strlen(text)), 256);
	ck_assert(base64_decode(text, strlen(text), packed, &n));
	ck_assert_int_eq(uncompress(ret_plain, &plain_bytes, packed + 8, n - 8),
			 Z_OK);
	return plain_bytes;
}

START_TEST(writes_what_hdrhistogram_writes)
{
	uint8_t theirs[256], ours[256];
	uLongf n;
	char *text;

	record_what_was_written_elsewhere();
	ck_assert_int_eq(histogram_encode(h, &text, &err), WEIR_OK);
	ck_assert_uint_eq(strncmp(text, "HISTF", 5), 0);
	n = unzip(text, ours);
	ck_assert_uint_eq(n, unzip(written_elsewhere, theirs));
	ck_assert_mem_eq(ours, theirs, n);
	free(text);
}
END_TEST

START_TEST(reads_what_hdrhistogram_writes)
{
	record_what_was_written_elsewhere();
	ck_assert_int_eq(decode(strdup(written_elsewhere)), WEIR_OK);
	ck_assert_mem_eq(back->count, h->count, sizeof(h->count));
	ck_assert_uint_eq(back->samples, 70005);
	ck_assert_uint_eq(back->saturated, 0);
	ck_assert_uint_eq(back->min_ns, 100);
	ck_assert_uint_eq(back->max_ns, histogram_slot_high_ns(33420));
}
END_TEST

START_TEST(comes_back_whole)
{
	uint64_t x = 88172645463325252;
	char *text, *again;
	int i;

	for (i = 0; i < 30000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		histogram_record(h, x >> (20 + x % 44));
	}
	h->count[7] += 1ull << 40;
	h->samples += 1ull << 40;
	h->sum_ns += 7ull << 40;
	ck_assert_int_eq(histogram_encode(h, &text, &err), WEIR_OK);
	ck_assert_int_eq(histogram_decode(text, back, &err), WEIR_OK);
	ck_assert_int_eq(histogram_set_exact(back, h->saturated, h->min_ns,
					     h->max_ns, h->sum_ns, &err),
			 WEIR_OK);
	ck_assert_mem_eq(h, back, sizeof(*h));
	ck_assert_int_eq(histogram_encode(back, &again, &err), WEIR_OK);
	ck_assert_str_eq(text, again);
	free(text);
	free(again);
}
END_TEST

START_TEST(empty_one_comes_back_empty)
{
	char *text;

	ck_assert_int_eq(histogram_encode(h, &text, &err), WEIR_OK);
	ck_assert_int_eq(decode(text), WEIR_OK);
	ck_assert_mem_eq(h, back, sizeof(*h));
}
END_TEST

START_TEST(fullest_one_comes_back)
{
	uint32_t slot;
	char *text;

	for (slot = 0; slot < HISTOGRAM_SLOTS; slot++)
		h->count[slot] = HISTOGRAM_SAMPLES_MAX / HISTOGRAM_SLOTS -
				 (slot * 2654435761u);
	for (slot = 0; slot < HISTOGRAM_SLOTS; slot++)
		h->samples += h->count[slot];
	ck_assert_int_eq(histogram_encode(h, &text, &err), WEIR_OK);
	ck_assert_int_eq(decode(text), WEIR_OK);
	ck_assert_mem_eq(back->count, h->count, sizeof(h->count));
	ck_assert_uint_eq(back->samples, h->samples);
}
END_TEST

START_TEST(figures_are_told_from_slots)
{
	char *text;

	histogram_record(h, 5001);
	histogram_record(h, 5001);
	histogram_record(h, 9);
	ck_assert_int_eq(histogram_encode(h, &text, &err), WEIR_OK);
	ck_assert_int_eq(decode(text), WEIR_OK);
	ck_assert_uint_eq(back->min_ns, 9);
	ck_assert_uint_eq(back->max_ns, 5003);
	ck_assert_uint_eq(back->sum_ns, 9 + 2 * 5000 + 3);
}
END_TEST

/* Other writers may count there: the layout goes on to 2^42 ns. */
START_TEST(slots_above_one_hour_are_saturated)
{
	/* -33500 zigzag is 66999; then one sample. */
	static const uint8_t counts[] = { 0xb7, 0x8b, 0x04, 0x02 };
	struct forged f = honest();

	f.counts = counts;
	f.n_counts = sizeof(counts);
	ck_assert_int_eq(decode(forge_with_tail(&f, 0)), WEIR_OK);
	ck_assert_uint_eq(back->samples, 1);
	ck_assert_uint_eq(back->saturated, 1);
	ck_assert_uint_eq(back->min_ns, histogram_slot_low_ns(33500));
}
END_TEST

/* Lowest 1, digits 3, highest 1e8: the same layout, shorter. */
START_TEST(another_highest_value_is_read)
{
	ck_assert_int_eq(decode(strdup("HISTFAAAACJ4nJNpmSzMwMDAxAABzFCaEUSw"
				       "fn3IYP8BIsDLBABWsgRm")),
			 WEIR_OK);
	ck_assert_uint_eq(back->samples, 1);
	ck_assert_uint_eq(back->count[7], 1);
}
END_TEST

START_TEST(a_single_zero_may_be_a_zero)
{
	static const uint8_t counts[] = { 0, 0, 6 };
	struct forged f = honest();

	f.counts = counts;
	f.n_counts = sizeof(counts);
	ck_assert_int_eq(decode(forge_with_tail(&f, 0)), WEIR_OK);
	ck_assert_uint_eq(back->count[2], 3);
	ck_assert_uint_eq(back->samples, 3);
}
END_TEST

START_TEST(too_many_samples_are_not_encoded)
{
	char *text = NULL;

	h->samples = HISTOGRAM_SAMPLES_MAX + 1;
	ck_assert_int_eq(histogram_encode(h, &text, &err), WEIR_EINVALID);
	ck_assert_ptr_null(text);
}
END_TEST

START_TEST(refuses_other_parameters)
{
	struct forged f;

	f = honest(), f.digits = 2, refused(&f, "2 significant digits");
	f = honest(), f.lowest = 1000, refused(&f, "unit");
	f = honest(), f.lowest = 0, refused(&f, "unit");
	f = honest(), f.ratio++, refused(&f, "unit");
	f = honest(), f.offset = 1024, refused(&f, "unit");
}
END_TEST

START_TEST(refuses_other_cookies)
{
	struct forged f;

	f = honest(), f.packed_cookie = 0x1c849312, refused(&f, "V2");
	f = honest(), f.packed_cookie = 0, refused(&f, "V2");
	f = honest(), f.cookie = 0x1c849311, refused(&f, "V2");
	f = honest(), f.cookie = 0x9c849313, refused(&f, "V2");
}
END_TEST

START_TEST(refuses_false_lengths)
{
	struct forged f;

	f = honest(), f.length = 2, refused(&f, "announces 2 bytes");
	f = honest(), f.length = UINT32_MAX, refused(&f, "announces");
	f = honest(), f.packed_length = 1, refused(&f, "announces 1 ");
	f = honest(), f.packed_length = UINT32_MAX, refused(&f, "announces");
}
END_TEST

START_TEST(refuses_bytes_behind_the_zlib_data)
{
	struct forged f = honest();

	ck_assert_int_eq(decode(forge_with_tail(&f, 3)), WEIR_EPROTOCOL);
	ck_assert_ptr_nonnull(strstr(err.text, "goes on after its end"));
}
END_TEST

START_TEST(refuses_a_zlib_bomb)
{
	struct forged f = honest();
	size_t n = 64 << 20;
	uint8_t *zeros = calloc(1, n);

	f.counts = zeros;
	f.n_counts = n;
	refused(&f, "expands to more");
	free(zeros);
}
END_TEST

START_TEST(refuses_an_endless_text)
{
	size_t n = 16 << 20;
	char *text = malloc(n + 1);

	memset(text, 'A', n);
	text[n] = '\0';
	ck_assert_int_eq(decode(text), WEIR_EPROTOCOL);
	ck_assert_ptr_nonnull(strstr(err.text, "longer"));
}
END_TEST

START_TEST(refuses_counts_beyond_the_last_slot)
{
	/* -33792 and -33793 zigzag are 67583 and 67585. */
	static const uint8_t all_zero[] = { 0xff, 0x8f, 0x04 };
	static const uint8_t too_many[] = { 0x81, 0x90, 0x04 };
	static const uint8_t one_more[] = { 0xff, 0x8f, 0x04, 0x02 };
	static const uint8_t int64_min[] = { 0xff, 0xff, 0xff, 0xff, 0xff,
					     0xff, 0xff, 0xff, 0xff };
	struct forged f = honest();

	f.counts = all_zero;
	f.n_counts = sizeof(all_zero);
	ck_assert_int_eq(decode(forge_with_tail(&f, 0)), WEIR_OK);
	ck_assert_uint_eq(back->samples, 0);
	refused_counts(too_many, sizeof(too_many), "beyond its 33792 slots");
	refused_counts(one_more, sizeof(one_more), "beyond");
	refused_counts(int64_min, sizeof(int64_min), "beyond");
}
END_TEST

START_TEST(refuses_too_many_samples)
{
	/* 2^53 zigzag is 2^54. */
	static const uint8_t most[] = { 0x80, 0x80, 0x80, 0x80,
					0x80, 0x80, 0x80, 0x20 };
	static const uint8_t more[] = { 0x80, 0x80, 0x80, 0x80, 0x80,
					0x80, 0x80, 0x20, 0x02 };
	static const uint8_t int64_max[] = { 0xfe, 0xff, 0xff, 0xff, 0xff,
					     0xff, 0xff, 0xff, 0xff };
	struct forged f = honest();

	f.counts = most;
	f.n_counts = sizeof(most);
	ck_assert_int_eq(decode(forge_with_tail(&f, 0)), WEIR_OK);
	ck_assert_uint_eq(back->samples, HISTOGRAM_SAMPLES_MAX);
	refused_counts(more, sizeof(more), "2^53");
	refused_counts(int64_max, sizeof(int64_max), "2^53");
}
END_TEST

START_TEST(refuses_a_count_that_is_cut_off)
{
	static const uint8_t cut[] = { 0x02, 0x80 };

	refused_counts(cut, sizeof(cut), "cut off");
}
END_TEST

START_TEST(refuses_every_truncation)
{
	size_t n;

	for (n = 0; n < sizeof(written_elsewhere) - 1; n++)
		ck_assert_int_eq(decode(strndup(written_elsewhere, n)),
				 WEIR_EPROTOCOL);
}
END_TEST

/* zlib's checksum sees any change of what it packs; the rest is checked. */
START_TEST(any_damage_is_an_error_or_harmless)
{
	char text[sizeof(written_elsewhere)];
	size_t bit;

	record_what_was_written_elsewhere();
	for (bit = 0; bit < 8 * (sizeof(text) - 1); bit++) {
		int status;

		memcpy(text, written_elsewhere, sizeof(text));
		text[bit / 8] ^= (char)(1 << bit % 8);
		status = histogram_decode(text, back, &err);
		if (status == WEIR_OK)
			ck_assert_mem_eq(back->count, h->count,
					 sizeof(h->count));
		else
			ck_assert_int_eq(status, WEIR_EPROTOCOL);
	}
}
END_TEST

START_TEST(error_may_be_null)
{
	ck_assert_int_eq(histogram_decode("?", back, NULL), WEIR_EPROTOCOL);
	ck_assert_int_eq(histogram_decode("", back, NULL), WEIR_EPROTOCOL);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("histogram_codec");
	TCase *c = tcase_create("histogram_codec");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, writes_what_hdrhistogram_writes);
	tcase_add_test(c, reads_what_hdrhistogram_writes);
	tcase_add_test(c, comes_back_whole);
	tcase_add_test(c, empty_one_comes_back_empty);
	tcase_add_test(c, fullest_one_comes_back);
	tcase_add_test(c, figures_are_told_from_slots);
	tcase_add_test(c, slots_above_one_hour_are_saturated);
	tcase_add_test(c, another_highest_value_is_read);
	tcase_add_test(c, a_single_zero_may_be_a_zero);
	tcase_add_test(c, too_many_samples_are_not_encoded);
	tcase_add_test(c, refuses_other_parameters);
	tcase_add_test(c, refuses_other_cookies);
	tcase_add_test(c, refuses_false_lengths);
	tcase_add_test(c, refuses_bytes_behind_the_zlib_data);
	tcase_add_test(c, refuses_a_zlib_bomb);
	tcase_add_test(c, refuses_an_endless_text);
	tcase_add_test(c, refuses_counts_beyond_the_last_slot);
	tcase_add_test(c, refuses_too_many_samples);
	tcase_add_test(c, refuses_a_count_that_is_cut_off);
	tcase_add_test(c, refuses_every_truncation);
	tcase_add_test(c, any_damage_is_an_error_or_harmless);
	tcase_add_test(c, error_may_be_null);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
