/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/rand.h"

#include <assert.h>
#include <errno.h>
#include <sys/random.h>
#include <unistd.h>

#include "core/base/clock.h"

static uint64_t
splitmix64(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static uint64_t
rotate_left(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

void
rand_init(struct rand *r, uint64_t seed)
{
	/* splitmix64 is a bijection of a moving counter, so the four words
	 * are never all zero, the one state that xoshiro cannot leave. */
	for (int i = 0; i < 4; i++)
		r->s[i] = splitmix64(&seed);
}

uint64_t
rand_next(struct rand *r)
{
	uint64_t *s = r->s;
	uint64_t result = rotate_left(s[1] * 5, 7) * 9;
	uint64_t shifted = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= shifted;
	s[3] = rotate_left(s[3], 45);
	return result;
}

uint64_t
rand_below(struct rand *r, uint64_t n)
{
	uint64_t surplus;
	uint64_t x;

	assert(n > 0);
	/* 2^64 mod n values at the low end would be drawn once too often. */
	surplus = (0 - n) % n;
	do
		x = rand_next(r);
	while (x < surplus);
	return x % n;
}

double
rand_double(struct rand *r)
{
	return (double)(rand_next(r) >> 11) * 0x1p-53;
}

void
rand_permutation(struct rand *r, size_t *ret_order, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t j = (size_t)rand_below(r, (uint64_t)i + 1);

		ret_order[i] = ret_order[j];
		ret_order[j] = i;
	}
}

uint64_t
rand_seed(void)
{
	uint64_t seed;
	ssize_t got;

	do
		got = getrandom(&seed, sizeof(seed), 0);
	while (got < 0 && errno == EINTR);
	if (got == (ssize_t)sizeof(seed))
		return seed;
	/* A sandbox without getrandom: an order that differs from run to run
	 * is all that is needed. */
	seed = clock_now_ns() ^ (uint64_t)getpid() << 40;
	return splitmix64(&seed);
}
