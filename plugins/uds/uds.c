/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uds: a Unix domain socket, as a stream of bytes with a length before each
 * message, or as a sequence of packets that the kernel keeps apart.
 *
 *	rendezvous = fd     socketpair; one end travels to the client
 *	rendezvous = path   a socket file: bound in offer, connected to in
 *	                    join, unlinked in accept
 */
#include <weir/transport.h>

#include "plugins/common/rendezvous.h"
#include "plugins/common/socket.h"
#include "plugins/common/stream.h"
#include "plugins/common/wait.h"

#include <assert.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define UDS_MAGIC 0x75647321u /* "uds!" */

#define TYPE_STREAM 0u
#define TYPE_SEQPACKET 1u

static const char *const type_choices[] = {
	[TYPE_STREAM] = "stream",
	[TYPE_SEQPACKET] = "seqpacket",
	NULL,
};

struct uds_options {
	uint32_t type;
	uint32_t wait;
	uint64_t spin_ns;
	uint64_t sndbuf;
	uint64_t rcvbuf;
	uint32_t rendezvous;
	const char *directory;
};

static const struct weir_option uds_rows[] = {
	{
		.name = "type", .type = WEIR_OPTION_CHOICE,
		.default_text = "stream", .choices = type_choices,
		.help = "kind of socket: stream (any message size; a length "
			"of 4 bytes goes before each message in the same "
			"call) or seqpacket (the kernel keeps the boundaries; "
			"a message must fit the send buffer, near 4 MiB at "
			"most)",
		.offset = offsetof(struct uds_options, type),
	},
	WAIT_OPTION_ROWS(struct uds_options),
	{
		.name = "sndbuf", .type = WEIR_OPTION_SIZE,
		.default_text = "0", .min = 0, .max = SOCKET_BUFFER_BYTES_MAX,
		.help = "SO_SNDBUF of both ends: how much may be on its way "
			"before a sender waits; 0 is the kernel's default "
			"(for seqpacket: as much as the message needs), and "
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

struct weir_channel {
	uint32_t magic;
	bool packets;         /* type = seqpacket */
	struct stream stream; /* of packets only its two waits are used */
	const struct weir_setup *setup;
	const struct uds_options *options;
	struct socket_buffers buffers;
	int fd;

	/* Host with rendezvous = path, until the client is accepted. */
	int listen_fd;
	int directory_fd;
	char name[RENDEZVOUS_NAME_BYTES]; /* "" when there is no file */
};

static int
uds_socket_type(const struct weir_channel *c)
{
	return c->packets ? SOCK_SEQPACKET : SOCK_STREAM;
}

/* For sentences and addresses. */
static const char *
uds_directory(const struct weir_channel *c)
{
	return rendezvous_directory(c->setup, c->options->directory);
}

/* Removes the socket file and all that was there to await the client. */
static void
uds_stop_listening(struct weir_channel *c)
{
	if (c->name[0] && unlinkat(c->directory_fd, c->name, 0) < 0 &&
	    errno != ENOENT)
		c->setup->services->log(WEIR_LOG_WARN,
					"cannot remove the socket file "
					"\"%s\": %s", c->name,
					strerror(errno));
	c->name[0] = '\0';
	if (c->listen_fd >= 0)
		close(c->listen_fd);
	c->listen_fd = -1;
	if (c->directory_fd >= 0)
		close(c->directory_fd);
	c->directory_fd = -1;
}

static void
uds_close(struct weir_channel *c)
{
	if (!c)
		return;
	assert(c->magic == UDS_MAGIC);
	c->magic = 0;
	uds_stop_listening(c);
	stream_fini(&c->stream);
	if (c->fd >= 0)
		close(c->fd);
	free(c);
}

/* A channel without a socket; finds the buffers that packets need, but where
 * the sockets come with their buffers set. */
static int
uds_create(const struct weir_setup *setup, bool fit,
	   struct weir_channel **ret_channel, struct weir_error *err)
{
	const struct uds_options *options = setup->options;
	struct weir_channel *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a uds channel");
	*c = (struct weir_channel){
		.magic = UDS_MAGIC,
		.packets = options->type == TYPE_SEQPACKET,
		.stream = STREAM_INITIALIZER,
		.setup = setup,
		.options = options,
		.buffers = { .sndbuf = options->sndbuf,
			     .rcvbuf = options->rcvbuf },
		.fd = -1,
		.listen_fd = -1,
		.directory_fd = -1,
	};
	if (c->packets && fit) {
		rc = socket_fit_packets(setup, &c->buffers, err);
		if (rc) {
			uds_close(c);
			return rc;
		}
	}
	*ret_channel = c;
	return WEIR_OK;
}

/* c->fd is connected: makes it ready for messages. */
static int
uds_start(struct weir_channel *c, struct weir_error *err)
{
	const struct uds_options *o = c->options;
	struct stream_setup how = {
		.tx_fd = c->fd,
		.rx_fd = c->fd,
		.tx_call = socket_stream_send,
		.rx_call = socket_stream_recv,
		.wait = o->wait,
		.spin_ns = o->spin_ns,
	};
	int rc;

	if (!c->packets)
		return stream_init(&c->stream, c->setup, &how, err);
	rc = wait_init(&c->stream.tx, c->setup, c->fd, POLLOUT,
		       socket_packet_send, o->wait, o->spin_ns, err);
	if (rc)
		return rc;
	return wait_init(&c->stream.rx, c->setup, c->fd, POLLIN,
			 socket_packet_recv, o->wait, o->spin_ns, err);
}

static int
uds_offer_fd(struct weir_channel *c, struct weir_offer *ret_offer,
	     struct weir_error *err)
{
	int pair[2];
	int rc;

	if (socketpair(AF_UNIX, uds_socket_type(c) | SOCK_CLOEXEC, 0, pair) <
	    0)
		return weir_error_errno(err, "cannot create a socket pair");
	c->fd = pair[0];
	rc = socket_set_buffers(pair[0], c->setup, &c->buffers, true, err);
	if (rc == WEIR_OK)
		rc = socket_set_buffers(pair[1], c->setup, &c->buffers, false,
					err);
	if (rc == WEIR_OK)
		rc = uds_start(c, err);
	if (rc) {
		close(pair[1]);
		return rc;
	}
	ret_offer->n_fds = 1;
	ret_offer->fds[0] = pair[1];
	return WEIR_OK;
}

static int
uds_offer_path(struct weir_channel *c, struct weir_offer *ret_offer,
	       struct weir_error *err)
{
	char name[RENDEZVOUS_NAME_BYTES];
	struct sockaddr_un address;
	int rc;

	rc = rendezvous_open_directory(c->setup, c->options->directory,
				       &c->directory_fd, err);
	if (rc == WEIR_OK)
		rc = rendezvous_make_name(c->setup, "uds", name, err);
	if (rc)
		return rc;
	c->listen_fd = socket(AF_UNIX,
			      uds_socket_type(c) | SOCK_CLOEXEC | SOCK_NONBLOCK,
			      0);
	/* The file inherits the mode of the socket: it is private from its
	 * first moment on, whatever the umask. */
	if (c->listen_fd < 0 || fchmod(c->listen_fd, 0600) < 0)
		return weir_error_errno(err, "cannot create a socket");
	socket_address(uds_directory(c), c->directory_fd, name, &address);
	if (bind(c->listen_fd, (struct sockaddr *)&address,
		 sizeof(address)) < 0)
		return weir_error_errno(err, "cannot create the socket file "
					     "\"%s\" in \"%s\"", name,
					uds_directory(c));
	memcpy(c->name, name, sizeof(name));
	rc = rendezvous_hand_over(c->directory_fd, name, S_IFSOCK, err);
	if (rc)
		return rc;
	if (listen(c->listen_fd, 1) < 0)
		return weir_error_errno(err, "cannot listen on the socket "
					     "file \"%s\"", name);
	snprintf(ret_offer->address, sizeof(ret_offer->address), "%s", name);
	return WEIR_OK;
}

static int
uds_offer(const struct weir_setup *setup, struct weir_offer *ret_offer,
	  struct weir_channel **ret_channel, struct weir_error *err)
{
	struct weir_channel *c;
	int rc = uds_create(setup, true, &c, err);

	if (rc)
		return rc;
	if (c->options->rendezvous == RENDEZVOUS_PATH)
		rc = uds_offer_path(c, ret_offer, err);
	else
		rc = uds_offer_fd(c, ret_offer, err);
	if (rc) {
		uds_close(c);
		return rc;
	}
	*ret_channel = c;
	return WEIR_OK;
}

static int
uds_join_fd(struct weir_channel *c, struct weir_offer *offer,
	    struct weir_error *err)
{
	int rc = rendezvous_check_fds(offer, 1, err);

	if (rc == WEIR_OK)
		rc = socket_check(offer->fds[0], uds_socket_type(c), err);
	if (rc)
		return rc;
	c->fd = offer->fds[0];
	rc = uds_start(c, err);
	if (rc)
		c->fd = -1; /* stays the core's */
	else
		offer->fds[0] = -1;
	return rc;
}

/* A connect that can't wait: the socket does not block, and Unix sockets
 * connect at once or fail. */
static int
uds_connect(struct weir_channel *c, int directory_fd, const char *name,
	    struct weir_error *err)
{
	struct sockaddr_un address;

	socket_address(uds_directory(c), directory_fd, name, &address);
	if (connect(c->fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		if (errno == ENOENT || errno == ECONNREFUSED ||
		    errno == EAGAIN)
			return weir_error_set(err, WEIR_EPEER,
					      "no host listens at the socket "
					      "file \"%s\" in \"%s\": %s",
					      name,
					      uds_directory(c),
					      strerror(errno));
		return weir_error_errno(err, "cannot connect to the socket "
					     "file \"%s\"", name);
	}
	if (fcntl(c->fd, F_SETFL, 0) < 0)
		return weir_error_errno(err, "cannot make a socket blocking");
	return WEIR_OK;
}

static int
uds_join_path(struct weir_channel *c, const struct weir_offer *offer,
	      struct weir_error *err)
{
	char name[RENDEZVOUS_NAME_BYTES];
	int directory_fd = -1;
	int rc;

	rc = rendezvous_check_fds(offer, 0, err);
	if (rc == WEIR_OK)
		rc = rendezvous_take_name(offer, name, err);
	if (rc == WEIR_OK)
		rc = rendezvous_open_directory(c->setup,
					       c->options->directory,
					       &directory_fd, err);
	if (rc)
		return rc;
	c->fd = socket(AF_UNIX,
		       uds_socket_type(c) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0)
		rc = weir_error_errno(err, "cannot create a socket");
	else
		rc = socket_set_buffers(c->fd, c->setup, &c->buffers, true,
					err);
	if (rc == WEIR_OK)
		rc = uds_connect(c, directory_fd, name, err);
	close(directory_fd);
	if (rc)
		return rc;
	return uds_start(c, err);
}

static int
uds_join(const struct weir_setup *setup, struct weir_offer *offer,
	 struct weir_channel **ret_channel, struct weir_error *err)
{
	const struct uds_options *options = setup->options;
	bool by_path = options->rendezvous == RENDEZVOUS_PATH;
	struct weir_channel *c;
	int rc = uds_create(setup, by_path, &c, err);

	if (rc)
		return rc;
	rc = by_path ? uds_join_path(c, offer, err)
		     : uds_join_fd(c, offer, err);
	if (rc) {
		uds_close(c);
		return rc;
	}
	*ret_channel = c;
	return WEIR_OK;
}

static int
uds_accept(struct weir_channel *c, uint64_t deadline_ns,
	   struct weir_error *err)
{
	int rc;

	assert(c->magic == UDS_MAGIC);
	if (c->listen_fd < 0)
		return WEIR_OK;
	while (c->fd < 0) {
		rc = wait_until(c->setup, c->listen_fd, POLLIN, deadline_ns,
				"the client to connect to the socket file",
				err);
		if (rc)
			return rc;
		c->fd = accept4(c->listen_fd, NULL, NULL, SOCK_CLOEXEC);
		if (c->fd < 0 && errno != EAGAIN && errno != EINTR &&
		    errno != ECONNABORTED)
			return weir_error_errno(err, "cannot accept the "
						     "client's connection");
	}
	uds_stop_listening(c);
	rc = socket_set_buffers(c->fd, c->setup, &c->buffers, true, err);
	if (rc)
		return rc;
	return uds_start(c, err);
}

static int
uds_send(struct weir_channel *c, const void *buf, size_t len, uint32_t flags)
{
	(void)flags;
	assert(c->magic == UDS_MAGIC);
	if (c->packets)
		return socket_send_message(&c->stream.tx, buf, len, 0);
	return stream_send(&c->stream, buf, len, 0);
}

static int
uds_recv(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len)
{
	assert(c->magic == UDS_MAGIC);
	if (c->packets)
		return socket_recv_message(&c->stream.rx, buf, cap, ret_len, 0);
	return stream_recv(&c->stream, buf, cap, ret_len, 0);
}

static int
uds_try_send(struct weir_channel *c, const void *buf, size_t len,
	     uint32_t flags)
{
	(void)flags;
	assert(c->magic == UDS_MAGIC);
	if (c->packets)
		return socket_send_message(&c->stream.tx, buf, len, WAIT_TRY);
	return stream_send(&c->stream, buf, len, WAIT_TRY);
}

static int
uds_try_recv(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len)
{
	assert(c->magic == UDS_MAGIC);
	if (c->packets)
		return socket_recv_message(&c->stream.rx, buf, cap, ret_len,
					   WAIT_TRY);
	return stream_recv(&c->stream, buf, cap, ret_len, WAIT_TRY);
}

static void
uds_collect(const struct weir_channel *c, struct weir_counters *ret_counters)
{
	assert(c->magic == UDS_MAGIC);
	stream_collect(&c->stream, ret_counters);
	weir_counters_add(ret_counters, "sndbuf_bytes",
			  socket_granted_bytes(c->fd, SO_SNDBUF));
	weir_counters_add(ret_counters, "rcvbuf_bytes",
			  socket_granted_bytes(c->fd, SO_RCVBUF));
}

WEIR_TRANSPORT = {
	WEIR_TRANSPORT_HEAD,
	.name = "uds",
	.summary = "Unix domain socket: stream or seqpacket, handed over or "
		   "met at a socket file",
	.capabilities = WEIR_CAP_TRY | WEIR_CAP_PATH,
	WEIR_TRANSPORT_OPTIONS(uds_rows, struct uds_options),
	.offer = uds_offer,
	.join = uds_join,
	.accept = uds_accept,
	.send = uds_send,
	.recv = uds_recv,
	.try_send = uds_try_send,
	.try_recv = uds_try_recv,
	.collect = uds_collect,
	.close = uds_close,
};
