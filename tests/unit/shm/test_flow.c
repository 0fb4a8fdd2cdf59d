/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/shm/ring.h"

#include <pthread.h>
#include <sched.h>

#include "tests/unit/shm/ring_fixture.h"

static void
setup_apart(void)
{
	setup();
	lay(true);
}

/* One step of sending a message; true at its end. */
static bool
step_out(const uint8_t *sent, size_t len)
{
	bool whole = true;
	int rc;

	if (ring_out_flows(&out, len))
		rc = ring_out_flow(&out, sent, len, &whole);
	else
		rc = ring_out_put(&out, sent, len, 0, false);
	ck_assert(rc == WEIR_OK || rc == WEIR_EAGAIN);
	return rc == WEIR_OK && whole;
}

/* One step of receiving: the length at its end, else 0. */
static size_t
step_in(uint8_t *got, size_t cap)
{
	size_t len = 0;
	uint64_t word;
	int rc = WEIR_EAGAIN;

	if (in.left) {
		rc = ring_in_flow(&in, got, cap, &len);
	} else {
		word = ring_in_peek(&in);
		if (word)
			rc = ring_in_take(&in, word, got, cap, &len);
	}
	ck_assert(rc == WEIR_OK || rc == WEIR_EAGAIN);
	if (rc == WEIR_EAGAIN || ring_in_is_due(&in))
		ring_in_return(&in);
	return len;
}

/* Moves a message through the ring by one thread, in turns. */
static void
flow(const uint8_t *sent, uint8_t *got, size_t len)
{
	bool whole = false;
	size_t n = 0;

	while (!n) {
		whole = whole || step_out(sent, len);
		n = step_in(got, len);
	}
	ck_assert(whole);
	ck_assert_uint_eq(n, len);
}

START_TEST(larger_messages_flow)
{
	static const size_t sizes[] = { CHUNK,	  CHUNK + 1, 2 * CHUNK - 1,
					RING - 9, RING,	     RING + 1,
					5 * RING + 3, 64 * RING };
	static uint8_t sent[64 * RING];
	static uint8_t got[64 * RING];
	unsigned i;

	for (i = 0; i < 2 * sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t len = sizes[i / 2];

		out.distance.far = i % 2;
		fill(sent, len, i);
		flow(sent, got, len);
		expect_filled(got, len, i);
		ck_assert_uint_eq(out.head, in.tail);
		ck_assert_uint_eq(out.n, in.n);
	}
}
END_TEST

START_TEST(a_chunk_is_there_before_the_next_one)
{
	static uint8_t sent[3 * CHUNK];
	static uint8_t got[3 * CHUNK];

	fill(sent, sizeof(sent), 1);
	ck_assert(!step_out(sent, sizeof(sent)));
	ck_assert_uint_eq(step_in(got, sizeof(got)), 0);
	ck_assert_uint_eq(step_in(got, sizeof(got)), 0);
	ck_assert_uint_eq(in.done, CHUNK);
	expect_filled(got, CHUNK, 1);
}
END_TEST

START_TEST(a_refused_message_goes_on_where_it_stopped)
{
	static uint8_t sent[3 * RING];
	static uint8_t got[3 * RING];
	bool whole = false;

	fill(sent, sizeof(sent), 3);
	while (ring_out_flow(&out, sent, sizeof(sent), &whole) == WEIR_OK)
		ck_assert(!whole);
	ck_assert_uint_gt(out.done, RING / 2);
	flow(sent, got, sizeof(sent));
	expect_filled(got, sizeof(got), 3);
	ck_assert_uint_eq(out.done, 0);
	ck_assert_uint_eq(in.done, 0);
}
END_TEST

START_TEST(what_is_held_comes_before_what_flows)
{
	static uint8_t sent[2 * CHUNK];
	static uint8_t got[2 * CHUNK];

	put("a", 1, true);
	ck_assert(!step_out(sent, sizeof(sent)));
	ck_assert_uint_eq(take(got, 1), 1);
	ck_assert_uint_eq(got[0], 'a');
	flow(sent, got, sizeof(sent));
}
END_TEST

START_TEST(a_message_that_flowed_lies_in_one_piece)
{
	static uint8_t sent[2 * CHUNK + 5];
	uint64_t there = 0;

	start_at(RING - CHUNK);
	fill(sent, sizeof(sent), 4);
	while (!step_out(sent, sizeof(sent)))
		;
	in.left = sizeof(sent);
	ck_assert_int_eq(ring_in_flowed(&in, &there), WEIR_OK);
	ck_assert_uint_eq(there, sizeof(sent));
	expect_filled(ring_in_payload(&in), sizeof(sent), 4);
}
END_TEST

/*
 * A step that the reader keeps to itself is never larger than what the writer
 * can do without: for every size of the ring a message flows through it though
 * room is returned in whole steps only, but for the last one.
 */
