/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/shm/options.h"

#include "plugins/common/rendezvous.h"
#include "tests/unit/unit.h"

static struct shm_options options;
static struct weir_setup channel_setup;
static struct segment_shape shape;
static struct weir_error err;

static void
setup(void)
{
	memset(&options, 0, sizeof(options));
	options.wait = SHM_SPIN;
	options.prefault = 1;
	channel_setup = (struct weir_setup){
		.max_message_bytes = 64, .options = &options,
	};
}

static void
expect_shape(uint64_t max_bytes)
{
	channel_setup.max_message_bytes = max_bytes;
	ck_assert_int_eq(options_shape(&channel_setup, &shape, &err),
			 WEIR_OK);
}

static void
expect_refused(int status, const char *part)
{
	ck_assert_int_eq(options_shape(&channel_setup, &shape, &err), status);
	ck_assert_msg(strstr(err.text, part) != NULL, "\"%s\" is not in "
		      "\"%s\"", part, err.text);
}

START_TEST(small_messages_get_a_slot_and_a_small_ring)
{
	expect_shape(64);
	ck_assert(shape.slot && !shape.ring.apart);
	ck_assert_uint_eq(shape.ring.size, 4096);
	expect_shape(1024);
	ck_assert_uint_eq(shape.ring.size, 16384);
}
END_TEST

START_TEST(large_messages_get_a_large_ring)
{
	expect_shape(64 << 10);
	ck_assert(!shape.slot && shape.ring.apart);
	ck_assert_uint_eq(shape.ring.size, 2 << 20);
	expect_shape(1 << 20);
	ck_assert_uint_eq(shape.ring.size, 4 << 20);
}
END_TEST

START_TEST(throughput_gets_a_large_ring)
{
	options.mode = SHM_THROUGHPUT;
	expect_shape(64);
	ck_assert(shape.ring.apart);
	ck_assert_uint_eq(shape.ring.size, 2 << 20);
	expect_shape(65536);
	ck_assert_uint_eq(shape.ring.size, 4 << 20);
}
END_TEST

START_TEST(words_lie_within_only_where_nothing_flows)
{
	uint64_t bytes;

	for (options.ring_size = 4096; options.ring_size <= 1 << 20;
	     options.ring_size *= 2) {
		for (bytes = 1; bytes < 20000; bytes += 37) {
			expect_shape(bytes);
			ck_assert(shape.ring.apart ||
				  bytes + RING_WITHIN_BYTES <=
					  ring_chunk_bytes(shape.ring.size));
		}
	}
}
END_TEST

/* So that any of them can be lent. */
START_TEST(every_size_fits_its_ring_in_place)
{
	uint64_t bytes;

	for (bytes = 1; bytes <= WEIR_MESSAGE_BYTES_MAX; bytes *= 2) {
		struct ring_place place;

		expect_shape(bytes);
		place = ring_place_of(&shape.ring, false);
		ck_assert_uint_ge(ring_longest_bytes(&place), bytes);
	}
}
END_TEST

START_TEST(a_size_of_the_ring_is_taken_as_it_is)
{
	options.ring_size = 65536;
	expect_shape(16 << 20);
	ck_assert_uint_eq(shape.ring.size, 65536);
	options.ring_size = 65536 + 4096;
	expect_refused(WEIR_EINVALID, "power of two");
}
END_TEST

START_TEST(a_slot_names_its_limit)
{
	options.layout = SHM_SLOT;
	expect_shape(8064);
	ck_assert(shape.slot && !shape.ring.size);
	channel_setup.max_message_bytes = 8065;
	expect_refused(WEIR_ETOOBIG, "8064");
}
END_TEST

START_TEST(a_slot_is_not_for_throughput)
{
	options.layout = SHM_SLOT;
	options.mode = SHM_THROUGHPUT;
	expect_refused(WEIR_EINVALID, "layout = ring");
}
END_TEST

START_TEST(an_eventfd_has_no_name)
{
	options.wait = SHM_EVENTFD;
	options.rendezvous = RENDEZVOUS_PATH;
	expect_refused(WEIR_EINVALID, "eventfd");
}
END_TEST

START_TEST(huge_pages_need_a_ring_that_fills_one)
{
	options.huge_pages = 1;
	expect_refused(WEIR_EINVALID, "2Mi");
}
END_TEST

START_TEST(huge_pages_need_a_memfd)
{
	options.huge_pages = 1;
	options.mode = SHM_THROUGHPUT;
	options.rendezvous = RENDEZVOUS_PATH;
	expect_refused(WEIR_EINVALID, "rendezvous = fd");
}
END_TEST

START_TEST(huge_pages_are_there_or_a_reason_is)
{
	int status;

	options.huge_pages = 1;
	options.mode = SHM_THROUGHPUT;
	status = options_shape(&channel_setup, &shape, &err);
	ck_assert(status == WEIR_OK ||
		  strstr(err.text, "transparent_hugepage/shmem_enabled"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("options");
	TCase *tc = tcase_create("options");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, small_messages_get_a_slot_and_a_small_ring);
	tcase_add_test(tc, large_messages_get_a_large_ring);
	tcase_add_test(tc, throughput_gets_a_large_ring);
	tcase_add_test(tc, words_lie_within_only_where_nothing_flows);
	tcase_add_test(tc, every_size_fits_its_ring_in_place);
	tcase_add_test(tc, a_size_of_the_ring_is_taken_as_it_is);
	tcase_add_test(tc, a_slot_names_its_limit);
	tcase_add_test(tc, a_slot_is_not_for_throughput);
	tcase_add_test(tc, an_eventfd_has_no_name);
	tcase_add_test(tc, huge_pages_need_a_ring_that_fills_one);
	tcase_add_test(tc, huge_pages_need_a_memfd);
	tcase_add_test(tc, huge_pages_are_there_or_a_reason_is);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite)
