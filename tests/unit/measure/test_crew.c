/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The crew and its lanes over the transport of sides.h.
 */
#include "core/measure/crew.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/measure/affinity.h"
#include "core/measure/tape.h"
#include "tests/unit/measure/sides.h"

static void
make_sides(enum lane_pattern pattern, uint32_t n, size_t size, uint64_t count)
{
	struct lane_spec spec = usual_spec(pattern, size, count);

	make_sides_as(&spec, n);
}

START_TEST(round_trips_are_all_counted)
{
	make_sides(LANE_ROUND_TRIP, 1, 64, 500);
	ck_assert_int_eq(run_both(), LANE_DONE);
	collect_both();
	ck_assert_uint_eq(host.report.integrity.sent, 500);
	ck_assert_uint_eq(host.report.integrity.received, 500);
	ck_assert_uint_eq(host.report.latency->samples, 500);
	ck_assert_uint_eq(client.report.integrity.sent, 500);
	ck_assert_uint_eq(client.report.integrity.received, 500);
	ck_assert_ptr_null(client.report.latency);
	ck_assert_uint_eq(host.report.integrity.corrupt, 0);
	end_both();
}
END_TEST

/* The end of a sample is the start of the next. */
START_TEST(samples_add_up_to_the_elapsed_time)
{
	make_sides(LANE_ROUND_TRIP, 1, 64, 200);
	ck_assert_int_eq(run_both(), LANE_DONE);
	collect_both();
	ck_assert_uint_eq(host.report.latency->sum_ns,
			  host.report.ended_ns - host.report.started_ns);
	end_both();
}
END_TEST

START_TEST(one_way_is_sampled_by_the_receiver)
{
	make_sides(LANE_ONE_WAY, 1, 64, 500);
	ck_assert_int_eq(run_both(), LANE_DONE);
	collect_both();
	ck_assert_uint_eq(host.report.integrity.sent, 500);
	ck_assert_uint_eq(client.report.integrity.received, 500);
	ck_assert_uint_eq(client.report.latency->samples, 500);
	ck_assert_uint_ge(client.report.ended_ns, host.report.started_ns);
	end_both();
}
END_TEST

START_TEST(too_small_for_a_time_means_no_latency)
{
	make_sides(LANE_ONE_WAY, 1, 8, 100);
	ck_assert_int_eq(run_both(), LANE_DONE);
	collect_both();
	ck_assert_uint_eq(client.report.integrity.received, 100);
	ck_assert_ptr_null(client.report.latency);
	end_both();
}
END_TEST

START_TEST(every_size_from_one_byte_works)
{
	for (size_t size = 1; size <= 26; size++) {
		make_sides(LANE_ROUND_TRIP, 1, size, 300);
		ck_assert_int_eq(run_both(), LANE_DONE);
		collect_both();
		ck_assert_uint_eq(host.report.integrity.received, 300);
		ck_assert_uint_eq(host.report.integrity.lost, 0);
		ck_assert_uint_eq(host.report.integrity.corrupt, 0);
		end_both();
	}
}
END_TEST

START_TEST(several_channels_are_merged)
{
	make_sides(LANE_ROUND_TRIP, 4, 64, 100);
	ck_assert_int_eq(run_both(), LANE_DONE);
	collect_both();
	ck_assert_uint_eq(host.report.latency->samples, 400);
	ck_assert_uint_eq(client.report.integrity.received, 400);
	end_both();
}
END_TEST

START_TEST(the_first_message_can_be_included)
{
	struct lane_spec spec = usual_spec(LANE_ROUND_TRIP, 64, 100);

	spec.include_first = true;
	make_sides_as(&spec, 1);
	ck_assert_int_eq(run_both(), LANE_DONE);
	collect_both();
	ck_assert_uint_eq(host.report.latency->samples, 101);
	ck_assert_uint_eq(host.report.integrity.sent, 101);
	ck_assert_uint_eq(client.report.integrity.received, 101);
	ck_assert_uint_ne(host.report.first_message_ns, REPORT_NO_TIME);
	end_both();
}
END_TEST

/* And not before: the initiator sends until then, whenever the last of it
 * arrives. */
START_TEST(a_duration_ends_the_phase)
{
	static const enum lane_pattern patterns[] = { LANE_ROUND_TRIP,
						      LANE_ONE_WAY };
	struct lane_spec spec = usual_spec(patterns[_i], 64, UINT64_MAX);

	spec.timed.duration_ns = 5 * NS_PER_MS;
	make_sides_as(&spec, 1);
	ck_assert_int_eq(run_both(), LANE_DONE);
	collect_both();
	ck_assert_uint_ge(host.report.ended_ns - host.report.started_ns,
			  5 * NS_PER_MS);
	end_both();
}
END_TEST

