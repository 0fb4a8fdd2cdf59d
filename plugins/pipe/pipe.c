/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipe: two pipes, one each way, in which stream.h keeps messages apart, or
 * the kernel (packets); what is sent is copied into the pipe, or lies in pages
 * of the channel to which the pipe refers (vmsplice).
 *
 *	rendezvous = fd     pipe2 twice; the client's two ends travel to it
 *	rendezvous = path   two FIFOs (path.h)
 *
 * SIGPIPE is ignored by the process that loads this module: there is no way
 * to write to a pipe without it.
 */
#include <weir/transport.h>

#include "plugins/common/direct.h"
#include "plugins/common/fd.h"
#include "plugins/common/fifo.h"
#include "plugins/common/rendezvous.h"
#include "plugins/common/packet.h"
#include "plugins/common/stream.h"
#include "plugins/common/wait.h"
#include "plugins/pipe/channel.h"
#include "plugins/pipe/path.h"

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const type_choices[] = {
	[PIPE_STREAM] = "stream",
	[PIPE_PACKET] = "packet",
	[PIPE_VMSPLICE] = "vmsplice",
	NULL,
};

static const struct weir_option pipe_rows[] = {
	{
		.name = "type", .type = WEIR_OPTION_CHOICE,
		.default_text = "stream", .choices = type_choices,
		.help = "how a message gets into the pipe: stream (copied in; "
			"any size), packet (the kernel keeps messages apart: "
			"O_DIRECT; up to 4096 bytes) or vmsplice (copied into "
			"memory of the sender, to which the pipe then "
			"refers: faster from about 16Ki on)",
		.offset = offsetof(struct pipe_options, type),
	},
	{
		.name = "pipe_size", .type = WEIR_OPTION_SIZE,
		.default_text = "0", .min = 0, .max = FIFO_BYTES_MAX,
		.help = "capacity of each pipe (F_SETPIPE_SZ), rounded up by "
			"the kernel to a power of two pages; 0 is its "
			"default, usually 64Ki, and beyond fs.pipe-max-size "
			"only root can go",
		.offset = offsetof(struct pipe_options, pipe_size),
	},
	WAIT_OPTION_ROWS(struct pipe_options),
	RENDEZVOUS_OPTION_ROWS(struct pipe_options, "two FIFOs"),
};

static struct pipe *
pipe_of(struct weir_channel *channel)
{
	static_assert(offsetof(struct pipe, channel) == 0,
		      "a channel is the beginning of its own struct");
	assert(channel->magic == CHANNEL_MAGIC);
	return (struct pipe *)channel;
}

static void
pipe_close(struct weir_channel *channel)
{
	struct pipe *c;

	if (!channel)
		return;
	c = pipe_of(channel);
	channel->magic = 0;
	path_close(c);
	stream_fini(&c->channel.stream);
	pages_fini(&c->pages);
	fd_close(&c->tx_fd);
	fd_close(&c->rx_fd);
	free(c);
}

static int
pipe_create(const struct weir_setup *setup, struct pipe **ret_channel,
	    struct weir_error *err)
{
	const struct pipe_options *options = setup->options;
	bool packets = options->type == PIPE_PACKET;
	struct pipe *c;

	if (packets && setup->max_message_bytes > PIPE_BUF)
		return weir_error_set(err, WEIR_ETOOBIG,
				      "type = packet carries at most %d bytes "
				      "(PIPE_BUF), not %llu: use type = stream",
				      PIPE_BUF,
				      (unsigned long long)
					      setup->max_message_bytes);
	c = calloc(1, sizeof(*c));
	if (!c)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a pipe channel");
	*c = (struct pipe){
		.channel = {
			.magic = CHANNEL_MAGIC,
			.packets = packets,
			.stream = STREAM_INITIALIZER,
			.setup = setup,
		},
		.options = options,
		.tx_fd = -1,
		.rx_fd = -1,
		.holder_fd = -1,
		.directory_fd = -1,
	};
	*ret_channel = c;
	return WEIR_OK;
}

