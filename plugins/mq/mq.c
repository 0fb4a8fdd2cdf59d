/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mq: two POSIX message queues, one each way.
 *
 * The host makes them, takes their names away at once, and hands over
 * descriptors: nothing can be found, opened or left behind, and the client may
 * live in another IPC namespace. A socket pair goes with them, to tell each
 * side when the other is gone.
 */
#include <weir/transport.h>

#include "plugins/common/direct.h"
#include "plugins/common/fd.h"
#include "plugins/common/packet.h"
#include "plugins/common/rendezvous.h"
#include "plugins/common/socket.h"
#include "plugins/common/wait.h"
#include "plugins/mq/queue.h"

#include <assert.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define MQ_MAGIC 0x6d717321u /* "mqs!" */

/* The descriptors of an offer: what the client reads from, what it writes to,
 * its end of the socket pair. */
#define DOWN 0
#define UP 1
#define ALIVE 2
#define N_FDS 3

struct mq_options {
	int64_t depth;
	uint32_t wait;
	uint64_t spin_ns;
};

static const struct weir_option mq_rows[] = {
	{
		.name = "depth", .type = WEIR_OPTION_INT,
		.default_text = "10", .min = 1, .max = QUEUE_DEPTH_MAX,
		.help = "messages that each queue holds before a sender "
			"waits; fs.mqueue.msg_max limits it, and "
			"RLIMIT_MSGQUEUE depth times size",
		.offset = offsetof(struct mq_options, depth),
	},
	WAIT_OPTION_ROWS(struct mq_options),
};

struct weir_channel {
	uint32_t magic;
	struct queue tx;
	struct queue rx;
	const struct weir_setup *setup;
	const struct mq_options *options;
	int tx_fd;
	int rx_fd;
	int alive_fd;

	/* The kernel receives only into room for the largest message: this is
	 * for callers with less, and is touched only then. */
	unsigned char *spare;
};

/* The socket pair first: whoever is woken by the empty message finds it
 * hung up. */
static void
mq_channel_close(struct weir_channel *c)
{
	if (!c)
		return;
	assert(c->magic == MQ_MAGIC);
	c->magic = 0;
	fd_close(&c->alive_fd);
	if (c->tx_fd >= 0)
		queue_send_end(c->tx_fd);
	wait_fini(&c->tx.wait);
	wait_fini(&c->rx.wait);
	fd_close(&c->tx_fd);
	fd_close(&c->rx_fd);
	free(c->spare);
	free(c);
}

static int
mq_create(const struct weir_setup *setup, struct weir_channel **ret_channel,
	  struct weir_error *err)
{
	struct weir_channel *c = calloc(1, sizeof(*c));
	unsigned char *spare = malloc(setup->max_message_bytes);

	if (!c || !spare) {
		free(c);
		free(spare);
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for an mq channel");
	}
	*c = (struct weir_channel){
		.magic = MQ_MAGIC,
		.tx = QUEUE_INITIALIZER,
		.rx = QUEUE_INITIALIZER,
		.setup = setup,
		.options = setup->options,
		.tx_fd = -1,
		.rx_fd = -1,
		.alive_fd = -1,
		.spare = spare,
	};
	*ret_channel = c;
	return WEIR_OK;
}

/* The three descriptors are there: makes them ready for messages. */
static int
mq_start(struct weir_channel *c, struct weir_error *err)
{
	const struct mq_options *o = c->options;
	int rc = queue_init(&c->tx, c->setup, c->tx_fd, POLLOUT, c->alive_fd,
			    o->wait, o->spin_ns, err);

	if (rc)
		return rc;
	return queue_init(&c->rx, c->setup, c->rx_fd, POLLIN, c->alive_fd,
			  o->wait, o->spin_ns, err);
}

/* Both queues and the pair; what the client gets goes into fds, which are -1
 * where it fails before. */
static int
mq_make(struct weir_channel *c, int fds[N_FDS], struct weir_error *err)
{
	uint64_t depth = (uint64_t)c->options->depth;
	uint64_t bytes = c->setup->max_message_bytes;
	struct queue_ends ends;
	int pair[2];
	int rc = queue_create(c->setup, depth, bytes, &ends, err);

	if (rc)
		return rc;
	c->tx_fd = ends.write_fd;
	fds[DOWN] = ends.read_fd;
	rc = queue_create(c->setup, depth, bytes, &ends, err);
	if (rc)
		return rc;
	c->rx_fd = ends.read_fd;
	fds[UP] = ends.write_fd;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return weir_error_errno(err, "cannot create a socket pair");
	c->alive_fd = pair[0];
	fds[ALIVE] = pair[1];
	return mq_start(c, err);
}

static int
mq_offer(const struct weir_setup *setup, struct weir_offer *ret_offer,
	 struct weir_channel **ret_channel, struct weir_error *err)
{
	int fds[N_FDS] = { -1, -1, -1 };
	struct weir_channel *c;
	int i;
	int rc = mq_create(setup, &c, err);

