/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transport that loses, doubles, swaps and damages messages all the time,
 * by a schedule made of a seed, and counts what it did: the books of weir have
 * to say the same.
 *
 * The host's end does it, to what it sends: messages of the whole length but
 * for the first, in pairs of which chance decides; marks of weir's own pass.
 * A pair that is swapped is sound, for a damaged message can't be told from
 * the one in whose place it came.
 */
#include "tests/e2e/pair.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BODY_BYTES 4096u

enum fate { SOUND, LOSE, LOSE_BOTH, TWICE, THRICE, SWAP, DAMAGE, FATES };

struct lossy_options {
	int64_t seed;
};

static const struct weir_option rows[] = {
	{ .name = "seed", .type = WEIR_OPTION_INT, .default_text = "1",
	  .help = "of the schedule", .min = 0, .max = INT64_MAX,
	  .offset = offsetof(struct lossy_options, seed) },
};

struct weir_channel {
	const struct weir_setup *setup;
	int fd;
	uint64_t random;
	uint64_t n_sent; /* of the whole length */
	enum fate fate;  /* of the pair in hand */
	unsigned char held[BODY_BYTES];
	uint64_t n_lost, n_doubled, n_swapped, n_damaged;
};

static int
make(const struct weir_setup *setup, int fd, struct weir_channel **ret_channel,
     struct weir_error *err)
{
	const struct lossy_options *options = setup->options;
	struct weir_channel *c = calloc(1, sizeof(*c));

	if (!c || setup->max_message_bytes > BODY_BYTES) {
		free(c);
		return weir_error_set(err, WEIR_ETOOBIG,
				      "no memory, or above 4 KiB");
	}
	c->setup = setup;
	c->fd = fd;
	c->random = (uint64_t)options->seed + setup->channel_index;
	*ret_channel = c;
	return WEIR_OK;
}

static int
lossy_offer(const struct weir_setup *setup, struct weir_offer *ret_offer,
	    struct weir_channel **ret_channel, struct weir_error *err)
{
	return pair_offer(setup, ret_offer, make, ret_channel, err);
}

static int
lossy_join(const struct weir_setup *setup, struct weir_offer *offer,
	   struct weir_channel **ret_channel, struct weir_error *err)
{
	return pair_join(setup, offer, make, ret_channel, err);
}

static int
put(const struct weir_channel *c, const void *buf, size_t len)
{
	return pair_send(c->setup, c->fd, buf, len, 0);
}

static int
put_times(struct weir_channel *c, const void *buf, size_t len, int times)
{
	int status = WEIR_OK;

	while (times-- > 0 && status == WEIR_OK)
		status = put(c, buf, len);
	return status;
}

/* SplitMix64's step (delays.h). */
static enum fate
draw(struct weir_channel *c)
{
	uint64_t z = c->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (enum fate)((z ^ z >> 31) % FATES);
}

static int
first_of_pair(struct weir_channel *c, const void *buf, size_t len)
{
	c->fate = draw(c);
	switch (c->fate) {
	case LOSE:
	case LOSE_BOTH:
		c->n_lost++;
		return WEIR_OK;
	case TWICE:
	case THRICE:
		c->n_doubled += c->fate == TWICE ? 1 : 2;
		return put_times(c, buf, len, c->fate == TWICE ? 2 : 3);
	case SWAP:
		memcpy(c->held, buf, len);
		return WEIR_OK;
	case DAMAGE:
		c->n_damaged++;
		memcpy(c->held, buf, len);
		c->held[len - 1] ^= 0x40;
		return put(c, c->held, len);
	default:
		return put(c, buf, len);
	}
}

static int
second_of_pair(struct weir_channel *c, const void *buf, size_t len)
{
	int status;

	if (c->fate == LOSE_BOTH) {
		c->n_lost++;
		return WEIR_OK;
	}
	status = put(c, buf, len);
	if (status || c->fate != SWAP)
		return status;
	c->n_swapped++;
	return put(c, c->held, len);
}

static int
lossy_send(struct weir_channel *c, const void *buf, size_t len, uint32_t flags)
{
	uint64_t number;

	(void)flags;
	if (c->setup->side != WEIR_SIDE_HOST ||
	    len != c->setup->max_message_bytes)
		return put(c, buf, len);
	number = c->n_sent++;
	if (number == 0)
		return put(c, buf, len);
	return number % 2 ? first_of_pair(c, buf, len) :
			    second_of_pair(c, buf, len);
}

static int
lossy_recv(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len)
{
	return pair_recv(c->setup, c->fd, buf, cap, ret_len, 0);
}

static int
lossy_try_recv(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len)
{
	return pair_recv(c->setup, c->fd, buf, cap, ret_len, MSG_DONTWAIT);
}

static void
lossy_collect(const struct weir_channel *c, struct weir_counters *ret_counters)
{
	weir_counters_add(ret_counters, "lost", c->n_lost);
	weir_counters_add(ret_counters, "doubled", c->n_doubled);
	weir_counters_add(ret_counters, "swapped", c->n_swapped);
	weir_counters_add(ret_counters, "damaged", c->n_damaged);
}

static void
lossy_close(struct weir_channel *c)
{
	if (!c)
		return;
	close(c->fd);
	free(c);
}

/* Where it would have to wait for room, try_send does. */
WEIR_TRANSPORT = {
	WEIR_TRANSPORT_HEAD,
	.name = "lossy",
	.summary = "a transport that loses and damages, for tests",
	.capabilities = WEIR_CAP_TRY | WEIR_CAP_LOSSY,
	WEIR_TRANSPORT_OPTIONS(rows, struct lossy_options),
	.offer = lossy_offer,
	.join = lossy_join,
	.send = lossy_send,
	.recv = lossy_recv,
	.try_send = lossy_send,
	.try_recv = lossy_try_recv,
	.collect = lossy_collect,
	.close = lossy_close,
};
