/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The least that a transport can be: messages behind a length on a
 * socketpair, waiting in poll. It passes the conformance battery without a
 * single capability, so that the battery can be tested without the real
 * transports.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <weir/transport.h>

#define GOOD_TICK_MS 50

struct weir_channel {
	const struct weir_setup *setup;
	int fd;
	uint64_t n_syscalls;
};

static int
good_fail(struct weir_channel *channel, int status, const char *sentence)
{
	return weir_error_set(channel->setup->fault, status, "%s", sentence);
}

/* A poll ends at the latest after a tick, or by the signal of the core. */
static int
good_wait(struct weir_channel *channel, short events)
{
	struct pollfd p = { .fd = channel->fd, .events = events };

	for (;;) {
		if (weir_canceled(channel->setup))
			return good_fail(channel, WEIR_ECANCELED, "canceled");
		channel->n_syscalls++;
		if (poll(&p, 1, GOOD_TICK_MS) > 0)
			return WEIR_OK;
	}
}

/* Moves all of len bytes; out says in which direction. */
static int
good_move(struct weir_channel *channel, unsigned char *buf, size_t len,
	  int out)
{
	while (len > 0) {
		int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
		int status = good_wait(channel, out ? POLLOUT : POLLIN);
		ssize_t n;

		if (status != WEIR_OK)
			return status;
		channel->n_syscalls++;
		n = out ? send(channel->fd, buf, len, flags)
			: recv(channel->fd, buf, len, flags);
		if (n > 0) {
			buf += n;
			len -= (size_t)n;
		} else if (n == 0 || errno == EPIPE || errno == ECONNRESET) {
			return good_fail(channel, WEIR_EPEER,
					 "the other side is gone");
		} else if (errno != EAGAIN && errno != EINTR) {
			return weir_error_errno(channel->setup->fault,
						"the socket failed");
		}
	}
	return WEIR_OK;
}

static int
good_send(struct weir_channel *channel, const void *buf, size_t len,
	  uint32_t flags)
{
	uint32_t header = (uint32_t)len;
	union {
		const void *borrowed;
		void *at;
	} body = { .borrowed = buf };
	int status;

	(void)flags;
	if (len == 0 || len > channel->setup->max_message_bytes)
		return good_fail(channel, WEIR_ETOOBIG,
				 "longer than max_message_bytes");
	status = good_move(channel, (unsigned char *)&header, sizeof(header),
			   1);
	return status ? status : good_move(channel, body.at, len, 1);
}

static int
good_recv(struct weir_channel *channel, void *buf, size_t cap,
	  size_t *ret_len)
{
	uint32_t header;
	int status = good_move(channel, (unsigned char *)&header,
			       sizeof(header), 0);

	if (status != WEIR_OK)
		return status;
	if (header == 0 || header > cap)
		return good_fail(channel, WEIR_EPROTOCOL,
				 "a message longer than allowed");
	status = good_move(channel, buf, header, 0);
	if (status == WEIR_OK)
		*ret_len = header;
	return status;
}

static int
good_open(const struct weir_setup *setup, int fd,
	  struct weir_channel **ret_channel, struct weir_error *err)
{
	struct weir_channel *channel = calloc(1, sizeof(*channel));

	if (!channel)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a channel");
	channel->setup = setup;
	channel->fd = fd;
	*ret_channel = channel;
	return WEIR_OK;
}

static int
good_offer(const struct weir_setup *setup, struct weir_offer *ret_offer,
	   struct weir_channel **ret_channel, struct weir_error *err)
{
	int fds[2];
	int status;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return weir_error_errno(err, "can't make a socketpair");
	status = good_open(setup, fds[0], ret_channel, err);
	if (status != WEIR_OK) {
		close(fds[0]);
		close(fds[1]);
		return status;
	}
	ret_offer->n_fds = 1;
	ret_offer->fds[0] = fds[1];
	return WEIR_OK;
}

static int
good_join(const struct weir_setup *setup, struct weir_offer *offer,
	  struct weir_channel **ret_channel, struct weir_error *err)
{
	socklen_t len = sizeof(int);
	int domain = 0;
	int type = 0;
	int status;

	if (offer->n_fds != 1 || offer->address[0] ||
	    getsockopt(offer->fds[0], SOL_SOCKET, SO_TYPE, &type, &len) < 0 ||
	    getsockopt(offer->fds[0], SOL_SOCKET, SO_DOMAIN, &domain, &len) <
		    0 ||
	    type != SOCK_STREAM || domain != AF_UNIX)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "the offer is not one stream socket");
	status = good_open(setup, offer->fds[0], ret_channel, err);
	if (status == WEIR_OK)
		offer->fds[0] = -1;
	return status;
}

static void
good_collect(const struct weir_channel *channel,
	     struct weir_counters *ret_counters)
{
	weir_counters_add(ret_counters, "syscalls", channel->n_syscalls);
}

static void
good_close(struct weir_channel *channel)
{
	if (!channel)
		return;
	close(channel->fd);
	free(channel);
}

WEIR_TRANSPORT = {
	WEIR_TRANSPORT_HEAD,
	.name = "good",
	.summary = "the least that a transport can be",
	.offer = good_offer,
	.join = good_join,
	.send = good_send,
	.recv = good_recv,
	.collect = good_collect,
	.close = good_close,
};