/* 1 first + 2 marks and 10 messages of warm-up + 1 mark come before. */
START_TEST(a_lost_message_is_counted)
{
	make_sides(LANE_ONE_WAY, 1, 64, 100);
	host.channels[0].lose_at = 1 + 12 + 1 + 50;
	ck_assert_int_eq(run_both(), LANE_DONE);
	collect_both();
	ck_assert_uint_eq(host.report.integrity.sent, 100);
	ck_assert_uint_eq(client.report.integrity.received, 99);
	ck_assert_uint_eq(client.report.integrity.lost, 1);
	end_both();
}
END_TEST

START_TEST(a_failing_lane_is_named)
{
	make_sides(LANE_ONE_WAY, 1, 64, 100);
	host.channels[0].fail_at = 20;
	ck_assert_int_eq(run_both(), -2);
	ck_assert_int_eq(crew_fault(host.crew, &err), WEIR_ESYSTEM);
	ck_assert_ptr_nonnull(strstr(err.text, "channel 0"));
	end_both();
}
END_TEST

/* Nobody answers: the lane sits in a blocking call. */
START_TEST(a_blocked_lane_is_canceled)
{
	uint64_t begun_ns;

	make_sides(LANE_ROUND_TRIP, 1, 64, 100);
	ck_assert_int_eq(crew_start(host.crew, &err), WEIR_OK);
	ck_assert_int_eq(wait_beyond(&host, -1), LANE_FIRST);
	crew_release(host.crew, LANE_FIRST);
	begun_ns = clock_now_ns();
	ck_assert(crew_cancel(host.crew));
	ck_assert_uint_lt(clock_now_ns() - begun_ns, 2 * NS_PER_S);
	ck_assert_int_eq(crew_fault(host.crew, &err), WEIR_OK);
	end_both();
}
END_TEST

START_TEST(a_lane_at_a_barrier_is_canceled)
{
	make_sides(LANE_ROUND_TRIP, 2, 64, 100);
	ck_assert_int_eq(crew_start(host.crew, &err), WEIR_OK);
	ck_assert_int_eq(wait_beyond(&host, -1), LANE_FIRST);
	ck_assert(crew_cancel(host.crew));
	end_both();
}
END_TEST

START_TEST(progress_is_seen_from_outside)
{
	make_sides(LANE_ROUND_TRIP, 1, 64, 100);
	ck_assert_int_eq(run_both(), LANE_DONE);
	ck_assert_uint_eq(crew_progress(host.crew), 100);
	end_both();
}
END_TEST

START_TEST(a_cpu_that_is_not_there_fails_the_start)
{
	struct lane_spec spec = { .ops = &pair_ops, .size = 64 };
	struct crew_seat seat = { 0, 1023, NULL };
	struct crew *crew;

	ck_assert_int_eq(crew_create(&spec, &seat, 1, &crew, &err), WEIR_OK);
	ck_assert_int_eq(crew_start(crew, &err), WEIR_EUNAVAILABLE);
	ck_assert_ptr_nonnull(strstr(err.text, "CPU 1023"));
	crew_destroy(crew);
}
END_TEST

/* Gives one side's lane a tape, and returns what is then on it. */
static uint64_t
taped(enum lane_pattern pattern, struct side *side, size_t size,
      const struct tape_record **ret_records, struct tape *ret_reader)
{
	struct tape writer;
	size_t n;
	int fd;

	ck_assert_int_eq(tape_create(TAPE_SLOTS_MIN, ret_reader, &fd, &err),
			 WEIR_OK);
	ck_assert_int_eq(tape_open(fd, &writer, &err), WEIR_OK);
	close(fd);
	make_sides(pattern, 1, size, 300);
	crew_set_tape(side->crew, 0, &writer);
	ck_assert_int_eq(run_both(), LANE_DONE);
	collect_both();
	ck_assert_int_eq(tape_peek(ret_reader, ret_records, &n, &err),
			 WEIR_OK);
	tape_close(&writer);
	return n;
}

START_TEST(round_trips_are_noted)
{
	const struct tape_record *r;
	struct tape tape;
	uint64_t sum = 0;

	ck_assert_uint_eq(taped(LANE_ROUND_TRIP, &host, 64, &r, &tape), 300);
	for (uint64_t i = 0; i < 300; i++) {
		ck_assert_uint_eq(r[i].message_id, i);
		sum += r[i].latency_ns;
	}
	ck_assert_uint_eq(sum, host.report.latency->sum_ns);
	ck_assert_uint_eq(r[299].timestamp_ns, host.report.ended_ns);
	end_both();
	tape_close(&tape);
}
END_TEST

