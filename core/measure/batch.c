/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several messages at once: written one behind another, handed over by one
 * send_many, and received by as few recv_many as they arrive in. A transport
 * without these gets them one by one, all but the last with WEIR_SEND_MORE.
 *
 * The clock is read once for a batch that is sent and once for each call that
 * received; latency is counted for each message between the two: from when
 * its batch was begun to when the call that brought it had returned.
 */
#include "core/measure/loop.h"

/* Fills send_buf with n messages. */
loop_inline void
write_batch(struct lane *lane, uint64_t sequence, size_t n, uint64_t now)
{
	const struct lane_spec *spec = lane->spec;
	const size_t size = spec->size, stride = lane->stride;
	const bool stamps = loop_stamps(spec);
	const bool full = spec->touch == TOUCH_FULL &&
			  spec->verify != LANE_VERIFY_FULL;
	const size_t stamped = payload_stamp_bytes(size);
	unsigned char *at = lane->send_buf;

	for (size_t i = 0; i < n; i++, at += stride) {
		if (stamps || full)
			payload_stamp(at, size, sequence + i, now);
		if (full)
			touch_write(at, stamped, size, TOUCH_FULL,
				    sequence + i);
		else if (!stamps)
			loop_write_more(lane, at, sequence + i, now);
	}
}

loop_inline int
send_batch(struct lane *lane, const unsigned char *buf, size_t n)
{
	const struct lane_spec *spec = lane->spec;
	int status = WEIR_OK;

	if (spec->ops->send_many)
		return spec->ops->send_many(lane->channel, buf, lane->stride,
					    spec->size, n);
	for (size_t i = 0; i < n && !status; i++)
		status = spec->ops->send(lane->channel, buf + i * lane->stride,
					 spec->size,
					 i + 1 < n ? WEIR_SEND_MORE : 0);
	return status;
}

loop_inline int
recv_batch(struct lane *lane, unsigned char *buf, size_t n, size_t *ret_lens,
	   size_t *ret_n)
{
	const struct weir_transport *ops = lane->spec->ops;

	if (ops->recv_many)
		return ops->recv_many(lane->channel, buf, lane->stride,
				      lane->buf_bytes, n, ret_lens, ret_n);
	*ret_n = 1;
	return ops->recv(lane->channel, buf, lane->buf_bytes, ret_lens);
}

/* loop_arrival, with what a stream at full speed is made of inline. */
loop_inline void
examine(struct lane *lane, const unsigned char *buf, size_t size, bool checks,
	bool full)
{
	if (full)
		touch_read(buf, size, TOUCH_FULL);
	if (checks || full)
		track_arrival(&lane->track, payload_sequence(buf, size));
	else
		loop_examine(lane, buf);
}

loop_inline bool
reads_full(const struct lane_spec *spec)
{
	return spec->touch == TOUCH_FULL && spec->verify == LANE_VERIFY_HEADER;
}

/* ---- one way ---- */

int
batch_send(struct lane *lane, const struct lane_stop *stop)
{
	uint64_t (*now_ns)(void) = lane->spec->now_ns;
	const uint64_t count = stop->count;
	uint64_t sequence = lane->sent, end_ns, now;
	int status;

	now = now_ns();
	end_ns = loop_begin(lane, stop, now);
	do {
		size_t n = loop_batch(lane->spec, count - sequence);

		status = loop_pause(lane, sequence, &now);
		if (loop_unlikely(status))
			break;
		write_batch(lane, sequence, n, now);
		status = send_batch(lane, lane->send_buf, n);
		if (loop_unlikely(status))
			break;
		sequence += n;
		loop_progress(lane, sequence);
		now = now_ns();
	} while (sequence != count && now < end_ns);
	lane->sent = sequence;
	lane->ended_ns = now;
	return status;
}

/* Messages of one send time came at one time, too. */
loop_inline void
record_run(struct lane *lane, uint64_t sent_ns, uint64_t n, uint64_t now)
{
	uint64_t n_negative = lane->n_negative, latency_ns;

	if (!n)
		return;
	latency_ns = loop_latency(lane, sent_ns, now);
	if (loop_unlikely(lane->n_negative != n_negative))
		lane->n_negative += n - 1;
	sample_take(lane, now, latency_ns, (uint32_t)n);
}

/* Accounts for n messages in recv_buf that came by now; returns how many of
 * them are before a mark. */