	if (rc)
		return rc;
	rc = mq_make(c, fds, err);
	if (rc) {
		for (i = 0; i < N_FDS; i++)
			fd_close(&fds[i]);
		mq_channel_close(c);
		return rc;
	}
	for (i = 0; i < N_FDS; i++)
		ret_offer->fds[i] = fds[i];
	ret_offer->n_fds = N_FDS;
	*ret_channel = c;
	return WEIR_OK;
}

static int
mq_check(const struct weir_setup *setup, const struct weir_offer *offer,
	 struct weir_error *err)
{
	uint64_t bytes = setup->max_message_bytes;
	int rc = rendezvous_check_fds(offer, N_FDS, err);

	if (rc == WEIR_OK)
		rc = queue_check(offer->fds[DOWN], O_RDONLY, bytes, err);
	if (rc == WEIR_OK)
		rc = queue_check(offer->fds[UP], O_WRONLY, bytes, err);
	if (rc == WEIR_OK)
		rc = socket_check(offer->fds[ALIVE], SOCK_STREAM, err);
	return rc;
}

static int
mq_join(const struct weir_setup *setup, struct weir_offer *offer,
	struct weir_channel **ret_channel, struct weir_error *err)
{
	struct weir_channel *c;
	int i;
	int rc = mq_check(setup, offer, err);

	if (rc == WEIR_OK)
		rc = mq_create(setup, &c, err);
	if (rc)
		return rc;
	c->rx_fd = offer->fds[DOWN];
	c->tx_fd = offer->fds[UP];
	c->alive_fd = offer->fds[ALIVE];
	for (i = 0; i < N_FDS; i++)
		offer->fds[i] = -1;
	rc = mq_start(c, err);
	if (rc) {
		mq_channel_close(c);
		return rc;
	}
	*ret_channel = c;
	return WEIR_OK;
}

static int
mq_recv_message(struct weir_channel *c, void *buf, size_t cap,
		size_t *ret_len, unsigned how)
{
	size_t max = c->setup->max_message_bytes;
	bool roomy = cap >= max;
	int rc;

	assert(c->magic == MQ_MAGIC);
	rc = packet_recv(&c->rx.wait, roomy ? buf : c->spare, max,
				 ret_len, how);
	c->rx.timed = true;
	if (__builtin_expect(roomy || rc, 1))
		return rc;
	if (*ret_len > cap)
		return weir_error_set(c->setup->fault, WEIR_EPROTOCOL,
				      "the other side sent a message of %zu "
				      "bytes; 1 to %zu were agreed", *ret_len,
				      cap);
	memcpy(buf, c->spare, *ret_len);
	return WEIR_OK;
}

static int
mq_op_send(struct weir_channel *c, const void *buf, size_t len,
	   uint32_t flags)
{
	int rc;

	(void)flags;
	assert(c->magic == MQ_MAGIC);
	rc = direct_packet_send(&c->tx.wait, buf, len, queue_send);
	c->rx.timed = false;
	return rc;
}

static int
mq_op_recv(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len)
{
	size_t max = c->setup->max_message_bytes;
	int rc;

	assert(c->magic == MQ_MAGIC);
	if (__builtin_expect(cap < max, 0))
		return mq_recv_message(c, buf, cap, ret_len, 0);
	rc = direct_packet_recv(&c->rx.wait, buf, max, ret_len, queue_recv);
	c->rx.timed = true;
	return rc;
}

static int
mq_op_try_send(struct weir_channel *c, const void *buf, size_t len,
	       uint32_t flags)
{
	int rc;

	(void)flags;
	assert(c->magic == MQ_MAGIC);
	rc = packet_send(&c->tx.wait, buf, len, WAIT_TRY);
	c->rx.timed = false;
	return rc;
}

static int
mq_op_try_recv(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len)
{
	return mq_recv_message(c, buf, cap, ret_len, WAIT_TRY);
}

static int
mq_op_recv_until(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len,
	       uint64_t deadline_ns)
{
	c->rx.wait.until_ns = deadline_ns;
	return mq_recv_message(c, buf, cap, ret_len, WAIT_UNTIL);
}

static void
mq_collect(const struct weir_channel *c, struct weir_counters *ret_counters)
{
	assert(c->magic == MQ_MAGIC);
	wait_collect(&c->tx.wait, &c->rx.wait, ret_counters);
	weir_counters_add(ret_counters, "queue_depth", queue_depth(c->tx_fd));
}

WEIR_TRANSPORT = {
	WEIR_TRANSPORT_HEAD,
	.name = "mq",
	.summary = "two POSIX message queues, one each way, handed over",
	.capabilities = WEIR_CAP_TRY | WEIR_CAP_UNTIL | WEIR_CAP_FIXED_FDS,
	WEIR_TRANSPORT_OPTIONS(mq_rows, struct mq_options),
	.offer = mq_offer,
	.join = mq_join,
	.send = mq_op_send,
	.recv = mq_op_recv,
	.try_send = mq_op_try_send,
	.try_recv = mq_op_try_recv,
	.recv_until = mq_op_recv_until,
	.collect = mq_collect,
	.close = mq_channel_close,
};
