/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The phases with traffic: the warm-up and the timed region, between marks.
 */
#include "core/measure/lane_internal.h"
#include "core/measure/loop.h"
#include "core/measure/segments.h"

int
lane_broken(struct lane *lane, enum lane_phase phase, size_t len)
{
	return weir_error_set(&lane->fault, WEIR_EPROTOCOL,
			      "channel %u received an unexpected message of "
			      "%zu bytes in %s: a mark of weir's own was "
			      "lost or changed by the transport",
			      lane->index, len, lane_phase_names[phase]);
}

/* Sends a mark and waits for the same mark to come back; with it comes what
 * the other side says. */
static int
mark_there_and_back(struct lane *lane, enum lane_phase phase,
		    enum payload_mark mark, uint64_t value,
		    uint64_t *ret_value)
{
	const struct weir_transport *ops = lane->spec->ops;
	size_t len;
	int status;

	payload_mark_write(lane->send_buf, mark, value);
	status = ops->send(lane->channel, lane->send_buf,
			   payload_mark_bytes(lane->spec->size), 0);
	if (status)
		return status;
	/* Traffic that is still under way was sent once too often. */
	do {
		status = ops->recv(lane->channel, lane->recv_buf,
				   lane->buf_bytes, &len);
		if (status)
			return status;
		if (len == lane->spec->size)
			loop_arrival(lane, lane->recv_buf, len,
				     loop_checks(lane->spec));
	} while (len == lane->spec->size);
	if (!payload_mark_read(lane->recv_buf, len, lane->spec->size, mark,
			       ret_value))
		return lane_broken(lane, phase, len);
	return WEIR_OK;
}

/* Checks that recv_buf holds this mark and sends it back with an answer. */
static int
mark_answer(struct lane *lane, enum lane_phase phase, enum payload_mark mark,
	    size_t len, uint64_t answer, uint64_t *ret_value)
{
	if (!payload_mark_read(lane->recv_buf, len, lane->spec->size, mark,
			       ret_value))
		return lane_broken(lane, phase, len);
	payload_mark_write(lane->send_buf, mark, answer);
	return lane->spec->ops->send(lane->channel, lane->send_buf,
				     payload_mark_bytes(lane->spec->size), 0);
}

static bool
is_paced_with_answers(const struct lane_spec *spec)
{
	return spec->pace.per_s > 0 &&
	       (spec->pattern == LANE_ROUND_TRIP ||
		(spec->ops->capabilities & WEIR_CAP_LOOPBACK));
}

/* With answers, the end mark is the last of the messages on their way. */
static int
initiate_paced(struct lane *lane, enum lane_phase phase,
	       const struct lane_stop *stop)
{
	uint64_t answer;
	size_t len;
	int status = paced_initiate(lane, stop, &len);

	if (status)
		return status;
	if (!payload_mark_read(lane->recv_buf, len, lane->spec->size,
			       PAYLOAD_END, &answer))
		return lane_broken(lane, phase, len);
	return WEIR_OK;
}

static int
send_traffic(struct lane *lane, const struct lane_stop *stop)
{
	const struct lane_spec *spec = lane->spec;
	bool alone = spec->ops->capabilities & WEIR_CAP_LOOPBACK;

	if (spec->pace.per_s > 0)
		return paced_send(lane, stop);
	if (spec->pattern == LANE_ROUND_TRIP)
		return spec->in_place ? in_place_initiate(lane, stop) :
		       spec->batch > 1 ? batch_initiate(lane, stop) :
					 round_trip_initiate(lane, stop);
	if (alone)
		return spec->in_place ? in_place_loopback(lane, stop) :
		       spec->batch > 1 ? batch_loopback(lane, stop) :
					 one_way_loopback(lane, stop);
	return spec->in_place ? in_place_send(lane, stop) :
	       spec->batch > 1 ? batch_send(lane, stop) :
				 one_way_send(lane, stop);
}

static int
take_traffic(struct lane *lane, const struct lane_stop *stop, size_t *ret_len)
{
	const struct lane_spec *spec = lane->spec;

	if (spec->pattern == LANE_ROUND_TRIP)
		return spec->in_place ? in_place_respond(lane, stop, ret_len) :
		       spec->batch > 1 ? batch_respond(lane, stop, ret_len) :
					 round_trip_respond(lane, ret_len);
	if (spec->pace.per_s > 0)
		return paced_receive(lane, ret_len);
	return spec->in_place ? in_place_receive(lane, ret_len) :
	       spec->batch > 1 ? batch_receive(lane, ret_len) :
				 one_way_receive(lane, ret_len);
}

static const struct lane_stop *
stop_of(const struct lane *lane, enum lane_phase phase)
{
	return phase == LANE_WARMUP ? &lane->spec->warmup : &lane->spec->timed;
}

static int
initiate(struct lane *lane, enum lane_phase phase)
{
	bool timed = phase == LANE_TIMED, over;
	uint64_t answer;
	int status;

	status = mark_there_and_back(lane, phase, PAYLOAD_START, 0, &answer);
	if (status)
		return status;
	if (timed)
		segments_begin(lane);
	if (is_paced_with_answers(lane->spec)) {
		status = initiate_paced(lane, phase, stop_of(lane, phase));
		if (status == WEIR_OK && timed)
			segments_end(lane);
		return status;
	}
	do {
		struct lane_stop stop = *stop_of(lane, phase);

		if (timed)
			segments_next(lane, &stop);
		status = send_traffic(lane, &stop);
		if (status)
			return status;
		over = !timed || segments_over(lane);
		status = mark_there_and_back(lane, phase,
					     over ? PAYLOAD_END : PAYLOAD_PAUSE,
					     lane->sent, &answer);
		if (status == WEIR_OK && timed)
			segments_end(lane);
	} while (status == WEIR_OK && !over);
	return status;
}

/* Whether the mark in recv_buf only ends a segment. */
static bool
is_pause(const struct lane *lane, size_t len)
{
	uint64_t value;

	return payload_mark_read(lane->recv_buf, len, lane->spec->size,
				 PAYLOAD_PAUSE, &value);
}

static int
respond(struct lane *lane, enum lane_phase phase)
{
	bool timed = phase == LANE_TIMED, over;
	uint64_t value;
	size_t len;
	int status;

	status = lane->spec->ops->recv(lane->channel, lane->recv_buf,
				       lane->buf_bytes, &len);
	if (status)
		return status;
	status = mark_answer(lane, phase, PAYLOAD_START, len, 0, &value);
	if (status)
		return status;
	if (timed)
		segments_begin(lane);
	do {
		status = take_traffic(lane, stop_of(lane, phase), &len);
		if (status)
			return status;
		over = !timed || !is_pause(lane, len);
		status = mark_answer(lane, phase,
				     over ? PAYLOAD_END : PAYLOAD_PAUSE, len,
				     lane->track.received, &value);
		if (status)
			return status;
		if (over)
			track_end(&lane->track, value);
		if (timed)
			segments_end(lane);
	} while (!over);
	return WEIR_OK;
}

int
lane_traffic(struct lane *lane, enum lane_phase phase)
{
	return lane->spec->initiator ? initiate(lane, phase) :
				       respond(lane, phase);
}
