/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/shm/segment.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/shm/memory.h"
#include "tests/unit/unit.h"

#define RING (UINT64_C(64) << 10)

static const struct segment_shape shape = { .ring = { .size = RING } };

static uint32_t canceled;
static struct weir_setup channel_setup = { .cancel = &canceled };
static struct weir_error err;
static struct segment host;
static struct segment client;
static int fd;

static void
setup(void)
{
	canceled = 0;
	memset(&host, 0, sizeof(host));
	memset(&client, 0, sizeof(client));
	fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	ck_assert_int_ge(fd, 0);
}

static void
teardown(void)
{
	segment_unmap(&host);
	segment_unmap(&client);
	close(fd);
}

static void
grow(bool sealed)
{
	ck_assert_int_eq(segment_grow(&channel_setup, fd, &shape, sealed, &err),
			 WEIR_OK);
}

static void
expect_text(const char *part)
{
	ck_assert_msg(strstr(err.text, part) != NULL, "\"%s\" is not in "
		      "\"%s\"", part, err.text);
}

START_TEST(both_sides_see_the_same_rings)
{
	grow(true);
	ck_assert_int_eq(segment_map(&host, fd, WEIR_SIDE_HOST, &shape, &err),
			 WEIR_OK);
	ck_assert_int_eq(segment_check(fd, &shape, true, &err), WEIR_OK);
	ck_assert_int_eq(segment_map(&client, fd, WEIR_SIDE_CLIENT, &shape,
				     &err),
			 WEIR_OK);
	host.out[0] = 'h';
	client.out[0] = 'c';
	ck_assert_int_eq(client.in[0], 'h');
	ck_assert_int_eq(host.in[0], 'c');
}
END_TEST

START_TEST(a_ring_goes_on_at_its_beginning)
{
	grow(true);
	ck_assert_int_eq(segment_map(&host, fd, WEIR_SIDE_HOST, &shape, &err),
			 WEIR_OK);
	host.out[RING + 5] = 1;
	host.out[RING - 1] = 2;
	ck_assert_int_eq(host.out[5], 1);
	ck_assert_int_eq(host.out[2 * RING - 1], 2);
	ck_assert_int_eq(host.in[5], 0);
}
END_TEST

START_TEST(fronts_and_rings_do_not_overlap)
{
	const struct segment_shape all = {
		.ring = { .size = RING, .apart = true }, .slot = true,
	};

	ck_assert_int_eq(segment_grow(&channel_setup, fd, &all, true, &err),
			 WEIR_OK);
	ck_assert_int_eq(segment_map(&host, fd, WEIR_SIDE_HOST, &all, &err),
			 WEIR_OK);
	ck_assert_int_eq(segment_map(&client, fd, WEIR_SIDE_CLIENT, &all,
				     &err),
			 WEIR_OK);
	memset(host.out_slot, 'a', 4096);
	memset(host.out_words, 'b', RING / 16);
	memset(host.out, 'c', RING);
	memset(client.out_slot, 'd', 4096);
	memset(client.out_words, 'e', RING / 16);
	memset(client.out, 'f', RING);
	ck_assert_int_eq(client.in_slot[0], 'a');
	ck_assert_int_eq(client.in_slot[4095], 'a');
	ck_assert_int_eq(((const uint8_t *)client.in_words)[0], 'b');
	ck_assert_int_eq(((const uint8_t *)client.in_words)[4095], 'b');
	ck_assert_int_eq(client.in[0], 'c');
	ck_assert_int_eq(client.in[2 * RING - 1], 'c');
	ck_assert_int_eq(host.in_slot[4095], 'd');
	ck_assert_int_eq(((const uint8_t *)host.in_words)[4095], 'e');
	ck_assert_int_eq(host.in[2 * RING - 1], 'f');
}
END_TEST

START_TEST(a_slot_alone_has_no_ring)
{
	const struct segment_shape slot = { .slot = true };

	ck_assert_int_eq(segment_grow(&channel_setup, fd, &slot, true, &err),
			 WEIR_OK);
	ck_assert_int_eq(segment_map(&host, fd, WEIR_SIDE_HOST, &slot, &err),
			 WEIR_OK);
	ck_assert_ptr_null(host.out);
	ck_assert_ptr_nonnull(host.out_slot);
}
END_TEST

START_TEST(its_pages_are_there_before_they_are_used)
{
	struct stat st;

	grow(true);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_uint_eq((uint64_t)st.st_size, segment_file_bytes(&shape));
	ck_assert_uint_ge((uint64_t)st.st_blocks * 512,
			  segment_file_bytes(&shape));
}
END_TEST

START_TEST(a_sealed_file_keeps_its_size)
{
	grow(true);
	ck_assert_int_lt(ftruncate(fd, 0), 0);
	ck_assert_int_lt(ftruncate(fd, 1 << 30), 0);
}
END_TEST