/* Both ends are there: makes them ready for messages. */
static int
pipe_start(struct pipe *c, struct weir_error *err)
{
	bool nonblock = c->options->wait != WAIT_BLOCK;
	bool splices = c->options->type == PIPE_VMSPLICE;
	struct stream_setup how = {
		.tx_fd = c->tx_fd,
		.rx_fd = c->rx_fd,
		.tx_call = splices ? fifo_splice : fifo_write,
		.rx_call = c->channel.packets ? fifo_read_packet : fifo_read,
		.wait = c->options->wait,
		.spin_ns = c->options->spin_ns,
	};
	int rc = stream_init(&c->channel.stream, c->channel.setup, &how, err);

	if (rc == WEIR_OK && splices)
		rc = pages_init(&c->pages, c->tx_fd,
				c->channel.setup->max_message_bytes, err);
	if (rc)
		return rc;
	c->channel.stream.tx.fd_flags = c->channel.packets ? O_DIRECT : 0;
	if (fifo_set_nonblock(&c->channel.stream.tx, nonblock) < 0 ||
	    fifo_set_nonblock(&c->channel.stream.rx, nonblock) < 0)
		return weir_error_errno(err, "cannot set the mode of a pipe");
	return WEIR_OK;
}

static int
pipe_offer_fd(struct pipe *c, struct weir_offer *ret_offer,
	      struct weir_error *err)
{
	int down[2] = { -1, -1 };
	int up[2] = { -1, -1 };
	int rc;

	if (pipe2(down, O_CLOEXEC) < 0 || pipe2(up, O_CLOEXEC) < 0) {
		rc = weir_error_errno(err, "cannot create a pipe");
		fd_close(&down[0]);
		fd_close(&down[1]);
		return rc;
	}
	c->tx_fd = down[1];
	c->rx_fd = up[0];
	rc = fifo_set_bytes(c->tx_fd, c->options->pipe_size, err);
	if (rc == WEIR_OK)
		rc = fifo_set_bytes(c->rx_fd, c->options->pipe_size, err);
	if (rc == WEIR_OK)
		rc = pipe_start(c, err);
	if (rc) {
		close(down[0]);
		close(up[1]);
		return rc;
	}
	ret_offer->n_fds = 2;
	ret_offer->fds[PIPE_DOWN] = down[0];
	ret_offer->fds[PIPE_UP] = up[1];
	return WEIR_OK;
}

static int
pipe_offer(const struct weir_setup *setup, struct weir_offer *ret_offer,
	   struct weir_channel **ret_channel, struct weir_error *err)
{
	struct pipe *c;
	int rc = pipe_create(setup, &c, err);

	if (rc)
		return rc;
	if (c->options->rendezvous == RENDEZVOUS_PATH)
		rc = path_offer(c, ret_offer, err);
	else
		rc = pipe_offer_fd(c, ret_offer, err);
	if (rc) {
		pipe_close(&c->channel);
		return rc;
	}
	*ret_channel = &c->channel;
	return WEIR_OK;
}

static int
pipe_join_fd(struct pipe *c, struct weir_offer *offer,
	     struct weir_error *err)
{
	int rc = rendezvous_check_fds(offer, 2, err);

	if (rc == WEIR_OK)
		rc = fifo_check_end(offer->fds[PIPE_DOWN], O_RDONLY, err);
	if (rc == WEIR_OK)
		rc = fifo_check_end(offer->fds[PIPE_UP], O_WRONLY, err);
	if (rc)
		return rc;
	c->rx_fd = offer->fds[PIPE_DOWN];
	c->tx_fd = offer->fds[PIPE_UP];
	rc = pipe_start(c, err);
	if (rc) { /* they stay the core's */
		c->rx_fd = -1;
		c->tx_fd = -1;
		return rc;
	}
	offer->fds[PIPE_DOWN] = -1;
	offer->fds[PIPE_UP] = -1;
	return WEIR_OK;
}

static int
pipe_join_path(struct pipe *c, const struct weir_offer *offer,
	       struct weir_error *err)
{
	int rc = path_join(c, offer, err);

	if (rc == WEIR_OK)
		rc = pipe_start(c, err);
	return rc ? rc : path_tell(c, err);
}

static int
pipe_join(const struct weir_setup *setup, struct weir_offer *offer,
	  struct weir_channel **ret_channel, struct weir_error *err)
{
	struct pipe *c;
	int rc = pipe_create(setup, &c, err);

	if (rc)
		return rc;
	if (c->options->rendezvous == RENDEZVOUS_PATH)
		rc = pipe_join_path(c, offer, err);
	else
		rc = pipe_join_fd(c, offer, err);
	if (rc) {
		pipe_close(&c->channel);
		return rc;
	}
	*ret_channel = &c->channel;
	return WEIR_OK;
}

