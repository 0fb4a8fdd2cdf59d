/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uds: a Unix domain socket, as a stream of bytes in which stream.h keeps the
 * messages apart, or as packets that the kernel keeps apart: in a sequence
 * with an end, or as datagrams.
 *
 *	rendezvous = fd     socketpair; one end travels to the client
 *	rendezvous = path   a socket file (path.h)
 *
 * A datagram socket does not tell its reader that the other side has closed.
 * So another socket pair goes with it, and blocking calls have a time limit.
 */
#include <weir/transport.h>

#include "plugins/common/direct.h"
#include "plugins/common/fd.h"
#include "plugins/common/packet.h"
#include "plugins/common/rendezvous.h"
#include "plugins/common/socket.h"
#include "plugins/common/stream.h"
#include "plugins/common/wait.h"
#include "plugins/uds/channel.h"
#include "plugins/uds/path.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const type_choices[] = {
	[UDS_STREAM] = "stream",
	[UDS_SEQPACKET] = "seqpacket",
	[UDS_DGRAM] = "dgram",
	NULL,
};

static const int socket_types[] = {
	[UDS_STREAM] = SOCK_STREAM,
	[UDS_SEQPACKET] = SOCK_SEQPACKET,
	[UDS_DGRAM] = SOCK_DGRAM,
};

static const struct weir_option uds_rows[] = {
	{
		.name = "type", .type = WEIR_OPTION_CHOICE,
		.default_text = "stream", .choices = type_choices,
		.help = "kind of socket: stream (any message size; those "
			"of another size than was agreed have a header), "
			"seqpacket (the kernel keeps the boundaries; a message "
			"must fit the send buffer, near 4 MiB at "
			"most) or dgram (each message is a datagram, with the "
			"same limit; rendezvous = fd only)",
		.offset = offsetof(struct uds_options, type),
	},
	WAIT_OPTION_ROWS(struct uds_options),
	{
		.name = "sndbuf", .type = WEIR_OPTION_SIZE,
		.default_text = "0", .min = 0, .max = SOCKET_BUFFER_BYTES_MAX,
		.help = "SO_SNDBUF of both ends: how much may be on its way "
			"before a sender waits; 0 is the kernel's default "
			"(for packets: as much as the message needs), and "
			"net.core.wmem_max limits it",
		.offset = offsetof(struct uds_options, sndbuf),
	},
	{
		.name = "rcvbuf", .type = WEIR_OPTION_SIZE,
		.default_text = "0", .min = 0, .max = SOCKET_BUFFER_BYTES_MAX,
		.help = "SO_RCVBUF of both ends; 0 is the kernel's default, "
			"and Linux charges Unix sockets to the sender alone, "
			"so that this is there to show that it changes "
			"nothing",
		.offset = offsetof(struct uds_options, rcvbuf),
	},
	RENDEZVOUS_OPTION_ROWS(struct uds_options, "a socket file"),
};

static struct uds *
uds_of(struct weir_channel *channel)
{
	static_assert(offsetof(struct uds, channel) == 0,
		      "a channel is the beginning of its own struct");
	assert(channel->magic == CHANNEL_MAGIC);
	return (struct uds *)channel;
}

static void
uds_close(struct weir_channel *channel)
{
	struct uds *c;

	if (!channel)
		return;
	c = uds_of(channel);
	channel->magic = 0;
	path_close(c);
	stream_fini(&c->channel.stream);
	fd_close(&c->fd);
	fd_close(&c->alive_fd);
	free(c);
}

/* A channel without a socket; finds the buffers that packets need, but where
 * the sockets come with their buffers set. */
static int
uds_create(const struct weir_setup *setup, bool fit,
	   struct uds **ret_channel, struct weir_error *err)
{
	const struct uds_options *options = setup->options;
	struct uds *c;
	int rc;

