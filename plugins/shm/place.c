/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/shm/place.h"

#include "plugins/common/relax.h"
#include "plugins/shm/await.h"
#include "plugins/shm/channel.h"
#include "plugins/shm/lag.h"
#include "plugins/shm/message.h"

#include <assert.h>

static __attribute__((noinline, cold)) int
refuse_whole(struct weir_channel *c, size_t len)
{
	return weir_error_set(c->setup->fault, WEIR_ETOOBIG,
			      "a message of %zu bytes can't lie in place in a "
			      "ring of %llu bytes, whose limit is %llu: "
			      "choose a larger ring_size",
			      len, (unsigned long long)c->segment.ring_bytes,
			      (unsigned long long)
			      ring_longest_bytes(&c->out.place));
}

/* ------------------------------------------------------------------ */
/* Writing.                                                            */

static __attribute__((noinline)) int
make_room(struct weir_channel *c, size_t len)
{
	uint64_t record = ring_piece_bytes(&c->out.place, len);
	int rc;

	if (len > ring_longest_bytes(&c->out.place))
		return refuse_whole(c, len);
	rc = ring_out_refresh(&c->out, record);
	if (rc == WEIR_EAGAIN)
		rc = await_room(c, record, false);
	else if (rc)
		rc = await_fail_send(c, rc);
	return rc;
}

int
place_loan(struct weir_channel *c, size_t len, void **ret_buf)
{
	int rc = WEIR_OK;

	assert(!c->loaned && !c->out.done);
	if (__builtin_expect(len == 0 || len > c->max_bytes, 0))
		return message_refuse_length(c, len);
	if (__builtin_expect(__atomic_load_n(&c->theirs->closed,
					     __ATOMIC_RELAXED), 0))
		return await_fail_send(c, WEIR_EPEER);
	c->n_batches = 0;
	c->lends = c->slot_out.at && slot_out_free(&c->slot_out);
	if (c->slot_out.at && !c->out.at.data && !c->lends) {
		rc = await_slot(c, false);
		c->lends = true;
	}
	if (c->lends) {
		*ret_buf = slot_out_place(&c->slot_out);
	} else {
		if (!ring_out_fits(&c->out,
				   ring_piece_bytes(&c->out.place, len)))
			rc = make_room(c, len);
		*ret_buf = ring_out_payload(&c->out);
	}
	if (rc == WEIR_OK)
		c->loaned = len;
	return rc;
}

int
place_commit(struct weir_channel *c, void *buf, size_t len, uint32_t flags)
{
	size_t loaned = c->loaned;
	uint64_t ack = c->slot_in.at ? slot_in_ack(&c->slot_in) : 0;

	(void)buf;
	assert(loaned);
	c->loaned = 0;
	if (__builtin_expect(len == 0 || len > loaned, 0))
		return message_refuse_length(c, len);
	if (c->lends) {
		slot_out_commit(&c->slot_out, len, ack);
		if (!c->out.at.data)
			await_wake_if(c, &c->theirs->room_wait);
	} else {
		ring_out_commit(&c->out, ack | len,
				ring_piece_bytes(&c->out.place, len),
				flags & WEIR_SEND_MORE);
		c->slot_out.sent++;
	}
	if (!c->out.held_word)
		await_wake_if(c, &c->theirs->data_wait);
	return WEIR_OK;
}

/* ------------------------------------------------------------------ */
/* Reading.                                                            */

/* Waits until the whole of a message that flows has come: it needs room for
 * all of it. */
static __attribute__((noinline)) int
await_whole(struct weir_channel *c, uint64_t len)
{
	uint64_t there = 0;
	int rc;

	if (len > ring_longest_bytes(&c->in.place))
		return refuse_whole(c, len);
	c->in.left = len;
	await_give_back(c, true);
	do {
		c->in.lacking = there + 1;
		rc = await_data(c, AWAIT_NO_LIMIT);
		if (rc)
			return rc;
		rc = ring_in_flowed(&c->in, &there);
	} while (rc == WEIR_OK && there < len && !weir_canceled(c->setup));
	c->in.lacking = 1;
	c->in.left = 0;
	if (rc == WEIR_OK && there < len)
		rc = WEIR_ECANCELED;
	return rc ? await_fail_recv(c, rc) : WEIR_OK;
}

