/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loops of the timed region, one per pattern and way of going at it:
 *
 * round_trip.c and one_way.c send and receive one message after another,
 * batch.c several at once, in_place.c either in the transport's memory.
 * A responder goes by the initiator's `stop`: its count ends a batch.
 */
#ifndef CORE_MEASURE_LOOPS_H
#define CORE_MEASURE_LOOPS_H

#include "core/measure/lane.h"

/* Set by the loops in lane->sent, started_ns, ended_ns, track, latency. */
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

#endif