	if (options->type == UDS_DGRAM &&
	    options->rendezvous == RENDEZVOUS_PATH)
		return weir_error_set(err, WEIR_EINVALID,
				      "type = dgram has no socket file to meet "
				      "at: use rendezvous = fd, or type = "
				      "seqpacket");
	c = calloc(1, sizeof(*c));
	if (!c)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a uds channel");
	*c = (struct uds){
		.channel = {
			.magic = CHANNEL_MAGIC,
			.packets = options->type != UDS_STREAM,
			.stream = STREAM_INITIALIZER,
			.setup = setup,
		},
		.type = socket_types[options->type],
		.options = options,
		.buffers = { .sndbuf = options->sndbuf,
			     .rcvbuf = options->rcvbuf },
		.fd = -1,
		.alive_fd = -1,
		.listen_fd = -1,
		.directory_fd = -1,
	};
	if (c->channel.packets && fit) {
		rc = socket_fit_packets(setup, c->type, &c->buffers, err);
		if (rc) {
			uds_close(&c->channel);
			return rc;
		}
	}
	*ret_channel = c;
	return WEIR_OK;
}

/* The other side's end is watched where the socket does not tell of it. */
static int
uds_start_packets(struct uds *c, struct weir_error *err)
{
	const struct uds_options *o = c->options;
	struct wait *tx = &c->channel.stream.tx;
	struct wait *rx = &c->channel.stream.rx;
	int rc;

	rc = wait_init(tx, c->channel.setup, c->fd, POLLOUT, socket_packet_send,
		       o->wait, o->spin_ns, err);
	if (rc == WEIR_OK)
		rc = wait_init(rx, c->channel.setup, c->fd, POLLIN,
			       socket_packet_recv, o->wait, o->spin_ns, err);
	if (rc || c->type != SOCK_DGRAM)
		return rc;
	if (o->wait == WAIT_BLOCK)
		rc = socket_set_time_limit(c->fd, WAIT_SLEEP_MS, err);
	if (rc == WEIR_OK)
		rc = wait_watch(tx, c->alive_fd, err);
	if (rc == WEIR_OK)
		rc = wait_watch(rx, c->alive_fd, err);
	return rc;
}

/* c->fd is connected: makes it ready for messages. */
static int
uds_start(struct uds *c, struct weir_error *err)
{
	struct stream_setup how = {
		.tx_fd = c->fd,
		.rx_fd = c->fd,
		.tx_call = socket_stream_send,
		.rx_call = socket_stream_recv,
		.wait = c->options->wait,
		.spin_ns = c->options->spin_ns,
	};

	if (c->channel.packets)
		return uds_start_packets(c, err);
	return stream_init(&c->channel.stream, c->channel.setup, &how, err);
}

/* Two connected sockets: one for this side, one for the client. */
static int
uds_make_pair(int type, int *ret_own, int *ret_other, struct weir_error *err)
{
	int pair[2];

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) < 0)
		return weir_error_errno(err, "cannot create a socket pair");
	*ret_own = pair[0];
	*ret_other = pair[1];
	return WEIR_OK;
}

static int
uds_offer_fd(struct uds *c, struct weir_offer *ret_offer,
	     struct weir_error *err)
{
	int other = -1;
	int other_alive = -1;
	int rc;

	rc = uds_make_pair(c->type, &c->fd, &other, err);
	if (rc == WEIR_OK && c->type == SOCK_DGRAM)
		rc = uds_make_pair(SOCK_STREAM, &c->alive_fd, &other_alive,
				   err);
	if (rc == WEIR_OK)
		rc = socket_set_buffers(c->fd, c->channel.setup, &c->buffers,
					true, err);
	if (rc == WEIR_OK)
		rc = socket_set_buffers(other, c->channel.setup, &c->buffers,
					false, err);
	if (rc == WEIR_OK)
		rc = uds_start(c, err);
	if (rc) {
		fd_close(&other);
		fd_close(&other_alive);
		return rc;
	}
	ret_offer->n_fds = c->type == SOCK_DGRAM ? 2 : 1;
	ret_offer->fds[0] = other;
	ret_offer->fds[1] = other_alive;
	return WEIR_OK;
}

static int
uds_offer(const struct weir_setup *setup, struct weir_offer *ret_offer,
	  struct weir_channel **ret_channel, struct weir_error *err)
{
	struct uds *c;
	int rc = uds_create(setup, true, &c, err);

