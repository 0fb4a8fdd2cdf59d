/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/shm/message.h"

#include "plugins/common/relax.h"
#include "plugins/shm/await.h"
#include "plugins/shm/channel.h"
#include "plugins/shm/lag.h"
#include "plugins/shm/ring_batch.h"

#include <assert.h>

#define hot static inline __attribute__((always_inline))

__attribute__((noinline, cold)) int
message_refuse_length(struct weir_channel *c, size_t len)
{
	return weir_error_set(c->setup->fault, WEIR_ETOOBIG,
			      "a message of %zu bytes was given to a channel "
			      "made for 1 to %llu bytes", len,
			      (unsigned long long)c->max_bytes);
}

/* ------------------------------------------------------------------ */
/* Sending.                                                            */

/* All chunks of a message, from where it was left. */
static __attribute__((noinline)) int
put_flowing(struct weir_channel *c, const void *buf, size_t len, bool try)
{
	bool whole = false;
	int rc;

	assert(c->out.done < len); /* the same message after EAGAIN */
	while (!whole) {
		rc = ring_out_flow(&c->out, buf, len, &whole);
		if (rc == WEIR_OK) {
			await_wake_if(c, &c->theirs->data_wait);
			if (!whole && weir_canceled(c->setup))
				return await_fail_send(c, WEIR_ECANCELED);
			continue;
		}
		rc = rc == WEIR_EAGAIN
			     ? await_room(c, ring_out_next(&c->out, len), try)
			     : await_fail_send(c, rc);
		if (rc)
			return rc;
	}
	return WEIR_OK;
}

/* Through the ring, which may have to wait for room. */
hot int
put_ring(struct weir_channel *c, const void *buf, size_t len, bool more,
	 bool try)
{
	uint64_t ack = c->slot_in.at ? slot_in_ack(&c->slot_in) : 0;
	int rc;

	while ((rc = ring_out_put(&c->out, buf, len, ack, more)) != WEIR_OK) {
		rc = rc == WEIR_EAGAIN
			     ? await_room(c, ring_out_next(&c->out, len), try)
			     : await_fail_send(c, rc);
		if (rc)
			return rc;
	}
	c->slot_out.sent++;
	if (!c->out.held_word)
		await_wake_if(c, &c->theirs->data_wait);
	return WEIR_OK;
}

hot int
put_slot(struct weir_channel *c, const void *buf, size_t len)
{
	slot_out_put(&c->slot_out, buf, len, slot_in_ack(&c->slot_in),
		     c->out.wide);
	await_wake_if(c, &c->theirs->data_wait);
	/* It also tells what this side has read. */
	if (!c->out.at.data)
		await_wake_if(c, &c->theirs->room_wait);
	return WEIR_OK;
}

hot int
put(struct weir_channel *c, const void *buf, size_t len, bool more, bool try)
{
	int rc;

	if (__builtin_expect(len == 0 || len > c->max_bytes, 0))
		return message_refuse_length(c, len);
	if (__builtin_expect(__atomic_load_n(&c->theirs->closed,
					     __ATOMIC_RELAXED), 0))
		return await_fail_send(c, WEIR_EPEER);
	c->n_batches = 0;
	if (c->slot_out.at) {
		if (slot_out_free(&c->slot_out) && !more)
			return put_slot(c, buf, len);
		if (!c->out.at.data) {
			rc = await_slot(c, try);
			return rc ? rc : put_slot(c, buf, len);
		}
	} else if (ring_out_flows(&c->out, len)) {
		return put_flowing(c, buf, len, try);
	}
	return put_ring(c, buf, len, more, try);
}

int
message_send(struct weir_channel *c, const void *buf, size_t len,
	     uint32_t flags)
{
	return put(c, buf, len, flags & WEIR_SEND_MORE, false);
}

int
message_try_send(struct weir_channel *c, const void *buf, size_t len,
		 uint32_t flags)
{
	return put(c, buf, len, flags & WEIR_SEND_MORE, true);
}

/* As many of n messages as there is room for now and as are published at once;
 * 0: one of them has to go another way. */
static size_t
put_batch(struct weir_channel *c, const uint8_t *from, size_t stride,
	  size_t len, size_t n)
{
	struct ring_out *r = &c->out;
	uint64_t record = ring_record_bytes(&r->place, len);
	uint64_t fitting = ring_out_fitting(r, record);

	if (n > r->place.chunk / record)
		n = r->place.chunk / record;
	if (n > fitting)
		n = fitting;
	if (!n)
		return 0;
	if (r->place.apart)
		ring_out_batch(r, from, stride, len, 0, n, true);
	else
		ring_out_batch(r, from, stride, len, slot_in_ack(&c->slot_in),
			       n, false);
	c->slot_out.sent += n;
	await_wake_if(c, &c->theirs->data_wait);
	return n;
}

/* The first goes the way of a single one, which checks what has to be. */
int
message_send_many(struct weir_channel *c, const void *buf, size_t stride,
		  size_t len, size_t n)
{
	const uint8_t *from = buf;
	size_t done = 0;
	int rc;

	while (done < n) {
		rc = put(c, from + done * stride, len, done + 1 < n, false);
		if (__builtin_expect(rc, 0))
			return rc;
		done++;
		if (c->out.at.data && done < n)
			done += put_batch(c, from + done * stride, stride, len,
					  n - done);
	}
	return WEIR_OK;
}

int
message_flush(struct weir_channel *c)
{
	if (!c->out.at.data)
		return WEIR_OK;
	ring_out_publish(&c->out);
	await_wake_if(c, &c->theirs->data_wait);
	return WEIR_OK;
}

