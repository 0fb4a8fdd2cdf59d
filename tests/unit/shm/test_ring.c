/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/shm/ring.h"

#include "plugins/shm/ring_batch.h"
#include "tests/unit/shm/ring_fixture.h"

START_TEST(an_empty_ring_has_no_word)
{
	lay(_i);
	ck_assert_uint_eq(ring_in_peek(&in), 0);
}
END_TEST

START_TEST(records_are_whole_units)
{
	ck_assert_uint_eq(ring_record_bytes(&out.place, 1), 16);
	ck_assert_uint_eq(ring_record_bytes(&out.place, 8), 16);
	ck_assert_uint_eq(ring_record_bytes(&out.place, 9), 24);
	lay(true);
	ck_assert_uint_eq(ring_record_bytes(&out.place, 1), 64);
	ck_assert_uint_eq(ring_record_bytes(&out.place, 64), 64);
	ck_assert_uint_eq(ring_record_bytes(&out.place, 65), 128);
}
END_TEST

START_TEST(long_messages_in_place_begin_in_different_sets)
{
	uint64_t len, record;

	lay(true);
	for (len = 1; len <= ring_longest_bytes(&out.place); len++) {
		record = ring_piece_bytes(&out.place, len);
		ck_assert_uint_ge(record, len);
		ck_assert_uint_eq(record % RING_APART_BYTES, 0);
		ck_assert_uint_le(record + RING_APART_BYTES, RING);
		ck_assert(record <= CHUNK || record & RING_APART_BYTES);
	}
}
END_TEST

START_TEST(every_size_of_one_record_arrives_whole)
{
	uint8_t sent[LARGEST];
	uint8_t got[LARGEST + 1];
	size_t len;

	lay(_i);
	for (len = 1; len <= LARGEST; len++) {
		fill(sent, len, (unsigned)len);
		memset(got, 0xee, sizeof(got));
		put(sent, len, false);
		ck_assert_uint_eq(take(got, sizeof(got)), len);
		expect_filled(got, len, (unsigned)len);
		ck_assert_uint_eq(got[len], 0xee);
		ring_in_return(&in);
	}
}
END_TEST

START_TEST(a_message_crosses_the_end_at_every_offset)
{
	static const size_t sizes[] = { 1, 7, 8, 9, 63, 64, LARGEST };
	uint8_t sent[LARGEST];
	uint8_t got[LARGEST];
	uint64_t at;
	size_t i;

	lay(_i);
	for (at = RING - CHUNK; at < RING + 64; at += out.place.unit)
		for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			start_at(at);
			fill(sent, sizes[i], (unsigned)at);
			put(sent, sizes[i], false);
			put("next", 4, false);
			ck_assert_uint_eq(take(got, sizeof(got)), sizes[i]);
			expect_filled(got, sizes[i], (unsigned)at);
			ck_assert_uint_eq(take(got, sizeof(got)), 4);
			ck_assert_mem_eq(got, "next", 4);
			ck_assert_uint_eq(ring_in_peek(&in), 0);
		}
}
END_TEST

START_TEST(positions_run_through_the_end_of_64_bits)
{
	uint8_t sent[100];
	uint8_t got[100];
	unsigned i;

	lay(_i);
	start_at(UINT64_MAX - 1023);
	for (i = 0; i < 100; i++) {
		fill(sent, sizeof(sent), i);
		put(sent, sizeof(sent), false);
		ck_assert_uint_eq(take(got, sizeof(got)), sizeof(sent));
		expect_filled(got, sizeof(got), i);
		if (ring_in_is_due(&in))
			ring_in_return(&in);
	}
	ck_assert_uint_lt(out.head, RING * 4);
}
END_TEST

START_TEST(old_bytes_are_never_taken_for_a_record)
{
	uint64_t like[64];
	uint8_t got[sizeof(like)];
	unsigned i;

	lay(_i);
	/* What lies behind the last record looks like words of records. */
	for (i = 0; i < 64; i++)
		like[i] = UINT64_C(8) << 32 | 8;
	for (i = 0; i < 100; i++) {
		put(like, sizeof(like) - i, false);
		ck_assert_uint_eq(take(got, sizeof(got)), sizeof(like) - i);
		ck_assert_uint_eq(ring_in_peek(&in), 0);
		ring_in_return(&in);
	}
}
END_TEST

START_TEST(a_full_ring_says_again_until_room_is_returned)
{
	uint8_t message[64] = { 0 };
	unsigned n = 0;

	while (ring_out_put(&out, message, 64, 0, false) == WEIR_OK)
		n++;
	/* One word is always left for the 0 behind the last record. */
	ck_assert_uint_eq(n, (RING - 8) / 72);
	ck_assert_uint_eq(take(message, 64), 64);
	ck_assert_int_eq(ring_out_put(&out, message, 64, 0, false),
			 WEIR_EAGAIN);
	ring_in_return(&in);
	ck_assert_int_eq(ring_out_put(&out, message, 64, 0, false),
			 WEIR_OK);
}
END_TEST

