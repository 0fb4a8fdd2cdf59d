/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages that are written and read in place.
 *
 * A loan is the room of the next message: the slot where that is free, else a
 * piece of the ring, which a message must fit in one piece. What is lent to a
 * reader is the message where it lies; its room is given back by release. A
 * message that was sent in chunks is lent when all of it has come, and one that
 * was copied into the first lines of a slot, which are not in one piece, as a
 * copy.
 *
 * The functions are the operations of the same names in <weir/transport.h>.
 */
#ifndef PLUGINS_SHM_PLACE_H
#define PLUGINS_SHM_PLACE_H

#include <weir/transport.h>

int place_loan(struct weir_channel *c, size_t len, void **ret_buf);
int place_commit(struct weir_channel *c, void *buf, size_t len,
		 uint32_t flags);
int place_borrow(struct weir_channel *c, const void **ret_buf,
		 size_t *ret_len);
int place_release(struct weir_channel *c, const void *buf);

#endif
