/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far the two CPUs are from each other: what it takes to fetch a cache
 * line that the other side has just written.
 *
 * It is measured where a side waits for such a line anyway, on the thread that
 * measures: one in DISTANCE_EVERY waits reads the clock around each look, and
 * the look that finds something was a fetch. So a virtual CPU that is moved in
 * the middle of a run is noticed, too. As not every side waits, each tells the
 * other. Fetches within a shared cache were seen to take 30 to 60 ns, beyond
 * it 85 to 250 ns.
 */
#ifndef PLUGINS_SHM_DISTANCE_H
#define PLUGINS_SHM_DISTANCE_H

#include <stdbool.h>
#include <stdint.h>

#define DISTANCE_FAR_NS 75u  /* above: far … */
#define DISTANCE_NEAR_NS 60u  /* … until below this */
#define DISTANCE_LIMIT_NS 1000u /* an interruption, no fetch */
#define DISTANCE_EVERY 16u

struct distance {
	uint64_t (*now_ns)(void); /* NULL: never measured, always near */
	uint64_t clock_ns;        /* what two readings cost */
	uint64_t told;            /* by the other side */
	uint32_t n_waits;
	uint32_t n_samples; /* of one's own */
	uint32_t ns;        /* smoothed; 0: none yet */
	uint32_t n_changes;
	bool far;
};

/* Prepares it; takes the cost of the clock, which it keeps. */
static inline void
distance_init(struct distance *d, uint64_t (*now_ns)(void))
{
	uint64_t begin_ns, took_ns;
	int i;

	*d = (struct distance){ .now_ns = now_ns, .clock_ns = UINT64_MAX };
	for (i = 0; now_ns && i < 16; i++) {
		begin_ns = now_ns();
		took_ns = now_ns() - begin_ns;
		if (took_ns < d->clock_ns)
			d->clock_ns = took_ns;
	}
}

/* Is this a wait to measure in? */
static inline bool
distance_is_due(struct distance *d)
{
	return d->now_ns && d->n_waits++ % DISTANCE_EVERY == 0;
}

/* One fetch took that long. */
static inline void
distance_sample(struct distance *d, uint64_t ns)
{
	bool far;

	if (ns > DISTANCE_LIMIT_NS)
		return;
	d->ns = d->ns ? (uint32_t)(3 * d->ns + ns + 2) / 4 : (uint32_t)ns;
	far = d->ns > (d->far ? DISTANCE_NEAR_NS : DISTANCE_FAR_NS);
	d->n_changes += far != d->far;
	d->far = far;
}

/* The same, the cost of the clock included. Gives the word to tell the other
 * side: bits 0-31 what it took, 32-63 counts the samples. */
static inline uint64_t
distance_measured(struct distance *d, uint64_t took_ns)
{
	took_ns -= took_ns < d->clock_ns ? took_ns : d->clock_ns;
	distance_sample(d, took_ns);
	return (uint64_t)++d->n_samples << 32 |
	       (took_ns < UINT32_MAX ? took_ns : UINT32_MAX);
}

/* The other side told this word. It can only spoil the choice of a copy. */
static inline void
distance_hear(struct distance *d, uint64_t word)
{
	if (!d->now_ns || word == d->told)
		return;
	d->told = word;
	distance_sample(d, (uint32_t)word);
}

#endif
