/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipe: two pipes, one each way, in which stream.h keeps messages apart.
 *
 *	rendezvous = fd     pipe2 twice; the client's two ends travel to it
 *	rendezvous = path   two FIFOs, NAME.down (to the client) and NAME.up
 *
 * FIFOs without a hang: the host opens its ends in offer, where "down" has a
 * reader in the holder, a descriptor that is open for both; so the client can
 * open its own at any time. It then writes one byte into "up". On that byte
 * accept closes the holder and unlinks the files: from there on each end is
 * held once, and the death of either side is an end of file or EPIPE to the
 * other.
 *
 * SIGPIPE is ignored by the process that loads this module: there is no way
 * to write to a pipe without it.
 */
#include <weir/transport.h>

#include "plugins/common/direct.h"
#include "plugins/common/fd.h"
#include "plugins/common/fifo.h"
#include "plugins/common/rendezvous.h"
#include "plugins/common/stream.h"
#include "plugins/common/wait.h"

#include <assert.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIPE_MAGIC 0x70697065u /* "pipe" */
#define JOINED_BYTE 'j'
#define FILE_NAME_BYTES (RENDEZVOUS_NAME_BYTES + 8)

/* Indices of the files and of the descriptors in an offer: what the client
 * reads from, what it writes to. */
#define DOWN 0
#define UP 1

static const char *const suffixes[2] = { [DOWN] = "down", [UP] = "up" };

struct pipe_options {
	uint64_t pipe_size;
	uint32_t wait;
	uint64_t spin_ns;
	uint32_t rendezvous;
	const char *directory;
};

