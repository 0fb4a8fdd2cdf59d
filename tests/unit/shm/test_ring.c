/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/shm/ring.h"

#include <pthread.h>
#include <sched.h>

#include "tests/unit/shm/ring_fixture.h"

START_TEST(an_empty_ring_has_no_word)
{
	ck_assert_uint_eq(ring_in_peek(&in), 0);
}
END_TEST

START_TEST(records_are_whole_words)
{
	ck_assert_uint_eq(ring_record_bytes(1), 16);
	ck_assert_uint_eq(ring_record_bytes(8), 16);
	ck_assert_uint_eq(ring_record_bytes(9), 24);
}
END_TEST

START_TEST(every_size_of_one_record_arrives_whole)
{
	uint8_t sent[LARGEST];
	uint8_t got[LARGEST + 1];
	size_t len;

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

	for (at = RING - LARGEST - 16; at < RING + 16; at += 8)
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
	uint64_t words[64];
	uint8_t got[sizeof(words)];
	unsigned i;

	/* What lies behind the last record looks like words of records. */
	for (i = 0; i < 64; i++)
		words[i] = UINT64_C(8) << 32 | 8;
	for (i = 0; i < 100; i++) {
		put(words, sizeof(words) - i, false);
		ck_assert_uint_eq(take(got, sizeof(got)), sizeof(words) - i);
		ck_assert_uint_eq(ring_in_peek(&in), 0);
		ring_in_return(&in);
	}
}
END_TEST

START_TEST(a_full_ring_says_again_until_room_is_returned)
{
	uint8_t message[64] = { 0 };
	bool whole = false;
	unsigned n = 0;

	while (ring_out_put(&out, message, 64, false, &whole) == WEIR_OK)
		n++;
	/* One word is always left for the 0 behind the last record. */
	ck_assert_uint_eq(n, (RING - 8) / 72);
	ck_assert_uint_eq(take(message, 64), 64);
	ck_assert_int_eq(ring_out_put(&out, message, 64, false, &whole),
			 WEIR_EAGAIN);
	ring_in_return(&in);
	ck_assert_int_eq(ring_out_put(&out, message, 64, false, &whole),
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
		while (in.tail - in.returned + ring_record_bytes(len) <
		       CHUNK) {
			put(message, len, false);
			take(message, sizeof(message));
		}
		if (!ring_in_is_due(&in))
			put(message, LARGEST, false);
	}
}
END_TEST

/* Moves a message through the ring by one thread, record by record. */
static void
stream(const uint8_t *sent, uint8_t *got, size_t len)
{
	bool whole = false;
	uint64_t word;
	size_t n = 0;
	int rc;

	while (!n) {
		if (!whole) {
			rc = ring_out_put(&out, sent, len, false, &whole);
			ck_assert(rc == WEIR_OK || rc == WEIR_EAGAIN);
		}
		word = ring_in_peek(&in);
		if (!word) {
			ring_in_return(&in);
			continue;
		}
		ck_assert_int_eq(ring_in_take(&in, word, got, len, &n),
				 WEIR_OK);
		if (ring_in_is_due(&in))
			ring_in_return(&in);
	}
	ck_assert_uint_eq(n, len);
}

START_TEST(larger_messages_are_streamed)
{
	static const size_t sizes[] = { LARGEST + 1, RING - 9,	RING - 8,
					RING,	     RING + 1,	5 * RING + 3,
					64 * RING };
	static uint8_t sent[64 * RING];
	static uint8_t got[64 * RING];
	unsigned i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		fill(sent, sizes[i], i);
		stream(sent, got, sizes[i]);
		expect_filled(got, sizes[i], i);
	}
}
END_TEST

START_TEST(a_refused_message_goes_on_where_it_stopped)
{
	static uint8_t sent[3 * RING];
	static uint8_t got[3 * RING];
	bool whole = false;

	fill(sent, sizeof(sent), 3);
	while (ring_out_put(&out, sent, sizeof(sent), false, &whole) ==
	       WEIR_OK)
		ck_assert(!whole);
	ck_assert_uint_gt(out.done, RING / 2);
	stream(sent, got, sizeof(sent));
	expect_filled(got, sizeof(got), 3);
	ck_assert_uint_eq(out.done, 0);
	ck_assert_uint_eq(in.done, 0);
}
END_TEST

