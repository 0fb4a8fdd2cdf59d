/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gauge: a page that the two lanes of a channel share beside it, on which
 * they meet between segments of the timed region, never in one.
 *
 * A meeting has two parts, each on the CPUs that are measured; the exchange
 * is the first:
 *
 *	distance   the lanes bounce a cache line for ten bursts of 100 us; the
 *	           median burst, in ns there and back, tells how far apart the
 *	           CPUs are now. A hypervisor moves virtual CPUs, and every
 *	           figure of two spinning sides with them.
 *	exchange   one lane reads its clock, has the other read its own, and
 *	           reads again. With one clock on both sides the middle reading
 *	           lies between the outer two (Cristian, "Probabilistic clock
 *	           synchronization", 1989); by how little they are apart bounds
 *	           the error of a one-way latency.
 *
 * One lane leads, the other follows. Every wait has a deadline, and neither
 * needs the other's part for its own way on: who does not come, or lies, makes
 * a meeting of which nothing is known. Words of the page are read once.
 *
 * On a shared CPU there is no distance, and the lanes yield to each other.
 */
#ifndef CORE_MEASURE_GAUGE_H
#define CORE_MEASURE_GAUGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <weir/error.h>

enum gauge_mode { GAUGE_NONE, GAUGE_YIELD, GAUGE_SPIN };

/* Classes of distance, an octave each; the last one is for what is not known,
 * or changed. The edges lie between the distances that were seen on virtual
 * machines: about 50, 105 to 135 and 415 to 520 ns. */
#define GAUGE_CLASSES 6
#define GAUGE_UNCLEAR (GAUGE_CLASSES - 1)
#define GAUGE_LOWEST_NS 76.0 /* then 152, 304, 608 */

int gauge_class(double distance_ns);
/* The edges of a class: 0 and infinity at the ends, NaN for UNCLEAR. */
double gauge_class_low_ns(int class);
double gauge_class_high_ns(int class);

struct gauge_page {
	_Alignas(128) uint64_t ball;
	_Alignas(128) uint64_t distance_ps; /* written by the leader */
	_Alignas(128) uint64_t here;        /* written by the follower */
	uint64_t stamp_ns;
};

/* Zeroed: none. */
struct gauge {
	struct gauge_page *page;
	size_t bytes;
	enum gauge_mode mode;
	uint64_t meeting; /* number of the last one */
};

/* What is known after a meeting. */
struct gauge_look {
	double distance_ns; /* NaN: nothing */
	bool exchanged;     /* the leader only; and then */
	bool disagreed;     /* the clocks are two */
	uint64_t error_ns;  /* they are not further apart than this */
	uint64_t steps;     /* from a reading on one CPU to one on the other */
	uint64_t backward;  /* of these, to an earlier time */
};

/* Makes the page and maps it; *ret_fd, the other side's, is the caller's. */
WEIR_MUST_USE int gauge_create(struct gauge *ret_gauge, int *ret_fd,
			       struct weir_error *err);

/* Maps the page; the descriptor stays the caller's. EPROTOCOL if it is none. */
WEIR_MUST_USE int gauge_open(int fd, struct gauge *ret_gauge,
			     struct weir_error *err);

/* Unmaps; a zeroed gauge is allowed. */
void gauge_close(struct gauge *gauge);

/* Meets the other lane; returns within two seconds, and soon after *cancel
 * has become true. On the lane's thread. */
void gauge_meet(struct gauge *gauge, bool leads, uint64_t (*now_ns)(void),
		const uint32_t *cancel, struct gauge_look *ret_look);

#endif