static const struct weir_option pipe_rows[] = {
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

struct weir_channel {
	uint32_t magic;
	struct stream stream;
	const struct weir_setup *setup;
	const struct pipe_options *options;
	int tx_fd;
	int rx_fd;

	/* Host with rendezvous = path, until the client has joined. */
	int holder_fd;
	int directory_fd;
	char name[RENDEZVOUS_NAME_BYTES];
	bool made[2]; /* this FIFO is there */
};

static void
pipe_file_name(const char *name, int which, char ret_file[FILE_NAME_BYTES])
{
	snprintf(ret_file, FILE_NAME_BYTES, "%s.%s", name, suffixes[which]);
}

static int
pipe_open(int directory_fd, const char *name, int which, int mode, int *ret_fd,
	  struct weir_error *err)
{
	char file[FILE_NAME_BYTES];

	pipe_file_name(name, which, file);
	return fifo_open(directory_fd, file, mode, ret_fd, err);
}

/* Removes the FIFOs and all that was there to await the client. */
static void
pipe_stop_waiting(struct weir_channel *c)
{
	char file[FILE_NAME_BYTES];
	int i;

	for (i = DOWN; i <= UP; i++) {
		if (!c->made[i])
			continue;
		pipe_file_name(c->name, i, file);
		if (unlinkat(c->directory_fd, file, 0) < 0 && errno != ENOENT)
			c->setup->services->log(WEIR_LOG_WARN,
						"cannot remove the FIFO "
						"\"%s\": %s", file,
						strerror(errno));
		c->made[i] = false;
	}
	fd_close(&c->holder_fd);
	fd_close(&c->directory_fd);
}

static void
pipe_close(struct weir_channel *c)
{
	if (!c)
		return;
	assert(c->magic == PIPE_MAGIC);
	c->magic = 0;
	pipe_stop_waiting(c);
	stream_fini(&c->stream);
	fd_close(&c->tx_fd);
	fd_close(&c->rx_fd);
	free(c);
}

static int
pipe_create(const struct weir_setup *setup, struct weir_channel **ret_channel,
	    struct weir_error *err)
{
	struct weir_channel *c = calloc(1, sizeof(*c));

	if (!c)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a pipe channel");
	*c = (struct weir_channel){
		.magic = PIPE_MAGIC,
		.stream = STREAM_INITIALIZER,
		.setup = setup,
		.options = setup->options,
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
pipe_start(struct weir_channel *c, struct weir_error *err)
{
	bool nonblock = c->options->wait != WAIT_BLOCK;
	struct stream_setup how = {
		.tx_fd = c->tx_fd,
		.rx_fd = c->rx_fd,
		.tx_call = fifo_write,
		.rx_call = fifo_read,
		.wait = c->options->wait,
		.spin_ns = c->options->spin_ns,
	};
	int rc = stream_init(&c->stream, c->setup, &how, err);

	if (rc)
		return rc;
	if (fifo_set_nonblock(&c->stream.tx, nonblock) < 0 ||
	    fifo_set_nonblock(&c->stream.rx, nonblock) < 0)
		return weir_error_errno(err, "cannot set the mode of a pipe");
	return WEIR_OK;
}

static int
pipe_offer_fd(struct weir_channel *c, struct weir_offer *ret_offer,
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
	ret_offer->fds[DOWN] = down[0];
	ret_offer->fds[UP] = up[1];
	return WEIR_OK;
}

static int
pipe_make_file(struct weir_channel *c, int which, struct weir_error *err)
{
	char file[FILE_NAME_BYTES];

	pipe_file_name(c->name, which, file);
	if (mkfifoat(c->directory_fd, file, 0600) < 0)
		return weir_error_errno(err, "cannot create the FIFO \"%s\" "
					     "in \"%s\"", file,
					rendezvous_directory(
						c->setup,
						c->options->directory));
	c->made[which] = true;
	return rendezvous_hand_over(c->directory_fd, file, S_IFIFO, err);
}

static int
pipe_offer_path(struct weir_channel *c, struct weir_offer *ret_offer,
		struct weir_error *err)
{
	int rc;

	rc = rendezvous_open_directory(c->setup, c->options->directory,
				       &c->directory_fd, err);
	if (rc == WEIR_OK)
		rc = rendezvous_make_name(c->setup, "pipe", c->name, err);
	if (rc == WEIR_OK)
		rc = pipe_make_file(c, DOWN, err);
	if (rc == WEIR_OK)
		rc = pipe_make_file(c, UP, err);
	if (rc == WEIR_OK)
		rc = pipe_open(c->directory_fd, c->name, DOWN, O_RDWR,
			       &c->holder_fd, err);
	if (rc == WEIR_OK)
		rc = pipe_open(c->directory_fd, c->name, DOWN, O_WRONLY,
			       &c->tx_fd, err);
	if (rc == WEIR_OK)
		rc = pipe_open(c->directory_fd, c->name, UP, O_RDONLY,
			       &c->rx_fd, err);
	if (rc == WEIR_OK)
		rc = fifo_set_bytes(c->tx_fd, c->options->pipe_size, err);
	if (rc == WEIR_OK)
		rc = fifo_set_bytes(c->rx_fd, c->options->pipe_size, err);
	if (rc)
		return rc;
	snprintf(ret_offer->address, sizeof(ret_offer->address), "%s",
		 c->name);
	return WEIR_OK;
}

static int
pipe_offer(const struct weir_setup *setup, struct weir_offer *ret_offer,
	   struct weir_channel **ret_channel, struct weir_error *err)
{
	struct weir_channel *c;
	int rc = pipe_create(setup, &c, err);

	if (rc)
		return rc;
	if (c->options->rendezvous == RENDEZVOUS_PATH)
		rc = pipe_offer_path(c, ret_offer, err);
	else
		rc = pipe_offer_fd(c, ret_offer, err);
	if (rc) {
		pipe_close(c);
		return rc;
	}
	*ret_channel = c;
	return WEIR_OK;
}

static int
pipe_join_fd(struct weir_channel *c, struct weir_offer *offer,
	     struct weir_error *err)
{
	int rc = rendezvous_check_fds(offer, 2, err);

	if (rc == WEIR_OK)
		rc = fifo_check_end(offer->fds[DOWN], O_RDONLY, err);
	if (rc == WEIR_OK)
		rc = fifo_check_end(offer->fds[UP], O_WRONLY, err);
	if (rc)
		return rc;
	c->rx_fd = offer->fds[DOWN];
	c->tx_fd = offer->fds[UP];
	rc = pipe_start(c, err);
	if (rc) { /* they stay the core's */
		c->rx_fd = -1;
		c->tx_fd = -1;
		return rc;
	}
	offer->fds[DOWN] = -1;
	offer->fds[UP] = -1;
	return WEIR_OK;
}

static int
pipe_join_path(struct weir_channel *c, const struct weir_offer *offer,
	       struct weir_error *err)
{
	static const char joined = JOINED_BYTE;
	char name[RENDEZVOUS_NAME_BYTES];
	int rc;

	rc = rendezvous_find(c->setup, offer, c->options->directory, name,
			     &c->directory_fd, err);
	if (rc == WEIR_OK)
		rc = pipe_open(c->directory_fd, name, DOWN, O_RDONLY,
			       &c->rx_fd, err);
	if (rc == WEIR_OK)
		rc = pipe_open(c->directory_fd, name, UP, O_WRONLY, &c->tx_fd,
			       err);
	fd_close(&c->directory_fd);
	if (rc)
		return rc;
	/* The FIFO is empty and does not block. */
	if (write(c->tx_fd, &joined, 1) != 1)
		return weir_error_errno(err, "cannot tell the host through "
					     "its FIFO that this side has "
					     "joined");
	return pipe_start(c, err);
}

static int
pipe_join(const struct weir_setup *setup, struct weir_offer *offer,
	  struct weir_channel **ret_channel, struct weir_error *err)
{
	struct weir_channel *c;
	int rc = pipe_create(setup, &c, err);

	if (rc)
		return rc;
	if (c->options->rendezvous == RENDEZVOUS_PATH)
		rc = pipe_join_path(c, offer, err);
	else
		rc = pipe_join_fd(c, offer, err);
	if (rc) {
		pipe_close(c);
		return rc;
	}
	*ret_channel = c;
	return WEIR_OK;
}

static int
pipe_accept(struct weir_channel *c, uint64_t deadline_ns,
	    struct weir_error *err)
{
	char byte = 0;
	ssize_t n = -1;
	int rc;

	assert(c->magic == PIPE_MAGIC);
	if (c->holder_fd < 0)
		return WEIR_OK;
	while (n < 0) {
		rc = wait_until(c->setup, c->rx_fd, POLLIN, deadline_ns,
				"the client to open its FIFOs", err);
		if (rc)
			return rc;
		n = read(c->rx_fd, &byte, 1);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return weir_error_errno(err, "cannot read from the "
						     "client's FIFO");
	}
	if (n == 0)
		return weir_error_set(err, WEIR_EPEER,
				      "the client has closed its FIFOs before "
				      "the channel was complete");
	if (byte != JOINED_BYTE)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "the client's first byte in its FIFO is "
				      "not the one that says it has joined");
	pipe_stop_waiting(c);
	return pipe_start(c, err);
}

static int
pipe_send(struct weir_channel *c, const void *buf, size_t len, uint32_t flags)
{
	(void)flags;
	assert(c->magic == PIPE_MAGIC);
	return direct_stream_send(&c->stream, buf, len, fifo_write);
}

static int
pipe_recv(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len)
{
	assert(c->magic == PIPE_MAGIC);
	return direct_stream_recv(&c->stream, buf, cap, ret_len, fifo_read);
}

static int
pipe_try_send(struct weir_channel *c, const void *buf, size_t len,
	      uint32_t flags)
{
	(void)flags;
	assert(c->magic == PIPE_MAGIC);
	return stream_send(&c->stream, buf, len, WAIT_TRY);
}

static int
pipe_try_recv(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len)
{
	assert(c->magic == PIPE_MAGIC);
	return stream_recv(&c->stream, buf, cap, ret_len, WAIT_TRY);
}

static int
pipe_recv_until(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len,
	       uint64_t deadline_ns)
{
	c->stream.rx.until_ns = deadline_ns;
	return stream_recv(&c->stream, buf, cap, ret_len, WAIT_UNTIL);
}

static int
pipe_send_many(struct weir_channel *c, const void *buf, size_t stride,
	       size_t len, size_t n)
{
	assert(c->magic == PIPE_MAGIC);
	return stream_send_many(&c->stream, buf, stride, len, n);
}

static int
pipe_recv_many(struct weir_channel *c, void *buf, size_t stride, size_t cap,
	       size_t n, size_t *ret_lens, size_t *ret_n)
{
	assert(c->magic == PIPE_MAGIC);
	return stream_recv_many(&c->stream, buf, stride, cap, n, ret_lens,
				ret_n);
}

static void
pipe_collect(const struct weir_channel *c, struct weir_counters *ret_counters)
{
	int granted = fcntl(c->tx_fd, F_GETPIPE_SZ);

	assert(c->magic == PIPE_MAGIC);
	stream_collect(&c->stream, ret_counters);
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
	.try_recv = pipe_try_recv,
	.recv_until = pipe_recv_until,
	.send_many = pipe_send_many,
	.recv_many = pipe_recv_many,
	.collect = pipe_collect,
	.close = pipe_close,
};
