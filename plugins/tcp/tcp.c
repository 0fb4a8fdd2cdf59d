/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tcp: one connection over the loopback interface, in which stream.h keeps
 * messages apart.
 *
 * The host listens on a port of 127.0.0.1 that the kernel chooses and offers
 * it as text; the client connects and says the offer's token first, and accept
 * takes the one that does. Both have to live in one network namespace, as
 * each namespace has a loopback of its own.
 */
#include <weir/transport.h>

#include "plugins/common/channel.h"
#include "plugins/common/direct.h"
#include "plugins/common/fd.h"
#include "plugins/common/rendezvous.h"
#include "plugins/common/socket.h"
#include "plugins/common/stream.h"
#include "plugins/common/wait.h"
#include "plugins/tcp/address.h"
#include "plugins/tcp/door.h"

#include <assert.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Over loopback a connection is there at once, or the host's queue is full of
 * strangers. */
#define CONNECT_NS (UINT64_C(2) * 1000000000)

struct tcp_options {
	uint32_t nodelay;
	uint32_t wait;
	uint64_t spin_ns;
	uint64_t sndbuf;
	uint64_t rcvbuf;
};

static const struct weir_option tcp_rows[] = {
	{
		.name = "nodelay", .type = WEIR_OPTION_BOOL,
		.default_text = "true",
		.help = "TCP_NODELAY: send each message at once; without it "
			"a small message waits while an earlier one is not "
			"acknowledged (Nagle's algorithm)",
		.offset = offsetof(struct tcp_options, nodelay),
	},
	WAIT_OPTION_ROWS(struct tcp_options),
	{
		.name = "sndbuf", .type = WEIR_OPTION_SIZE,
		.default_text = "0", .min = 0, .max = SOCKET_BUFFER_BYTES_MAX,
		.help = "SO_SNDBUF of both ends; 0 lets the kernel fit it to "
			"the traffic (net.ipv4.tcp_wmem), and any other size "
			"is fixed and limited by net.core.wmem_max",
		.offset = offsetof(struct tcp_options, sndbuf),
	},
	{
		.name = "rcvbuf", .type = WEIR_OPTION_SIZE,
		.default_text = "0", .min = 0, .max = SOCKET_BUFFER_BYTES_MAX,
		.help = "SO_RCVBUF of both ends; 0 lets the kernel fit it to "
			"the traffic (net.ipv4.tcp_rmem), and any other size "
			"is fixed and limited by net.core.rmem_max",
		.offset = offsetof(struct tcp_options, rcvbuf),
	},
};

struct tcp {
	struct weir_channel channel;
	const struct tcp_options *options;
	int fd;
	struct door door; /* host, until the client is accepted */
};

static struct tcp *
tcp_of(struct weir_channel *channel)
{
	static_assert(offsetof(struct tcp, channel) == 0,
		      "a channel is the beginning of its own struct");
	assert(channel->magic == CHANNEL_MAGIC);
	return (struct tcp *)channel;
}

static void
tcp_close(struct weir_channel *channel)
{
	struct tcp *c;

	if (!channel)
		return;
	c = tcp_of(channel);
	channel->magic = 0;
	door_close(&c->door);
	stream_fini(&c->channel.stream);
	fd_close(&c->fd);
	free(c);
}

static int
tcp_create(const struct weir_setup *setup, struct tcp **ret_channel,
	   struct weir_error *err)
{
	struct tcp *c = calloc(1, sizeof(*c));

	if (!c)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a tcp channel");
	*c = (struct tcp){
		.channel = {
			.magic = CHANNEL_MAGIC,
			.stream = STREAM_INITIALIZER,
			.setup = setup,
		},
		.options = setup->options,
		.fd = -1,
	};
	door_init(&c->door);
	*ret_channel = c;
	return WEIR_OK;
}

/* A socket that does not wait. Its buffers are set before it listens or
 * connects, as the window's scale is agreed on with the connection. */
static int
tcp_socket(const struct tcp *c, int *ret_fd, struct weir_error *err)
{
	const struct socket_buffers buffers = {
		.sndbuf = c->options->sndbuf,
		.rcvbuf = c->options->rcvbuf,
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			IPPROTO_TCP);
	int rc;

	if (fd < 0)
		return weir_error_errno(err, "cannot create a TCP socket");
	rc = socket_set_buffers(fd, c->channel.setup, &buffers, true, err);
	if (rc) {
		close(fd);
		return rc;
	}
	*ret_fd = fd;
	return WEIR_OK;
}

/* c->fd is connected, and blocks: makes it ready for messages. */
static int
tcp_start(struct tcp *c, struct weir_error *err)
{
	int nodelay = c->options->nodelay != 0;
	struct stream_setup how = {
		.tx_fd = c->fd,
		.rx_fd = c->fd,
		.tx_call = socket_stream_send,
		.rx_call = socket_stream_recv,
		.wait = c->options->wait,
		.spin_ns = c->options->spin_ns,
	};

	if (setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &nodelay,
		       sizeof(nodelay)) < 0)
		return weir_error_errno(err, "cannot set TCP_NODELAY");
	return stream_init(&c->channel.stream, c->channel.setup, &how, err);
}

static int
tcp_offer(const struct weir_setup *setup, struct weir_offer *ret_offer,
	  struct weir_channel **ret_channel, struct weir_error *err)
{
	struct tcp *c;
	int fd = -1;
	int rc = tcp_create(setup, &c, err);

