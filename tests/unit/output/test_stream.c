/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/stream.h"

#include <pthread.h>
#include <string.h>

#include "core/measure/tape.h"
#include "tests/unit/output/folder.h"
#include "tests/unit/unit.h"

static char id[] = "cell";
static struct plan_cell cell = { .id = id,
				 .axes = { .transport = "uds",
					   .size_bytes = 64,
					   .concurrency = 2 } };
static const struct affinity anywhere;
static struct output_stream *stream;
static struct result_stream counts;
static struct weir_error err;
static const int *tapes;

static void
open_stream(const char *json, const char *csv)
{
	ck_assert_msg(!output_stream_open(json, csv, &stream, &err), "%s",
		      err.text);
}

static void
begin(void)
{
	ck_assert_msg(!output_stream_begin(stream, &cell, 0, &anywhere,
					   &tapes, &err), "%s", err.text);
}

/* As a lane does. */
static void
note(uint32_t channel, uint64_t n)
{
	const uint32_t cancel = 0;
	struct tape tape;

	ck_assert_int_eq(tape_open(tapes[channel], &tape, &err), WEIR_OK);
	for (uint64_t i = 0; i < n; i++) {
		if (tape_full(&tape))
			ck_assert_int_eq(tape_wait(&tape, &cancel), WEIR_OK);
		tape_put(&tape, i, i, i);
	}
	tape_close(&tape);
}

static size_t
count_lines(const char *name)
{
	char *text = NULL;
	size_t len, n = 0;

	ck_assert_msg(!io_read_file(folder_path(name), 64 << 20, &text, &len,
				    &err), "%s", err.text);
	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	free(text);
	return n;
}

START_TEST(without_a_file_there_is_no_stream)
{
	open_stream("", "");
	ck_assert_ptr_null(stream);
	ck_assert_int_eq(output_stream_close(stream, &err), WEIR_OK);
}
END_TEST

START_TEST(every_record_of_every_channel_is_a_line)
{
	open_stream(folder_path("a/s.json"), folder_path("s.csv"));
	begin();
	note(0, 100000);
	note(1, 10);
	output_stream_end(stream, &counts);
	ck_assert(counts.on);
	ck_assert_uint_eq(counts.records, 100010);
	begin();
	note(1, 5);
	output_stream_end(stream, &counts);
	ck_assert_uint_eq(counts.records, 5);
	ck_assert_uint_eq(counts.stalls, 0);
	ck_assert_int_eq(output_stream_close(stream, &err), WEIR_OK);
	ck_assert_uint_eq(count_lines("a/s.json"), 100015);
	ck_assert_uint_eq(count_lines("s.csv"), 100016);
}
END_TEST

START_TEST(a_stream_without_trials_is_a_header)
{
	open_stream("", folder_path("s.csv"));
	output_stream_end(stream, &counts);
	ck_assert(!counts.on);
	ck_assert_int_eq(output_stream_close(stream, &err), WEIR_OK);
	ck_assert_uint_eq(count_lines("s.csv"), 1);
}
END_TEST

/* The lanes go on, and the other file has everything. */
START_TEST(a_full_disk_ends_one_stream)
{
	open_stream("/dev/full", folder_path("s.csv"));
	begin();
	note(0, 200000);
	output_stream_end(stream, &counts);
	ck_assert_uint_eq(counts.records, 200000);
	ck_assert_int_eq(output_stream_close(stream, &err), WEIR_ESYSTEM);
	ck_assert_ptr_nonnull(strstr(err.text, "/dev/full"));
	ck_assert_ptr_nonnull(strstr(err.text, "No space left"));
	ck_assert_uint_eq(count_lines("s.csv"), 200001);
}
END_TEST

START_TEST(a_lying_lane_ends_the_stream)
{
	struct tape tape;

	open_stream(folder_path("s.json"), "");
	begin();
	ck_assert_int_eq(tape_open(tapes[0], &tape, &err), WEIR_OK);
	__atomic_store_n(&tape.page->head, UINT64_MAX, __ATOMIC_RELEASE);
	output_stream_end(stream, &counts);
	tape_close(&tape);
	ck_assert_uint_eq(counts.records, 0);
	ck_assert_int_eq(output_stream_close(stream, &err), WEIR_EPROTOCOL);
}
END_TEST

static uint32_t enough;

/* A lane that goes on when its trial is over: its tape is full again as soon
 * as there is room. */
static void *
note_for_ever(void *argument)
{
	struct tape_page *page = ((struct tape *)argument)->page;
	uint64_t slots = ((struct tape *)argument)->mask + 1;

	while (!__atomic_load_n(&enough, __ATOMIC_RELAXED))
		__atomic_store_n(&page->head,
				 __atomic_load_n(&page->tail,
						 __ATOMIC_ACQUIRE) + slots,
				 __ATOMIC_RELEASE);
	return NULL;
}

/* Was its stream ended for that? Not where the lane gets no CPU for so long
 * that its tape is once empty. */
static bool
ended_for_ever(void)
{
	struct tape tape;
	pthread_t lane;
	int status;

	open_stream("", "/dev/null");
	begin();
	ck_assert_int_eq(tape_open(tapes[0], &tape, &err), WEIR_OK);
	__atomic_store_n(&enough, 0, __ATOMIC_RELAXED);
	ck_assert_int_eq(pthread_create(&lane, NULL, note_for_ever, &tape), 0);
	output_stream_end(stream, &counts);
	__atomic_store_n(&enough, 1, __ATOMIC_RELAXED);
	pthread_join(lane, NULL);
	tape_close(&tape);
	status = output_stream_close(stream, &err);
	return status == WEIR_EPROTOCOL && strstr(err.text, "after the end");
}

START_TEST(a_lane_that_goes_on_keeps_nobody)
{
	bool ended = false;

	for (int i = 0; i < 100 && !ended; i++)
		ended = ended_for_ever();
	ck_assert(ended);
}
END_TEST

START_TEST(what_cannot_be_opened_is_said_at_once)
{
	ck_assert_int_ne(output_stream_open(folder, "", &stream, &err),
			 WEIR_OK);
	ck_assert_ptr_nonnull(strstr(err.text, folder));
	ck_assert_ptr_null(stream);
	ck_assert_int_ne(output_stream_open(folder_path("s.json"),
					    "/proc/none/s.csv", &stream,
					    &err), WEIR_OK);
	ck_assert_ptr_null(stream);
}
END_TEST

static Suite *
suite(void)
{
	Suite *all = suite_create("stream");
	TCase *c = tcase_create("stream");

	tcase_add_checked_fixture(c, folder_make, folder_remove);
	tcase_add_test(c, without_a_file_there_is_no_stream);
	tcase_add_test(c, every_record_of_every_channel_is_a_line);
	tcase_add_test(c, a_stream_without_trials_is_a_header);
	tcase_add_test(c, a_full_disk_ends_one_stream);
	tcase_add_test(c, a_lying_lane_ends_the_stream);
	tcase_add_test(c, a_lane_that_goes_on_keeps_nobody);
	tcase_add_test(c, what_cannot_be_opened_is_said_at_once);
	suite_add_tcase(all, c);
	return all;
}

UNIT_MAIN(suite)
