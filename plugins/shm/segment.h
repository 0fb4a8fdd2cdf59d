/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of one channel: a file with a page of words and two rings.
 *
 *	0        header: what the file is, and the words of each side
 *	page     ring of what the host sends
 *	+ ring   ring of what the client sends
 *
 * As a sealed memfd it can't change its size under the other side, whoever
 * holds it. A file with a name can't be sealed: whoever truncates it kills
 * both sides by SIGBUS, so that both must trust everyone who can open it.
 *
 * Each ring is mapped twice, back to back, so that no copy is ever split, and
 * the incoming one for reading only.
 */
#ifndef PLUGINS_SHM_SEGMENT_H
#define PLUGINS_SHM_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <weir/transport.h>

#include "plugins/shm/ring.h"

#define SEGMENT_MAGIC UINT64_C(0x31306d6873726977) /* "wirshm01" */
#define SEGMENT_VERSION 1u

/*
 * The words of one side: it alone writes them, but that whoever wakes it
 * clears its flag. The first line is read by the other side with each message
 * and changes only when this one sleeps or ends.
 */
struct segment_side {
	uint32_t attached;  /* futex: the client is there */
	uint32_t closed;    /* the side has left */
	uint32_t data_wait; /* futex: 1 while it sleeps until data come */
	uint32_t room_wait; /* futex: 1 while it sleeps until there is room */
	uint64_t tail __attribute__((aligned(RING_LINE_BYTES)));
} __attribute__((aligned(RING_LINE_BYTES)));

struct segment_header {
	uint64_t magic;
	uint32_t version;
	uint32_t page_bytes; /* where the rings begin */
	uint64_t ring_bytes;
	struct segment_side side[2]; /* by WEIR_SIDE_* */
};

/* One side's view. */
struct segment {
	struct segment_header *header; /* NULL: not mapped */
	uint8_t *out;       /* the ring of what this side sends */
	const uint8_t *in;  /* the other one */
	uint64_t ring_bytes;
	size_t mapped_bytes; /* from header on */
};

/* Length of the file for rings of this size. */
uint64_t segment_file_bytes(uint64_t ring_bytes);

/*
 * Host: gives a new, empty file its length and its memory. sealed: it is a
 * memfd and gets its seals. Errors: ENOMEMORY, EUNAVAILABLE, ECANCELED,
 * ESYSTEM.
 */
int segment_grow(const struct weir_setup *setup, int fd, uint64_t ring_bytes,
		 bool sealed, struct weir_error *err) WEIR_MUST_USE;

/* Client: checks that a descriptor which came from the host is such a file.
 * Errors: EPROTOCOL, ESYSTEM. */
int segment_check(int fd, uint64_t ring_bytes, bool sealed,
		  struct weir_error *err) WEIR_MUST_USE;

/*
 * Maps the file for this side (WEIR_SIDE_*) and touches every page; the
 * descriptor is borrowed. The host writes the header, the client checks it.
 * Errors: ENOMEMORY, EPROTOCOL, ESYSTEM.
 */
int segment_map(struct segment *s, int fd, uint32_t side, uint64_t ring_bytes,
		struct weir_error *err) WEIR_MUST_USE;

/* Unmaps; twice is once. */
void segment_unmap(struct segment *s);

#endif
