/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of shm, and what a channel makes of them.
 */
#ifndef PLUGINS_SHM_OPTIONS_H
#define PLUGINS_SHM_OPTIONS_H

#include <stdint.h>

#include <weir/transport.h>

#include "plugins/shm/segment.h"

/* Values of the options. */
#define SHM_RING 0u
#define SHM_SLOT 1u

#define SHM_LATENCY 0u
#define SHM_THROUGHPUT 1u

#define SHM_BLOCK 0u
#define SHM_SPIN 1u
#define SHM_FUTEX 2u
#define SHM_ADAPTIVE 3u
#define SHM_EVENTFD 4u

struct shm_options {
	uint32_t layout;
	uint32_t mode;
	uint64_t ring_size; /* 0: by the size of the messages */
	uint64_t lag_ns;
	uint32_t wait;
	uint64_t spin_ns;
	uint32_t huge_pages;
	uint32_t prefault;
	uint32_t rendezvous;
	const char *directory;
};

extern const struct weir_option options_rows[];
#define OPTIONS_ROWS 10u

/*
 * Checks the options of a setup against each other, the size of its messages
 * and the machine, and derives the shape of the memory.
 * Errors: EINVALID, ETOOBIG, EUNAVAILABLE.
 */
int options_shape(const struct weir_setup *setup,
		  struct segment_shape *ret_shape,
		  struct weir_error *err) WEIR_MUST_USE;

#endif
