/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages through the rings, and how a side waits for the other.
 *
 * Who has to wait (for data or for room) spins, sleeps in a futex that lies
 * in the shared memory, or does one after the other. No wake-up is lost:
 *
 *	waiter                        the other side
 *	------                        --------------
 *	flag = 1                      publish (data or room)
 *	(everything is ordered)       (everything is ordered)
 *	look again, and if there      flag set? then clear it and wake
 *	is nothing: futex wait
 *
 * A sleep ends after a while by itself, so that a peer that does not wake can
 * delay nothing but its own messages. With wait = spin nobody sleeps, and
 * nobody looks for a flag.
 *
 * The functions are the operations of the same names in <weir/transport.h>.
 */
#ifndef PLUGINS_SHM_MESSAGE_H
#define PLUGINS_SHM_MESSAGE_H

#include <weir/transport.h>

int message_send(struct weir_channel *c, const void *buf, size_t len,
		 uint32_t flags);
int message_try_send(struct weir_channel *c, const void *buf, size_t len,
		     uint32_t flags);
int message_recv(struct weir_channel *c, void *buf, size_t cap,
		 size_t *ret_len);
int message_try_recv(struct weir_channel *c, void *buf, size_t cap,
		     size_t *ret_len);
int message_recv_until(struct weir_channel *c, void *buf, size_t cap,
		       size_t *ret_len, uint64_t deadline_ns);
int message_flush(struct weir_channel *c);

/* Wakes the other side if it sleeps behind this flag of its own: once per
 * sleep. */
void message_wake(struct weir_channel *c, uint32_t *flag);

#endif
