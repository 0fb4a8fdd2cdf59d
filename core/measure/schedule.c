/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/schedule.h"

#include <math.h>

#define HALF_LIFE UINT64_C(2977044472) /* ln 2 in 2^-32 */
#define RANDOM_CELL_SHIFT 56           /* the upper byte chooses the cell */
#define RANDOM_WITHIN_SHIFT 40         /* 16 bits the place in it */
#define RANDOM_ZEROS_BITS 40           /* and the rest the half-lives */

/* The quantile u of an exponential that is known to be below ln 2 is
 * -ln(1 - u/2). */
static void
fill_rest(struct schedule *s)
{
	for (uint32_t i = 0; i <= SCHEDULE_CELLS; i++)
		s->rest[i] = (uint32_t)lround(
			-log1p(-0.5 * i / SCHEDULE_CELLS) * 0x1p32);
}

static uint64_t
of_mean(const struct schedule *s, uint64_t fraction)
{
	return (uint64_t)((unsigned __int128)s->mean * fraction >> 32);
}

static uint64_t
exponential(struct schedule *s)
{
	uint64_t word = rand_next(&s->rand);
	uint64_t zeros = (uint64_t)__builtin_ctzll(
		word | UINT64_C(1) << (RANDOM_ZEROS_BITS - 1));
	const uint32_t *rest = &s->rest[word >> RANDOM_CELL_SHIFT];
	uint64_t within = word >> RANDOM_WITHIN_SHIFT & 0xffff;

	return of_mean(s, zeros * HALF_LIFE + rest[0] +
				  ((rest[1] - rest[0]) * within >> 16));
}

static void
add(struct schedule *s, uint64_t gap)
{
	if (__builtin_add_overflow(s->due, gap, &s->due))
		s->due = SCHEDULE_NEVER;
}

void
schedule_init(struct schedule *s, double per_s, enum schedule_arrival arrival,
	      uint64_t seed)
{
	*s = (struct schedule){ .arrival = arrival };
	s->mean = (uint64_t)llround(1e9 / per_s *
				    (1 << SCHEDULE_FRACTION_BITS));
	rand_init(&s->rand, seed);
	fill_rest(s);
	if (arrival == SCHEDULE_POISSON)
		schedule_step(s);
	else
		s->due = rand_below(&s->rand, s->mean ? s->mean : 1);
}

void
schedule_step(struct schedule *s)
{
	add(s, s->arrival == SCHEDULE_POISSON ? exponential(s) : s->mean);
}

uint64_t
schedule_seed(uint64_t seed, uint64_t number)
{
	struct rand rand;

	rand_init(&rand, seed + number * UINT64_C(0x9e3779b97f4a7c15));
	return rand_next(&rand);
}