	if (rc)
		return rc;
	if (c->options->rendezvous == RENDEZVOUS_PATH)
		rc = path_offer(c, ret_offer, err);
	else
		rc = uds_offer_fd(c, ret_offer, err);
	if (rc) {
		uds_close(&c->channel);
		return rc;
	}
	*ret_channel = &c->channel;
	return WEIR_OK;
}

static int
uds_join_fd(struct uds *c, struct weir_offer *offer,
	    struct weir_error *err)
{
	uint32_t n_fds = c->type == SOCK_DGRAM ? 2 : 1;
	int rc = rendezvous_check_fds(offer, n_fds, err);

	if (rc == WEIR_OK)
		rc = socket_check(offer->fds[0], c->type, err);
	if (rc == WEIR_OK && n_fds > 1)
		rc = socket_check(offer->fds[1], SOCK_STREAM, err);
	if (rc)
		return rc;
	c->fd = offer->fds[0];
	offer->fds[0] = -1;
	c->alive_fd = offer->fds[1];
	offer->fds[1] = -1;
	return WEIR_OK;
}

static int
uds_join(const struct weir_setup *setup, struct weir_offer *offer,
	 struct weir_channel **ret_channel, struct weir_error *err)
{
	const struct uds_options *options = setup->options;
	bool by_path = options->rendezvous == RENDEZVOUS_PATH;
	struct uds *c;
	int rc = uds_create(setup, by_path, &c, err);

	if (rc)
		return rc;
	rc = by_path ? path_join(c, offer, err) : uds_join_fd(c, offer, err);
	if (rc == WEIR_OK)
		rc = uds_start(c, err);
	if (rc) {
		uds_close(&c->channel);
		return rc;
	}
	*ret_channel = &c->channel;
	return WEIR_OK;
}

static int
uds_accept(struct weir_channel *channel, uint64_t deadline_ns,
	   struct weir_error *err)
{
	struct uds *c = uds_of(channel);
	int rc;

	if (c->listen_fd < 0)
		return WEIR_OK;
	rc = path_accept(c, deadline_ns, err);
	return rc ? rc : uds_start(c, err);
}

static int
uds_send(struct weir_channel *c, const void *buf, size_t len, uint32_t flags)
{
	(void)flags;
	assert(c->magic == CHANNEL_MAGIC);
	if (c->packets)
		return direct_packet_send(&c->stream.tx, buf, len,
					  socket_packet_send);
	return direct_stream_send(&c->stream, buf, len, socket_stream_send);
}

static int
uds_recv(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len)
{
	assert(c->magic == CHANNEL_MAGIC);
	if (c->packets)
		return direct_packet_recv(&c->stream.rx, buf, cap, ret_len,
					  socket_packet_recv);
	return direct_stream_recv(&c->stream, buf, cap, ret_len,
				  socket_stream_recv);
}

static void
uds_collect(const struct weir_channel *channel,
	    struct weir_counters *ret_counters)
{
	const struct uds *c = (const struct uds *)channel;
	assert(channel->magic == CHANNEL_MAGIC);
	stream_collect(&channel->stream, ret_counters);
	socket_collect(c->fd, ret_counters);
}

WEIR_TRANSPORT = {
	WEIR_TRANSPORT_HEAD,
	.name = "uds",
	.summary = "Unix domain socket: stream, seqpacket or dgram, handed "
		   "over or met at a socket file",
	.capabilities = WEIR_CAP_TRY | WEIR_CAP_MANY | WEIR_CAP_UNTIL |
			WEIR_CAP_PATH | WEIR_CAP_FIXED_FDS,
	WEIR_TRANSPORT_OPTIONS(uds_rows, struct uds_options),
	.offer = uds_offer,
	.join = uds_join,
	.accept = uds_accept,
	.send = uds_send,
	.recv = uds_recv,
	.try_send = channel_try_send,
	.try_recv = channel_try_recv,
	.recv_until = channel_recv_until,
	.send_many = channel_send_many,
	.recv_many = channel_recv_many,
	.collect = uds_collect,
	.close = uds_close,
};
