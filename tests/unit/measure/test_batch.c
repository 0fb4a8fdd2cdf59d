/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Batches, what is touched, and messages in place, in every combination, over
 * the transport of sides.h and what is added to it here.
 */
#include "tests/unit/measure/sides.h"

#include <stdlib.h>

#define SIZE_MAX_BYTES 4096

static uint32_t n_many, n_loans, n_more; /* atomic */

static void
count_one(uint32_t *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static int
pair_send_many(struct weir_channel *c, const void *buf, size_t stride,
	       size_t len, size_t n)
{
	const char *at = buf;
	int status = WEIR_OK;

	count_one(&n_many);
	for (; n > 0 && !status; n--, at += stride)
		status = pair_send(c, at, len, 0);
	return status;
}

static int
pair_recv_many(struct weir_channel *c, void *buf, size_t stride, size_t cap,
	       size_t n, size_t *ret_lens, size_t *ret_n)
{
	char *at = buf;
	size_t got = 1;
	int status = pair_recv(c, at, cap, ret_lens);

	while (got < n && !status) {
		ssize_t len;

		at += stride;
		len = recv(c->fd, at, cap, MSG_DONTWAIT);
		if (len <= 0)
			break;
		ret_lens[got++] = (size_t)len;
	}
	*ret_n = got;
	return status;
}

static int
more_send(struct weir_channel *c, const void *buf, size_t len, uint32_t flags)
{
	if (flags & WEIR_SEND_MORE)
		count_one(&n_more);
	return pair_send(c, buf, len, flags);
}

/* One loan and one borrow at a time and thread: a buffer for each. */
static _Thread_local unsigned char lent[SIZE_MAX_BYTES], shown[SIZE_MAX_BYTES];

static int
pair_loan(struct weir_channel *c, size_t len, void **ret_buf)
{
	(void)c;
	ck_assert_uint_le(len, SIZE_MAX_BYTES);
	count_one(&n_loans);
	*ret_buf = lent;
	return WEIR_OK;
}

static int
pair_commit(struct weir_channel *c, void *buf, size_t len, uint32_t flags)
{
	ck_assert_ptr_eq(buf, lent);
	return more_send(c, buf, len, flags);
}

static int
pair_borrow(struct weir_channel *c, const void **ret_buf, size_t *ret_len)
{
	*ret_buf = shown;
	return pair_recv(c, shown, SIZE_MAX_BYTES, ret_len);
}

static int
pair_release(struct weir_channel *c, const void *buf)
{
	(void)c;
	ck_assert_ptr_eq(buf, shown);
	memset(shown, 0xee, sizeof(shown));
	return WEIR_OK;
}

static const struct weir_transport plain_ops = {
	.send = more_send, .recv = pair_recv,
};
static const struct weir_transport many_ops = {
	.send = more_send, .recv = pair_recv,
	.send_many = pair_send_many, .recv_many = pair_recv_many,
};
static const struct weir_transport loan_ops = {
	.send = more_send, .recv = pair_recv,
	.loan = pair_loan, .commit = pair_commit,
	.borrow = pair_borrow, .release = pair_release,
};

static const struct way {
	const struct weir_transport *ops;
	bool in_place;
	uint32_t batch;
} ways[] = {
	{ &plain_ops, false, 16 }, { &many_ops, false, 16 },
	{ &many_ops, false, 7 },   { &loan_ops, true, 1 },
	{ &loan_ops, true, 16 },
};
#define N_WAYS ((int)(sizeof(ways) / sizeof(ways[0])))

static struct lane_spec
spec_of(int way, enum lane_pattern pattern, size_t size, uint64_t count)
{
	struct lane_spec spec = usual_spec(pattern, size, count);

	side_ops = ways[way].ops;
	spec.in_place = ways[way].in_place;
	spec.batch = ways[way].batch;
	return spec;
}

static void
run_whole(const struct lane_spec *spec)
{
	make_sides_as(spec, 1);
	ck_assert_int_eq(run_both(), LANE_DONE);
	collect_both();
}

static void
assert_clean(const struct report *report, uint64_t received)
{
	ck_assert_uint_eq(report->integrity.received, received);
	ck_assert_uint_eq(report->integrity.lost, 0);
	ck_assert_uint_eq(report->integrity.duplicate, 0);
	ck_assert_uint_eq(report->integrity.reordered, 0);
	ck_assert_uint_eq(report->integrity.corrupt, 0);
}

/* 500 is no multiple of the batches. */
START_TEST(round_trips_are_all_counted)
{
	static const size_t sizes[] = { 1, 7, 8, 9, 16, 17, 64, 1000 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct lane_spec spec = spec_of(_i, LANE_ROUND_TRIP, sizes[i],
						500);

		run_whole(&spec);
		assert_clean(&host.report, 500);
		assert_clean(&client.report, 500);
		ck_assert_uint_eq(host.report.integrity.sent, 500);
		ck_assert_uint_eq(client.report.integrity.sent, 500);
		ck_assert_uint_eq(host.report.latency->samples, 500);
		end_both();
	}
}
END_TEST

START_TEST(one_way_is_all_counted)
{
	static const size_t sizes[] = { 1, 8, 15, 16, 64, 1000 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct lane_spec spec = spec_of(_i, LANE_ONE_WAY, sizes[i],
						500);

		run_whole(&spec);
		assert_clean(&client.report, 500);
		ck_assert_uint_eq(host.report.integrity.sent, 500);
		if (sizes[i] >= 16)
			ck_assert_uint_eq(client.report.latency->samples, 500);
		else
			ck_assert_ptr_null(client.report.latency);
		end_both();
	}
}
END_TEST

/* What the ways are for takes place. */
START_TEST(a_batch_goes_as_one)
{
	struct lane_spec spec = spec_of(_i, LANE_ROUND_TRIP, 64, 160);

	spec.warm = false;
	n_many = n_loans = n_more = 0;
	run_whole(&spec);
	if (ways[_i].ops == &many_ops)
		ck_assert_uint_eq(n_many, 2 * ((160 + spec.batch - 1) /
					       spec.batch));
	else if (spec.batch > 1)
		ck_assert_uint_eq(n_more, 2 * 150);
	else
		ck_assert_uint_eq(n_more, 0);
	if (spec.in_place)
		ck_assert_uint_eq(n_loans, 2 * 161);
	end_both();
}
END_TEST

START_TEST(a_lost_message_is_lost)
{
	struct lane_spec spec = spec_of(_i, LANE_ONE_WAY, 64, 500);

	spec.warm = false;
	make_sides_as(&spec, 1);
	host.channels[0].lose_at = 100;
	ck_assert_int_eq(run_both(), LANE_DONE);
	collect_both();
	ck_assert_uint_eq(client.report.integrity.received, 499);
	ck_assert_uint_eq(client.report.integrity.lost, 1);
	end_both();
}
END_TEST

START_TEST(a_failed_send_ends_the_trial)
{
	struct lane_spec spec = spec_of(_i, LANE_ROUND_TRIP, 64, 500);

	make_sides_as(&spec, 1);
	host.channels[0].fail_at = 100;
	ck_assert_int_eq(run_both(), -2);
	end_both();
}
END_TEST

/* By time instead of by count, every batch is whole. */
START_TEST(a_time_limit_ends_between_batches)
{
	struct lane_spec spec = spec_of(_i, LANE_ROUND_TRIP, 64, UINT64_MAX);

	spec.timed.duration_ns = 5 * NS_PER_MS;
	run_whole(&spec);
	ck_assert_uint_gt(host.report.integrity.sent, 0);
	ck_assert_uint_eq(host.report.integrity.sent % spec.batch, 0);
	assert_clean(&client.report, host.report.integrity.sent);
	end_both();
}
END_TEST

static const enum lane_verify verifies[] = {
	LANE_VERIFY_NONE, LANE_VERIFY_HEADER, LANE_VERIFY_FULL,
};

/* Touch and verify have nothing against each other, but none against any. */
START_TEST(touch_leaves_messages_right)
{
	static const size_t sizes[] = { 1, 12, 64, 100, 1000 };
	struct lane_spec spec;

	for (int k = 0; k < 30; k++) {
		spec = spec_of(_i, k % 2 ? LANE_ONE_WAY : LANE_ROUND_TRIP,
			       sizes[k / 2 % 5], 100);
		spec.verify = verifies[k / 10];
		for (int touch = TOUCH_HEADER; touch <= TOUCH_FULL; touch++) {
			spec.touch = (enum touch)touch;
			run_whole(&spec);
			assert_clean(&client.report, 100);
			end_both();
		}
	}
}
END_TEST

START_TEST(touch_none_writes_nothing)
{
	struct lane_spec spec = spec_of(_i, LANE_ROUND_TRIP, 64, 100);

	spec.verify = LANE_VERIFY_NONE;
	spec.touch = TOUCH_NONE;
	run_whole(&spec);
	assert_clean(&host.report, 100);
	assert_clean(&client.report, 100);
	end_both();
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("batch");
	TCase *c = tcase_create("batch");

	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, round_trips_are_all_counted, 0, N_WAYS);
	tcase_add_loop_test(c, one_way_is_all_counted, 0, N_WAYS);
	tcase_add_loop_test(c, a_batch_goes_as_one, 0, N_WAYS);
	tcase_add_loop_test(c, a_lost_message_is_lost, 0, N_WAYS);
	tcase_add_loop_test(c, a_failed_send_ends_the_trial, 0, N_WAYS);
	tcase_add_loop_test(c, a_time_limit_ends_between_batches, 0, N_WAYS);
	tcase_add_loop_test(c, touch_leaves_messages_right, 0, N_WAYS);
	tcase_add_loop_test(c, touch_none_writes_nothing, 0, N_WAYS);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