static int
pipe_accept(struct weir_channel *channel, uint64_t deadline_ns,
	    struct weir_error *err)
{
	struct pipe *c = pipe_of(channel);
	int rc;

	if (c->holder_fd < 0)
		return WEIR_OK;
	rc = path_accept(c, deadline_ns, err);
	return rc ? rc : pipe_start(c, err);
}

/* Where a part of the message is in the pipe, it stays where it lies. */
static int
pipe_send_pages(struct pipe *c, const void *buf, size_t len, unsigned how)
{
	struct stream *s = &c->channel.stream;
	int rc;

	if (!s->tx_done && len - 1 < s->max_bytes)
		c->sending = pages_put(&c->pages, buf, len);
	rc = stream_send(s, c->sending, len, how);
	if (rc == WEIR_OK)
		pages_sent(&c->pages, len);
	return rc;
}

static int
pipe_send(struct weir_channel *channel, const void *buf, size_t len,
	  uint32_t flags)
{
	struct pipe *c = pipe_of(channel);

	(void)flags;
	if (channel->packets)
		return direct_packet_send(&channel->stream.tx, buf, len,
					  fifo_write);
	if (c->pages.memory)
		return pipe_send_pages(c, buf, len, 0);
	return direct_stream_send(&channel->stream, buf, len, fifo_write);
}

static int
pipe_recv(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len)
{
	assert(c->magic == CHANNEL_MAGIC);
	if (c->packets)
		return direct_packet_recv(&c->stream.rx, buf, cap, ret_len,
					  fifo_read_packet);
	return direct_stream_recv(&c->stream, buf, cap, ret_len, fifo_read);
}

static int
pipe_try_send(struct weir_channel *channel, const void *buf, size_t len,
	      uint32_t flags)
{
	struct pipe *c = pipe_of(channel);

	if (c->pages.memory)
		return pipe_send_pages(c, buf, len, WAIT_TRY);
	return channel_try_send(channel, buf, len, flags);
}

/* Packets and pages are a call each. */
static int
pipe_send_many(struct weir_channel *channel, const void *buf, size_t stride,
	       size_t len, size_t n)
{
	const unsigned char *at = buf;
	int rc = WEIR_OK;

	if (!channel->packets && !pipe_of(channel)->pages.memory)
		return channel_send_many(channel, buf, stride, len, n);
	for (size_t i = 0; i < n && !rc; i++)
		rc = pipe_send(channel, at + i * stride, len, 0);
	return rc;
}

static int
pipe_recv_many(struct weir_channel *c, void *buf, size_t stride, size_t cap,
	       size_t n, size_t *ret_lens, size_t *ret_n)
{
	if (!c->packets)
		return channel_recv_many(c, buf, stride, cap, n, ret_lens,
					 ret_n);
	*ret_n = 1;
	return pipe_recv(c, buf, cap, ret_lens);
}

static void
pipe_collect(const struct weir_channel *channel,
	     struct weir_counters *ret_counters)
{
	const struct pipe *c = (const struct pipe *)channel;
	int granted = fcntl(c->tx_fd, F_GETPIPE_SZ);

	assert(channel->magic == CHANNEL_MAGIC);
	stream_collect(&channel->stream, ret_counters);
	weir_counters_add(ret_counters, "pipe_bytes",
			  granted < 0 ? 0 : (uint64_t)granted);
}

WEIR_TRANSPORT = {
	WEIR_TRANSPORT_HEAD,
	.name = "pipe",
	.summary = "two pipes, one each way, handed over or met as FIFOs",
	.capabilities = WEIR_CAP_TRY | WEIR_CAP_MANY | WEIR_CAP_UNTIL |
			WEIR_CAP_PATH | WEIR_CAP_FIXED_FDS,
	WEIR_TRANSPORT_OPTIONS(pipe_rows, struct pipe_options),
	.offer = pipe_offer,
	.join = pipe_join,
	.accept = pipe_accept,
	.send = pipe_send,
	.recv = pipe_recv,
	.try_send = pipe_try_send,
	.try_recv = channel_try_recv,
	.recv_until = channel_recv_until,
	.send_many = pipe_send_many,
	.recv_many = pipe_recv_many,
	.collect = pipe_collect,
	.close = pipe_close,
};
