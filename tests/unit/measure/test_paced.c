/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The open loop over a transport and a clock made here: what the loop says is
 * compared with what must come out, and chance has no part in it.
 */
#include <string.h>

#include "core/base/clock.h"
#include "core/measure/lane.h"
#include "core/measure/loop.h"
#include "core/measure/pacer.h"
#include "core/measure/payload.h"
#include "core/stats/summary.h"
#include "tests/unit/unit.h"

#define QUEUE 8192u

/* The world: a clock that moves when it is read, by a ns, and when somebody
 * waits; messages that come back after a while. */
static uint64_t now;
static struct answer {
	uint64_t ready_ns;
	size_t len;
	unsigned char head[24];
} queue[QUEUE];
static uint64_t n_in, n_out;
static uint64_t (*delay_of)(uint64_t number, uint64_t sent_ns);
static uint64_t (*stall_of_send)(uint64_t number);
static uint64_t n_room; /* messages that fit in; 0: all */
static uint64_t wake_up_ns; /* what a sleeper comes too late by */

static uint64_t
read_clock(void)
{
	return now++;
}

static void
sleep_until(uint64_t time_ns)
{
	if (time_ns > now)
		now = time_ns + wake_up_ns;
}

static int
put(struct weir_channel *channel, const void *buf, size_t len, uint32_t flags)
{
	struct answer *a = &queue[n_in % QUEUE];

	(void)channel;
	(void)flags;
	if (n_room && n_in - n_out == n_room)
		return WEIR_EAGAIN;
	ck_assert_uint_lt(n_in - n_out, QUEUE);
	if (stall_of_send && len >= 16)
		now += stall_of_send(payload_sequence(buf, len));
	a->len = len;
	memcpy(a->head, buf, len < 24 ? len : 24);
	a->ready_ns = now;
	if (delay_of && len >= 16)
		a->ready_ns += delay_of(payload_sequence(buf, len), now);
	if (n_in > n_out && queue[(n_in - 1) % QUEUE].ready_ns > a->ready_ns)
		a->ready_ns = queue[(n_in - 1) % QUEUE].ready_ns;
	n_in++;
	return WEIR_OK;
}

static int
get_until(struct weir_channel *channel, void *buf, size_t cap,
	  size_t *ret_len, uint64_t deadline_ns)
{
	const struct answer *a = &queue[n_out % QUEUE];

	(void)channel;
	(void)cap;
	if (n_in == n_out || a->ready_ns > deadline_ns) {
		sleep_until(deadline_ns);
		return WEIR_EAGAIN;
	}
	sleep_until(a->ready_ns);
	memcpy(buf, a->head, a->len < 24 ? a->len : 24);
	*ret_len = a->len;
	n_out++;
	return WEIR_OK;
}

static int
try_get(struct weir_channel *channel, void *buf, size_t cap, size_t *ret_len)
{
	return get_until(channel, buf, cap, ret_len, now);
}

static int
get(struct weir_channel *channel, void *buf, size_t cap, size_t *ret_len)
{
	return get_until(channel, buf, cap, ret_len, UINT64_MAX);
}

static const struct weir_transport ops = {
	.send = put,
	.recv = get,
	.try_send = put,
	.try_recv = try_get,
	.recv_until = get_until,
};

static struct lane_spec spec;
static struct lane lane;

static void
make_lane(double per_s, size_t size)
{
	memset(&lane, 0, sizeof(lane));
	now = 1000000000;
	n_in = n_out = n_room = wake_up_ns = 0;
	delay_of = NULL;
	stall_of_send = NULL;
	spec = (struct lane_spec){
		.ops = &ops,
		.now_ns = read_clock,
		.pattern = LANE_ROUND_TRIP,
		.verify = LANE_VERIFY_HEADER,
		.touch = TOUCH_HEADER,
		.initiator = true,
		.size = size,
		.pace = { .per_s = per_s, .seed = 7,
			  .sleep_until = sleep_until },
	};
	lane.spec = &spec;
}

/* Runs a timed phase of `count` messages as the crew does. */
static void
run(uint64_t count, uint64_t duration_ns)
{
	spec.timed = (struct lane_stop){ count, duration_ns };
	ck_assert_int_eq(lane_prepare(&lane), WEIR_OK);
	ck_assert_int_eq(lane_run(&lane, LANE_TIMED), WEIR_OK);
}

static void
release(void)
{
	lane_release(&lane);
	report_fini(&lane.report);
}

static double
percentile(const struct histogram *h, double percent)
{
	struct summary s;

	summary_make(h, &percent, 1, &s);
	return summary_percentile_ns(&s, percent);
}

