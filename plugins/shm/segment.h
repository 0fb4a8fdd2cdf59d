/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of one channel: a file, in whole pages.
 *
 *	header    what the file is, and the words of each side
 *	front     of what the host sends: the slot, the array of ring words
 *	front     the same of the client
 *	ring      of what the host sends (none with layout = slot)
 *	ring      the same of the client
 *
 * As a sealed memfd it can't change its size under the other side, whoever
 * holds it. A file with a name can't be sealed: whoever truncates it kills
 * both sides by SIGBUS, so that both must trust everyone who can open it.
 *
 * Each ring is mapped twice, back to back, so that no copy is ever split. With
 * huge pages the rings begin at multiples of SEGMENT_HUGE_BYTES, in the file
 * and in memory.
 *
 * What comes in is only read, but mapped for writing too: AMD's CPUs (Zen 4)
 * fetch a line of a read-only page differently, and a round trip of 64 bytes
 * then took 165 to 180 ns instead of 125, one of 1 KiB 500 instead of 330.
 * Nothing is given away: who has the file may map it for writing anyway.
 */
#ifndef PLUGINS_SHM_SEGMENT_H
#define PLUGINS_SHM_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <weir/transport.h>

#include "plugins/shm/ring.h"

#define SEGMENT_MAGIC UINT64_C(0x31306d6873726977) /* "wirshm01" */
#define SEGMENT_VERSION 3u
#define SEGMENT_HUGE_BYTES (UINT64_C(2) << 20)

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
	/* What it has read: position in the ring, messages by the slot. */
	uint64_t tail __attribute__((aligned(RING_LINE_BYTES)));
	uint64_t taken;
	uint64_t distance; /* what it has measured (distance.h) */
	/* What it has written of a message that flows: a position. */
	uint64_t progress __attribute__((aligned(RING_LINE_BYTES)));
} __attribute__((aligned(RING_LINE_BYTES)));

struct segment_header {
	uint64_t magic;
	uint32_t version;
	uint32_t page_bytes;
	uint64_t ring_bytes;
	uint64_t front_bytes;
	struct segment_side side[2]; /* by WEIR_SIDE_* */
};

/* What the two sides make of their options: it has to be the same. */
struct segment_shape {
	struct ring_shape ring;
	bool slot; /* there are slots */
	bool huge; /* the rings are to lie in huge pages */
	bool lazy; /* pages are mapped when they are touched first (this side's
		    * own affair) */
};

/* One side's view. */
struct segment {
	struct segment_header *header; /* NULL: not mapped */
	uint8_t *out;      /* the ring of what this side sends, or NULL */
	const uint8_t *in; /* the other one */
	uint8_t *out_slot; /* or NULL */
	const uint8_t *in_slot;
	uint32_t *out_words; /* or NULL */
	const uint32_t *in_words;
	uint64_t ring_bytes;
	void *mapped;        /* from here on … */
	size_t mapped_bytes; /* … so much is to be unmapped */
};

/* Length of the file. */
uint64_t segment_file_bytes(const struct segment_shape *shape);

/*
 * Host: gives a new, empty file its length and its memory. sealed: it is a
 * memfd and gets its seals. Errors: ENOMEMORY, EUNAVAILABLE, ECANCELED,
 * ESYSTEM.
 */
int segment_grow(const struct weir_setup *setup, int fd,
		 const struct segment_shape *shape, bool sealed,
		 struct weir_error *err) WEIR_MUST_USE;

/* Client: checks that a descriptor which came from the host is such a file.
 * Errors: EPROTOCOL, ESYSTEM. */
int segment_check(int fd, const struct segment_shape *shape, bool sealed,
		  struct weir_error *err) WEIR_MUST_USE;

/*
 * Maps the file for this side (WEIR_SIDE_*) and touches every page; the
 * descriptor is borrowed. The host writes the header, the client checks it.
 * Errors: ENOMEMORY, EPROTOCOL, ESYSTEM.
 */
int segment_map(struct segment *s, int fd, uint32_t side,
		const struct segment_shape *shape,
		struct weir_error *err) WEIR_MUST_USE;

/* Unmaps; twice is once. */
void segment_unmap(struct segment *s);

#endif
