/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole messages over a seqpacket socketpair, for the transports of tests: its
 * ends, and send and recv with what their results mean to weir.
 */
#ifndef TESTS_E2E_PAIR_H
#define TESTS_E2E_PAIR_H

#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>

#include <weir/transport.h>

/* One end is *ret_fd, the other one goes to the client. */
static inline int
pair_open(struct weir_offer *ret_offer, int *ret_fd, struct weir_error *err)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		return weir_error_errno(err, "no socketpair");
	*ret_fd = fds[0];
	ret_offer->fds[0] = fds[1];
	ret_offer->n_fds = 1;
	return WEIR_OK;
}

static inline int
pair_join(struct weir_offer *offer)
{
	int fd = offer->fds[0];

	offer->fds[0] = -1;
	return fd;
}

/* Whether a system call was interrupted, and is to be made again. */
static inline bool
pair_again(const struct weir_setup *setup, ssize_t n)
{
	return n < 0 && errno == EINTR && !weir_canceled(setup);
}

static inline int
pair_outcome(const struct weir_setup *setup, ssize_t n)
{
	if (n > 0)
		return WEIR_OK;
	if (n < 0 && errno == EAGAIN)
		return WEIR_EAGAIN;
	if (n < 0 && errno == EINTR)
		return WEIR_ECANCELED;
	return weir_error_set(setup->fault, WEIR_EPEER,
			      "the other side has closed the channel");
}

static inline int
pair_send(const struct weir_setup *setup, int fd, const void *buf, size_t len,
	  int flags)
{
	ssize_t n;

	do
		n = send(fd, buf, len, MSG_NOSIGNAL | flags);
	while (pair_again(setup, n));
	return pair_outcome(setup, n);
}

static inline int
pair_recv(const struct weir_setup *setup, int fd, void *buf, size_t cap,
	  size_t *ret_len, int flags)
{
	ssize_t n;

	do
		n = recv(fd, buf, cap, flags);
	while (pair_again(setup, n));
	if (n > 0)
		*ret_len = (size_t)n;
	return pair_outcome(setup, n);
}

#endif