/* ------------------------------------------------------------------ */
/* Receiving.                                                          */

/* What is due, if it is there: sets *ret_len, to 0 for the beginning of a
 * message that flows. Errors: EAGAIN, EPROTOCOL. */
hot int
take(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len)
{
	uint64_t word = c->in.at.data ? ring_in_peek(&c->in) : 0;
	uint64_t slot = c->slot_in.at ? slot_in_peek(&c->slot_in) : 0;
	uint64_t len;
	int rc;

	if (slot) {
		len = slot_in_check(slot, cap);
		if (__builtin_expect(!len, 0))
			return WEIR_EPROTOCOL;
		slot_in_copy(&c->slot_in, slot, buf, len, c->in.wide);
		slot_in_pass(&c->slot_in, slot);
		slot_out_ack(&c->slot_out, slot);
		*ret_len = len;
		return WEIR_OK;
	}
	if (!word)
		return WEIR_EAGAIN;
	rc = ring_in_take(&c->in, word, buf, cap, ret_len);
	if (c->slot_in.at && rc == WEIR_OK) {
		c->slot_in.taken++;
		slot_out_ack(&c->slot_out, word);
	}
	return rc;
}

/* The message under way; *ret_len is 0 until its end. A whole one is worth a
 * batch. */
static __attribute__((noinline)) int
take_flowing(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len)
{
	int rc = ring_in_flow(&c->in, buf, cap, ret_len);

	if (rc == WEIR_OK && weir_canceled(c->setup))
		return WEIR_ECANCELED;
	if (rc == WEIR_OK && *ret_len)
		c->n_batches++;
	return rc;
}

/*
 * Nothing has come. To spin a while here, and not only in await_data, lets
 * the CPU foresee the end of the loop and fetch the payload while the word is
 * still under way.
 */
hot int
take_soon(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len)
{
	int rc = WEIR_EAGAIN;
	uint32_t n;

	if (await_owes(c))
		await_give_back(c, true);
	if (c->lag_ns)
		lag_caught_up(c);
	if (distance_is_due(&c->out.distance))
		await_measuring(c);
	for (n = 0; n < c->rounds && rc == WEIR_EAGAIN; n++) {
		rc = take(c, buf, cap, ret_len);
		if (rc == WEIR_EAGAIN)
			relax_cpu();
	}
	c->n_spins += n;
	return rc;
}

hot int
get(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len,
    uint64_t limit_ns)
{
	size_t len = 0;
	int rc;

	while (!len) {
		if (__builtin_expect(c->in.left != 0, 0))
			rc = take_flowing(c, buf, cap, &len);
		else
			rc = take(c, buf, cap, &len);
		if (rc == WEIR_EAGAIN && limit_ns == AWAIT_NO_LIMIT &&
		    !c->in.left)
			rc = take_soon(c, buf, cap, &len);
		if (__builtin_expect(rc == WEIR_OK, 1)) {
			if (c->in.at.data && ring_in_is_due(&c->in))
				await_give_back(c, false);
			continue;
		}
		if (__builtin_expect(rc != WEIR_EAGAIN, 0))
			return await_fail_recv(c, rc);
		if (!c->in.left)
			c->n_batches = 0; /* a pause, and no stream */
		else if (c->lag_ns && limit_ns == AWAIT_NO_LIMIT)
			lag_within(c);
		/* Before a long message more time may pass than it measures. */
		if (c->in.left && limit_ns == AWAIT_NO_LIMIT &&
		    distance_is_due(&c->out.distance))
			await_measuring(c);
		rc = await_data(c, limit_ns);
		if (rc)
			return rc;
	}
	*ret_len = len;
	return WEIR_OK;
}

int
message_recv(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len)
{
	return get(c, buf, cap, ret_len, AWAIT_NO_LIMIT);
}

int
message_try_recv(struct weir_channel *c, void *buf, size_t cap,
		 size_t *ret_len)
{
	return get(c, buf, cap, ret_len, 0);
}

int
message_recv_until(struct weir_channel *c, void *buf, size_t cap,
		   size_t *ret_len, uint64_t deadline_ns)
{
	return get(c, buf, cap, ret_len, deadline_ns);
}

/* What has come through the ring, none of it flowing. While it is not given
 * back, what is sent later comes through the ring, too. */
static size_t
take_batch(struct weir_channel *c, uint8_t *to, size_t stride, size_t cap,
	   size_t n, size_t *ret_lens)
{
	uint64_t word = 0;
	size_t got;

	if (c->in.place.apart)
		return ring_in_batch(&c->in, to, stride, cap, n, ret_lens,
				     &word, true);
	got = ring_in_batch(&c->in, to, stride, cap, n, ret_lens, &word,
			    false);
	if (got) {
		c->slot_in.taken += got;
		slot_out_ack(&c->slot_out, word);
	}
	return got;
}

/* Behind the first, those that are there whole: a message that flows is left
 * to the next call. */
int
message_recv_many(struct weir_channel *c, void *buf, size_t stride, size_t cap,
		  size_t n, size_t *ret_lens, size_t *ret_n)
{
	uint8_t *to = buf;
	size_t done = 1, got;
	int rc = get(c, to, cap, &ret_lens[0], AWAIT_NO_LIMIT);

	if (rc)
		return rc;
	while (done < n && c->in.at.data) {
		if (c->slot_in.at && slot_in_peek(&c->slot_in))
			break;
		got = take_batch(c, to + done * stride, stride, cap, n - done,
				 &ret_lens[done]);
		if (!got)
			break;
		done += got;
		if (ring_in_is_due(&c->in))
			await_give_back(c, false);
	}
	*ret_n = done;
	return WEIR_OK;
}