loop_inline size_t
take(struct lane *lane, const size_t *lens, size_t n, uint64_t now)
{
	const struct lane_spec *spec = lane->spec;
	const size_t size = spec->size, stride = lane->stride;
	const bool timed = spec->one_way_latency, checks = loop_checks(spec);
	const bool full = reads_full(spec);
	const unsigned char *at = lane->recv_buf;
	uint64_t sent_ns = 0, run = 0;
	size_t i;

	for (i = 0; i < n; i++, at += stride) {
		if (loop_unlikely(lens[i] != size)) {
			if (loop_is_mark(lane, lens[i]))
				break;
			continue;
		}
		if (timed && payload_sent_ns(at) == sent_ns) {
			run++;
		} else if (timed) {
			record_run(lane, sent_ns, run, now);
			sent_ns = payload_sent_ns(at);
			run = 1;
		}
		examine(lane, at, size, checks, full);
	}
	record_run(lane, sent_ns, run, now);
	return i;
}

static int
note(struct lane *lane, const size_t *lens, size_t n, uint64_t now)
{
	const struct lane_spec *spec = lane->spec;
	const unsigned char *at = lane->recv_buf;
	int status = WEIR_OK;

	for (size_t i = 0; i < n && !status; i++, at += lane->stride) {
		uint64_t latency_ns = TAPE_NO_LATENCY, at_ns = now;

		if (lens[i] != spec->size)
			continue;
		if (spec->one_way_latency)
			latency_ns = payload_sent_ns(at) < now ?
					     now - payload_sent_ns(at) : 0;
		status = loop_note(lane, lane->noting, &at_ns,
				   payload_sequence(at, spec->size),
				   latency_ns);
	}
	return status;
}

int
batch_receive(struct lane *lane, size_t *ret_len)
{
	const struct lane_spec *spec = lane->spec;
	uint64_t now, ended_ns = REPORT_NO_TIME;
	size_t lens[LANE_BATCH_MAX], n, taken;
	int status;

	for (;;) {
		status = recv_batch(lane, lane->recv_buf, spec->batch, lens,
				    &n);
		if (loop_unlikely(status))
			break;
		now = spec->now_ns();
		taken = take(lane, lens, n, now);
		if (taken && loop_unlikely(lane->started_ns == REPORT_NO_TIME))
			lane->started_ns = now;
		if (taken)
			ended_ns = now;
		if (loop_unlikely(lane->noting))
			status = note(lane, lens, taken, now);
		if (loop_unlikely(status))
			break;
		if (loop_unlikely(taken < n)) {
			loop_keep_mark(lane, lane->recv_buf +
					     taken * lane->stride,
				       lens[taken]);
			*ret_len = lens[taken];
			break;
		}
		loop_progress(lane, lane->track.received);
	}
	lane->ended_ns = ended_ns;
	return status;
}

int
batch_loopback(struct lane *lane, const struct lane_stop *stop)
{
	const struct lane_spec *spec = lane->spec;
	uint64_t sequence = lane->sent, end_ns, now;
	size_t lens[LANE_BATCH_MAX], n, k;
	int status;

	now = spec->now_ns();
	end_ns = loop_begin(lane, stop, now);
	do {
		n = loop_batch(spec, stop->count - sequence);
		status = loop_pause(lane, sequence, &now);
		if (loop_unlikely(status))
			break;
		write_batch(lane, sequence, n, now);
		status = send_batch(lane, lane->send_buf, n);
		for (size_t got = 0; got < n && !status; got += k) {
			status = recv_batch(lane, lane->recv_buf, n - got,
					    lens, &k);
			if (loop_unlikely(status))
				break;
			now = spec->now_ns();
			take(lane, lens, k, now);
			if (loop_unlikely(lane->noting))
				status = note(lane, lens, k, now);
		}
		sequence += n;
		loop_progress(lane, sequence);
	} while (!status && sequence != stop->count && now < end_ns);
	lane->sent = sequence;
	lane->ended_ns = now;
	return status;
}

/* ---- round trip ---- */

/* The k next answers, of which the first has this number, came at *now. */
loop_inline int
take_answers(struct lane *lane, uint64_t sequence, const size_t *lens,
	     size_t k, uint64_t start_ns, uint64_t *now)
{
	const struct lane_spec *spec = lane->spec;
	const size_t size = spec->size;
	const bool checks = loop_checks(spec), full = reads_full(spec);
	const uint64_t latency_ns = *now - start_ns;
	int status = WEIR_OK;

	sample_take(lane, *now, latency_ns, (uint32_t)k);
	for (size_t i = 0; i < k && !status; i++) {
		if (loop_unlikely(lens[i] != size))
			loop_damaged(lane);
		else
			examine(lane, lane->recv_buf + i * lane->stride, size,
				checks, full);
		if (loop_unlikely(lane->noting))
			status = loop_note(lane, lane->noting, now,
					   sequence + i, latency_ns);
	}
	return status;
}

