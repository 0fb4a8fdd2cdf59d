/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a side waits for the other.
 *
 * Who has to wait (for data or for room) spins, sleeps in a futex that lies
 * in the shared memory or in poll on an eventfd, or spins first and then
 * sleeps. No wake-up is lost:
 *
 *	waiter                        the other side
 *	------                        --------------
 *	flag = 1                      publish (data or room)
 *	(everything is ordered)       (everything is ordered)
 *	look again, and if there      flag set? then clear it and wake
 *	is nothing: sleep
 *
 * A sleep ends after a while by itself, so that a peer that does not wake can
 * delay nothing but its own messages. With wait = spin nobody sleeps, and
 * nobody looks for a flag.
 *
 * Before a side waits for data it has told the other what it has read: else a
 * sender could wait for room that this side owes it, and this side for the
 * sender.
 */
#ifndef PLUGINS_SHM_AWAIT_H
#define PLUGINS_SHM_AWAIT_H

#include <weir/transport.h>

#include "plugins/shm/channel.h"

/* Wakes the other side if it sleeps behind this flag of its own: once per
 * sleep. */
void await_wake(struct weir_channel *c, uint32_t *flag);

/* After a publication: wakes the other side if it sleeps. */
static inline void
await_wake_if(struct weir_channel *c, uint32_t *flag)
{
	if (c->sleeps && __atomic_load_n(flag, __ATOMIC_SEQ_CST))
		await_wake(c, flag);
}

#define AWAIT_NO_LIMIT UINT64_MAX /* of a wait, in time */

/* True if something was read that the other side may be waiting for. */
static inline bool
await_owes(const struct weir_channel *c)
{
	if (!c->in.at.data)
		return c->slot_in.told != c->slot_in.taken;
	return c->room_told != c->in.tail;
}

/*
 * Gives room back, and wakes a writer that sleeps for it: with last, as this
 * side is going to wait, else not before a quarter of the ring is free. A
 * writer that was woken for each record would fall asleep after each one.
 */
void await_give_back(struct weir_channel *c, bool last);

/*
 * Nothing has come: waits until something has, or until limit_ns of the clock;
 * with 0 it only looks whether there is a reason not to wait. Errors: EAGAIN
 * at the limit, and with a sentence ECANCELED, EPROTOCOL, ESYSTEM, EPEER after
 * the last message.
 */
int await_data(struct weir_channel *c, uint64_t limit_ns) WEIR_MUST_USE;

/* Waits a while for data and measures the distance, see distance.h. */
void await_measuring(struct weir_channel *c);

/* No room for a record of this length: the same for sending. */
int await_room(struct weir_channel *c, uint64_t record,
	       bool try) WEIR_MUST_USE;

/* The slot is not free: waits until it is. */
int await_slot(struct weir_channel *c, bool try) WEIR_MUST_USE;

/* Write the sentence of a failure, and return rc. */
int await_fail_send(struct weir_channel *c, int rc);
int await_fail_recv(struct weir_channel *c, int rc);

#endif