/* Within a slot of the histogram, and the few ns of the clock's own reads. */
#define ck_assert_ns(value, expected)                                   \
	ck_assert_double_eq_tol(value, expected, (expected) / 1000 + 20)

static uint64_t
ten_us(uint64_t number, uint64_t sent_ns)
{
	(void)number;
	(void)sent_ns;
	return 10000;
}

START_TEST(known_delay)
{
	make_lane(1000, 64);
	delay_of = ten_us;
	run(5000, UINT64_MAX);
	ck_assert_uint_eq(lane.report.latency->samples, 5000);
	ck_assert_ns(percentile(lane.report.latency, 50), 10000);
	ck_assert_ns(percentile(lane.report.latency, 99), 10000);
	ck_assert_ns(percentile(lane.report.pace.from_send, 99), 10000);
	ck_assert_uint_eq(lane.report.pace.send_lag->samples, 5000);
	ck_assert_uint_le(lane.report.pace.send_lag->max_ns, 20);
	ck_assert_uint_eq(lane.report.integrity.sent, 5000);
	ck_assert_uint_eq(lane.report.integrity.received, 5000);
	ck_assert_uint_eq(lane.report.integrity.lost, 0);
	release();
}
END_TEST

/* 1 to 1000 us, each as often: the percentiles are the numbers. */
static uint64_t
staircase(uint64_t number, uint64_t sent_ns)
{
	(void)sent_ns;
	return (number * 7919 % 1000 + 1) * 1000;
}

START_TEST(known_distribution)
{
	static const double percents[] = { 10, 50, 90, 99, 99.9 };

	make_lane(500, 64); /* slow enough that none waits for another */
	delay_of = staircase;
	run(100000, UINT64_MAX);
	for (size_t i = 0; i < 5; i++)
		ck_assert_ns(percentile(lane.report.latency, percents[i]),
			     percents[i] * 10000);
	ck_assert_uint_eq(lane.report.latency->samples, 100000);
	release();
}
END_TEST

/* The other side stands still for the first 100 ms of every second. Messages
 * are sent all the same: both latencies show it. */
static uint64_t
stall_of_peer(uint64_t number, uint64_t sent_ns)
{
	uint64_t at = sent_ns % NS_PER_S;

	(void)number;
	return at < 100 * NS_PER_MS ? 100 * NS_PER_MS - at : 0;
}

START_TEST(stall_of_the_other_side)
{
	make_lane(10000, 64);
	delay_of = stall_of_peer;
	run(1000000, UINT64_MAX);
	ck_assert_double_eq_tol(percentile(lane.report.latency, 99), 90e6,
				2e5);
	ck_assert_double_eq_tol(percentile(lane.report.latency, 99.9), 99e6,
				2e5);
	ck_assert_double_eq_tol(percentile(lane.report.pace.from_send, 99),
				90e6, 2e5);
	ck_assert_uint_le(lane.report.pace.send_lag->max_ns, 30);
	release();
}
END_TEST

/* The sender itself is held up for 100 ms once a second. A message in ten is
 * due in that time, evenly: 1 % wait for more than 90 ms, 0.1 % for more than
 * 99 ms. Counted from the sending, one message in a thousand meets it. */
static uint64_t
stall_of_sender(uint64_t number)
{
	return number % 1000 == 0 ? 100 * NS_PER_MS : 0;
}

START_TEST(coordinated_omission)
{
	make_lane(1000, 64);
	stall_of_send = stall_of_sender;
	run(100000, UINT64_MAX);
	/* The schedule's slots are 1 ms. */
	ck_assert_double_eq_tol(percentile(lane.report.latency, 99), 90e6,
				1e6);
	ck_assert_double_eq_tol(percentile(lane.report.latency, 99.9), 99e6,
				1e6);
	ck_assert_double_eq_tol(percentile(lane.report.latency, 50), 0, 100);
	ck_assert_double_eq_tol(percentile(lane.report.pace.from_send, 99),
				0, 100);
	ck_assert_uint_ge(lane.report.pace.from_send->max_ns,
			  100 * NS_PER_MS);
	ck_assert_double_eq_tol(percentile(lane.report.pace.send_lag, 99),
				90e6, 1e6);
	release();
}
END_TEST

/* Messages that find no room wait for it, and that counts. */
START_TEST(full_channel)
{
	make_lane(100000, 64);
	delay_of = ten_us;
	n_room = 1;
	run(1000, UINT64_MAX);
	ck_assert_uint_eq(lane.report.latency->samples, 1000);
	/* One at a time, 10 us each, due every 10 us: the queue is stable but
	 * for what the clock's own reads cost. */
	ck_assert_uint_ge(lane.report.latency->min_ns, 10000);
	release();
}
END_TEST

