/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole messages over a seqpacket socketpair, for the transports of tests:
 * offer and join, and send and recv with what their results mean to weir.
 */
#ifndef TESTS_E2E_PAIR_H
#define TESTS_E2E_PAIR_H

#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include <weir/transport.h>

/* A transport's own: a channel over this end, which it takes on success. */
typedef int pair_make_fn(const struct weir_setup *setup, int fd,
			 struct weir_channel **ret_channel,
			 struct weir_error *err);

/* Offers the other end to the client. */
static inline int
pair_offer(const struct weir_setup *setup, struct weir_offer *ret_offer,
	   pair_make_fn *make, struct weir_channel **ret_channel,
	   struct weir_error *err)
{
	int fds[2], status;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		return weir_error_errno(err, "no socketpair");
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

static inline int
pair_join(const struct weir_setup *setup, struct weir_offer *offer,
	  pair_make_fn *make, struct weir_channel **ret_channel,
	  struct weir_error *err)
{
	int status = make(setup, offer->fds[0], ret_channel, err);

	if (status == WEIR_OK)
		offer->fds[0] = -1;
	return status;
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
