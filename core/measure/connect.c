/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/connect.h"

#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/measure/door.h"
#include "core/measure/loop.h"
#include "core/measure/pause.h"

/* How long the host waits for a client that says it has joined. */
#define ACCEPT_NS (10 * NS_PER_S)

static void
close_fds(struct weir_offer *offer)
{
	for (int i = 0; i < WEIR_OFFER_FDS_MAX; i++)
		if (offer->fds[i] >= 0)
			close(offer->fds[i]);
}

static bool
is_alone(const struct lane *lane)
{
	return lane->spec->ops->capabilities & WEIR_CAP_LOOPBACK;
}

/* Closes the channel of the lane, and says how long that took. */
static uint64_t
tear_down(struct lane *lane)
{
	uint64_t start_ns = lane->spec->now_ns();

	lane->spec->ops->close(lane->channel);
	lane->channel = NULL;
	return lane->spec->now_ns() - start_ns;
}

static void
collect(struct lane *lane)
{
	struct weir_counters counters = { .size = sizeof(counters) };

	if (!lane->spec->ops->collect)
		return;
	lane->spec->ops->collect(lane->channel, &counters);
	report_add_counters(&lane->counters, &counters);
}

/* ---- the host ---- */

static int
set_up(struct lane *lane, const struct door *door)
{
	const struct weir_transport *ops = lane->spec->ops;
	struct weir_offer offer = { .size = sizeof(offer) };
	uint64_t value;
	int status;

	memset(offer.fds, -1, sizeof(offer.fds));
	status = ops->offer(lane->setup, &offer, &lane->channel, &lane->fault);
	if (status)
		return status;
	status = door_send(door, DOOR_OFFER, 0, &offer);
	close_fds(&offer);
	if (status == WEIR_OK)
		status = door_expect(door, DOOR_JOINED, &value);
	if (status == WEIR_OK && ops->accept)
		status = ops->accept(lane->channel,
				     clock_deadline_ns(ACCEPT_NS),
				     &lane->fault);
	return status;
}

static int
echo(struct lane *lane, uint64_t sequence, uint64_t now_ns, size_t *ret_len)
{
	const struct lane_spec *spec = lane->spec;
	int status;

	loop_write_more(lane, lane->send_buf, sequence, now_ns);
	status = spec->ops->send(lane->channel, lane->send_buf, spec->size, 0);
	return status ? status :
			spec->ops->recv(lane->channel, lane->recv_buf,
					lane->buf_bytes, ret_len);
}

static void
arrive(struct lane *lane, size_t len)
{
	if (len != lane->spec->size)
		loop_damaged(lane);
	else
		loop_arrival(lane, lane->recv_buf, len,
			     loop_checks(lane->spec));
}

/* The life of one channel; *now is when its echo was there. */
static int
host_once(struct lane *lane, const struct door *door, uint64_t *now)
{
	uint64_t (*now_ns)(void) = lane->spec->now_ns;
	uint64_t start_ns = now_ns(), latency_ns, value;
	int status;
	size_t len;

	if (!lane->sent)
		lane->started_ns = start_ns;
	status = set_up(lane, door);
	if (status == WEIR_OK)
		status = echo(lane, lane->sent, start_ns, &len);
	*now = now_ns();
	if (status)
		return status;
	latency_ns = *now - start_ns;
	lane->ended_ns = *now;
	lane->sent++;
	sample_take(lane, *now, latency_ns, 1);
	arrive(lane, len);
	collect(lane);
	histogram_record(lane->teardown, tear_down(lane));
	loop_progress(lane, lane->sent);
	status = door_send(door, DOOR_CLOSE, 0, NULL);
	if (status == WEIR_OK)
		status = door_expect(door, DOOR_CLOSED, &value);
	if (status == WEIR_OK && lane->noting)
		status = loop_note(lane, lane->noting, now, lane->sent - 1,
				   latency_ns);
	return status;
}

