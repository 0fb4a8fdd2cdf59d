/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The delays of the transport `delay`, for it and for what judges it
 * (ranks.c): each law is a mixture of even parts, so that the share of delays
 * up to any time is known. No part's edge is near a percentile that is
 * compared, but for p95 of the stalls.
 */
#ifndef TESTS_E2E_DELAYS_H
#define TESTS_E2E_DELAYS_H

#include <stddef.h>
#include <stdint.h>

struct delays_part {
	double share;
	double from_ns, to_ns;
};

enum delays_law { DELAYS_UNIFORM, DELAYS_BIMODAL, DELAYS_STALLS };

static const char *const delays_names[] = { "uniform", "bimodal", "stalls",
					    NULL };
static const struct delays_part delays_parts[][2] = {
	{ { 1, 100e3, 500e3 } },
	{ { 0.7, 100e3, 110e3 }, { 0.3, 400e3, 440e3 } },
	{ { 0.96, 60e3, 160e3 }, { 0.04, 2e6, 4e6 } },
};

/* The share of delays up to ns. */
static inline double
delays_share(int law, double ns)
{
	double share = 0;

	for (int i = 0; i < 2; i++) {
		const struct delays_part *p = &delays_parts[law][i];

		if (p->share > 0 && ns >= p->to_ns)
			share += p->share;
		else if (p->share > 0 && ns > p->from_ns)
			share += p->share * (ns - p->from_ns) /
				 (p->to_ns - p->from_ns);
	}
	return share < 1 ? share : 1;
}

/* The delay of that number: independent of the others', by SplitMix64
 * (Steele, Lea, Flood, "Fast splittable pseudorandom number generators"). */
static inline uint64_t
delays_draw(int law, uint64_t seed, uint64_t number)
{
	const struct delays_part *p = delays_parts[law];
	uint64_t z = seed + (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
	double u;

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	z ^= z >> 31;
	u = (double)(z >> 11) * 0x1p-53;
	if (u >= p->share)
		u -= p++->share;
	return (uint64_t)(p->from_ns +
			  (p->to_ns - p->from_ns) * u / p->share);
}

#endif