/* Lengths of the messages between two threads: mostly short. */
static size_t
length_of(unsigned message)
{
	uint32_t x = message * 2654435761u;

	return message % 40 == 0 ? 1 + x % (6 * RING) : 1 + x % 300;
}

#define MESSAGES 20000u

static void *
writer(void *arg)
{
	static uint8_t buf[6 * RING];
	unsigned i;
	bool whole;

	(void)arg;
	for (i = 0; i < MESSAGES; i++) {
		fill(buf, length_of(i), i);
		whole = false;
		while (!whole)
			if (ring_out_put(&out, buf, length_of(i),
					 i % 3 == 0 && i + 1 < MESSAGES,
					 &whole) == WEIR_EAGAIN)
				sched_yield();
	}
	return NULL;
}

START_TEST(two_threads_exchange_mixed_sizes)
{
	static uint8_t buf[6 * RING];
	pthread_t thread;
	uint64_t word;
	unsigned i;
	size_t len;

	ck_assert_int_eq(pthread_create(&thread, NULL, writer, NULL), 0);
	for (i = 0; i < MESSAGES; i++) {
		for (len = 0; !len;) {
			word = ring_in_peek(&in);
			if (!word) {
				ring_in_return(&in);
				sched_yield();
				continue;
			}
			ck_assert_int_eq(ring_in_take(&in, word, buf,
						      sizeof(buf), &len),
					 WEIR_OK);
			if (ring_in_is_due(&in))
				ring_in_return(&in);
		}
		ck_assert_uint_eq(len, length_of(i));
		expect_filled(buf, len, i);
	}
	pthread_join(thread, NULL);
}
END_TEST

/* ------------------------------------------------------------------ */
/* Publication.                                                        */

START_TEST(more_is_seen_after_a_message_without_it)
{
	char got[8];

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
	bool whole;

	put(message, LARGEST, false);
	put(message, LARGEST, false);
	put(message, LARGEST, false);
	take(message, LARGEST);
	take(message, LARGEST);
	take(message, LARGEST);
	put(message, 100, true);
	ck_assert_int_eq(ring_out_put(&out, message, LARGEST, true, &whole),
			 WEIR_EAGAIN);
	ck_assert_uint_ne(ring_in_peek(&in), 0);
}
END_TEST

/* ------------------------------------------------------------------ */
/* A hostile other side.                                               */

