/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What other tools' shared memory has been measured to do: the fastest of
 * them in the unit and class of a line. They did not run beside weir, but on
 * another day on a machine of this kind; README.md has the list.
 */
#ifndef TESTS_BENCH_PEERS_H
#define TESTS_BENCH_PEERS_H

#include "tests/bench/line.h"

struct peer {
	const char *line; /* its name */
	const char *who;  /* and what differs */
	double figure;    /* ns (p50) or messages/s; the two CPUs near */
	bool rate;
};

/* The figure to beat in that line, or NULL. */
const struct peer *peers_of(const struct line *line);

/* What weir shows of it in a class, over its figure: < 1 is faster where
 * that is a time, > 1 where it is a rate. */
double peers_ratio(const struct peer *peer, const struct line_class *c);

/* The name of a peer's line that is not among these, or NULL. */
const char *peers_stray(const struct line *lines, size_t n);

#endif
