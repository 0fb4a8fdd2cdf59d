/* SPDX-License-Identifier: Apache-2.0 */
/*
 * one_way: the sender sends as fast as the channel takes it; the receiver
 * takes each message's latency from the time that the sender wrote into it,
 * so what is measured includes the wait in the channel.
 */
#include "core/measure/loop.h"
#include "core/measure/pause.h"

loop_inline int
send_all(struct lane *lane, const struct lane_stop *stop, const bool pauses)
{
	const struct lane_spec *spec = lane->spec;
	__typeof__(spec->ops->send) send = spec->ops->send;
	uint64_t (*now_ns)(void) = spec->now_ns;
	struct weir_channel *channel = lane->channel;
	unsigned char *out = lane->send_buf;
	const size_t size = spec->size;
	const bool stamps = loop_stamps(spec);
	const uint64_t count = stop->count;
	uint64_t sequence = lane->sent, end_ns, now;
	int status = WEIR_OK;

	now = now_ns();
	end_ns = loop_begin(lane, stop, now);
	do {
		if (pauses) {
			status = pause_keep(lane);
			if (status)
				break;
			now = now_ns();
			if (!sequence)
				lane->started_ns = now;
		}
		loop_write(lane, out, size, sequence, now, stamps);
		status = send(channel, out, size, 0);
		if (loop_unlikely(status))
			break;
		sequence++;
		loop_progress(lane, sequence);
		now = now_ns();
	} while (sequence != count && now < end_ns);
	lane->sent = sequence;
	lane->ended_ns = now;
	return status;
}

int
one_way_send(struct lane *lane, const struct lane_stop *stop)
{
	return lane_pauses(lane->spec) ? send_all(lane, stop, true) :
					 send_all(lane, stop, false);
}

/* What the receiver does with one message of the right length. */
loop_inline int
receive_one(struct lane *lane, const unsigned char *buf, size_t size,
	    bool checks, bool take_latency, struct tape *tape, uint64_t *now)
{
	uint64_t latency_ns = TAPE_NO_LATENCY;

	if (take_latency) {
		latency_ns = loop_latency(lane, payload_sent_ns(buf), *now);
		sample_take(lane, *now, latency_ns, 1);
	}
	loop_arrival(lane, buf, size, checks);
	if (!tape)
		return WEIR_OK;
	return loop_note(lane, tape, now, payload_sequence(buf, size),
			 latency_ns);
}

loop_inline int
receive(struct lane *lane, size_t *ret_len, struct tape *tape)
{
	const struct lane_spec *spec = lane->spec;
	__typeof__(spec->ops->recv) recv = spec->ops->recv;
	uint64_t (*now_ns)(void) = spec->now_ns;
	struct weir_channel *channel = lane->channel;
	unsigned char *buf = lane->recv_buf;
	const size_t size = spec->size, cap = lane->buf_bytes;
	const bool checks = loop_checks(spec);
	const bool take_latency = spec->one_way_latency;
	uint64_t now, ended_ns = REPORT_NO_TIME;
	int status;
	size_t len;

	for (;;) {
		status = recv(channel, buf, cap, &len);
		if (loop_unlikely(status))
			break;
		if (loop_unlikely(len != size)) {
			if (loop_is_mark(lane, len))
				break;
			continue;
		}
		now = now_ns();
		if (loop_unlikely(lane->started_ns == REPORT_NO_TIME))
			lane->started_ns = now;
		ended_ns = now;
		status = receive_one(lane, buf, size, checks, take_latency,
				     tape, &now);
		if (tape && loop_unlikely(status))
			break;
		loop_progress(lane, lane->track.received);
	}
	lane->ended_ns = ended_ns;
	*ret_len = len;
	return status;
}

/* Ends with a message of a mark's length, as round_trip_respond. */
int
one_way_receive(struct lane *lane, size_t *ret_len)
{
	return lane->noting ? receive(lane, ret_len, lane->noting) :
			      receive(lane, ret_len, NULL);
}

loop_inline int
loopback(struct lane *lane, const struct lane_stop *stop, struct tape *tape,
	 const bool pauses)
{
	const struct lane_spec *spec = lane->spec;
	uint64_t (*now_ns)(void) = spec->now_ns;
	struct weir_channel *channel = lane->channel;
	const size_t size = spec->size;
	const bool stamps = loop_stamps(spec), checks = loop_checks(spec);
	uint64_t sequence = lane->sent, end_ns, now;
	int status = WEIR_OK;
	size_t len;

	now = now_ns();
	end_ns = loop_begin(lane, stop, now);
	do {
		if (pauses) {
			status = pause_keep(lane);
			if (status)
				break;
			now = now_ns();
			if (!sequence)
				lane->started_ns = now;
		}
		loop_write(lane, lane->send_buf, size, sequence, now, stamps);
		status = spec->ops->send(channel, lane->send_buf, size, 0);
		if (loop_unlikely(status))
			break;
		sequence++;
		status = spec->ops->recv(channel, lane->recv_buf,
					 lane->buf_bytes, &len);
		if (loop_unlikely(status))
			break;
		now = now_ns();
		if (loop_unlikely(len != size))
			loop_damaged(lane);
		else
			status = receive_one(lane, lane->recv_buf, size,
					     checks, spec->one_way_latency,
					     tape, &now);
		loop_progress(lane, sequence);
	} while (!(tape && status) && sequence != stop->count && now < end_ns);
	lane->sent = sequence;
	lane->ended_ns = now;
	return status;
}

int
one_way_loopback(struct lane *lane, const struct lane_stop *stop)
{
	if (lane_pauses(lane->spec))
		return loopback(lane, stop, lane->noting, true);
	return lane->noting ? loopback(lane, stop, lane->noting, false) :
			      loopback(lane, stop, NULL, false);
}
