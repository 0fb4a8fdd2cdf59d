/* SPDX-License-Identifier: Apache-2.0 */
/*
 * null: no transport at all. What is sent waits in the channel and is
 * received by the same side, so that a pattern's loop runs over nothing and
 * shows what the harness itself costs.
 *
 * Of a message only its length and its first 16 bytes travel: sequence and
 * send time, which the harness checks. Two copies of 16 bytes are therefore
 * part of the floor; the rest of the receiver's buffer is left as it was.
 */
#include <weir/transport.h>

#include <assert.h>
#include <poll.h>
#include <stdlib.h>

#define NULL_MAGIC 0x6e756c6cu /* "null" */
#define HEAD_BYTES 16u
/* Messages sent and not yet received; a power of two. */
#define DEPTH WEIR_MANY_MAX
#define CANCEL_LOOK_MS 20

struct message {
	size_t len;
	unsigned char head[HEAD_BYTES];
};

struct weir_channel {
	uint32_t magic;
	const struct weir_setup *setup;
	uint64_t n_sent;
	uint64_t n_received;
	uint64_t n_stalls;
	uint64_t n_canceled;
	/* A message each: what is written in place, and what is read. */
	unsigned char *lent;
	unsigned char *shown;
	struct message queue[DEPTH];
};

static void
null_close(struct weir_channel *c)
{
	if (!c)
		return;
	assert(c->magic == NULL_MAGIC);
	c->magic = 0;
	free(c->lent);
	free(c->shown);
	free(c);
}

static int
null_create(const struct weir_setup *setup, struct weir_channel **ret_channel,
	    struct weir_error *err)
{
	struct weir_channel *c = calloc(1, sizeof(*c));

	if (!c)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a null channel");
	c->magic = NULL_MAGIC;
	c->setup = setup;
	c->lent = calloc(1, setup->max_message_bytes + HEAD_BYTES);
	c->shown = calloc(1, setup->max_message_bytes + HEAD_BYTES);
	if (!c->lent || !c->shown) {
		null_close(c);
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for two messages");
	}
	*ret_channel = c;
	return WEIR_OK;
}

static int
null_offer(const struct weir_setup *setup, struct weir_offer *ret_offer,
	   struct weir_channel **ret_channel, struct weir_error *err)
{
	int rc = null_create(setup, ret_channel, err);

	if (rc == WEIR_OK)
		ret_offer->n_fds = 0;
	return rc;
}

static int
null_join(const struct weir_setup *setup, struct weir_offer *offer,
	  struct weir_channel **ret_channel, struct weir_error *err)
{
	(void)offer;
	return null_create(setup, ret_channel, err);
}

/* The head of a message. Its usual length is a constant to the compiler. */
static inline void
copy_head(void *to, const void *from, size_t len)
{
	if (__builtin_expect(len >= HEAD_BYTES, 1))
		memcpy(to, from, HEAD_BYTES);
	else
		memcpy(to, from, len);
}

static int
null_try_send(struct weir_channel *c, const void *buf, size_t len,
	      uint32_t flags)
{
	struct message *m = &c->queue[c->n_sent % DEPTH];

	(void)flags;
	assert(c->magic == NULL_MAGIC);
	if (len - 1 >= c->setup->max_message_bytes)
		return weir_error_set(c->setup->fault, WEIR_ETOOBIG,
				      "a message of %zu bytes was given to a "
				      "channel made for 1 to %llu bytes", len,
				      (unsigned long long)
					      c->setup->max_message_bytes);
	if (c->n_sent - c->n_received == DEPTH)
		return WEIR_EAGAIN;
	m->len = len;
	copy_head(m->head, buf, len);
	c->n_sent++;
	return WEIR_OK;
}

static int
null_try_recv(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len)
{
	const struct message *m = &c->queue[c->n_received % DEPTH];

	assert(c->magic == NULL_MAGIC);
	if (c->n_sent == c->n_received)
		return WEIR_EAGAIN;
	if (m->len > cap)
		return weir_error_set(c->setup->fault, WEIR_EPROTOCOL,
				      "a message of %zu bytes came where at "
				      "most %zu were expected", m->len, cap);
	copy_head(buf, m->head, m->len);
	*ret_len = m->len;
	c->n_received++;
	return WEIR_OK;
}

