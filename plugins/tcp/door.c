/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/tcp/door.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugins/common/fd.h"
#include "plugins/common/wait.h"

#define BACKLOG 16

void
door_init(struct door *door)
{
	unsigned i;

	*door = (struct door){ .listen_fd = -1, .epoll_fd = -1 };
	for (i = 0; i < DOOR_CALLERS; i++)
		door->callers[i].fd = -1;
}

static void
caller_leave(struct door_caller *caller)
{
	fd_close(&caller->fd);
	*caller = (struct door_caller){ .fd = -1 };
}

void
door_close(struct door *door)
{
	unsigned i;

	for (i = 0; i < DOOR_CALLERS; i++)
		caller_leave(&door->callers[i]);
	fd_close(&door->epoll_fd);
	fd_close(&door->listen_fd);
	door_init(door);
}

static int
door_watch(struct door *door, int fd, struct weir_error *err)
{
	struct epoll_event event = { .events = EPOLLIN };

	if (epoll_ctl(door->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		return weir_error_errno(err, "cannot watch a socket");
	return WEIR_OK;
}

static int
door_listen(struct door *door, struct weir_error *err)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(to);

	if (bind(door->listen_fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		if (errno != EADDRNOTAVAIL)
			return weir_error_errno(err, "cannot bind a socket to "
						     "127.0.0.1");
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "this network namespace has no "
				      "127.0.0.1: bring its loopback up (ip "
				      "link set lo up) or take another "
				      "transport");
	}
	if (listen(door->listen_fd, BACKLOG) < 0 ||
	    getsockname(door->listen_fd, (struct sockaddr *)&to, &len) < 0)
		return weir_error_errno(err, "cannot listen on 127.0.0.1");
	door->address.port = ntohs(to.sin_port);
	return WEIR_OK;
}

int
door_open(struct door *door, const struct weir_setup *setup, int listen_fd,
	  struct weir_error *err)
{
	int rc;

	door_init(door);
	door->setup = setup;
	door->listen_fd = listen_fd;
	rc = address_init(&door->address, err);
	if (rc == WEIR_OK)
		rc = door_listen(door, err);
	if (rc == WEIR_OK) {
		door->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
		if (door->epoll_fd < 0)
			rc = weir_error_errno(err, "cannot create an epoll "
						   "instance");
	}
	if (rc == WEIR_OK)
		rc = door_watch(door, listen_fd, err);
	if (rc)
		door_close(door);
	return rc;
}

/* Somebody may be at the door. */
static int
door_answer(struct door *door, struct weir_error *err)
{
	struct door_caller *caller =
		&door->callers[door->n_callers % DOOR_CALLERS];
	int fd = accept4(door->listen_fd, NULL, NULL,
			 SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0) {
		if (errno == EAGAIN || errno == EINTR ||
		    errno == ECONNABORTED)
			return WEIR_OK;
		return weir_error_errno(err, "cannot accept a connection");
	}
	door->n_callers++;
	caller_leave(caller);
	caller->fd = fd;
	return door_watch(door, fd, err);
}

/* Has this caller said the token? One that has said something else, or hung
 * up, is shown the door. Not a byte beyond the token is read: what follows is
 * the first message. */
static bool
door_hear(struct door *door, struct door_caller *caller)
{
	ssize_t n;

	if (caller->fd < 0)
		return false;
	n = recv(caller->fd, caller->said + caller->n_said,
		 ADDRESS_TOKEN_BYTES - caller->n_said, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n > 0) {
		caller->n_said += (uint32_t)n;
		if (caller->n_said < ADDRESS_TOKEN_BYTES)
			return false;
		if (memcmp(caller->said, door->address.token,
			   ADDRESS_TOKEN_BYTES) == 0)
			return true;
	}
	door->setup->services->log(WEIR_LOG_WARN,
				   "a stranger has connected to port %u of "
				   "127.0.0.1, and was turned away",
				   door->address.port);
	caller_leave(caller);
	return false;
}

static int
door_admit(struct door *door, struct door_caller *caller, int *ret_fd,
	   struct weir_error *err)
{
	if (fcntl(caller->fd, F_SETFL, 0) < 0)
		return weir_error_errno(err, "cannot make a socket blocking");
	*ret_fd = caller->fd;
	caller->fd = -1;
	door_close(door);
	return WEIR_OK;
}

int
door_await(struct door *door, uint64_t deadline_ns, int *ret_fd,
	   struct weir_error *err)
{
	unsigned i;
	int rc;

	for (;;) {
		rc = wait_until(door->setup, door->epoll_fd, POLLIN,
				deadline_ns, "the client to connect", err);
		if (rc == WEIR_OK)
			rc = door_answer(door, err);
		if (rc)
			return rc;
		for (i = 0; i < DOOR_CALLERS; i++) {
			if (door_hear(door, &door->callers[i]))
				return door_admit(door, &door->callers[i],
						  ret_fd, err);
		}
	}
}
