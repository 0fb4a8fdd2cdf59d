/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connect: the life of a channel from nothing to nothing, again and again.
 *
 *	host                                       client
 *	(the clock is read)
 *	offer
 *	OFFER: address, descriptors ─── door ───►  join
 *	       ◄─────────────────────── door ───  JOINED
 *	accept
 *	a message ───────── the channel ────────►
 *	       ◄─────────── the channel ────────  its echo
 *	(the clock is read: a sample of the latency)
 *	collect
 *	(the clock is read)
 *	close
 *	(the clock is read: a sample of the teardown)
 *	CLOSE ─────────────────────────  door ──►  close, likewise timed
 *	       ◄─────────────────────── door ───  CLOSED
 *
 * Both lanes do this on their own threads and CPUs; what is between samples
 * is in none. The host offers, and so begins: it is the initiator. Over a
 * transport with WEIR_CAP_LOOPBACK the message does not leave the host, and
 * what is left is the hand-over: the floor of this pattern.
 */
#ifndef CORE_MEASURE_CONNECT_H
#define CORE_MEASURE_CONNECT_H

#include "core/measure/lane.h"

/* One phase of a lane to its end; the first one is one connection. A failure
 * leaves no channel behind, and its sentence in lane->fault. */
WEIR_MUST_USE int connect_run(struct lane *lane, enum lane_phase phase);

#endif
