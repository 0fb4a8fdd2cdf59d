/* SPDX-License-Identifier: Apache-2.0 */
/*
 * round_trip: the initiator sends, the responder sends the same bytes back.
 *
 * Closed loop with one clock read per round trip: the end of one sample is
 * the start of the next, so the samples add up to the elapsed time. The books
 * are kept while the next message is on its way.
 */
#include "core/measure/loop.h"
#include "core/measure/pause.h"

/* Accounts for an answer that came at `now`. */
loop_inline void
settle(struct lane *lane, const unsigned char *in, size_t len, uint64_t now,
       uint64_t latency_ns, bool checks)
{
	sample_take(lane, now, latency_ns, 1);
	if (loop_unlikely(len != lane->spec->size))
		loop_damaged(lane);
	else
		loop_arrival(lane, in, len, checks);
}

loop_inline int
initiate(struct lane *lane, const struct lane_stop *stop, struct tape *tape,
	 const bool pauses)
{
	const struct lane_spec *spec = lane->spec;
	__typeof__(spec->ops->send) send = spec->ops->send;
	__typeof__(spec->ops->recv) recv = spec->ops->recv;
	uint64_t (*now_ns)(void) = spec->now_ns;
	struct weir_channel *channel = lane->channel;
	unsigned char *out = lane->send_buf, *in = lane->recv_buf;
	const size_t size = spec->size, cap = lane->buf_bytes;
	const bool stamps = loop_stamps(spec), checks = loop_checks(spec);
	/* What is read in full, or noted on a tape that may be full, is work
	 * between two messages. */
	const bool later = !tape && !pauses && checks;
	const uint64_t count = stop->count;
	uint64_t sequence = lane->sent, end_ns, start_ns, now, latency_ns = 0;
	int status = WEIR_OK;
	bool owed = false;
	size_t len = size;

	now = start_ns = now_ns();
	end_ns = loop_begin(lane, stop, start_ns);
	do {
		if (pauses) {
			status = pause_keep(lane);
			if (status)
				break;
			start_ns = now_ns();
			if (!sequence)
				lane->started_ns = start_ns;
		}
		loop_write(lane, out, size, sequence, start_ns, stamps);
		status = send(channel, out, size, 0);
		if (loop_unlikely(status))
			break;
		sequence++;
		if (owed)
			settle(lane, in, len, now, latency_ns, true);
		owed = false;
		status = recv(channel, in, cap, &len);
		if (loop_unlikely(status))
			break;
		now = now_ns();
		latency_ns = now - start_ns;
		start_ns = now;
		owed = later;
		if (!owed)
			settle(lane, in, len, now, latency_ns, checks);
		if (tape)
			status = loop_note(lane, tape, &start_ns, sequence - 1,
					   latency_ns);
		loop_progress(lane, sequence);
	} while (!(tape && status) && sequence != count && start_ns < end_ns);
	if (owed)
		settle(lane, in, len, now, latency_ns, true);
	lane->sent = sequence;
	lane->ended_ns = start_ns;
	return status;
}

int
round_trip_initiate(struct lane *lane, const struct lane_stop *stop)
{
	if (lane_pauses(lane->spec))
		return initiate(lane, stop, lane->noting, true);
	return lane->noting ? initiate(lane, stop, lane->noting, false) :
			      initiate(lane, stop, NULL, false);
}

/* Ends with a message of a mark's length: its length in *ret_len, its bytes
 * in recv_buf. What arrived damaged is sent back as it is, so that the
 * initiator is not left waiting. */
int
round_trip_respond(struct lane *lane, size_t *ret_len)
{
	const struct lane_spec *spec = lane->spec;
	__typeof__(spec->ops->send) send = spec->ops->send;
	__typeof__(spec->ops->recv) recv = spec->ops->recv;
	struct weir_channel *channel = lane->channel;
	unsigned char *buf = lane->recv_buf;
	const size_t size = spec->size, cap = lane->buf_bytes;
	const bool checks = loop_checks(spec);
	const bool rewrite = loop_rewrites(spec);
	uint64_t sent = lane->sent;
	int status;
	size_t len;

	for (;;) {
		status = recv(channel, buf, cap, &len);
		if (loop_unlikely(status))
			break;
		if (loop_unlikely(len != size)) {
			if (loop_is_mark(lane, len))
				break;
		} else if (loop_unlikely(!checks)) {
			loop_examine(lane, buf);
			if (rewrite)
				touch_write(buf, payload_stamp_bytes(size),
					    size, spec->touch, sent);
		}
		status = send(channel, buf, len, 0);
		if (checks && __builtin_expect(len == size, 1))
			loop_arrival(lane, buf, size, true);
		if (loop_unlikely(status))
			break;
		sent++;
		loop_progress(lane, sent);
	}
	lane->sent = sent;
	*ret_len = len;
	return status;
}
