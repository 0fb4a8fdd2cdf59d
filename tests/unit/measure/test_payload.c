/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/payload.h"

#include "tests/unit/unit.h"

static unsigned char buf[4096];

START_TEST(header_survives)
{
	payload_stamp(buf, 64, UINT64_C(0x0102030405060708), 77);
	ck_assert_uint_eq(payload_sequence(buf, 64),
			  UINT64_C(0x0102030405060708));
	ck_assert_uint_eq(payload_sent_ns(buf), 77);
	ck_assert_uint_eq(buf[0], 8); /* little endian */
}
END_TEST

START_TEST(small_sizes_keep_the_low_bytes)
{
	for (size_t size = 1; size < 8; size++) {
		uint64_t sequence = UINT64_C(0x1122334455667788);

		memset(buf, 0xee, sizeof(buf));
		payload_stamp(buf, size, sequence, 1);
		ck_assert_uint_eq(payload_sequence(buf, size),
				  sequence & payload_sequence_mask(size));
		ck_assert_uint_eq(buf[size], 0xee);
	}
}
END_TEST

START_TEST(a_stamp_stays_in_the_message)
{
	for (size_t size = 8; size <= 16; size++) {
		memset(buf, 0xee, sizeof(buf));
		payload_stamp(buf, size, 5, 6);
		ck_assert_uint_eq(payload_sequence(buf, size), 5);
		ck_assert_uint_eq(buf[size], 0xee);
	}
}
END_TEST

START_TEST(a_pattern_is_recognised)
{
	static const size_t sizes[] = { 1, 16, 17, 23, 24, 25, 64, 1000 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		memset(buf, 0xee, sizeof(buf));
		payload_fill(buf, sizes[i], 9);
		ck_assert(payload_check(buf, sizes[i], 9));
		if (sizes[i] > PAYLOAD_HEADER_BYTES)
			ck_assert_uint_eq(buf[sizes[i]], 0xee);
	}
}
END_TEST

START_TEST(any_changed_byte_is_seen)
{
	payload_fill(buf, 61, 9);
	for (size_t at = PAYLOAD_HEADER_BYTES; at < 61; at++) {
		buf[at] ^= 0x10;
		ck_assert(!payload_check(buf, 61, 9));
		buf[at] ^= 0x10;
	}
	ck_assert(payload_check(buf, 61, 9));
}
END_TEST

START_TEST(the_pattern_of_another_message_is_seen)
{
	payload_fill(buf, 24, 9);
	ck_assert(!payload_check(buf, 24, 10));
	ck_assert(!payload_check(buf, 24, 8));
}
END_TEST

START_TEST(marks_are_told_by_length_and_kind)
{
	uint64_t value = 0;
	size_t len = payload_mark_bytes(64);

	payload_mark_write(buf, PAYLOAD_END, 1234);
	ck_assert(payload_mark_read(buf, len, 64, PAYLOAD_END, &value));
	ck_assert_uint_eq(value, 1234);
	ck_assert(!payload_mark_read(buf, len, 64, PAYLOAD_START, &value));
	ck_assert(!payload_mark_read(buf, len + 1, 64, PAYLOAD_END, &value));
}
END_TEST

START_TEST(no_size_equals_its_mark)
{
	for (size_t size = 1; size < 64; size++) {
		ck_assert_uint_ne(payload_mark_bytes(size), size);
		ck_assert_uint_le(payload_mark_bytes(size),
				  payload_max_bytes(size));
		ck_assert_uint_le(size, payload_max_bytes(size));
		ck_assert_uint_le(payload_mark_bytes(size),
				  PAYLOAD_BUFFER_BYTES(size));
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("measure/payload");
	TCase *c = tcase_create("payload");

	tcase_add_test(c, header_survives);
	tcase_add_test(c, small_sizes_keep_the_low_bytes);
	tcase_add_test(c, a_stamp_stays_in_the_message);
	tcase_add_test(c, a_pattern_is_recognised);
	tcase_add_test(c, any_changed_byte_is_seen);
	tcase_add_test(c, the_pattern_of_another_message_is_seen);
	tcase_add_test(c, marks_are_told_by_length_and_kind);
	tcase_add_test(c, no_size_equals_its_mark);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
