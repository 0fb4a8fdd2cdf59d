/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"

#define IO_STALL_NS (30 * NS_PER_S)

/* Waits until fd can be written to, or is broken, which the next write
 * tells. False when the deadline has passed, or poll failed (errno set). */
static bool
io_wait_writable(int fd, uint64_t deadline_ns)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	for (;;) {
		int n = poll(&p, 1, clock_poll_timeout_ms(deadline_ns));

		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
		if (n == 0 && clock_now_ns() >= deadline_ns) {
			errno = ETIMEDOUT;
			return false;
		}
	}
}

static bool
io_is_socket(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

int
io_write_all(int fd, const void *buf, size_t len, const char *what,
	     struct weir_error *err)
{
	/* Standard output may be a socket, whose SIGPIPE can be avoided. */
	bool is_socket = io_is_socket(fd);
	const char *at = buf;

	while (len > 0) {
		ssize_t n = is_socket ? send(fd, at, len, MSG_NOSIGNAL) :
					write(fd, at, len);

		if (n > 0) {
			at += n;
			len -= (size_t)n;
		} else if (n == 0) {
			errno = ENOSPC;
			return weir_error_errno(err, "cannot write %s", what);
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			if (io_wait_writable(fd,
					     clock_deadline_ns(IO_STALL_NS)))
				continue;
			if (errno != ETIMEDOUT)
				return weir_error_errno(err, "cannot write %s",
							what);
			return weir_error_set(err, WEIR_ETIMEOUT,
					      "cannot write %s: its reader "
					      "took nothing for 30 s",
					      what);
		} else if (errno != EINTR) {
			return weir_error_errno(err, "cannot write %s", what);
		}
	}
	return WEIR_OK;
}

/* Reads until cap bytes or the end; -1 with errno. */
static ssize_t
io_read_up_to(int fd, char *buf, size_t cap)
{
	size_t used = 0;

	while (used < cap) {
		ssize_t n = read(fd, buf + used, cap - used);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	return (ssize_t)used;
}

static int
io_cannot_read(const char *path, struct weir_error *err)
{
	return weir_error_set(err, WEIR_EINVALID, "%s: cannot be read: %s",
			      path, strerror(errno));
}

static int
io_too_large(const char *path, size_t max_bytes, struct weir_error *err)
{
	return weir_error_set(err, WEIR_EINVALID,
			      "%s: is larger than %zu bytes, the most that is "
			      "read of such a file",
			      path, max_bytes);
}

/* Reads up to max_bytes + 1 bytes, so that one too many shows; the first
 * guess is the size that the file admits to (0 in /proc). */
static int
io_read_growing(int fd, const char *path, size_t guess, size_t max_bytes,
		char **ret_text, size_t *ret_len, struct weir_error *err)
{
	cleanup_free char *text = NULL;
	size_t cap = guess + 1 < 4096 ? 4096 : guess + 1;
	size_t len = 0;

	for (;;) {
		char *grown;
		ssize_t n;

		if (cap > max_bytes + 1)
			cap = max_bytes + 1;
		grown = realloc(text, cap + 1);
		if (!grown)
			return weir_error_set(err, WEIR_ENOMEMORY,
					      "%s: no memory for %zu bytes",
					      path, cap + 1);
		text = grown;
		n = io_read_up_to(fd, text + len, cap - len);
		if (n < 0)
			return io_cannot_read(path, err);
		len += (size_t)n;
		if (len > max_bytes)
			return io_too_large(path, max_bytes, err);
		if (len < cap)
			break;
		cap *= 2;
	}
	text[len] = '\0';
	*ret_len = len;
	*ret_text = cleanup_take(text);
	return WEIR_OK;
}

int
io_read_file(const char *path, size_t max_bytes, char **ret_text,
	     size_t *ret_len, struct weir_error *err)
{
	cleanup_close int fd = -1;
	struct stat st;

	/* Non-blocking: the open of a FIFO without a writer would wait. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0)
		return io_cannot_read(path, err);
	if (S_ISDIR(st.st_mode))
		return weir_error_set(err, WEIR_EINVALID,
				      "%s: is a directory, not a file", path);
	if (!S_ISREG(st.st_mode))
		return weir_error_set(err, WEIR_EINVALID,
				      "%s: is not a regular file", path);
	if (st.st_size > 0 && (uintmax_t)st.st_size > max_bytes)
		return io_too_large(path, max_bytes, err);
	return io_read_growing(fd, path, (size_t)st.st_size, max_bytes,
			       ret_text, ret_len, err);
}

long
io_read_small(const char *path, char *buf, size_t cap)
{
	cleanup_close int fd = -1;
	ssize_t n;

	buf[0] = '\0';
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -1;
	n = io_read_up_to(fd, buf, cap - 1);
	if (n < 0) {
		buf[0] = '\0';
		return -1;
	}
	if (n > 0 && buf[n - 1] == '\n')
		n--;
	buf[n] = '\0';
	return n;
}

static bool
io_is_directory(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return false;
	if (S_ISDIR(st.st_mode))
		return true;
	errno = ENOTDIR;
	return false;
}

int
io_make_directories(const char *path, struct weir_error *err)
{
	cleanup_free char *part = strdup(path);
	size_t len = strlen(path);

	if (!part)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for the path %s", path);
	if (len == 0)
		return weir_error_set(err, WEIR_EINVALID,
				      "the name of a directory is empty");
	for (size_t i = 1; i <= len; i++) {
		char after = part[i];
		int why;

		if ((after != '/' && after != '\0') || part[i - 1] == '/')
			continue;
		part[i] = '\0';
		/* What exists may also answer EROFS or EACCES: look, whatever
		 * the reason, and report the first one if it is not there. */
		if (mkdir(part, 0777) < 0) {
			why = errno;
			if (!io_is_directory(part)) {
				errno = why == EEXIST ? errno : why;
				return weir_error_errno(
					err, "cannot make the directory %s",
					part);
			}
		}
		part[i] = after;
	}
	return WEIR_OK;
}

/* Room for the descriptors of one message, aligned as the kernel wants. */
union io_control {
	struct cmsghdr align;
	char room[CMSG_SPACE(IO_FDS_MAX * sizeof(int))];
};

static void
io_attach_fds(struct msghdr *msg, union io_control *control, const int *fds,
	      unsigned n_fds)
{
	struct cmsghdr *c = &control->align;

	memset(control, 0, sizeof(*control));
	msg->msg_control = control;
	msg->msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
	memcpy(CMSG_DATA(c), fds, n_fds * sizeof(int));
}

static int
io_socket_error(const char *doing, struct weir_error *err)
{
	if (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN)
		return weir_error_set(err, WEIR_EPEER,
				      "the other side has closed the "
				      "connection");
	return weir_error_errno(err, "cannot %s", doing);
}

int
io_send_fds(int socket, const void *buf, size_t len, const int *fds,
	    unsigned n_fds, uint64_t deadline_ns, struct weir_error *err)
{
	static const char doing[] = "send to the other side";
	union io_control control;
	const char *at = buf;

	if (n_fds > IO_FDS_MAX || (n_fds > 0 && len == 0))
		return weir_error_set(err, WEIR_EINVALID,
				      "cannot send %u descriptors with %zu "
				      "bytes: at most %d, and with a byte",
				      n_fds, len, IO_FDS_MAX);
	while (len > 0) {
		/* Only ever read by sendmsg, which has no const form. */
		struct iovec iov = { .iov_len = len };
		struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
		ssize_t n;

		memcpy(&iov.iov_base, &at, sizeof(at));
		if (n_fds > 0)
			io_attach_fds(&msg, &control, fds, n_fds);
		n = sendmsg(socket, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n >= 0) {
			at += n;
			len -= (size_t)n;
			n_fds = 0;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			if (io_wait_writable(socket, deadline_ns))
				continue;
			if (errno != ETIMEDOUT)
				return io_socket_error(doing, err);
			return weir_error_set(err, WEIR_ETIMEOUT,
					      "the other side did not read in "
					      "time");
		} else if (errno != EINTR) {
			return io_socket_error(doing, err);
		}
	}
	return WEIR_OK;
}

static void
io_close_fds(const int *fds, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		close(fds[i]);
}

/* Takes every descriptor out of a received message; fds has IO_FDS_MAX. */
static unsigned
io_detach_fds(struct msghdr *msg, int *fds)
{
	struct cmsghdr *c;
	unsigned n = 0;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		size_t bytes;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		bytes = c->cmsg_len - CMSG_LEN(0);
		memcpy(fds + n, CMSG_DATA(c), bytes);
		n += (unsigned)(bytes / sizeof(int));
	}
	return n;
}

