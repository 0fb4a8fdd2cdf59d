/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door of a channel: the socket on which its two lanes hand over what a
 * connection is made of, under the pattern connect.
 *
 * A pair of Unix sockets that keep messages apart (SOCK_SEQPACKET), made by
 * the host before the trial; the client's end goes there as the descriptor of
 * the channel's OFFER. It takes the part of the control socket inside the
 * measurement: descriptors travel over it as they do there (SCM_RIGHTS), with
 * no JSON and no thread but the two lanes'.
 *
 * The other side may be hostile: a frame is of its exact size and of a kind
 * that is due, or it is EPROTOCOL; what it holds is the transport's to check.
 */
#ifndef CORE_MEASURE_DOOR_H
#define CORE_MEASURE_DOOR_H

#include <stdint.h>

#include <weir/transport.h>

enum door_kind {
	DOOR_START = 1, /* of a phase; answered by itself */
	DOOR_OFFER,     /* an address and descriptors */
	DOOR_JOINED,
	DOOR_CLOSE, /* the host has closed its end of the channel */
	DOOR_CLOSED,
	DOOR_END, /* of a phase, and how many were sent; answered by itself */
};

/* One end; the descriptor is the caller's. */
struct door {
	int fd;
	const uint32_t *cancel; /* ends a wait: ECANCELED */
	struct weir_error *fault;
};

/* Two ends, connected; the caller closes them. */
WEIR_MUST_USE int door_make(int ret_fds[2], struct weir_error *err);

/* Sends a frame: an OFFER takes `offer` (whose descriptors stay open), the
 * others a value. EPEER where the other end is gone. */
WEIR_MUST_USE int door_send(const struct door *door, enum door_kind kind,
			    uint64_t value, const struct weir_offer *offer);

/* Waits for the next frame. ret_offer is filled by an OFFER, whose
 * descriptors are then the caller's; it is NULL where none may come. */
WEIR_MUST_USE int door_receive(const struct door *door,
			       enum door_kind *ret_kind, uint64_t *ret_value,
			       struct weir_offer *ret_offer);

/* Likewise, for one that has to be of this kind, and is no OFFER. */
WEIR_MUST_USE int door_expect(const struct door *door, enum door_kind kind,
			      uint64_t *ret_value);

#endif
