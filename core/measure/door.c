/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/door.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What is sent of a frame: the whole of it with an OFFER, else its head. */
struct frame {
	uint32_t kind;
	uint32_t n_fds;
	uint64_t value;
	char address[WEIR_OFFER_ADDRESS_BYTES];
};

#define HEAD_BYTES offsetof(struct frame, address)
#define FDS_BYTES (WEIR_OFFER_FDS_MAX * sizeof(int))

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(FDS_BYTES)];
};

int
door_make(int ret_fds[2], struct weir_error *err)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_fds))
		return weir_error_errno(err, "a pair of sockets can't be made");
	return WEIR_OK;
}

/* After a system call that failed: WEIR_OK to try again. */
static int
failed(const struct door *door, const char *what)
{
	if (__atomic_load_n(door->cancel, __ATOMIC_RELAXED))
		return WEIR_ECANCELED;
	if (errno == EINTR)
		return WEIR_OK;
	if (errno == EPIPE || errno == ECONNRESET)
		return weir_error_set(door->fault, WEIR_EPEER,
				      "the other side has gone away");
	return weir_error_errno(door->fault, "%s failed", what);
}

int
door_send(const struct door *door, enum door_kind kind, uint64_t value,
	  const struct weir_offer *offer)
{
	struct frame frame = { .kind = kind, .value = value };
	struct iovec part = { &frame, offer ? sizeof(frame) : HEAD_BYTES };
	union control control = { .bytes = "" };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	int status;

	if (offer) {
		frame.n_fds = offer->n_fds;
		memcpy(frame.address, offer->address, sizeof(frame.address));
	}
	if (frame.n_fds) {
		size_t bytes = frame.n_fds * sizeof(int);

		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(bytes);
		memcpy(CMSG_DATA(&control.align), offer->fds, bytes);
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(bytes);
	}
	while (sendmsg(door->fd, &message, MSG_NOSIGNAL) < 0) {
		status = failed(door, "handing over a connection");
		if (status)
			return status;
	}
	return WEIR_OK;
}

/* The descriptors that came with a message; none stay open with no place to
 * go, for there is room for as many as the kernel delivers. */
static uint32_t
take_fds(struct msghdr *message, struct weir_offer *offer)
{
	uint32_t n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c;
	     c = CMSG_NXTHDR(message, c)) {
		size_t bytes = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < bytes / sizeof(int); i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int),
			       sizeof(fd));
			if (n < WEIR_OFFER_FDS_MAX)
				offer->fds[n++] = fd;
			else
				close(fd);
		}
	}
	return n;
}

static int
check(const struct door *door, const struct frame *frame, size_t len,
      int flags, const struct weir_offer *offer)
{
	bool is_offer = frame->kind == DOOR_OFFER;

	if (len >= HEAD_BYTES && !(flags & (MSG_TRUNC | MSG_CTRUNC)) &&
	    len == (is_offer ? sizeof(*frame) : HEAD_BYTES) &&
	    frame->kind >= DOOR_START && frame->kind <= DOOR_END &&
	    frame->n_fds == (offer ? offer->n_fds : 0) &&
	    (is_offer || !frame->n_fds) &&
	    (!is_offer || (offer && memchr(frame->address, '\0',
					   sizeof(frame->address)))))
		return WEIR_OK;
	return weir_error_set(door->fault, WEIR_EPROTOCOL,
			      "the other side handed over %zu bytes that are "
			      "no frame, or have no place here", len);
}

int
door_receive(const struct door *door, enum door_kind *ret_kind,
	     uint64_t *ret_value, struct weir_offer *ret_offer)
{
	struct frame frame = { .kind = 0 };
	struct iovec part = { &frame, sizeof(frame) };
	union control control;
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t n;
	int status;

	if (ret_offer) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		*ret_offer = (struct weir_offer){ .size = sizeof(*ret_offer) };
		for (int i = 0; i < WEIR_OFFER_FDS_MAX; i++)
			ret_offer->fds[i] = -1;
	}
	while ((n = recvmsg(door->fd, &message, MSG_CMSG_CLOEXEC)) < 0) {
		status = failed(door, "waiting for a connection");
		if (status)
			return status;
	}
	if (n == 0)
		return weir_error_set(door->fault, WEIR_EPEER,
				      "the other side has gone away");
	if (ret_offer)
		ret_offer->n_fds = take_fds(&message, ret_offer);
	status = check(door, &frame, (size_t)n, message.msg_flags, ret_offer);
	if (status) {
		for (uint32_t i = 0; ret_offer && i < ret_offer->n_fds; i++)
			close(ret_offer->fds[i]);
		return status;
	}
	if (ret_offer)
		memcpy(ret_offer->address, frame.address,
		       sizeof(frame.address));
	*ret_kind = (enum door_kind)frame.kind;
	*ret_value = frame.value;
	return WEIR_OK;
}

int
door_expect(const struct door *door, enum door_kind kind, uint64_t *ret_value)
{
	enum door_kind got;
	int status = door_receive(door, &got, ret_value, NULL);

	if (status || got == kind)
		return status;
	return weir_error_set(door->fault, WEIR_EPROTOCOL,
			      "the other side handed over a frame that has "
			      "no place here (%d and not %d)", (int)got,
			      (int)kind);
}