	if (rc)
		return rc;
	rc = tcp_socket(c, &fd, err);
	if (rc == WEIR_OK)
		rc = door_open(&c->door, setup, fd, err);
	if (rc) {
		tcp_close(&c->channel);
		return rc;
	}
	address_print(&c->door.address, ret_offer->address);
	*ret_channel = &c->channel;
	return WEIR_OK;
}

/* A namespace that can't be looked at is given the benefit of the doubt. */
static int
tcp_check_network(const struct address *address, struct weir_error *err)
{
	char own[ADDRESS_NETWORK_BYTES];

	address_network(own);
	if (strcmp(own, address->network) == 0 || strcmp(own, "-") == 0 ||
	    strcmp(address->network, "-") == 0)
		return WEIR_OK;
	return weir_error_set(err, WEIR_EUNAVAILABLE,
			      "tcp needs both sides in one network namespace, "
			      "and the host is in %s, the client in %s: share "
			      "it, or use uds, shm, pipe or mq",
			      address->network, own);
}

static int
tcp_no_host(uint16_t port, int why, struct weir_error *err)
{
	return weir_error_set(err, WEIR_EPEER,
			      "no host listens on port %u of 127.0.0.1: %s",
			      port, strerror(why));
}

static int
tcp_connect(struct tcp *c, const struct address *address,
	    struct weir_error *err)
{
	const struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(address->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const struct weir_setup *setup = c->channel.setup;
	uint64_t deadline_ns = setup->services->now_ns() + CONNECT_NS;
	int why = 0;
	socklen_t len = sizeof(why);
	int rc;

	if (connect(c->fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
		return WEIR_OK;
	if (errno != EINPROGRESS)
		return tcp_no_host(address->port, errno, err);
	rc = wait_until(setup, c->fd, POLLOUT, deadline_ns,
			"the host to take a TCP connection", err);
	if (rc)
		return rc;
	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &why, &len) < 0)
		return weir_error_errno(err, "cannot ask a socket for its "
					     "error");
	return why ? tcp_no_host(address->port, why, err) : WEIR_OK;
}

static int
tcp_introduce(struct tcp *c, const struct address *address,
	      struct weir_error *err)
{
	ssize_t n = send(c->fd, address->token, ADDRESS_TOKEN_BYTES,
			 MSG_NOSIGNAL);

	/* The socket's buffer is empty: the token goes in whole. */
	if (n != (ssize_t)ADDRESS_TOKEN_BYTES)
		return tcp_no_host(address->port, n < 0 ? errno : EPIPE, err);
	if (fcntl(c->fd, F_SETFL, 0) < 0)
		return weir_error_errno(err, "cannot make a socket blocking");
	return WEIR_OK;
}

static int
tcp_join(const struct weir_setup *setup, struct weir_offer *offer,
	 struct weir_channel **ret_channel, struct weir_error *err)
{
	struct tcp *c;
	struct address address;
	int rc = tcp_create(setup, &c, err);

	if (rc)
		return rc;
	rc = rendezvous_check_fds(offer, 0, err);
	if (rc == WEIR_OK)
		rc = address_parse(offer->address, &address, err);
	if (rc == WEIR_OK)
		rc = tcp_check_network(&address, err);
	if (rc == WEIR_OK)
		rc = tcp_socket(c, &c->fd, err);
	if (rc == WEIR_OK)
		rc = tcp_connect(c, &address, err);
	if (rc == WEIR_OK)
		rc = tcp_introduce(c, &address, err);
	if (rc == WEIR_OK)
		rc = tcp_start(c, err);
	if (rc) {
		tcp_close(&c->channel);
		return rc;
	}
	*ret_channel = &c->channel;
	return WEIR_OK;
}

static int
tcp_accept(struct weir_channel *channel, uint64_t deadline_ns,
	   struct weir_error *err)
{
	struct tcp *c = tcp_of(channel);
	int rc;

	rc = door_await(&c->door, deadline_ns, &c->fd, err);
	if (rc)
		return rc;
	return tcp_start(c, err);
}

static int
tcp_send(struct weir_channel *c, const void *buf, size_t len, uint32_t flags)
{
	(void)flags;
	assert(c->magic == CHANNEL_MAGIC);
	return direct_stream_send(&c->stream, buf, len, socket_stream_send);
}

static int
tcp_recv(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len)
{
	assert(c->magic == CHANNEL_MAGIC);
	return direct_stream_recv(&c->stream, buf, cap, ret_len,
				  socket_stream_recv);
}

static void
tcp_collect(const struct weir_channel *channel,
	    struct weir_counters *ret_counters)
{
	const struct tcp *c = (const struct tcp *)channel;
	assert(channel->magic == CHANNEL_MAGIC);
	stream_collect(&channel->stream, ret_counters);
	socket_collect(c->fd, ret_counters);
}

WEIR_TRANSPORT = {
	WEIR_TRANSPORT_HEAD,
	.name = "tcp",
	.summary = "TCP over 127.0.0.1, within one network namespace",
	.capabilities = WEIR_CAP_TRY | WEIR_CAP_MANY | WEIR_CAP_UNTIL |
			WEIR_CAP_FIXED_FDS,
	WEIR_TRANSPORT_OPTIONS(tcp_rows, struct tcp_options),
	.offer = tcp_offer,
	.join = tcp_join,
	.accept = tcp_accept,
	.send = tcp_send,
	.recv = tcp_recv,
	.try_send = channel_try_send,
	.try_recv = channel_try_recv,
	.recv_until = channel_recv_until,
	.send_many = channel_send_many,
	.recv_many = channel_recv_many,
	.collect = tcp_collect,
	.close = tcp_close,
};
