/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets for transports: the calls that move bytes, the buffers, and the
 * largest packet.
 *
 * Sizes are counted as SO_SNDBUF takes them. The kernel doubles what it is
 * given, as it charges its own bookkeeping to the same buffer; granted sizes
 * are halved again, so that they compare with what was asked for.
 */
#ifndef PLUGINS_COMMON_SOCKET_H
#define PLUGINS_COMMON_SOCKET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <weir/transport.h>

#include "plugins/common/call.h"
#include "plugins/common/wait.h"

/* The largest buffer that may be asked for: the kernel doubles it into an
 * int. */
#define SOCKET_BUFFER_BYTES_MAX (INT64_C(512) << 20)

/* Bytes; 0 leaves the kernel's default. */
struct socket_buffers {
	uint64_t sndbuf;
	uint64_t rcvbuf;
};

/* Several packets by one call, of WAIT_MANY. */
ssize_t socket_packets_send(struct wait *w, struct iovec *iov, int n_iov,
			    unsigned how);
ssize_t socket_packets_recv(struct wait *w, struct iovec *iov, int n_iov,
			    unsigned how);

/* Stream of bytes (wait_call). Never SIGPIPE. */
static inline ssize_t
socket_stream_send(struct wait *w, struct iovec *iov, int n_iov, unsigned how)
{
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = (size_t)n_iov };
	int flags = MSG_NOSIGNAL | (how & WAIT_NOWAIT ? MSG_DONTWAIT : 0);

	if (n_iov == 1)
		return call_send(w->fd, iov->iov_base, iov->iov_len, flags);
	return sendmsg(w->fd, &msg, flags);
}

static inline ssize_t
socket_stream_recv(struct wait *w, struct iovec *iov, int n_iov, unsigned how)
{
	int flags = 0;

	(void)n_iov;
	if (how & WAIT_NOWAIT)
		flags = MSG_DONTWAIT;
	else if (how & WAIT_WHOLE)
		flags = MSG_WAITALL;
	return call_recv(w->fd, iov->iov_base, iov->iov_len, flags);
}

/* One packet (wait_call), n_iov = 1. The receive returns the packet's length
 * even where it is more than the buffer took; with WAIT_MANY it leaves that in
 * each iovec. */
static inline ssize_t
socket_packet_send(struct wait *w, struct iovec *iov, int n_iov, unsigned how)
{
	if (how & WAIT_MANY)
		return socket_packets_send(w, iov, n_iov, how);
	return call_send(w->fd, iov->iov_base, iov->iov_len,
		    MSG_NOSIGNAL | (how & WAIT_NOWAIT ? MSG_DONTWAIT : 0));
}

static inline ssize_t
socket_packet_recv(struct wait *w, struct iovec *iov, int n_iov, unsigned how)
{
	if (how & WAIT_MANY)
		return socket_packets_recv(w, iov, n_iov, how);
	return call_recv(w->fd, iov->iov_base, iov->iov_len,
		    MSG_TRUNC | (how & WAIT_NOWAIT ? MSG_DONTWAIT : 0));
}

/* Is this descriptor a connected Unix socket of that type (SOCK_STREAM …)?
 * Errors: EPROTOCOL. */
int socket_check(int fd, int type, struct weir_error *err) WEIR_MUST_USE;

/* The address of a file in a directory that is also open: its path where that
 * fits, else by way of the descriptor, as sun_path ends after 107 bytes. */
void socket_address(const char *directory, int directory_fd, const char *name,
		    struct sockaddr_un *ret_address);

/*
 * Sets the buffers of a socket, by force where the caller is allowed to. With
 * `warn`, a size that was not granted is logged, with the sysctl that limits
 * it. Errors: ESYSTEM.
 */
int socket_set_buffers(int fd, const struct weir_setup *setup,
		       const struct socket_buffers *buffers, bool warn,
		       struct weir_error *err) WEIR_MUST_USE;

/* Adds the counters sndbuf_bytes and rcvbuf_bytes: the sizes that the kernel
 * granted, 0 if unknown. */
void socket_collect(int fd, struct weir_counters *ret_counters);

/* A blocking send or receive gives up with EAGAIN after that long. Errors:
 * ESYSTEM. */
int socket_set_time_limit(int fd, unsigned ms,
			  struct weir_error *err) WEIR_MUST_USE;

/*
 * Finds buffers with which a socket of that type (SOCK_SEQPACKET or
 * SOCK_DGRAM) carries max_message_bytes, by sending such a message over a
 * socket pair of its own: raises buffers->sndbuf where it is 0 and the default
 * is too small. Errors: ETOOBIG with the limit, ENOMEMORY, ESYSTEM.
 */
int socket_fit_packets(const struct weir_setup *setup, int type,
		       struct socket_buffers *buffers,
		       struct weir_error *err) WEIR_MUST_USE;

#endif