int
io_receive_fds(int socket, void *buf, size_t cap, size_t *ret_len, int *ret_fds,
	       unsigned max_fds, unsigned *n_fds, struct weir_error *err)
{
	/* Room for all that one message can bring: what did not fit would be
	 * lost without a number to close. The whole of it, all headers
	 * included, holds IO_FDS_MAX descriptors, so io_detach_fds does too. */
	union io_control control;
	struct iovec iov = { .iov_base = buf, .iov_len = cap };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	unsigned room = *n_fds < max_fds ? max_fds - *n_fds : 0;
	int fds[IO_FDS_MAX + 1];
	unsigned came;
	ssize_t n;

	if (cap == 0)
		return weir_error_set(err, WEIR_EINVALID,
				      "cannot receive into no room");
	do {
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		n = recvmsg(socket, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return weir_error_set(err, WEIR_EAGAIN,
				      "nothing to receive yet");
	if (n < 0)
		return io_socket_error("receive from the other side", err);
	came = io_detach_fds(&msg, fds);
	if (came > room || msg.msg_flags & MSG_CTRUNC) {
		io_close_fds(fds, came);
		if (came > room)
			return weir_error_set(err, WEIR_EPROTOCOL,
					      "the other side sent %u "
					      "descriptors where %u are "
					      "allowed",
					      came, room);
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "not all descriptors of the other side "
				      "arrived: is the limit of open files "
				      "(ulimit -n) reached?");
	}
	for (unsigned i = 0; i < came; i++)
		ret_fds[(*n_fds)++] = fds[i];
	*ret_len = (size_t)n;
	return WEIR_OK;
}
