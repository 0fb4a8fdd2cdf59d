/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/tape.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "tests/unit/unit.h"

static struct tape reader, writer;
static struct weir_error err;
static uint32_t cancel;
static int fd;

static void
set_up(void)
{
	ck_assert_int_eq(tape_create(TAPE_SLOTS_MIN, &reader, &fd, &err),
			 WEIR_OK);
	ck_assert_msg(!tape_open(fd, &writer, &err), "%s", err.text);
}

static void
tear_down(void)
{
	tape_close(&reader);
	tape_close(&writer);
	close(fd);
}

static void
put(uint64_t id)
{
	if (tape_full(&writer))
		ck_assert_int_eq(tape_wait(&writer, &cancel), WEIR_OK);
	tape_put(&writer, 1000 + id, id, 10 * id);
}

/* Takes what is there in a row; the records must begin with that number. */
static size_t
take(uint64_t id)
{
	const struct tape_record *records;
	size_t n;

	ck_assert_int_eq(tape_peek(&reader, &records, &n, &err), WEIR_OK);
	for (size_t i = 0; i < n; i++) {
		ck_assert_uint_eq(records[i].message_id, id + i);
		ck_assert_uint_eq(records[i].timestamp_ns, 1000 + id + i);
		ck_assert_uint_eq(records[i].latency_ns, 10 * (id + i));
	}
	tape_advance(&reader, n);
	return n;
}

START_TEST(records_come_in_order)
{
	ck_assert_uint_eq(take(0), 0);
	for (uint64_t id = 0; id < 700; id++)
		put(id);
	ck_assert_uint_eq(take(0), 700);
	for (uint64_t id = 700; id < 1400; id++)
		put(id);
	ck_assert_uint_eq(take(700), 324); /* up to the ring's end */
	ck_assert_uint_eq(take(1024), 376);
	ck_assert_uint_eq(take(1400), 0);
}
END_TEST

#define MANY UINT64_C(200000)

static void *
produce(void *unused)
{
	for (uint64_t id = 0; id < MANY; id++)
		put(id);
	return unused;
}

START_TEST(nothing_is_lost_between_two_threads)
{
	uint64_t taken = 0, stalls, stalled_ns;
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, produce, NULL), 0);
	while (taken < MANY)
		taken += take(taken);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(taken, MANY);
	tape_stalls(&reader, &stalls, &stalled_ns);
	ck_assert_uint_eq(!stalls, !stalled_ns);
}
END_TEST

/* The reader begins only when the writer says that it waits. */
START_TEST(a_wait_is_counted)
{
	uint64_t taken = 0, stalls, stalled_ns;
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, produce, NULL), 0);
	while (!__atomic_load_n(&reader.page->waiting, __ATOMIC_SEQ_CST) ||
	       __atomic_load_n(&reader.page->head, __ATOMIC_SEQ_CST) <
			TAPE_SLOTS_MIN)
		;
	while (taken < MANY)
		taken += take(taken);
	pthread_join(thread, NULL);
	tape_stalls(&reader, &stalls, &stalled_ns);
	ck_assert_uint_ge(stalls, 1);
	ck_assert_uint_gt(stalled_ns, 0);
}
END_TEST

static void *
fill(void *ret_status)
{
	for (uint64_t id = 0; id < TAPE_SLOTS_MIN; id++)
		put(id);
	*(int *)ret_status = tape_wait(&writer, &cancel);
	return NULL;
}

START_TEST(a_wait_can_be_canceled)
{
	int status = WEIR_OK;
	pthread_t thread;

	cancel = 0;
	ck_assert_int_eq(pthread_create(&thread, NULL, fill, &status), 0);
	while (!__atomic_load_n(&reader.page->waiting, __ATOMIC_SEQ_CST))
		;
	__atomic_store_n(&cancel, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	cancel = 0;
	ck_assert_int_eq(status, WEIR_ECANCELED);
}
END_TEST

START_TEST(a_lying_producer_is_an_error)
{
	static const uint64_t lies[] = { TAPE_SLOTS_MIN + 1, UINT64_MAX,
					 UINT64_C(1) << 63 };
	const struct tape_record *records;
	size_t n;

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		writer.page->head = lies[i];
		ck_assert_int_eq(tape_peek(&reader, &records, &n, &err),
				 WEIR_EPROTOCOL);
	}
	writer.page->head = TAPE_SLOTS_MIN;
	ck_assert_int_eq(tape_peek(&reader, &records, &n, &err), WEIR_OK);
	ck_assert_uint_eq(n, TAPE_SLOTS_MIN);
}
END_TEST

START_TEST(what_is_no_tape_is_refused)
{
	static const off_t sizes[] = { 0, 100, 4096, 4096 + 24 * 1000,
				       4096 + 24 * 1024 + 1,
				       4096 + 24 * 131072 };
	struct tape other;
	int null = memfd_create("test", MFD_CLOEXEC), pipes[2];

	/* Large enough, but without seals. */
	ck_assert_int_eq(ftruncate(null, 4096 + 24 * 1024), 0);
	ck_assert_int_eq(tape_open(null, &other, &err), WEIR_EPROTOCOL);
	close(null);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		int odd = memfd_create("test", MFD_CLOEXEC |
						MFD_ALLOW_SEALING);

		ck_assert_int_eq(ftruncate(odd, sizes[i]), 0);
		ck_assert_int_eq(fcntl(odd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
		ck_assert_int_eq(tape_open(odd, &other, &err),
				 WEIR_EPROTOCOL);
		close(odd);
	}
	ck_assert_int_eq(pipe(pipes), 0);
	ck_assert_int_eq(tape_open(pipes[0], &other, &err), WEIR_EPROTOCOL);
	close(pipes[0]);
	close(pipes[1]);
	ck_assert_int_ne(tape_open(-1, &other, &err), WEIR_OK);
}
END_TEST

static Suite *
suite(void)
{
	Suite *all = suite_create("tape");
	TCase *c = tcase_create("tape");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, records_come_in_order);
	tcase_add_test(c, nothing_is_lost_between_two_threads);
	tcase_add_test(c, a_wait_is_counted);
	tcase_add_test(c, a_wait_can_be_canceled);
	tcase_add_test(c, a_lying_producer_is_an_error);
	tcase_add_test(c, what_is_no_tape_is_refused);
	suite_add_tcase(all, c);
	return all;
}

UNIT_MAIN(suite)
