/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loops of the timed region, one per pattern and way of going at it:
 *
 * round_trip.c and one_way.c send and receive one message after another,
 * batch.c several at once, in_place.c either in the transport's memory;
 * paced.c sends by schedule.
 * A responder goes by the initiator's `stop`: its count ends a batch.
 */
#ifndef CORE_MEASURE_LOOPS_H
#define CORE_MEASURE_LOOPS_H

#include "core/measure/lane.h"

/* Set by the loops in lane->sent, started_ns, ended_ns, track, latency. What
 * was sent before, in earlier segments, is in lane->sent and goes on from
 * there; the count of stop is that of all together. */
WEIR_MUST_USE int round_trip_initiate(struct lane *lane,
				      const struct lane_stop *stop);
WEIR_MUST_USE int round_trip_respond(struct lane *lane, size_t *ret_len);
WEIR_MUST_USE int one_way_send(struct lane *lane,
			       const struct lane_stop *stop);
WEIR_MUST_USE int one_way_receive(struct lane *lane, size_t *ret_len);
/* Both halves of one_way in one thread, for a transport with
 * WEIR_CAP_LOOPBACK: the floor of the harness. */
WEIR_MUST_USE int one_way_loopback(struct lane *lane,
				   const struct lane_stop *stop);

WEIR_MUST_USE int batch_initiate(struct lane *lane,
				 const struct lane_stop *stop);
WEIR_MUST_USE int batch_respond(struct lane *lane,
				const struct lane_stop *stop,
				size_t *ret_len);
WEIR_MUST_USE int batch_send(struct lane *lane, const struct lane_stop *stop);
WEIR_MUST_USE int batch_receive(struct lane *lane, size_t *ret_len);
WEIR_MUST_USE int batch_loopback(struct lane *lane,
				 const struct lane_stop *stop);

WEIR_MUST_USE int in_place_initiate(struct lane *lane,
				    const struct lane_stop *stop);
WEIR_MUST_USE int in_place_respond(struct lane *lane,
				   const struct lane_stop *stop,
				   size_t *ret_len);
WEIR_MUST_USE int in_place_send(struct lane *lane,
				const struct lane_stop *stop);
WEIR_MUST_USE int in_place_receive(struct lane *lane, size_t *ret_len);
WEIR_MUST_USE int in_place_loopback(struct lane *lane,
				    const struct lane_stop *stop);

/* Sends what is due and takes answers in between, until the echo of the end
 * mark is in recv_buf (a loopback's echo is the message itself). */
WEIR_MUST_USE int paced_initiate(struct lane *lane,
				 const struct lane_stop *stop,
				 size_t *ret_len);
WEIR_MUST_USE int paced_send(struct lane *lane, const struct lane_stop *stop);
WEIR_MUST_USE int paced_receive(struct lane *lane, size_t *ret_len);

/* Out of line, in loop.c: a message arrived whose content or length is
 * wrong, so that nothing in it is believed: it takes the place of the one
 * that was due. */
void loop_damaged(struct lane *lane);

/* Likewise, a message of a length that is not the size: true if it may be a
 * mark; else it was damaged. */
bool loop_is_mark(struct lane *lane, size_t len);

#endif