/* Puts this word where the reader looks, and expects a refusal. */
static void
expect_refused(uint64_t part, uint64_t left, size_t cap)
{
	uint64_t word = left << 32 | part;
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

START_TEST(a_length_that_cannot_be_is_refused)
{
	expect_refused(0, 1, 256);
	expect_refused(0, UINT32_MAX, 256);
	expect_refused(2, 1, 256);
	expect_refused(65, 65, 64);
	expect_refused(UINT32_MAX, UINT32_MAX, 256);
	expect_refused(UINT32_MAX - 7, UINT32_MAX, 256);
	expect_refused(1, UINT32_MAX, 256);
}
END_TEST

START_TEST(a_record_as_long_as_the_ring_is_refused)
{
	static uint8_t buf[4 * RING];
	size_t len;
	uint64_t part;

	for (part = RING - 15; part < RING + 64; part++)
		ck_assert_int_eq(ring_in_take(&in, part << 32 | part, buf,
					      sizeof(buf), &len),
				 WEIR_EPROTOCOL);
	part = RING - 16;
	ck_assert_int_eq(ring_in_take(&in, part << 32 | part, buf,
				      sizeof(buf), &len),
			 WEIR_OK);
}
END_TEST

START_TEST(a_message_in_crumbs_is_refused)
{
	expect_refused(1, 2, 256);
	expect_refused(100, 200, 256);
}
END_TEST

START_TEST(a_message_that_changes_its_length_is_refused)
{
	static uint8_t buf[4 * RING];
	uint64_t left = 3 * LARGEST;
	size_t len = 1;

	ck_assert_int_eq(ring_in_take(&in, left << 32 | LARGEST, buf,
				      sizeof(buf), &len),
			 WEIR_OK);
	ck_assert_uint_eq(len, 0);
	ck_assert_int_eq(ring_in_take(&in, left << 32 | LARGEST, buf,
				      sizeof(buf), &len),
			 WEIR_EPROTOCOL);
	left -= LARGEST;
	ck_assert_int_eq(ring_in_take(&in, left << 32 | LARGEST, buf,
				      sizeof(buf), &len),
			 WEIR_OK);
	left = 8;
	ck_assert_int_eq(ring_in_take(&in, left << 32 | left, buf,
				      sizeof(buf), &len),
			 WEIR_EPROTOCOL);
}
END_TEST

START_TEST(a_buffer_that_shrinks_between_records_is_respected)
{
	static uint8_t buf[4 * RING];
	uint64_t left = 2 * LARGEST;
	size_t len;

	ck_assert_int_eq(ring_in_take(&in, left << 32 | LARGEST, buf,
				      sizeof(buf), &len),
			 WEIR_OK);
	left -= LARGEST;
	ck_assert_int_eq(ring_in_take(&in, left << 32 | left, buf, LARGEST,
				      &len),
			 WEIR_EPROTOCOL);
}
END_TEST

/* Fills the ring, sets the tail to this, and expects a refusal. */
static void
expect_tail_refused(uint64_t tail)
{
	uint8_t message[LARGEST] = { 0 };
	bool whole;

	put(message, LARGEST, false);
	put(message, LARGEST, false);
	put(message, LARGEST, false);
	shared_tail = tail;
	ck_assert_int_eq(ring_out_put(&out, message, LARGEST, false, &whole),
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
	bool whole;

	put(message, LARGEST, false);
	put(message, LARGEST, false);
	put(message, LARGEST, false);
	put(message, 64, true);
	shared_tail = 3 * CHUNK + 8;
	ck_assert_int_eq(ring_out_put(&out, message, LARGEST, true, &whole),
			 WEIR_EPROTOCOL);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("ring");
	TCase *tc = tcase_create("ring");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_empty_ring_has_no_word);
	tcase_add_test(tc, records_are_whole_words);
	tcase_add_test(tc, every_size_of_one_record_arrives_whole);
	tcase_add_test(tc, a_message_crosses_the_end_at_every_offset);
	tcase_add_test(tc, positions_run_through_the_end_of_64_bits);
	tcase_add_test(tc, old_bytes_are_never_taken_for_a_record);
	tcase_add_test(tc, a_full_ring_says_again_until_room_is_returned);
	tcase_add_test(tc, room_that_is_not_returned_yet_stops_nobody);
	tcase_add_test(tc, larger_messages_are_streamed);
	tcase_add_test(tc, a_refused_message_goes_on_where_it_stopped);
	tcase_add_test(tc, two_threads_exchange_mixed_sizes);
	tcase_add_test(tc, more_is_seen_after_a_message_without_it);
	tcase_add_test(tc, more_is_seen_after_a_publish);
	tcase_add_test(tc, more_is_seen_after_a_chunk);
	tcase_add_test(tc, more_is_seen_when_there_is_no_room);
	tcase_add_test(tc, a_length_that_cannot_be_is_refused);
	tcase_add_test(tc, a_record_as_long_as_the_ring_is_refused);
	tcase_add_test(tc, a_message_in_crumbs_is_refused);
	tcase_add_test(tc, a_message_that_changes_its_length_is_refused);
	tcase_add_test(tc, a_buffer_that_shrinks_between_records_is_respected);
	tcase_add_test(tc, a_tail_beyond_the_head_is_refused);
	tcase_add_test(tc, a_tail_that_goes_back_is_refused);
	tcase_add_test(tc, a_wild_tail_is_refused);
	tcase_add_test(tc, a_tail_beyond_what_was_published_is_refused);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite)
