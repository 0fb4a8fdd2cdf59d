/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's listening socket, and who is let in: the first that says the
 * token. Everybody on this machine can connect to the port, so callers are
 * heard side by side: one that says nothing, or something else, keeps nobody
 * waiting.
 */
#ifndef PLUGINS_TCP_DOOR_H
#define PLUGINS_TCP_DOOR_H

#include <stdint.h>

#include <weir/transport.h>

#include "plugins/tcp/address.h"

#define DOOR_CALLERS 8u /* heard at a time; the next takes the oldest's place */

struct door_caller {
	int fd; /* -1: nobody */
	uint32_t n_said;
	unsigned char said[ADDRESS_TOKEN_BYTES];
};

struct door {
	const struct weir_setup *setup; /* borrowed */
	int listen_fd;
	int epoll_fd; /* readable when somebody knocks or speaks */
	unsigned n_callers; /* since it was opened */
	struct door_caller callers[DOOR_CALLERS];
	struct address address;
};

/* Closed; door_close may be called. */
void door_init(struct door *door);

/* Takes a socket (also if it fails) and lets it listen on a port of 127.0.0.1
 * that the kernel chooses. Errors: EUNAVAILABLE, ESYSTEM. */
int door_open(struct door *door, const struct weir_setup *setup, int listen_fd,
	      struct weir_error *err) WEIR_MUST_USE;

/* Waits for the one that says the token; *ret_fd is the caller's and blocks.
 * Errors: ETIMEOUT, ECANCELED, ESYSTEM. */
int door_await(struct door *door, uint64_t deadline_ns, int *ret_fd,
	       struct weir_error *err) WEIR_MUST_USE;

/* Twice is once. */
void door_close(struct door *door);

#endif