/* The word that is due, and whether it is the slot's; 0: none. */
static inline uint64_t
look(const struct weir_channel *c, bool *ret_slot)
{
	uint64_t word = c->in.at.data ? ring_in_peek(&c->in) : 0;
	uint64_t slot = c->slot_in.at ? slot_in_peek(&c->slot_in) : 0;

	*ret_slot = slot != 0;
	return slot ? slot : word;
}

/* Nothing is due, in what may be a stream. */
static __attribute__((noinline)) uint64_t
look_later(struct weir_channel *c, bool *ret_slot)
{
	uint64_t word = 0;
	uint32_t n;

	if (await_owes(c))
		await_give_back(c, true);
	lag_caught_up(c);
	for (n = 0; n < c->rounds && !word; n++) {
		word = look(c, ret_slot);
		if (!word)
			relax_cpu();
	}
	c->n_spins += n;
	if (!word)
		c->n_batches = 0; /* a pause */
	return word;
}

static inline int
await_word(struct weir_channel *c, uint64_t *ret_word, bool *ret_slot)
{
	int rc;

	for (;;) {
		*ret_word = look(c, ret_slot);
		if (!*ret_word && c->lag_ns)
			*ret_word = look_later(c, ret_slot);
		if (*ret_word)
			return WEIR_OK;
		rc = await_data(c, AWAIT_NO_LIMIT);
		if (rc)
			return rc;
	}
}

int
place_borrow(struct weir_channel *c, const void **ret_buf, size_t *ret_len)
{
	uint64_t word = 0;
	uint64_t len;
	bool slot = false;
	int rc;

	assert(!c->borrowed && !c->in.left);
	rc = await_word(c, &word, &slot);
	if (rc)
		return rc;
	len = slot ? slot_in_check(word, c->max_bytes)
		   : ring_in_check(&c->in, word, c->max_bytes);
	if (__builtin_expect(!len, 0))
		return await_fail_recv(c, WEIR_EPROTOCOL);
	if (!slot && word & RING_FLOWS) {
		rc = await_whole(c, len);
		if (rc)
			return rc;
	}
	c->borrowed = word;
	c->borrowed_bytes = len;
	c->borrows_slot = slot;
	*ret_len = len;
	*ret_buf = c->piece;
	if (!slot)
		*ret_buf = ring_in_payload(&c->in);
	else if (word & SLOT_BEHIND)
		*ret_buf = c->slot_in.at + SLOT_BEHIND_AT;
	else
		slot_in_copy(&c->slot_in, word, c->piece, len, false);
	return WEIR_OK;
}

/* Of messages longer than a chunk several are given back at once: a step that
 * is announced costs more than to read a header. */
static inline bool
is_due(const struct weir_channel *c)
{
	return c->borrowed_bytes <= c->in.place.chunk ?
		       ring_in_is_due(&c->in) :
		       c->in.tail - c->in.returned >=
			       (c->in.place.mask + 1) / 4;
}

int
place_release(struct weir_channel *c, const void *buf)
{
	uint64_t word = c->borrowed;

	(void)buf;
	assert(word);
	c->borrowed = 0;
	if (c->slot_in.at)
		slot_out_ack(&c->slot_out, word);
	if (c->borrows_slot) {
		slot_in_pass(&c->slot_in, word);
		return WEIR_OK;
	}
	c->slot_in.taken++;
	if (word & RING_FLOWS) {
		c->in.tail += ring_record_bytes(&c->in.place,
						c->borrowed_bytes);
		c->in.n++;
	} else {
		ring_in_pass(&c->in, c->borrowed_bytes);
	}
	if (is_due(c))
		await_give_back(c, false);
	return WEIR_OK;
}
