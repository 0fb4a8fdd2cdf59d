/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pipes and FIFOs for transports: the calls that move bytes, the capacity,
 * and opening without a hang.
 *
 * Pipes have no MSG_DONTWAIT, and FIFOs no RWF_NOWAIT: whether a call may
 * wait is a state of the descriptor. It is changed only where waiting and
 * trying calls take turns, so that either kind alone is one system call.
 */
#ifndef PLUGINS_COMMON_FIFO_H
#define PLUGINS_COMMON_FIFO_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>

#include <weir/transport.h>

#include "plugins/common/call.h"
#include "plugins/common/wait.h"

/* The largest capacity that may be asked for. */
#define FIFO_BYTES_MAX (INT64_C(1) << 30)

/* Sets or clears O_NONBLOCK; -1 and errno. */
int fifo_set_nonblock(struct wait *w, bool nonblock);

static inline int
fifo_prepare(struct wait *w, unsigned how)
{
	bool nonblock = how & WAIT_NOWAIT;

	if (__builtin_expect(w->nonblock == nonblock, 1))
		return 0;
	w->n_syscalls++;
	return fifo_set_nonblock(w, nonblock);
}

/* Move bytes (wait_call). A write to a pipe without a reader raises SIGPIPE:
 * the process has to ignore it. */
static inline ssize_t
fifo_write(struct wait *w, struct iovec *iov, int n_iov, unsigned how)
{
	if (fifo_prepare(w, how) < 0)
		return -1;
	if (n_iov == 1)
		return call_write(w->fd, iov->iov_base, iov->iov_len);
	return writev(w->fd, iov, n_iov);
}

static inline ssize_t
fifo_read(struct wait *w, struct iovec *iov, int n_iov, unsigned how)
{
	(void)n_iov;
	if (fifo_prepare(w, how) < 0)
		return -1;
	return call_read(w->fd, iov->iov_base, iov->iov_len);
}

/* One packet; of one that is longer than there is room for, a length beyond
 * that room. */
static inline ssize_t
fifo_read_packet(struct wait *w, struct iovec *iov, int n_iov, unsigned how)
{
	unsigned char beyond;
	struct iovec both[2] = { *iov, { .iov_base = &beyond, .iov_len = 1 } };

	(void)n_iov;
	if (fifo_prepare(w, how) < 0)
		return -1;
	return call_readv(w->fd, both, 2);
}

/* Lets the pipe refer to the last of the parts; what comes before is copied.
 * This call has a flag of its own for not waiting. */
static inline ssize_t
fifo_splice(struct wait *w, struct iovec *iov, int n_iov, unsigned how)
{
	if (n_iov > 1)
		return fifo_write(w, iov, 1, how);
	return call_vmsplice(w->fd, iov,
			     how & WAIT_NOWAIT ? SPLICE_F_NONBLOCK : 0);
}

/* Sets the capacity of the pipe behind fd; 0 leaves the kernel's default.
 * Errors: EUNAVAILABLE with the sysctl that forbids it, ENOMEMORY, ESYSTEM. */
int fifo_set_bytes(int fd, uint64_t bytes,
		   struct weir_error *err) WEIR_MUST_USE;

/* Is this descriptor the end of a pipe, open for mode (O_RDONLY or O_WRONLY)
 * alone? Errors: EPROTOCOL. */
int fifo_check_end(int fd, int mode, struct weir_error *err) WEIR_MUST_USE;

/*
 * Opens a FIFO without waiting for another side and without following links;
 * *ret_fd does not block and is the caller's. mode is O_RDONLY, O_WRONLY
 * (fails where nobody reads) or O_RDWR (Linux's own: holds both ends).
 * Errors: EPEER (no FIFO, or no reader), EPROTOCOL (not a FIFO), ESYSTEM.
 */
int fifo_open(int directory_fd, const char *name, int mode, int *ret_fd,
	      struct weir_error *err) WEIR_MUST_USE;

#endif
