/* SPDX-License-Identifier: Apache-2.0 */
/* A transport out of the tree: packets over a Unix socket pair. It knows
 * nothing but the installed header. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <weir/transport.h>

struct tiny_options {
	uint64_t sndbuf;
};

static const struct weir_option rows[] = {
	{ .name = "sndbuf", .type = WEIR_OPTION_SIZE, .default_text = "64Ki",
	  .help = "send buffer of both ends", .min = 4096, .max = 1 << 20,
	  .offset = offsetof(struct tiny_options, sndbuf) },
};

struct weir_channel {
	const struct weir_setup *setup;
	int fd;
	uint64_t n_messages;
};

static int
make(const struct weir_setup *setup, int fd, struct weir_channel **ret_channel,
     struct weir_error *err)
{
	const struct tiny_options *options = setup->options;
	int bytes = (int)options->sndbuf;
	struct weir_channel *channel;

	if (setup->max_message_bytes > options->sndbuf)
		return weir_error_set(err, WEIR_ETOOBIG,
				      "a message of %llu bytes is larger than "
				      "sndbuf, which is %d",
				      (unsigned long long)
				      setup->max_message_bytes, bytes);
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)) != 0)
		return weir_error_errno(err, "SO_SNDBUF can't be set");
	channel = calloc(1, sizeof(*channel));
	if (!channel)
		return weir_error_errno(err, "no memory for a channel");
	channel->setup = setup;
	channel->fd = fd;
	*ret_channel = channel;
	return WEIR_OK;
}

static int
tiny_offer(const struct weir_setup *setup, struct weir_offer *ret_offer,
	   struct weir_channel **ret_channel, struct weir_error *err)
{
	int fds[2], status;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		return weir_error_errno(err, "a socket pair can't be made");
	status = make(setup, fds[0], ret_channel, err);
	if (status) {
		close(fds[0]);
		close(fds[1]);
		return status;
	}
	ret_offer->fds[0] = fds[1];
	ret_offer->n_fds = 1;
	return WEIR_OK;
}

static int
tiny_join(const struct weir_setup *setup, struct weir_offer *offer,
	  struct weir_channel **ret_channel, struct weir_error *err)
{
	int status;

	if (offer->n_fds != 1)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "the offer is not one descriptor");
	status = make(setup, offer->fds[0], ret_channel, err);
	if (status == WEIR_OK)
		offer->fds[0] = -1;
	return status;
}

/* WEIR_OK: done; EAGAIN: call again. */
static int
outcome(struct weir_channel *channel, ssize_t n)
{
	channel->n_messages += n > 0;
	if (n > 0)
		return WEIR_OK;
	if (n < 0 && errno == EINTR)
		return weir_canceled(channel->setup) ? WEIR_ECANCELED :
						       WEIR_EAGAIN;
	return weir_error_set(channel->setup->fault, WEIR_EPEER,
			      "the other side has closed its socket");
}

static int
tiny_send(struct weir_channel *channel, const void *buf, size_t len,
	  uint32_t flags)
{
	int status;

	(void)flags;
	do
		status = outcome(channel, send(channel->fd, buf, len,
					       MSG_NOSIGNAL));
	while (status == WEIR_EAGAIN);
	return status;
}

static int
tiny_recv(struct weir_channel *channel, void *buf, size_t cap, size_t *ret_len)
{
	ssize_t n;
	int status;

	do {
		n = recv(channel->fd, buf, cap, 0);
		status = outcome(channel, n);
	} while (status == WEIR_EAGAIN);
	if (status == WEIR_OK)
		*ret_len = (size_t)n;
	return status;
}

static void
tiny_collect(const struct weir_channel *channel,
	     struct weir_counters *ret_counters)
{
	weir_counters_add(ret_counters, "tiny_messages", channel->n_messages);
}

static void
tiny_close(struct weir_channel *channel)
{
	if (channel)
		close(channel->fd);
	free(channel);
}

WEIR_TRANSPORT = {
	WEIR_TRANSPORT_HEAD, .name = "tiny", .summary = "a test's own",
	WEIR_TRANSPORT_OPTIONS(rows, struct tiny_options),
	.offer = tiny_offer, .join = tiny_join, .send = tiny_send,
	.recv = tiny_recv, .collect = tiny_collect, .close = tiny_close,
};
