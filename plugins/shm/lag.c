/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/shm/lag.h"

#include "plugins/common/relax.h"
#include "plugins/shm/await.h"

/* It is a stream after that many batches in a row, each of at least so many
 * messages or bytes. */
#define LAG_BATCHES 3u
#define LAG_MESSAGES 4u
#define LAG_BYTES 65536u
#define LAG_ROUNDS 8u /* of waiting between two looks */

/* Until lag_ns have passed, or the word of a later message is there. */
static void
lag(struct weir_channel *c, const uint32_t *later)
{
	uint64_t (*now_ns)(void) = c->setup->services->now_ns;
	uint64_t until_ns = now_ns() + c->lag_ns;

	c->n_lags++;
	do {
		for (unsigned i = 0; i < LAG_ROUNDS; i++)
			relax_cpu();
	} while (now_ns() < until_ns &&
		 !(later && __atomic_load_n(later, __ATOMIC_RELAXED)));
}

/* The word of the message with which half of the ring is full, if they are as
 * long as the last n were; NULL where words do not lie apart. */
static const uint32_t *
half_way(const struct weir_channel *c, uint64_t n, uint64_t bytes)
{
	const struct ring_in *in = &c->in;
	uint64_t half = (in->place.mask + 1) / 2;

	if (!in->at.words || !n)
		return NULL;
	return &in->at.words[ring_word_index(&in->place,
					     in->n + half / (bytes / n))];
}

void
lag_caught_up(struct weir_channel *c)
{
	uint64_t n = c->in.n - c->lag_from;
	uint64_t bytes = c->in.tail - c->lag_tail;

	c->lag_from = c->in.n;
	c->lag_tail = c->in.tail;
	if (n < LAG_MESSAGES && bytes < LAG_BYTES) {
		c->n_batches = 0;
		return;
	}
	c->n_batches++;
	if (c->n_batches >= LAG_BATCHES)
		lag(c, half_way(c, n, bytes));
}

void
lag_within(struct weir_channel *c)
{
	if (c->n_batches < LAG_BATCHES ||
	    c->in.tail - c->lag_within < LAG_BYTES)
		return;
	c->lag_within = c->in.tail;
	lag(c, NULL);
}