START_TEST(room_that_is_not_returned_yet_stops_nobody)
{
	uint8_t message[LARGEST] = { 0 };
	size_t len;

	/* The reader has read everything, but returned nothing yet: whatever
	 * it owes, the largest record fits. */
	for (len = 1; len <= LARGEST; len++) {
		start_at(len * 8);
		put(message, len, false);
		take(message, sizeof(message));
		while (in.tail - in.returned +
			       ring_record_bytes(&in.place, len) < CHUNK) {
			put(message, len, false);
			take(message, sizeof(message));
		}
		if (!ring_in_is_due(&in))
			put(message, LARGEST, false);
	}
}
END_TEST

/* ------------------------------------------------------------------ */
/* Publication.                                                        */

START_TEST(more_is_seen_after_a_message_without_it)
{
	char got[8];

	lay(_i);
	put("a", 1, true);
	put("b", 1, true);
	ck_assert_uint_eq(ring_in_peek(&in), 0);
	put("c", 1, false);
	ck_assert_uint_eq(take(got, 8), 1);
	ck_assert_uint_eq(take(got + 1, 7), 1);
	ck_assert_uint_eq(take(got + 2, 6), 1);
	ck_assert_mem_eq(got, "abc", 3);
}
END_TEST

START_TEST(more_is_seen_after_a_publish)
{
	char got[8];

	lay(_i);
	put("a", 1, true);
	ring_out_publish(&out);
	ck_assert_uint_eq(take(got, 8), 1);
	ring_out_publish(&out);
	ck_assert_uint_eq(ring_in_peek(&in), 0);
}
END_TEST

START_TEST(more_is_seen_after_a_chunk)
{
	uint8_t message[56] = { 0 };
	unsigned n;

	for (n = 1; n < CHUNK / 64; n++) {
		put(message, sizeof(message), true);
		ck_assert_uint_eq(ring_in_peek(&in), 0);
	}
	put(message, sizeof(message), true);
	ck_assert_uint_ne(ring_in_peek(&in), 0);
}
END_TEST

START_TEST(more_is_seen_when_there_is_no_room)
{
	uint8_t message[LARGEST] = { 0 };

	put(message, LARGEST, false);
	put(message, LARGEST, false);
	put(message, LARGEST, false);
	take(message, LARGEST);
	take(message, LARGEST);
	take(message, LARGEST);
	put(message, 100, true);
	ck_assert_int_eq(ring_out_put(&out, message, LARGEST, 0, true),
			 WEIR_EAGAIN);
	ck_assert_uint_ne(ring_in_peek(&in), 0);
}
END_TEST

/* ------------------------------------------------------------------ */
/* A hostile other side.                                               */

/* Puts this word where the reader looks, and expects a refusal. */
static void
expect_refused(uint64_t word, size_t cap)
{
	uint8_t buf[256];
	uint64_t tail = in.tail;
	size_t len = 77;

	ck_assert_uint_le(cap, sizeof(buf));
	memset(buf, 0xee, sizeof(buf));
	ck_assert_int_eq(ring_in_take(&in, word, buf, cap, &len),
			 WEIR_EPROTOCOL);
	ck_assert_uint_eq(buf[0], 0xee);
	ck_assert_uint_eq(len, 77);
	ck_assert_uint_eq(in.tail, tail);
}

START_TEST(a_word_that_cannot_be_is_refused)
{
	lay(_i);
	expect_refused(UINT64_C(1) << 40, 256);
	expect_refused(65, 64);
	expect_refused(RING_LENGTH_BITS, 256);
	expect_refused(UINT32_MAX, 256);
	expect_refused(1 | UINT64_C(1) << 25, 256);
	expect_refused(1 | UINT64_C(1) << 30, 256);
	/* What flows is longer than a chunk, and is not within. */
	expect_refused(1 | RING_FLOWS, 256);
	if (!_i)
		expect_refused((2 * CHUNK) | RING_FLOWS, 256);
}
END_TEST

START_TEST(a_record_as_long_as_the_ring_is_refused)
{
	static uint8_t buf[4 * RING];
	uint64_t longest = ring_longest_bytes(&in.place);
	uint64_t len;
	size_t got;

	for (len = longest + 1; len < longest + 99; len++)
		ck_assert_int_eq(ring_in_take(&in, len, buf, sizeof(buf),
					      &got),
				 WEIR_EPROTOCOL);
	ck_assert_int_eq(ring_in_take(&in, longest, buf, sizeof(buf), &got),
			 WEIR_OK);
}
END_TEST

/* Fills the ring, sets the tail to this, and expects a refusal. */
static void
expect_tail_refused(uint64_t tail)
{
	uint8_t message[LARGEST] = { 0 };

	put(message, LARGEST, false);
	put(message, LARGEST, false);
	put(message, LARGEST, false);
	shared_tail = tail;
	ck_assert_int_eq(ring_out_put(&out, message, LARGEST, 0, false),
			 WEIR_EPROTOCOL);
}

