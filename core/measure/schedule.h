/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the messages of an open loop are due.
 *
 * An endless sequence of times since the loop's begin, made from a seed one
 * at a time: no memory whatever the duration, the same again from the same
 * seed. A message's time is the one before plus a gap, never the time at
 * which the one before was sent plus a gap: who is late catches up.
 *
 *	uniform   gaps of 1/rate; the first message is due at a random moment
 *	          of the first gap, so that no trial keeps step with a timer
 *	poisson   independent exponential gaps of the mean 1/rate, as of many
 *	          senders that know nothing of each other
 *
 * An exponential is drawn without a logarithm. Being memoryless, it is a
 * geometric number of half-lives (the zeros at the end of a random word) and
 * a rest below one half-life, from a table of its quantiles (von Neumann's
 * decomposition; see Devroye, "Non-Uniform Random Variate Generation", IV.2).
 */
#ifndef CORE_MEASURE_SCHEDULE_H
#define CORE_MEASURE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/rand.h"

enum schedule_arrival { SCHEDULE_UNIFORM, SCHEDULE_POISSON };

/* What an open loop is told of its schedules. */
struct schedule_pace {
	double per_s; /* on each channel; 0: closed loop */
	uint32_t arrival; /* enum schedule_arrival */
	uint64_t seed;    /* of all channels; each has its own of it */
	bool spins; /* who waits by the transport's own ways never sleeps */
	/* Sleeps until about that time of now_ns; may come back early. */
	void (*sleep_until)(uint64_t time_ns);
};

#define SCHEDULE_FRACTION_BITS 16 /* times are kept in 2^-16 ns */
#define SCHEDULE_CELLS 256u
#define SCHEDULE_NEVER UINT64_MAX

struct schedule {
	uint64_t due;  /* of the next message, in 2^-16 ns; sticks at the end */
	uint64_t mean; /* gap, likewise */
	enum schedule_arrival arrival;
	struct rand rand;
	/* Quantiles of the rest, in 2^-32 of the mean. */
	uint32_t rest[SCHEDULE_CELLS + 1];
};

/* per_s is at least 1e-3. */
void schedule_init(struct schedule *s, double per_s,
		   enum schedule_arrival arrival, uint64_t seed);

/* When the next message is due, in ns since the begin. */
static inline uint64_t
schedule_due_ns(const struct schedule *s)
{
	return s->due >> SCHEDULE_FRACTION_BITS;
}

/* Goes on to the message behind it. */
void schedule_step(struct schedule *s);

/* A seed for one of many schedules of a run: whatever the numbers, two of
 * them have nothing in common. */
uint64_t schedule_seed(uint64_t seed, uint64_t number);

#endif
