/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The receiver's account of a sequence: what is lost, came twice, came late.
 *
 * In order costs one compare; everything else is out of line. A number that
 * was jumped over counts as lost until it arrives, then as reordered. The
 * last TRACK_MISSING jumped-over numbers are remembered; one that was
 * forgotten and still arrives counts as a duplicate.
 */
#ifndef CORE_MEASURE_TRACK_H
#define CORE_MEASURE_TRACK_H

#include <stddef.h>
#include <stdint.h>

#define TRACK_MISSING 1024

struct track {
	uint64_t next;  /* the sequence number that is due */
	uint64_t mask;  /* bits of it that travel */
	uint64_t received;
	uint64_t lost;
	uint64_t duplicate;
	uint64_t reordered;
	uint64_t corrupt;
	size_t n_missing;
	uint64_t missing[TRACK_MISSING]; /* oldest first */
};

void track_init(struct track *t, uint64_t mask);

/* A sequence number that was not the one due. */
void track_surprise(struct track *t, uint64_t sequence);

/* Accounts for one arrival; `sequence` is masked. */
static inline void
track_arrival(struct track *t, uint64_t sequence)
{
	t->received++;
	if (__builtin_expect(sequence == (t->next & t->mask), 1))
		t->next++;
	else
		track_surprise(t, sequence);
}

/* The sender says that it sent `sent` messages: those after the last
 * arrival are lost. */
void track_end(struct track *t, uint64_t sent);

#endif