START_TEST(a_tail_beyond_the_head_is_refused)
{
	start_at(RING);
	expect_tail_refused(RING + 3 * CHUNK + 1);
}
END_TEST

START_TEST(a_tail_that_goes_back_is_refused)
{
	start_at(RING);
	expect_tail_refused(RING - 8);
}
END_TEST

START_TEST(a_wild_tail_is_refused)
{
	start_at(RING);
	expect_tail_refused(UINT64_MAX);
}
END_TEST

START_TEST(a_tail_beyond_what_was_published_is_refused)
{
	uint8_t message[LARGEST] = { 0 };

	put(message, LARGEST, false);
	put(message, LARGEST, false);
	put(message, LARGEST, false);
	put(message, 64, true);
	shared_tail = 3 * CHUNK + 8;
	ck_assert_int_eq(ring_out_put(&out, message, LARGEST, 0, true),
			 WEIR_EPROTOCOL);
}
END_TEST

/* _i: 0 within, 1 apart. Batches of every length, at every place. */
START_TEST(a_batch_arrives_whole)
{
	const size_t n_most = CHUNK / 128;
	static uint8_t from[CHUNK], to[CHUNK];
	size_t lens[CHUNK / 128], n, k;
	uint64_t word;

	lay(_i);
	for (unsigned round = 0; round < 4 * RING / 64; round++) {
		n = 1 + round % n_most;
		for (k = 0; k < n; k++)
			fill(from + 128 * k, 100, round + (unsigned)k);
		ring_in_return(&in);
		ck_assert_int_ne(ring_out_refresh(&out, RING), WEIR_EPROTOCOL);
		ck_assert_uint_ge(ring_out_fitting(&out, 128), n);
		if (round % 3 == 0) /* one that is kept back */
			put(from, 100, true);
		ring_out_batch(&out, from, 128, 100, 0, n, _i);
		if (round % 3 == 0)
			ck_assert_uint_eq(take(to, 128), 100);
		ck_assert_uint_eq(ring_in_batch(&in, to, 128, 128, n_most, lens,
						&word, _i), n);
		for (k = 0; k < n; k++) {
			ck_assert_uint_eq(lens[k], 100);
			expect_filled(to + 128 * k, 100, round + (unsigned)k);
		}
		ck_assert_uint_eq(ring_in_peek(&in), 0);
	}
}
END_TEST

/* _i: 0 within, 1 apart. What single messages refuse, a batch leaves. */
START_TEST(a_batch_ends_before_what_cannot_be)
{
	const uint64_t wrong[] = { 101, CHUNK + 64, RING_LENGTH_BITS,
				   65 | RING_FLOWS, 65 | 1u << 25 };
	uint8_t buf[400] = { 0 };
	size_t lens[4];
	uint64_t word;

	for (size_t k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++) {
		lay(_i);
		put(buf, 64, true);
		put(buf, 64, false);
		ring_out_store(&out, _i ? 64 : 72, 1, wrong[k],
			       __ATOMIC_RELAXED);
		ck_assert_uint_eq(ring_in_batch(&in, buf, 100, 100, 4, lens,
						&word, _i), 1);
		ck_assert_uint_eq(word, 64);
		ck_assert_uint_eq(ring_in_peek(&in), wrong[k]);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("ring");
	TCase *tc = tcase_create("ring");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, an_empty_ring_has_no_word, 0, 2);
	tcase_add_test(tc, records_are_whole_units);
	tcase_add_test(tc, long_messages_in_place_begin_in_different_sets);
	tcase_add_loop_test(tc, every_size_of_one_record_arrives_whole, 0, 2);
	tcase_add_loop_test(tc, a_message_crosses_the_end_at_every_offset, 0,
			    2);
	tcase_add_loop_test(tc, positions_run_through_the_end_of_64_bits, 0, 2);
	tcase_add_loop_test(tc, old_bytes_are_never_taken_for_a_record, 0, 2);
	tcase_add_test(tc, a_full_ring_says_again_until_room_is_returned);
	tcase_add_test(tc, room_that_is_not_returned_yet_stops_nobody);
	tcase_add_loop_test(tc, more_is_seen_after_a_message_without_it, 0, 2);
	tcase_add_loop_test(tc, more_is_seen_after_a_publish, 0, 2);
	tcase_add_test(tc, more_is_seen_after_a_chunk);
	tcase_add_test(tc, more_is_seen_when_there_is_no_room);
	tcase_add_loop_test(tc, a_batch_arrives_whole, 0, 2);
	tcase_add_loop_test(tc, a_batch_ends_before_what_cannot_be, 0, 2);
	tcase_add_loop_test(tc, a_word_that_cannot_be_is_refused, 0, 2);
	tcase_add_test(tc, a_record_as_long_as_the_ring_is_refused);
	tcase_add_test(tc, a_tail_beyond_the_head_is_refused);
	tcase_add_test(tc, a_tail_that_goes_back_is_refused);
	tcase_add_test(tc, a_wild_tail_is_refused);
	tcase_add_test(tc, a_tail_beyond_what_was_published_is_refused);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite)