START_TEST(an_unsealed_file_is_refused)
{
	grow(false);
	ck_assert_int_eq(segment_check(fd, &shape, true, &err), WEIR_EPROTOCOL);
	expect_text("not sealed");
	ck_assert_int_eq(segment_check(fd, &shape, false, &err), WEIR_OK);
}
END_TEST

START_TEST(a_file_that_can_shrink_is_refused)
{
	grow(false);
	ck_assert_int_eq(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SEAL),
			 0);
	ck_assert_int_eq(segment_check(fd, &shape, true, &err), WEIR_EPROTOCOL);
}
END_TEST

START_TEST(another_size_is_refused)
{
	const struct segment_shape other = { .ring = { .size = 2 * RING } };

	grow(true);
	ck_assert_int_eq(segment_check(fd, &other, true, &err),
			 WEIR_EPROTOCOL);
	expect_text("options of both sides");
}
END_TEST

START_TEST(what_is_no_file_is_refused)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	ck_assert_int_ge(null, 0);
	ck_assert_int_eq(segment_check(null, &shape, true, &err),
			 WEIR_EPROTOCOL);
	close(null);
}
END_TEST

START_TEST(a_header_that_nobody_wrote_is_refused)
{
	grow(true);
	ck_assert_int_eq(segment_map(&client, fd, WEIR_SIDE_CLIENT, &shape,
				     &err),
			 WEIR_EPROTOCOL);
	ck_assert_ptr_null(client.header);
}
END_TEST

START_TEST(a_header_that_lies_is_refused)
{
	grow(true);
	ck_assert_int_eq(segment_map(&host, fd, WEIR_SIDE_HOST, &shape, &err),
			 WEIR_OK);
	host.header->ring_bytes = 2 * RING;
	ck_assert_int_eq(segment_map(&client, fd, WEIR_SIDE_CLIENT, &shape,
				     &err),
			 WEIR_EPROTOCOL);
	host.header->ring_bytes = RING;
	host.header->version++;
	ck_assert_int_eq(segment_map(&client, fd, WEIR_SIDE_CLIENT, &shape,
				     &err),
			 WEIR_EPROTOCOL);
	expect_text("version");
}
END_TEST

START_TEST(more_than_the_memory_is_refused)
{
	const struct segment_shape huge = {
		.ring = { .size = UINT64_C(1) << 50 },
	};

	ck_assert_int_eq(segment_grow(&channel_setup, fd, &huge, true, &err),
			 WEIR_ENOMEMORY);
	expect_text("no free memory");
	expect_text("ring_size");
}
END_TEST

START_TEST(a_canceled_run_allocates_no_further)
{
	canceled = 1;
	ck_assert_int_eq(segment_grow(&channel_setup, fd, &shape, true, &err),
			 WEIR_ECANCELED);
}
END_TEST

START_TEST(a_limit_on_files_is_an_error_and_no_signal)
{
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = RING;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(segment_grow(&channel_setup, fd, &shape, true, &err),
			 WEIR_EUNAVAILABLE);
	expect_text("ulimit -f");
}
END_TEST

START_TEST(some_memory_is_available)
{
	ck_assert_uint_gt(memory_available_bytes(), RING);
}
END_TEST

START_TEST(unmapping_twice_is_once)
{
	grow(true);
	ck_assert_int_eq(segment_map(&host, fd, WEIR_SIDE_HOST, &shape, &err),
			 WEIR_OK);
	segment_unmap(&host);
	segment_unmap(&host);
	ck_assert_ptr_null(host.header);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("segment");
	TCase *tc = tcase_create("segment");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, both_sides_see_the_same_rings);
	tcase_add_test(tc, a_ring_goes_on_at_its_beginning);
	tcase_add_test(tc, fronts_and_rings_do_not_overlap);
	tcase_add_test(tc, a_slot_alone_has_no_ring);
	tcase_add_test(tc, its_pages_are_there_before_they_are_used);
	tcase_add_test(tc, a_sealed_file_keeps_its_size);
	tcase_add_test(tc, an_unsealed_file_is_refused);
	tcase_add_test(tc, a_file_that_can_shrink_is_refused);
	tcase_add_test(tc, another_size_is_refused);
	tcase_add_test(tc, what_is_no_file_is_refused);
	tcase_add_test(tc, a_header_that_nobody_wrote_is_refused);
	tcase_add_test(tc, a_header_that_lies_is_refused);
	tcase_add_test(tc, more_than_the_memory_is_refused);
	tcase_add_test(tc, a_canceled_run_allocates_no_further);
	tcase_add_test(tc, a_limit_on_files_is_an_error_and_no_signal);
	tcase_add_test(tc, some_memory_is_available);
	tcase_add_test(tc, unmapping_twice_is_once);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite)
