/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/uds/path.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "plugins/common/fd.h"
#include "plugins/common/wait.h"
#include "plugins/uds/channel.h"

/* For sentences and addresses. */
static const char *
path_directory(const struct uds *c)
{
	return rendezvous_directory(c->channel.setup, c->options->directory);
}

void
path_close(struct uds *c)
{
	if (c->name[0] && unlinkat(c->directory_fd, c->name, 0) < 0 &&
	    errno != ENOENT)
		c->channel.setup->services->log(WEIR_LOG_WARN,
					"cannot remove the socket file "
					"\"%s\": %s", c->name,
					strerror(errno));
	c->name[0] = '\0';
	fd_close(&c->listen_fd);
	fd_close(&c->directory_fd);
}

int
path_offer(struct uds *c, struct weir_offer *ret_offer,
	   struct weir_error *err)
{
	char name[RENDEZVOUS_NAME_BYTES];
	struct sockaddr_un address;
	int rc;

	rc = rendezvous_open_directory(c->channel.setup, c->options->directory,
				       &c->directory_fd, err);
	if (rc == WEIR_OK)
		rc = rendezvous_make_name(c->channel.setup, "uds", name, err);
	if (rc)
		return rc;
	c->listen_fd = socket(AF_UNIX,
			      c->type | SOCK_CLOEXEC | SOCK_NONBLOCK,
			      0);
	/* The file inherits the mode of the socket: it is private from its
	 * first moment on, whatever the umask. */
	if (c->listen_fd < 0 || fchmod(c->listen_fd, 0600) < 0)
		return weir_error_errno(err, "cannot create a socket");
	socket_address(path_directory(c), c->directory_fd, name, &address);
	if (bind(c->listen_fd, (struct sockaddr *)&address,
		 sizeof(address)) < 0)
		return weir_error_errno(err, "cannot create the socket file "
					     "\"%s\" in \"%s\"", name,
					path_directory(c));
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

/* A connect that can't wait: the socket does not block, and Unix sockets
 * connect at once or fail. */
static int
path_connect(struct uds *c, int directory_fd, const char *name,
	     struct weir_error *err)
{
	struct sockaddr_un address;

	socket_address(path_directory(c), directory_fd, name, &address);
	if (connect(c->fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		if (errno == ENOENT || errno == ECONNREFUSED ||
		    errno == EAGAIN)
			return weir_error_set(err, WEIR_EPEER,
					      "no host listens at the socket "
					      "file \"%s\" in \"%s\": %s",
					      name,
					      path_directory(c),
					      strerror(errno));
		return weir_error_errno(err, "cannot connect to the socket "
					     "file \"%s\"", name);
	}
	if (fcntl(c->fd, F_SETFL, 0) < 0)
		return weir_error_errno(err, "cannot make a socket blocking");
	return WEIR_OK;
}

int
path_join(struct uds *c, const struct weir_offer *offer,
	  struct weir_error *err)
{
	char name[RENDEZVOUS_NAME_BYTES];
	int directory_fd = -1;
	int rc;

	rc = rendezvous_find(c->channel.setup, offer, c->options->directory,
			     name, &directory_fd, err);
	if (rc)
		return rc;
	c->fd = socket(AF_UNIX,
		       c->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0)
		rc = weir_error_errno(err, "cannot create a socket");
	else
		rc = socket_set_buffers(c->fd, c->channel.setup, &c->buffers,
					true, err);
	if (rc == WEIR_OK)
		rc = path_connect(c, directory_fd, name, err);
	close(directory_fd);
	return rc;
}

int
path_accept(struct uds *c, uint64_t deadline_ns,
	    struct weir_error *err)
{
	int rc;

	while (c->fd < 0) {
		rc = wait_until(c->channel.setup, c->listen_fd, POLLIN,
				deadline_ns,
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
	path_close(c);
	return socket_set_buffers(c->fd, c->channel.setup, &c->buffers, true,
				  err);
}