static int
host_phase(struct lane *lane, const struct door *door,
	   const struct lane_stop *stop)
{
	uint64_t now = lane->spec->now_ns(), end_ns, value;
	int status = door_send(door, DOOR_START, 0, NULL);

	end_ns = stop->duration_ns < UINT64_MAX - now ?
			now + stop->duration_ns : UINT64_MAX;
	if (status == WEIR_OK)
		status = door_expect(door, DOOR_START, &value);
	while (status == WEIR_OK && lane->sent != stop->count) {
		if (lane_pauses(lane->spec))
			status = pause_keep(lane);
		if (status == WEIR_OK)
			status = host_once(lane, door, &now);
		if (now >= end_ns)
			break;
	}
	if (status == WEIR_OK)
		status = door_send(door, DOOR_END, lane->sent, NULL);
	if (status == WEIR_OK)
		status = door_expect(door, DOOR_END, &value);
	return status;
}

/* ---- the client ---- */

/* The offer in hand, up to the echo. */
static int
client_joins(struct lane *lane, const struct door *door,
	     struct weir_offer *offer)
{
	const struct weir_transport *ops = lane->spec->ops;
	int status;
	size_t len;

	status = ops->join(lane->setup, offer, &lane->channel, &lane->fault);
	close_fds(offer);
	if (status == WEIR_OK)
		status = door_send(door, DOOR_JOINED, 0, NULL);
	if (status || is_alone(lane))
		return status;
	status = ops->recv(lane->channel, lane->recv_buf, lane->buf_bytes,
			   &len);
	if (status)
		return status;
	arrive(lane, len);
	status = ops->send(lane->channel, lane->recv_buf, len, 0);
	if (status == WEIR_OK)
		loop_progress(lane, ++lane->sent);
	return status;
}

static int
client_closes(struct lane *lane, const struct door *door)
{
	lane->ended_ns = lane->spec->now_ns();
	collect(lane);
	histogram_record(lane->teardown, tear_down(lane));
	return door_send(door, DOOR_CLOSED, 0, NULL);
}

static int
out_of_turn(struct lane *lane)
{
	return weir_error_set(&lane->fault, WEIR_EPROTOCOL,
			      "channel %u: the host handed over a frame that "
			      "has no place here", lane->index);
}

static int
client_phase(struct lane *lane, const struct door *door)
{
	enum door_kind kind;
	uint64_t value;
	int status = door_expect(door, DOOR_START, &value);

	if (status == WEIR_OK)
		status = door_send(door, DOOR_START, 0, NULL);
	lane->started_ns = lane->spec->now_ns();
	while (status == WEIR_OK) {
		struct weir_offer offer;

		status = door_receive(door, &kind, &value, &offer);
		if (status)
			break;
		if (kind == DOOR_END && !lane->channel) {
			if (!is_alone(lane))
				track_end(&lane->track, value);
			return door_send(door, DOOR_END, 0, NULL);
		}
		if (kind == DOOR_OFFER && !lane->channel)
			status = client_joins(lane, door, &offer);
		else if (kind == DOOR_CLOSE && lane->channel)
			status = client_closes(lane, door);
		else {
			close_fds(&offer);
			status = out_of_turn(lane);
		}
	}
	return status;
}

int
connect_run(struct lane *lane, enum lane_phase phase)
{
	static const struct lane_stop once = { 1, UINT64_MAX };
	const struct lane_spec *spec = lane->spec;
	const struct door door = { lane->door, &lane->cancel, &lane->fault };
	const struct lane_stop *stop = phase == LANE_FIRST  ? &once :
				       phase == LANE_WARMUP ? &spec->warmup :
							      &spec->timed;
	int status = spec->initiator ? host_phase(lane, &door, stop) :
				       client_phase(lane, &door);

	if (lane->channel)
		tear_down(lane);
	if (status == WEIR_OK && phase == LANE_FIRST && spec->initiator)
		lane->first_ns = lane->latency->max_ns;
	return status;
}
