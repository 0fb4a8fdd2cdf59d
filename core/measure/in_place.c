/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages that are written and read in the transport's own memory: loan and
 * commit instead of send, borrow and release instead of recv.
 *
 * An answer is written anew, as its question lies in memory of the other
 * side: it has the same stamp, and behind that what verify and touch ask for.
 *
 * Of a batch all but the last message are committed with WEIR_SEND_MORE. The
 * clock is read once for it on each side: by the receiver when the whole of it
 * has come, or what there is of it before a mark.
 */
#include "core/measure/loop.h"

#define HEADER_BYTES PAYLOAD_HEADER_BYTES

/* Of a message that was released. */
struct seen {
	size_t len;
	unsigned char header[HEADER_BYTES];
};

/* Sends one message of the size. */
loop_inline int
put(struct lane *lane, uint64_t sequence, uint64_t sent_ns, uint32_t flags,
    bool stamps)
{
	const struct weir_transport *ops = lane->spec->ops;
	const size_t size = lane->spec->size;
	void *buf;
	int status;

	status = ops->loan(lane->channel, size, &buf);
	if (loop_unlikely(status))
		return status;
	loop_write(lane, buf, size, sequence, sent_ns, stamps);
	return ops->commit(lane->channel, buf, size, flags);
}

loop_inline int
put_batch(struct lane *lane, uint64_t sequence, size_t n, uint64_t now)
{
	const bool stamps = loop_stamps(lane->spec);
	int status = WEIR_OK;

	for (size_t i = 0; i < n && !status; i++)
		status = put(lane, sequence + i, now,
			     i + 1 < n ? WEIR_SEND_MORE : 0, stamps);
	return status;
}

/* Keeps the header of a message that was borrowed, examines it if it is of
 * the size, and gives it back; true in *ret_mark if it may be a mark, which
 * is then in recv_buf. */
loop_inline int
take(struct lane *lane, const unsigned char *buf, size_t len, bool checks,
     struct seen *ret_seen, bool *ret_mark)
{
	const size_t size = lane->spec->size;

	ret_seen->len = len;
	*ret_mark = false;
	if (__builtin_expect(len == size && size >= HEADER_BYTES, 1))
		memcpy(ret_seen->header, buf, HEADER_BYTES);
	else
		memcpy(ret_seen->header, buf,
		       len < HEADER_BYTES ? len : HEADER_BYTES);
	if (loop_unlikely(len != size)) {
		*ret_mark = loop_is_mark(lane, len);
		if (*ret_mark)
			loop_keep_mark(lane, ret_seen->header, len);
	} else {
		loop_arrival(lane, buf, size, checks);
	}
	return lane->spec->ops->release(lane->channel, buf);
}

loop_inline int
borrow(struct lane *lane, const unsigned char **ret_buf, size_t *ret_len)
{
	const void *buf;
	int status = lane->spec->ops->borrow(lane->channel, &buf, ret_len);

	*ret_buf = buf;
	return status;
}

/* Takes a batch, or what there is of it before a mark, in *ret_n. */
loop_inline int
take_batch(struct lane *lane, size_t want, struct seen *seen, size_t *ret_n,
	   bool *ret_mark)
{
	const bool checks = loop_checks(lane->spec);
	const unsigned char *buf;
	size_t n = 0, len;
	int status = WEIR_OK;

	*ret_mark = false;
	while (n < want && !*ret_mark) {
		status = borrow(lane, &buf, &len);
		if (loop_unlikely(status))
			break;
		status = take(lane, buf, len, checks, &seen[n], ret_mark);
		if (loop_unlikely(status))
			break;
		n += !*ret_mark;
	}
	*ret_n = n;
	return status;
}

/* ---- one way ---- */

int
in_place_send(struct lane *lane, const struct lane_stop *stop)
{
	const struct lane_spec *spec = lane->spec;
	uint64_t (*now_ns)(void) = spec->now_ns;
	uint64_t sequence = lane->sent, end_ns, now;
	int status;

	now = now_ns();
	end_ns = loop_begin(lane, stop, now);
	do {
		size_t n = loop_batch(spec, stop->count - sequence);

		status = loop_pause(lane, sequence, &now);
		if (status == WEIR_OK)
			status = put_batch(lane, sequence, n, now);
		if (loop_unlikely(status))
			break;
		sequence += n;
		loop_progress(lane, sequence);
		now = now_ns();
	} while (sequence != stop->count && now < end_ns);
	lane->sent = sequence;
	lane->ended_ns = now;
	return status;
}

/* The latencies of n messages that had come by *now, and their records. */
loop_inline int
record(struct lane *lane, const struct seen *seen, size_t n, uint64_t *now)
{
	const struct lane_spec *spec = lane->spec;
	const bool timed = spec->one_way_latency;
	int status = WEIR_OK;

	for (size_t i = 0; i < n && !status; i++) {
		uint64_t latency_ns = TAPE_NO_LATENCY;

		if (loop_unlikely(seen[i].len != spec->size))
			continue;
		if (timed) {
			latency_ns = loop_latency(
				lane, payload_sent_ns(seen[i].header), *now);
			sample_take(lane, *now, latency_ns, 1);
		}
		if (loop_unlikely(lane->noting))
			status = loop_note(lane, lane->noting, now,
					   payload_sequence(seen[i].header,
							    spec->size),
					   latency_ns);
	}
	return status;
}

