/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One end of a shared-memory channel.
 */
#ifndef PLUGINS_SHM_CHANNEL_H
#define PLUGINS_SHM_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include <weir/transport.h>

#include "plugins/common/rendezvous.h"
#include "plugins/shm/options.h"
#include "plugins/shm/ring_in.h"
#include "plugins/shm/ring_out.h"
#include "plugins/shm/segment.h"
#include "plugins/shm/slot_in.h"
#include "plugins/shm/slot_out.h"

struct weir_channel {
	/* What each message needs, together and first. */
	struct ring_out out; /* out.at.data is NULL: no ring */
	struct slot_out slot_out; /* at is NULL: no slot */
	struct ring_in in;
	struct slot_in slot_in;
	struct segment_side *mine;   /* shared: what this side says */
	struct segment_side *theirs; /* shared: what the other one says */
	uint64_t max_bytes;
	uint32_t wait; /* SHM_* */
	bool sleeps;   /* the strategy may sleep: then it must be woken */
	uint32_t rounds; /* of spinning before await_data */
	bool lends;    /* a loan lies in the slot */
	uint64_t room_told; /* in.tail when a sleeping writer was last
			     * looked for */
	/* A reader that lags (lag.h). */
	uint64_t lag_ns;     /* 0: it does not */
	uint64_t lag_from;   /* in.n when it last found nothing, … */
	uint64_t lag_tail;   /* … and in.tail; … */
	uint64_t lag_within; /* … in.tail, in the middle of a message */
	uint32_t n_batches;  /* in a row that were worth it */

	uint32_t magic;
	const struct weir_setup *setup;
	const struct shm_options *options;
	struct segment_shape shape;
	struct segment segment;
	uint64_t spin_ns;
	uint64_t wanted; /* the record that waits for room */
	uint64_t borrowed; /* the word of the message that is lent out, … */
	uint64_t borrowed_bytes; /* … its length … */
	bool borrows_slot;       /* … and where it lies */
	uint8_t piece[SLOT_PAIR_BYTES]; /* of a slot, to lend out */
	size_t loaned;     /* bytes that were asked for; 0: no loan */
	int eventfds[2];   /* of both sides, by WEIR_SIDE_*; -1: none */

	uint64_t n_syscalls;
	uint64_t n_wakeups;
	uint64_t n_sleeps;
	uint64_t n_spins;
	uint64_t n_stalls;
	uint64_t n_lags;
	uint64_t n_canceled;

	/* Host with rendezvous = path, until the client has attached. */
	int directory_fd;
	char name[RENDEZVOUS_NAME_BYTES]; /* empty: no file */
};

#endif