/* The one thread of this channel can't do the other half while it waits, so
 * nothing but cancel ends a wait. */
static int
null_wait(struct weir_channel *c, const char *what)
{
	while (!weir_canceled(c->setup)) {
		if (poll(NULL, 0, CANCEL_LOOK_MS) < 0 && errno != EINTR)
			return weir_error_errno(c->setup->fault,
						"cannot wait");
	}
	c->n_canceled++;
	return weir_error_set(c->setup->fault, WEIR_ECANCELED,
			      "canceled while %s", what);
}

static int
null_send(struct weir_channel *c, const void *buf, size_t len, uint32_t flags)
{
	int rc = null_try_send(c, buf, len, flags);

	if (__builtin_expect(rc != WEIR_EAGAIN, 1))
		return rc;
	c->n_stalls++;
	return null_wait(c, "sending: the queue is full");
}

static int
null_recv(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len)
{
	int rc = null_try_recv(c, buf, cap, ret_len);

	if (__builtin_expect(rc != WEIR_EAGAIN, 1))
		return rc;
	return null_wait(c, "receiving: nothing was sent on this channel");
}

static int
null_send_many(struct weir_channel *c, const void *buf, size_t stride,
	       size_t len, size_t n)
{
	const unsigned char *at = buf;
	int rc = WEIR_OK;

	for (; n > 0 && !rc; n--, at += stride)
		rc = null_send(c, at, len, 0);
	return rc;
}

static int
null_recv_many(struct weir_channel *c, void *buf, size_t stride, size_t cap,
	       size_t n, size_t *ret_lens, size_t *ret_n)
{
	unsigned char *at = buf;
	size_t got = 1;
	int rc = null_recv(c, at, cap, &ret_lens[0]);

	for (; got < n && !rc; got++) {
		at += stride;
		rc = null_try_recv(c, at, cap, &ret_lens[got]);
		if (rc)
			break;
	}
	*ret_n = got;
	return rc == WEIR_EAGAIN ? WEIR_OK : rc;
}

static int
null_loan(struct weir_channel *c, size_t len, void **ret_buf)
{
	(void)len;
	assert(c->magic == NULL_MAGIC);
	*ret_buf = c->lent;
	return WEIR_OK;
}

static int
null_commit(struct weir_channel *c, void *buf, size_t len, uint32_t flags)
{
	return null_send(c, buf, len, flags);
}

static int
null_borrow(struct weir_channel *c, const void **ret_buf, size_t *ret_len)
{
	*ret_buf = c->shown;
	return null_recv(c, c->shown, c->setup->max_message_bytes, ret_len);
}

static int
null_release(struct weir_channel *c, const void *buf)
{
	(void)c;
	(void)buf;
	return WEIR_OK;
}

static void
null_collect(const struct weir_channel *c, struct weir_counters *ret_counters)
{
	assert(c->magic == NULL_MAGIC);
	weir_counters_add(ret_counters, "syscalls", 0);
	weir_counters_add(ret_counters, "stalls", c->n_stalls);
	weir_counters_add(ret_counters, "canceled", c->n_canceled);
}

WEIR_TRANSPORT = {
	WEIR_TRANSPORT_HEAD,
	.name = "null",
	.summary = "nothing at all: each side receives what it sent, which "
		   "shows the harness's own cost",
	.capabilities = WEIR_CAP_LOOPBACK | WEIR_CAP_TRY | WEIR_CAP_MANY |
			WEIR_CAP_LOAN | WEIR_CAP_BORROW,
	.option_bytes = sizeof(struct weir_option),
	.offer = null_offer,
	.join = null_join,
	.send = null_send,
	.recv = null_recv,
	.try_send = null_try_send,
	.try_recv = null_try_recv,
	.send_many = null_send_many,
	.recv_many = null_recv_many,
	.loan = null_loan,
	.commit = null_commit,
	.borrow = null_borrow,
	.release = null_release,
	.collect = null_collect,
	.close = null_close,
};
