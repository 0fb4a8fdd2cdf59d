/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first message of a channel.
 */
#include <string.h>

#include "core/measure/lane_internal.h"
#include "core/measure/loop.h"

/* The first message is written and read as the later ones are. */
static int
send_first(struct lane *lane, const void *content)
{
	const struct lane_spec *spec = lane->spec;
	void *buf;
	int status;

	if (!spec->in_place)
		return spec->ops->send(lane->channel, content, spec->size, 0);
	status = spec->ops->loan(lane->channel, spec->size, &buf);
	if (status)
		return status;
	if (spec->touch > TOUCH_HEADER || spec->verify == LANE_VERIFY_FULL)
		memcpy(buf, content, spec->size);
	else
		memcpy(buf, content, payload_stamp_bytes(spec->size));
	return spec->ops->commit(lane->channel, buf, spec->size, 0);
}

static int
recv_first(struct lane *lane)
{
	const struct lane_spec *spec = lane->spec;
	const void *buf;
	size_t len;
	int status;

	if (!spec->in_place) {
		status = spec->ops->recv(lane->channel, lane->recv_buf,
					 lane->buf_bytes, &len);
	} else {
		status = spec->ops->borrow(lane->channel, &buf, &len);
		if (status == WEIR_OK)
			loop_keep_mark(lane, buf, len);
		if (status == WEIR_OK)
			status = spec->ops->release(lane->channel, buf);
	}
	if (status == WEIR_OK && len != spec->size)
		return lane_broken(lane, LANE_FIRST, len);
	return status;
}

static int
first_initiate(struct lane *lane)
{
	const struct lane_spec *spec = lane->spec;
	uint64_t start_ns = spec->now_ns();
	int status;

	loop_write_more(lane, lane->send_buf, 0, start_ns);
	status = send_first(lane, lane->send_buf);
	if (status || (spec->pattern == LANE_ONE_WAY &&
		       !(spec->ops->capabilities & WEIR_CAP_LOOPBACK)))
		return status;
	status = recv_first(lane);
	lane->first_ns = spec->now_ns() - start_ns;
	return status;
}

static int
first_respond(struct lane *lane)
{
	const struct lane_spec *spec = lane->spec;
	uint64_t now, sent_ns;
	int status;

	status = recv_first(lane);
	if (status)
		return status;
	if (spec->pattern == LANE_ROUND_TRIP)
		return send_first(lane, lane->recv_buf);
	if (spec->one_way_latency) {
		now = spec->now_ns();
		sent_ns = payload_sent_ns(lane->recv_buf);
		lane->first_ns = now > sent_ns ? now - sent_ns : 0;
	}
	return WEIR_OK;
}

int
lane_first(struct lane *lane)
{
	return lane->spec->initiator ? first_initiate(lane) :
				       first_respond(lane);
}
