/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pseudo-random numbers from a seed that is kept: xoshiro256** seeded by
 * splitmix64 (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", 2018). Not for secrets. One struct per thread.
 */
#ifndef CORE_BASE_RAND_H
#define CORE_BASE_RAND_H

#include <stddef.h>
#include <stdint.h>

struct rand {
	uint64_t s[4];
};

void rand_init(struct rand *r, uint64_t seed);
uint64_t rand_next(struct rand *r);

/* Uniform in 0 … n - 1 without bias; n > 0. */
uint64_t rand_below(struct rand *r, uint64_t n);

/* Uniform in [0, 1), 53 bits. */
double rand_double(struct rand *r);

/* Puts 0 … n - 1 in random order (Fisher-Yates). */
void rand_permutation(struct rand *r, size_t *ret_order, size_t n);

/* A seed from the kernel (getrandom). */
uint64_t rand_seed(void);

#endif
