/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/pipe/path.h"

#include "plugins/common/fd.h"
#include "plugins/common/fifo.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOINED_BYTE 'j'
#define FILE_NAME_BYTES (RENDEZVOUS_NAME_BYTES + 8)

static const char *const suffixes[2] = {
	[PIPE_DOWN] = "down",
	[PIPE_UP] = "up",
};

static void
path_file_name(const char *name, int which, char ret_file[FILE_NAME_BYTES])
{
	snprintf(ret_file, FILE_NAME_BYTES, "%s.%s", name, suffixes[which]);
}

static int
path_open(int directory_fd, const char *name, int which, int mode, int *ret_fd,
	  struct weir_error *err)
{
	char file[FILE_NAME_BYTES];

	path_file_name(name, which, file);
	return fifo_open(directory_fd, file, mode, ret_fd, err);
}

void
path_close(struct pipe *c)
{
	char file[FILE_NAME_BYTES];
	int i;

	for (i = PIPE_DOWN; i <= PIPE_UP; i++) {
		if (!c->made[i])
			continue;
		path_file_name(c->name, i, file);
		if (unlinkat(c->directory_fd, file, 0) < 0 && errno != ENOENT)
			c->channel.setup->services->log(WEIR_LOG_WARN,
						"cannot remove the FIFO "
						"\"%s\": %s", file,
						strerror(errno));
		c->made[i] = false;
	}
	fd_close(&c->holder_fd);
	fd_close(&c->directory_fd);
}

static int
path_make_file(struct pipe *c, int which, struct weir_error *err)
{
	char file[FILE_NAME_BYTES];

	path_file_name(c->name, which, file);
	if (mkfifoat(c->directory_fd, file, 0600) < 0)
		return weir_error_errno(err, "cannot create the FIFO \"%s\" "
					     "in \"%s\"", file,
					rendezvous_directory(
						c->channel.setup,
						c->options->directory));
	c->made[which] = true;
	return rendezvous_hand_over(c->directory_fd, file, S_IFIFO, err);
}

int
path_offer(struct pipe *c, struct weir_offer *ret_offer,
		struct weir_error *err)
{
	int rc;

	rc = rendezvous_open_directory(c->channel.setup, c->options->directory,
				       &c->directory_fd, err);
	if (rc == WEIR_OK)
		rc = rendezvous_make_name(c->channel.setup, "pipe", c->name,
					  err);
	if (rc == WEIR_OK)
		rc = path_make_file(c, PIPE_DOWN, err);
	if (rc == WEIR_OK)
		rc = path_make_file(c, PIPE_UP, err);
	if (rc == WEIR_OK)
		rc = path_open(c->directory_fd, c->name, PIPE_DOWN, O_RDWR,
			       &c->holder_fd, err);
	if (rc == WEIR_OK)
		rc = path_open(c->directory_fd, c->name, PIPE_DOWN, O_WRONLY,
			       &c->tx_fd, err);
	if (rc == WEIR_OK)
		rc = path_open(c->directory_fd, c->name, PIPE_UP, O_RDONLY,
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

int
path_join(struct pipe *c, const struct weir_offer *offer,
	       struct weir_error *err)
{
	char name[RENDEZVOUS_NAME_BYTES];
	int rc;

	rc = rendezvous_find(c->channel.setup, offer, c->options->directory,
			     name, &c->directory_fd, err);
	if (rc == WEIR_OK)
		rc = path_open(c->directory_fd, name, PIPE_DOWN, O_RDONLY,
			       &c->rx_fd, err);
	if (rc == WEIR_OK)
		rc = path_open(c->directory_fd, name, PIPE_UP, O_WRONLY,
			       &c->tx_fd, err);
	fd_close(&c->directory_fd);
	return rc;
}

int
path_tell(struct pipe *c, struct weir_error *err)
{
	static const char joined = JOINED_BYTE;

	/* The FIFO is empty: this does not wait. */
	if (write(c->tx_fd, &joined, 1) != 1)
		return weir_error_errno(err, "cannot tell the host through "
					     "its FIFO that this side has "
					     "joined");
	return WEIR_OK;
}

int
path_accept(struct pipe *c, uint64_t deadline_ns,
	    struct weir_error *err)
{
	char byte = 0;
	ssize_t n = -1;
	int rc;

	while (n < 0) {
		rc = wait_until(c->channel.setup, c->rx_fd, POLLIN, deadline_ns,
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
	path_close(c);
	return WEIR_OK;
}