int
in_place_receive(struct lane *lane, size_t *ret_len)
{
	const struct lane_spec *spec = lane->spec;
	struct seen seen[LANE_BATCH_MAX];
	uint64_t now, ended_ns = REPORT_NO_TIME;
	bool mark = false;
	int status = WEIR_OK;
	size_t n;

	while (!mark && !status) {
		status = take_batch(lane, spec->batch, seen, &n, &mark);
		if (loop_unlikely(status))
			break;
		if (loop_unlikely(mark))
			*ret_len = seen[n].len;
		if (loop_unlikely(!n))
			break;
		now = spec->now_ns();
		if (loop_unlikely(lane->started_ns == REPORT_NO_TIME))
			lane->started_ns = now;
		ended_ns = now;
		status = record(lane, seen, n, &now);
		loop_progress(lane, lane->track.received);
	}
	lane->ended_ns = ended_ns;
	return status;
}

int
in_place_loopback(struct lane *lane, const struct lane_stop *stop)
{
	const struct lane_spec *spec = lane->spec;
	struct seen seen[LANE_BATCH_MAX];
	uint64_t sequence = lane->sent, end_ns, now;
	bool mark;
	int status;
	size_t n;

	now = spec->now_ns();
	end_ns = loop_begin(lane, stop, now);
	do {
		n = loop_batch(spec, stop->count - sequence);
		status = loop_pause(lane, sequence, &now);
		if (status == WEIR_OK)
			status = put_batch(lane, sequence, n, now);
		if (status == WEIR_OK)
			status = take_batch(lane, n, seen, &n, &mark);
		now = spec->now_ns();
		if (loop_unlikely(status))
			break;
		sequence += n;
		status = record(lane, seen, n, &now);
		loop_progress(lane, sequence);
	} while (!status && sequence != stop->count && now < end_ns);
	lane->sent = sequence;
	lane->ended_ns = now;
	return status;
}

/* ---- round trip ---- */

/* Takes the answers to a batch, each at its own time. */
loop_inline int
take_answers(struct lane *lane, uint64_t sequence, size_t n, uint64_t start_ns,
	     uint64_t *ret_now)
{
	const struct lane_spec *spec = lane->spec;
	const bool checks = loop_checks(spec);
	const unsigned char *buf;
	uint64_t now = start_ns;
	int status = WEIR_OK;
	size_t len;

	for (size_t i = 0; i < n; i++) {
		status = borrow(lane, &buf, &len);
		if (loop_unlikely(status))
			break;
		now = spec->now_ns();
		sample_take(lane, now, now - start_ns, 1);
		if (loop_unlikely(len != spec->size))
			loop_damaged(lane);
		else
			loop_arrival(lane, buf, spec->size, checks);
		status = spec->ops->release(lane->channel, buf);
		if (loop_unlikely(status))
			break;
		if (loop_unlikely(lane->noting))
			status = loop_note(lane, lane->noting, &now,
					   sequence + i, now - start_ns);
		if (loop_unlikely(status))
			break;
	}
	*ret_now = now;
	return status;
}

int
in_place_initiate(struct lane *lane, const struct lane_stop *stop)
{
	const struct lane_spec *spec = lane->spec;
	uint64_t sequence = lane->sent, end_ns, now;
	int status;

	now = spec->now_ns();
	end_ns = loop_begin(lane, stop, now);
	do {
		size_t n = loop_batch(spec, stop->count - sequence);

		status = loop_pause(lane, sequence, &now);
		if (status == WEIR_OK)
			status = put_batch(lane, sequence, n, now);
		if (loop_unlikely(status))
			break;
		sequence += n;
		status = take_answers(lane, sequence - n, n, now, &now);
		loop_progress(lane, sequence);
	} while (!status && sequence != stop->count && now < end_ns);
	lane->sent = sequence;
	lane->ended_ns = now;
	return status;
}

/* Sends back as many bytes as came: that keeps nobody waiting. */
static int
answer_damaged(struct lane *lane, const struct seen *seen, uint32_t flags)
{
	const struct weir_transport *ops = lane->spec->ops;
	void *buf;
	int status = ops->loan(lane->channel, seen->len, &buf);

	if (status)
		return status;
	memcpy(buf, seen->header,
	       seen->len < HEADER_BYTES ? seen->len : HEADER_BYTES);
	return ops->commit(lane->channel, buf, seen->len, flags);
}

loop_inline int
answer(struct lane *lane, const struct seen *seen, size_t n)
{
	const struct lane_spec *spec = lane->spec;
	const bool stamps = loop_stamps(spec);
	int status = WEIR_OK;

	for (size_t i = 0; i < n && !status; i++) {
		uint32_t flags = i + 1 < n ? WEIR_SEND_MORE : 0;

		if (loop_unlikely(seen[i].len != spec->size))
			status = answer_damaged(lane, &seen[i], flags);
		else
			status = put(lane,
				     payload_sequence(seen[i].header,
						      spec->size),
				     payload_sent_ns(seen[i].header), flags,
				     stamps);
	}
	return status;
}

int
in_place_respond(struct lane *lane, const struct lane_stop *stop,
		 size_t *ret_len)
{
	const struct lane_spec *spec = lane->spec;
	struct seen seen[LANE_BATCH_MAX];
	uint64_t left = stop->count - lane->sent;
	bool mark = false;
	int status = WEIR_OK;
	size_t n;

	while (!mark && !status) {
		/* After the last batch comes the mark. */
		status = take_batch(lane, left ? loop_batch(spec, left) : 1,
				    seen, &n, &mark);
		if (loop_unlikely(status))
			break;
		if (loop_unlikely(mark))
			*ret_len = seen[n].len;
		status = answer(lane, seen, n);
		left -= left < n ? left : n;
		lane->sent += n;
		loop_progress(lane, lane->sent);
	}
	return status;
}
