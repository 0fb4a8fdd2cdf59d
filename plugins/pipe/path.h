/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Meeting at two FIFOs, NAME.down (to the client) and NAME.up.
 *
 * Without a hang: the host opens its ends in offer, where "down" has a reader
 * in the holder, a descriptor that is open for both; so the client can open
 * its own at any time. It then writes one byte into "up". On that byte accept
 * closes the holder and unlinks the files: from there on each end is held
 * once, and the death of either side is an end of file or EPIPE to the other.
 */
#ifndef PLUGINS_PIPE_PATH_H
#define PLUGINS_PIPE_PATH_H

#include "plugins/pipe/channel.h"

/* Host: makes the FIFOs and opens its ends; the address is their name. Errors:
 * those of rendezvous_open_directory and of fifo.h, ESYSTEM. */
int path_offer(struct pipe *c, struct weir_offer *ret_offer,
	       struct weir_error *err) WEIR_MUST_USE;

/* Client: opens its ends; then says so, when they are ready for messages.
 * Errors: those of rendezvous_find and fifo_open, ESYSTEM. */
int path_join(struct pipe *c, const struct weir_offer *offer,
	      struct weir_error *err) WEIR_MUST_USE;
int path_tell(struct pipe *c, struct weir_error *err) WEIR_MUST_USE;

/* Host: waits for the client's byte, then as path_close. */
int path_accept(struct pipe *c, uint64_t deadline_ns,
		struct weir_error *err) WEIR_MUST_USE;

/* Removes the FIFOs and all that was there to await the client; twice is
 * once. */
void path_close(struct pipe *c);

#endif
