/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/shm/slot.h"

#include "plugins/shm/slot_in.h"
#include "plugins/shm/slot_out.h"
#include "tests/unit/unit.h"

static _Alignas(4096) uint8_t there[SLOT_BYTES];
static _Alignas(4096) uint8_t back[SLOT_BYTES];
static struct slot_out out, answer_out;
static struct slot_in in, answer_in;
static uint8_t sent[SLOT_MESSAGE_BYTES];
static uint8_t got[SLOT_MESSAGE_BYTES];

static void
setup(void)
{
	size_t i;

	memset(there, 0, sizeof(there));
	memset(back, 0, sizeof(back));
	out = (struct slot_out){ .at = there };
	in = (struct slot_in){ .at = there };
	answer_out = (struct slot_out){ .at = back };
	answer_in = (struct slot_in){ .at = back };
	for (i = 0; i < sizeof(sent); i++)
		sent[i] = (uint8_t)(i * 7 + (i >> 8));
}

/* Takes what is in a slot; its word. */
static uint64_t
take(struct slot_in *s, size_t len)
{
	uint64_t word = slot_in_peek(s);

	ck_assert_uint_ne(word, 0);
	ck_assert_uint_eq(slot_in_check(word, sizeof(got)), len);
	memset(got, 0xee, sizeof(got));
	slot_in_copy(s, word, got, len, false);
	slot_in_pass(s, word);
	return word;
}

START_TEST(an_empty_slot_has_no_word)
{
	ck_assert_uint_eq(slot_in_peek(&in), 0);
	ck_assert(slot_out_free(&out));
}
END_TEST

START_TEST(every_size_arrives_whole)
{
	size_t len;

	for (len = 1; len <= SLOT_MESSAGE_BYTES; len++) {
		slot_out_put(&out, sent, len, 0, false);
		ck_assert(!slot_out_free(&out));
		take(&in, len);
		ck_assert_mem_eq(got, sent, len);
		ck_assert_uint_eq(slot_in_peek(&in), 0);
		slot_out_put(&answer_out, sent, 1, slot_in_ack(&in), false);
		slot_out_ack(&out, take(&answer_in, 1));
		ck_assert(slot_out_free(&out));
	}
}
END_TEST

START_TEST(the_same_message_again_is_a_new_one)
{
	slot_out_put(&out, sent, 8, 0, false);
	take(&in, 8);
	slot_out_put(&out, sent, 8, 0, false);
	take(&in, 8);
}
END_TEST

START_TEST(two_lines_are_waited_for)
{
	uint64_t *second = (uint64_t *)(void *)(there + 64);
	uint64_t word;

	slot_out_put(&out, sent, 64, 0, false);
	word = *second;
	*second = 0;
	ck_assert_uint_eq(slot_in_peek(&in), 0);
	*second = word;
	take(&in, 64);
	ck_assert_mem_eq(got, sent, 64);
}
END_TEST

START_TEST(what_is_written_in_place_is_in_one_piece)
{
	memcpy(slot_out_place(&out), sent, 64);
	slot_out_commit(&out, 64, 0);
	take(&in, 64);
	ck_assert_mem_eq(got, sent, 64);
}
END_TEST

START_TEST(an_answer_gives_the_slot_back_after_any_number)
{
	out.sent = out.acked = (UINT64_C(1) << 40) + RING_ACK_BITS - 1;
	in.taken = in.told = out.sent;
	for (int i = 0; i < 5; i++) {
		slot_out_put(&out, sent, 8, 0, false);
		take(&in, 8);
		slot_out_ack(&out, slot_in_ack(&in));
		ck_assert(slot_out_free(&out));
	}
}
END_TEST

START_TEST(an_answer_that_lies_is_not_believed)
{
	slot_out_put(&out, sent, 8, 0, false);
	slot_out_ack(&out, UINT64_C(2) << RING_ACK_SHIFT);
	ck_assert_uint_eq(out.acked, 0);
	slot_out_ack(&out, RING_ACK_BITS << RING_ACK_SHIFT);
	ck_assert_uint_eq(out.acked, 0);
}
END_TEST

START_TEST(too_many_to_tell_are_not_believed_either)
{
	out.sent = RING_ACK_BITS + 2;
	slot_out_ack(&out, UINT64_C(1) << RING_ACK_SHIFT);
	ck_assert_uint_eq(out.acked, 0);
}
END_TEST

START_TEST(a_length_that_cannot_be_is_refused)
{
	ck_assert_uint_eq(slot_in_check(0, 4096), 0);
	ck_assert_uint_eq(slot_in_check(65, 64), 0);
	ck_assert_uint_eq(slot_in_check(SLOT_PAIR_BYTES + 1, 4096), 0);
	ck_assert_uint_eq(slot_in_check(SLOT_BEHIND |
					(SLOT_MESSAGE_BYTES + 1), 1 << 20), 0);
	ck_assert_uint_eq(slot_in_check(RING_LENGTH_BITS, SIZE_MAX), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("slot");
	TCase *tc = tcase_create("slot");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, an_empty_slot_has_no_word);
	tcase_add_test(tc, every_size_arrives_whole);
	tcase_add_test(tc, the_same_message_again_is_a_new_one);
	tcase_add_test(tc, two_lines_are_waited_for);
	tcase_add_test(tc, what_is_written_in_place_is_in_one_piece);
	tcase_add_test(tc, an_answer_gives_the_slot_back_after_any_number);
	tcase_add_test(tc, an_answer_that_lies_is_not_believed);
	tcase_add_test(tc, too_many_to_tell_are_not_believed_either);
	tcase_add_test(tc, a_length_that_cannot_be_is_refused);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite)