int
batch_initiate(struct lane *lane, const struct lane_stop *stop)
{
	const struct lane_spec *spec = lane->spec;
	uint64_t sequence = lane->sent, end_ns, start_ns, now;
	size_t lens[LANE_BATCH_MAX], n, k;
	int status;

	now = start_ns = spec->now_ns();
	end_ns = loop_begin(lane, stop, start_ns);
	do {
		n = loop_batch(spec, stop->count - sequence);
		status = loop_pause(lane, sequence, &start_ns);
		if (loop_unlikely(status))
			break;
		write_batch(lane, sequence, n, start_ns);
		status = send_batch(lane, lane->send_buf, n);
		for (size_t got = 0; got < n && !status; got += k) {
			status = recv_batch(lane, lane->recv_buf, n - got,
					    lens, &k);
			if (loop_unlikely(status))
				break;
			now = spec->now_ns();
			status = take_answers(lane, sequence + got, lens, k,
					      start_ns, &now);
		}
		sequence += n;
		start_ns = now;
		loop_progress(lane, sequence);
	} while (!status && sequence != stop->count && start_ns < end_ns);
	lane->sent = sequence;
	lane->ended_ns = start_ns;
	return status;
}

/* A whole batch, or what there is of it before a mark, whose index is then
 * *ret_n. Only then is it answered: who answers while the other still sends
 * could wait for room with it, for ever. */
static int
gather(struct lane *lane, size_t want, size_t *lens, size_t *ret_n,
       bool *ret_mark)
{
	size_t n = 0, k;
	int status;

	*ret_mark = false;
	while (n < want && !*ret_mark) {
		status = recv_batch(lane, lane->recv_buf + n * lane->stride,
				    want - n, lens + n, &k);
		if (loop_unlikely(status))
			return status;
		for (; k > 0 && !*ret_mark; k--) {
			if (loop_unlikely(lens[n] != lane->spec->size))
				*ret_mark = loop_is_mark(lane, lens[n]);
			n += !*ret_mark;
		}
	}
	*ret_n = n;
	return WEIR_OK;
}

/* Sends what was gathered back, the damaged as it is. */
static int
answer(struct lane *lane, const size_t *lens, size_t n)
{
	const struct lane_spec *spec = lane->spec;
	const bool checks = loop_checks(spec), full = reads_full(spec);
	const bool rewrites = loop_rewrites(spec);
	bool damaged = false;
	int status = WEIR_OK;

	for (size_t i = 0; i < n; i++) {
		unsigned char *at = lane->recv_buf + i * lane->stride;

		if (loop_unlikely(lens[i] != spec->size)) {
			damaged = true;
			continue;
		}
		examine(lane, at, spec->size, checks, full);
		if (loop_unlikely(rewrites))
			touch_write(at, payload_stamp_bytes(spec->size),
				    spec->size, spec->touch, lane->sent + i);
	}
	if (!damaged)
		return send_batch(lane, lane->recv_buf, n);
	for (size_t i = 0; i < n && !status; i++)
		status = spec->ops->send(lane->channel,
					 lane->recv_buf + i * lane->stride,
					 lens[i],
					 i + 1 < n ? WEIR_SEND_MORE : 0);
	return status;
}

int
batch_respond(struct lane *lane, const struct lane_stop *stop,
	      size_t *ret_len)
{
	const struct lane_spec *spec = lane->spec;
	size_t lens[LANE_BATCH_MAX], n;
	uint64_t left = stop->count - lane->sent;
	bool mark = false;
	int status = WEIR_OK;

	while (!mark && !status) {
		/* After the last batch comes the mark. */
		status = gather(lane, left ? loop_batch(spec, left) : 1, lens,
				&n, &mark);
		if (status == WEIR_OK && n)
			status = answer(lane, lens, n);
		if (loop_unlikely(status))
			break;
		left -= left < n ? left : n;
		lane->sent += n;
		loop_progress(lane, lane->sent);
		if (mark) {
			loop_keep_mark(lane,
				       lane->recv_buf + n * lane->stride,
				       lens[n]);
			*ret_len = lens[n];
		}
	}
	return status;
}