START_TEST(one_way_is_noted_by_the_receiver)
{
	const struct tape_record *r;
	struct tape tape;
	uint64_t sum = 0;

	ck_assert_uint_eq(taped(LANE_ONE_WAY, &client, 64, &r, &tape), 300);
	for (uint64_t i = 0; i < 300; i++) {
		ck_assert_uint_eq(r[i].message_id, i);
		sum += r[i].latency_ns;
	}
	ck_assert_uint_eq(sum, client.report.latency->sum_ns);
	ck_assert_uint_eq(r[299].timestamp_ns, client.report.ended_ns);
	end_both();
	tape_close(&tape);
}
END_TEST

START_TEST(without_a_time_the_receipt_is_noted)
{
	const struct tape_record *r;
	struct tape tape;

	ck_assert_uint_eq(taped(LANE_ONE_WAY, &client, 8, &r, &tape), 300);
	ck_assert_uint_eq(r[7].latency_ns, TAPE_NO_LATENCY);
	ck_assert_uint_eq(r[7].message_id, 7);
	end_both();
	tape_close(&tape);
}
END_TEST

static void
fill_tape(struct tape *writer)
{
	while (!tape_full(writer))
		tape_put(writer, 0, 0, 0);
}

/* The tape is full, and nobody reads it. */
START_TEST(a_lane_that_waits_for_room_is_canceled)
{
	struct tape reader, writer;
	int fd;

	ck_assert_int_eq(tape_create(TAPE_SLOTS_MIN, &reader, &fd, &err),
			 WEIR_OK);
	ck_assert_int_eq(tape_open(fd, &writer, &err), WEIR_OK);
	close(fd);
	fill_tape(&writer);
	make_sides(LANE_ROUND_TRIP, 1, 64, 300);
	crew_set_tape(host.crew, 0, &writer);
	start_both();
	for (int phase = -1; phase < LANE_TIMED;) {
		phase = wait_beyond(&host, phase);
		crew_release(host.crew, (enum lane_phase)phase);
	}
	while (!__atomic_load_n(&reader.page->waiting, __ATOMIC_SEQ_CST))
		;
	ck_assert(crew_cancel(host.crew));
	ck_assert_int_eq(crew_fault(host.crew, &err), WEIR_OK);
	end_both();
	tape_close(&reader);
	tape_close(&writer);
}
END_TEST

/* Of a sum of samples nothing is left where the pauses were. */
static void
pauses_are_in_no_sample(enum lane_pattern pattern)
{
	const uint64_t n = 5, pause_ns = 20 * NS_PER_MS;
	const struct side *taker = pattern == LANE_ONE_WAY ? &client : &host;
	struct lane_spec spec = usual_spec(pattern, 64, n);

	spec.idle_ns = pause_ns;
	spec.warm = false;
	make_sides_as(&spec, 1);
	ck_assert_int_eq(run_both(), LANE_DONE);
	collect_both();
	ck_assert_uint_eq(taker->report.latency->samples, n);
	ck_assert_uint_lt(taker->report.latency->min_ns, pause_ns);
	ck_assert_uint_ge(host.report.ended_ns - host.report.started_ns,
			  (n - 1) * pause_ns);
	end_both();
}

START_TEST(a_pause_is_in_no_round_trip)
{
	pauses_are_in_no_sample(LANE_ROUND_TRIP);
}
END_TEST

START_TEST(a_pause_is_in_no_one_way_latency)
{
	pauses_are_in_no_sample(LANE_ONE_WAY);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("measure/crew");
	TCase *c = tcase_create("crew");

	tcase_add_test(c, round_trips_are_all_counted);
	tcase_add_test(c, samples_add_up_to_the_elapsed_time);
	tcase_add_test(c, one_way_is_sampled_by_the_receiver);
	tcase_add_test(c, too_small_for_a_time_means_no_latency);
	tcase_add_test(c, every_size_from_one_byte_works);
	tcase_add_test(c, several_channels_are_merged);
	tcase_add_test(c, the_first_message_can_be_included);
	tcase_add_loop_test(c, a_duration_ends_the_phase, 0, 2);
	tcase_add_test(c, a_pause_is_in_no_round_trip);
	tcase_add_test(c, a_pause_is_in_no_one_way_latency);
	tcase_add_test(c, a_lost_message_is_counted);
	tcase_add_test(c, a_failing_lane_is_named);
	tcase_add_test(c, a_blocked_lane_is_canceled);
	tcase_add_test(c, a_lane_at_a_barrier_is_canceled);
	tcase_add_test(c, progress_is_seen_from_outside);
	tcase_add_test(c, round_trips_are_noted);
	tcase_add_test(c, one_way_is_noted_by_the_receiver);
	tcase_add_test(c, without_a_time_the_receipt_is_noted);
	tcase_add_test(c, a_lane_that_waits_for_room_is_canceled);
	tcase_add_test(c, a_cpu_that_is_not_there_fails_the_start);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