static uint64_t
one_ms(uint64_t number)
{
	(void)number;
	return NS_PER_MS;
}

START_TEST(rate_that_cant_be_reached)
{
	const struct report_pace *pace = &lane.report.pace;

	make_lane(10000, 64);
	stall_of_send = one_ms; /* ten times what there is time for */
	run(UINT64_MAX, NS_PER_S);
	/* Given up after twice the duration. */
	ck_assert_uint_ge(lane.report.integrity.sent, 1999);
	ck_assert_uint_le(lane.report.integrity.sent, 2001);
	ck_assert_uint_eq(lane.report.integrity.sent + pace->not_sent, 10000);
	ck_assert_uint_gt(pace->sending_ns, 9 * pace->schedule_ns);
	release();
}
END_TEST

START_TEST(duration_ends_the_schedule)
{
	make_lane(1000, 64);
	run(UINT64_MAX, NS_PER_S);
	ck_assert_uint_eq(lane.report.integrity.sent, 1000);
	ck_assert_uint_eq(lane.report.pace.not_sent, 0);
	release();
}
END_TEST

/* Every tenth message is late, and from 500 on seven in a row. */
static uint64_t
late_ones(uint64_t number, uint64_t sent_ns)
{
	bool late = number % 10 == 0 || (number >= 500 && number < 507);

	(void)sent_ns;
	return late ? 200000 : 10000;
}

START_TEST(deadline)
{
	make_lane(1000, 64);
	spec.deadline_ns = 100000;
	delay_of = late_ones;
	run(1000, UINT64_MAX);
	ck_assert_uint_eq(lane.report.deadline.misses, 106);
	ck_assert_uint_eq(lane.report.deadline.worst_row, 7);
	release();
}
END_TEST

/* Times are remembered, so that a byte is enough for a message. */
START_TEST(small_messages)
{
	make_lane(1000, 1);
	run(2000, UINT64_MAX);
	ck_assert_uint_eq(lane.report.latency->samples, 2000);
	ck_assert_uint_eq(lane.report.integrity.received, 2000);
	ck_assert_uint_eq(lane.report.integrity.lost, 0);
	release();
}
END_TEST

START_TEST(sender_sleeps_unless_it_spins)
{
	make_lane(1000, 64);
	delay_of = ten_us;
	run(1000, UINT64_MAX);
	ck_assert_uint_ge(lane.report.pace.sleeps, 999);
	release();
	make_lane(1000, 64);
	delay_of = ten_us;
	spec.pace.spins = true;
	run(100, UINT64_MAX);
	ck_assert_uint_eq(lane.report.pace.sleeps, 0);
	release();
}
END_TEST

/* Gaps of 10 us leave no time to sleep, and what would be needed is known. */
START_TEST(sender_without_time_to_sleep_knows_why)
{
	make_lane(100000, 64);
	wake_up_ns = 30000;
	run(1000, UINT64_MAX);
	ck_assert_uint_eq(lane.report.pace.sleeps, 0);
	ck_assert_uint_ge(lane.report.pace.wake_up_ns, 30000);
	ck_assert_uint_lt(lane.report.pace.wake_up_ns, 31000);
	release();
}
END_TEST

START_TEST(margin_follows_the_wake_ups)
{
	struct pacer p = { .margin_ns = 0 };

	for (int i = 0; i < 40; i++)
		pacer_woke(&p, 50000);
	ck_assert_uint_gt(p.margin_ns, 48000);
	ck_assert_uint_le(p.margin_ns, 50000);
	pacer_woke(&p, NS_PER_S); /* one stall is not what a wake-up costs */
	ck_assert_uint_lt(p.margin_ns, 70000);
	for (int i = 0; i < 400; i++)
		pacer_woke(&p, 10000);
	ck_assert_uint_lt(p.margin_ns, 12000);
}
END_TEST

static Suite *
suite(void)
{
	Suite *whole = suite_create("measure/paced");
	TCase *c = tcase_create("paced");

	tcase_set_timeout(c, 60);
	tcase_add_test(c, known_delay);
	tcase_add_test(c, known_distribution);
	tcase_add_test(c, stall_of_the_other_side);
	tcase_add_test(c, coordinated_omission);
	tcase_add_test(c, full_channel);
	tcase_add_test(c, rate_that_cant_be_reached);
	tcase_add_test(c, duration_ends_the_schedule);
	tcase_add_test(c, deadline);
	tcase_add_test(c, small_messages);
	tcase_add_test(c, sender_sleeps_unless_it_spins);
	tcase_add_test(c, sender_without_time_to_sleep_knows_why);
	tcase_add_test(c, margin_follows_the_wake_ups);
	suite_add_tcase(whole, c);
	return whole;
}

UNIT_MAIN(suite)