START_TEST(steps_never_exceed_the_ring)
{
	uint64_t size;

	for (size = RING_BYTES_MIN; size <= RING_BYTES_MAX; size *= 2) {
		uint32_t chunk = ring_chunk_bytes(size);

		ck_assert_uint_le(chunk, RING_CHUNK_BYTES);
		/* A chunk, a step not yet returned, and the spare unit. */
		ck_assert_uint_le(2 * chunk + RING_APART_BYTES, size);
	}
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
	bool far = arg != NULL;
	unsigned i;
	bool more;

	for (i = 0; i < MESSAGES; i++) {
		size_t len = length_of(i);

		fill(buf, len, i);
		out.distance.far = far && i % 5;
		more = i % 3 == 0 && i + 1 < MESSAGES;
		if (ring_out_flows(&out, len)) {
			while (!step_out(buf, len))
				sched_yield();
			continue;
		}
		while (ring_out_put(&out, buf, len, 0, more) == WEIR_EAGAIN)
			sched_yield();
	}
	return NULL;
}

/* _i: stores pass the caches by. */
START_TEST(two_threads_exchange_mixed_sizes)
{
	static uint8_t buf[6 * RING];
	pthread_t thread;
	unsigned i;
	size_t len;

	ck_assert_int_eq(pthread_create(&thread, NULL, writer,
					_i ? &thread : NULL), 0);
	for (i = 0; i < MESSAGES; i++) {
		while (!(len = step_in(buf, sizeof(buf))))
			sched_yield();
		ck_assert_uint_eq(len, length_of(i));
		expect_filled(buf, len, i);
	}
	pthread_join(thread, NULL);
}
END_TEST

/* ------------------------------------------------------------------ */
/* A hostile other side.                                               */

/* Begins a message of this length, and says that it came as far as that. */
static int
lie(uint64_t len, uint64_t progress, size_t cap)
{
	static uint8_t buf[4 * RING];
	size_t got = 77;

	ck_assert_int_eq(ring_in_take(&in, len | RING_FLOWS, buf, cap, &got),
			 WEIR_OK);
	ck_assert_uint_eq(got, 0);
	shared_progress = progress;
	return ring_in_flow(&in, buf, cap, &got);
}

START_TEST(a_progress_beyond_the_ring_is_refused)
{
	ck_assert_int_eq(lie(3 * RING, RING + 1, 4 * RING), WEIR_EPROTOCOL);
}
END_TEST

START_TEST(a_progress_that_goes_back_is_none)
{
	start_at(RING);
	ck_assert_int_eq(lie(3 * RING, RING - 8, 4 * RING), WEIR_EAGAIN);
	shared_progress = 0;
	ck_assert_uint_eq(step_in(data, 4 * RING), 0);
}
END_TEST

START_TEST(a_progress_beyond_the_message_ends_it)
{
	ck_assert_int_eq(lie(CHUNK + 1, RING, 4 * RING), WEIR_OK);
	ck_assert_uint_eq(in.left, 1);
}
END_TEST

START_TEST(a_buffer_that_shrinks_on_the_way_is_respected)
{
	static uint8_t buf[2 * RING];
	size_t len;

	ck_assert_int_eq(lie(3 * CHUNK, RING, 4 * RING), WEIR_OK);
	ck_assert_int_eq(ring_in_flow(&in, buf, 2 * CHUNK, &len),
			 WEIR_EPROTOCOL);
}
END_TEST

START_TEST(an_uneven_progress_stays_in_bounds)
{
	static uint8_t buf[4 * RING];
	uint64_t at;
	size_t len = 0;

	ck_assert_int_eq(lie(3 * RING, 1, 4 * RING), WEIR_OK);
	for (at = 2; !len; at += 97) {
		shared_progress = at;
		ck_assert_int_eq(ring_in_flow(&in, buf, sizeof(buf), &len),
				 WEIR_OK);
	}
	ck_assert_uint_eq(len, 3 * RING);
}
END_TEST

START_TEST(a_tail_beyond_the_progress_is_refused)
{
	static uint8_t sent[3 * RING];
	bool whole = false;

	while (ring_out_flow(&out, sent, sizeof(sent), &whole) == WEIR_OK)
		;
	shared_tail = out.done + 1;
	ck_assert_int_eq(ring_out_flow(&out, sent, sizeof(sent), &whole),
			 WEIR_EPROTOCOL);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("flow");
	TCase *tc = tcase_create("flow");

	tcase_add_checked_fixture(tc, setup_apart, teardown);
	tcase_add_test(tc, larger_messages_flow);
	tcase_add_test(tc, a_chunk_is_there_before_the_next_one);
	tcase_add_test(tc, a_refused_message_goes_on_where_it_stopped);
	tcase_add_test(tc, what_is_held_comes_before_what_flows);
	tcase_add_test(tc, a_message_that_flowed_lies_in_one_piece);
	tcase_add_test(tc, steps_never_exceed_the_ring);
	tcase_add_loop_test(tc, two_threads_exchange_mixed_sizes, 0, 2);
	tcase_add_test(tc, a_progress_beyond_the_ring_is_refused);
	tcase_add_test(tc, a_progress_that_goes_back_is_none);
	tcase_add_test(tc, a_progress_beyond_the_message_ends_it);
	tcase_add_test(tc, a_buffer_that_shrinks_on_the_way_is_respected);
	tcase_add_test(tc, an_uneven_progress_stays_in_bounds);
	tcase_add_test(tc, a_tail_beyond_the_progress_is_refused);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite)
