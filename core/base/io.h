/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole reads and writes, and descriptors over Unix sockets. All of them
 * restart after EINTR and never raise SIGPIPE on sockets.
 */
#ifndef CORE_BASE_IO_H
#define CORE_BASE_IO_H

#include <stddef.h>
#include <stdint.h>

#include <weir/error.h>

/* Writes all of it to a file or pipe; a non-blocking fd is waited for, and
 * WEIR_ETIMEOUT if it takes nothing for 30 s. The error names `what` (as
 * "results file x.json"). */
WEIR_MUST_USE int io_write_all(int fd, const void *buf, size_t len,
			       const char *what, struct weir_error *err);

/*
 * Reads a whole regular file of at most max_bytes into fresh memory with a
 * NUL behind it. *ret_text is freed by the caller; *ret_len is without the
 * NUL. Not regular, or larger: WEIR_EINVALID. Missing or unreadable:
 * WEIR_EINVALID too, with the errno text; the error begins with the path.
 */
WEIR_MUST_USE int io_read_file(const char *path, size_t max_bytes,
			       char **ret_text, size_t *ret_len,
			       struct weir_error *err);

/*
 * Reads a small file of /proc or /sys into a buffer; the trailing newline is
 * cut, and so is what does not fit. Returns the length, or -1 (errno set) and
 * an empty string.
 */
long io_read_small(const char *path, char *buf, size_t cap);

/* Makes a directory and its missing parents (mode 0777 less umask). The error
 * names the part of the path that can't be made. */
WEIR_MUST_USE int io_make_directories(const char *path,
				      struct weir_error *err);

/* Most descriptors of one message: the kernel's SCM_MAX_FD. */
#define IO_FDS_MAX 253

/* Sends len bytes, the first of them accompanied by n_fds descriptors (which
 * stay the caller's), on a stream socket; waits until the deadline where the
 * socket is full. ETIMEOUT, EPEER (the other side has closed), ESYSTEM;
 * EINVALID for descriptors without a byte or more than IO_FDS_MAX. */
WEIR_MUST_USE int io_send_fds(int socket, const void *buf, size_t len,
			      const int *fds, unsigned n_fds,
			      uint64_t deadline_ns, struct weir_error *err);

/*
 * Receives up to cap bytes without waiting, and the descriptors that came
 * with them (close-on-exec, the caller's; appended at ret_fds[*n_fds] up to
 * max_fds). Where further ones came, or the kernel could not deliver all,
 * those of this call are closed, its bytes are lost, and it is
 * WEIR_EPROTOCOL. *ret_len = 0 with WEIR_OK is the end of the stream;
 * WEIR_EAGAIN where nothing is there; EPEER after a reset.
 */
WEIR_MUST_USE int io_receive_fds(int socket, void *buf, size_t cap,
				 size_t *ret_len, int *ret_fds,
				 unsigned max_fds, unsigned *n_fds,
				 struct weir_error *err);

#endif
