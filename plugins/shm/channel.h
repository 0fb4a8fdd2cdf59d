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
#include "plugins/shm/ring_in.h"
#include "plugins/shm/ring_out.h"
#include "plugins/shm/segment.h"

/* Values of the option `wait`. */
#define SHM_BLOCK 0u
#define SHM_SPIN 1u
#define SHM_FUTEX 2u
#define SHM_ADAPTIVE 3u

struct shm_options {
	uint64_t ring_size;
	uint32_t wait;
	uint64_t spin_ns;
	uint32_t rendezvous;
	const char *directory;
};

struct weir_channel {
	/* What each message needs, together and first. */
	struct ring_out out;
	struct ring_in in;
	struct segment_side *mine;   /* shared: what this side says */
	struct segment_side *theirs; /* shared: what the other one says */
	uint64_t max_bytes;
	uint32_t wait; /* SHM_* */
	bool sleeps;   /* the strategy may sleep: then it must be woken */
	uint64_t room_told; /* in.tail when a sleeping writer was last
			     * looked for */

	uint32_t magic;
	const struct weir_setup *setup;
	const struct shm_options *options;
	struct segment segment;
	uint64_t spin_ns;
	uint64_t wanted; /* the record that waits for room */

	uint64_t n_syscalls;
	uint64_t n_wakeups;
	uint64_t n_sleeps;
	uint64_t n_spins;
	uint64_t n_stalls;
	uint64_t n_canceled;

	/* Host with rendezvous = path, until the client has attached. */
	int directory_fd;
	char name[RENDEZVOUS_NAME_BYTES]; /* empty: no file */
};

#endif
