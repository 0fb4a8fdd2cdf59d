/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arithmetic that sticks at UINT64_MAX instead of wrapping.
 */
#ifndef CORE_STATS_STICKY_H
#define CORE_STATS_STICKY_H

#include <stdint.h>

static inline uint64_t
sticky_add(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static inline uint64_t
sticky_mul(uint64_t a, uint64_t b)
{
	uint64_t product;

	return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

#endif
