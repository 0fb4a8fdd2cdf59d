/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/common/socket.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugins/common/packet.h"

/* One packet for each iovec. */
static void
socket_headers(struct iovec *iov, int n_iov, struct mmsghdr *ret_headers)
{
	for (int i = 0; i < n_iov; i++)
		ret_headers[i] = (struct mmsghdr){
			.msg_hdr = { .msg_iov = &iov[i], .msg_iovlen = 1 },
		};
}

ssize_t
socket_packets_send(struct wait *w, struct iovec *iov, int n_iov, unsigned how)
{
	struct mmsghdr headers[PACKET_MANY_MAX];

	socket_headers(iov, n_iov, headers);
	return sendmmsg(w->fd, headers, (unsigned)n_iov,
			MSG_NOSIGNAL | (how & WAIT_NOWAIT ? MSG_DONTWAIT : 0));
}

/* The end of a sequence looks like empty packets, which there are none of:
 * those before it count first. */
ssize_t
socket_packets_recv(struct wait *w, struct iovec *iov, int n_iov, unsigned how)
{
	struct mmsghdr headers[PACKET_MANY_MAX];
	int n, i;

	socket_headers(iov, n_iov, headers);
	n = recvmmsg(w->fd, headers, (unsigned)n_iov,
		     MSG_TRUNC | (how & WAIT_NOWAIT ? MSG_DONTWAIT :
						      MSG_WAITFORONE), NULL);
	for (i = 0; i < n && headers[i].msg_len > 0; i++)
		iov[i].iov_len = headers[i].msg_len;
	return n < 0 ? n : i;
}

int
socket_check(int fd, int type, struct weir_error *err)
{
	int domain = -1;
	int got = -1;
	struct sockaddr_un peer;
	socklen_t domain_len = sizeof(domain);
	socklen_t got_len = sizeof(got);
	socklen_t peer_len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_len) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &got, &got_len) < 0 ||
	    domain != AF_UNIX || got != type ||
	    getpeername(fd, (struct sockaddr *)&peer, &peer_len) < 0)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "the descriptor that the host offered "
				      "is not a connected Unix socket of the "
				      "type that was agreed");
	return WEIR_OK;
}

void
socket_address(const char *directory, int directory_fd, const char *name,
	       struct sockaddr_un *ret_address)
{
	size_t cap = sizeof(ret_address->sun_path);

	*ret_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if ((size_t)snprintf(ret_address->sun_path, cap, "%s/%s", directory,
			     name) >= cap)
		snprintf(ret_address->sun_path, cap, "/proc/self/fd/%d/%s",
			 directory_fd, name);
}

/* Of SO_SNDBUF or SO_RCVBUF; 0 if unknown. */
static uint64_t
granted_bytes(int fd, int option)
{
	int doubled = 0;
	socklen_t len = sizeof(doubled);

	if (getsockopt(fd, SOL_SOCKET, option, &doubled, &len) < 0 ||
	    doubled < 0)
		return 0;
	return (uint64_t)doubled / 2;
}

void
socket_collect(int fd, struct weir_counters *ret_counters)
{
	weir_counters_add(ret_counters, "sndbuf_bytes",
			  granted_bytes(fd, SO_SNDBUF));
	weir_counters_add(ret_counters, "rcvbuf_bytes",
			  granted_bytes(fd, SO_RCVBUF));
}

/* One kind of buffer: its options and the sysctl that limits it. */
struct buffer_kind {
	int option;
	int force;
	const char *name;
	const char *sysctl;
};

static const struct buffer_kind kind_sndbuf = {
	SO_SNDBUF, SO_SNDBUFFORCE, "sndbuf", "net.core.wmem_max"
};
static const struct buffer_kind kind_rcvbuf = {
	SO_RCVBUF, SO_RCVBUFFORCE, "rcvbuf", "net.core.rmem_max"
};

static int
set_buffer(int fd, const struct weir_setup *setup,
	   const struct buffer_kind *kind, uint64_t bytes, bool warn,
	   struct weir_error *err)
{
	int value = (int)bytes;
	uint64_t granted;

	if (!bytes)
		return WEIR_OK;
	if (setsockopt(fd, SOL_SOCKET, kind->option, &value,
		       sizeof(value)) < 0)
		return weir_error_errno(err, "cannot set %s = %d on a socket",
					kind->name, value);
	granted = granted_bytes(fd, kind->option);
	/* Only CAP_NET_ADMIN passes the limit; without it nothing changes. */
	if (granted < bytes && setsockopt(fd, SOL_SOCKET, kind->force, &value,
					  sizeof(value)) == 0)
		granted = granted_bytes(fd, kind->option);
	if (granted < bytes && warn)
		setup->services->log(WEIR_LOG_WARN,
				     "%s = %d was asked for, the kernel "
				     "grants %llu bytes: %s limits it (raise "
				     "it with sysctl -w %s=%d)",
				     kind->name, value,
				     (unsigned long long)granted,
				     kind->sysctl, kind->sysctl, value);
	return WEIR_OK;
}

int
socket_set_buffers(int fd, const struct weir_setup *setup,
		   const struct socket_buffers *buffers, bool warn,
		   struct weir_error *err)
{
	int rc = set_buffer(fd, setup, &kind_sndbuf, buffers->sndbuf, warn,
			    err);

	if (rc)
		return rc;
	return set_buffer(fd, setup, &kind_rcvbuf, buffers->rcvbuf, warn, err);
}

int
socket_set_time_limit(int fd, unsigned ms, struct weir_error *err)
{
	struct timeval limit = {
		.tv_sec = ms / 1000,
		.tv_usec = ms % 1000 * 1000,
	};

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) <
		    0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0)
		return weir_error_errno(err, "cannot set the time limit of a "
					     "socket");
	return WEIR_OK;
}

/* 0 if a packet of len bytes passes, else errno. Takes it out again. */
static int
packet_passes(const int pair[2], const void *payload, size_t len)
{
	ssize_t n;
	char byte;

	do
		n = send(pair[0], payload, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno;
	do
		n = recv(pair[1], &byte, 1, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n < 0 ? errno : 0;
}

/* The largest packet below `refused` that passes. */
static size_t
largest_packet(const int pair[2], const void *payload, size_t refused)
{
	size_t passes = 0;

	while (refused - passes > 1) {
		size_t len = passes + (refused - passes) / 2;

		if (packet_passes(pair, payload, len) == 0)
			passes = len;
		else
			refused = len;
	}
	return passes;
}

/* A trial of the largest message, on sockets that are there for it only. */
struct packet_trial {
	const struct weir_setup *setup;
	int type;
	int pair[2];
	void *payload; /* max_message_bytes */
};

static int
refuse_packet(const struct packet_trial *t, int why, bool own_size,
	      struct weir_error *err)
{
	const char *type = t->type == SOCK_DGRAM ? "dgram" : "seqpacket";
	unsigned long long len = t->setup->max_message_bytes;
	unsigned long long limit;

	if (why != EMSGSIZE && why != ENOBUFS) {
		errno = why;
		return weir_error_errno(err, "cannot try a message of %llu "
					     "bytes on a %s socket", len,
					type);
	}
	limit = largest_packet(t->pair, t->payload, (size_t)len);
	if (why == ENOBUFS)
		return weir_error_set(err, WEIR_ETOOBIG,
				      "type = %s carries at most %llu bytes "
				      "here, not %llu: a packet is one "
				      "allocation in the kernel, and no "
				      "net.core.wmem_max raises that limit; "
				      "use type = stream", type, limit, len);
	if (own_size)
		return weir_error_set(err, WEIR_ETOOBIG,
				      "type = %s carries at most %llu bytes "
				      "with this sndbuf, not %llu: leave "
				      "sndbuf at 0 or raise it (beyond the "
				      "sysctl net.core.wmem_max only root "
				      "can)", type, limit, len);
	return weir_error_set(err, WEIR_ETOOBIG,
			      "type = %s carries at most %llu bytes here, not "
			      "%llu: raise the limit of socket buffers (sysctl "
			      "-w net.core.wmem_max=%llu) or use type = stream",
			      type, limit, len, len);
}

static int
fit_on_pair(const struct packet_trial *t, struct socket_buffers *buffers,
	    struct weir_error *err)
{
	size_t len = t->setup->max_message_bytes;
	bool own_size = buffers->sndbuf != 0;
	int why;
	int rc;

	rc = socket_set_buffers(t->pair[0], t->setup, buffers, false, err);
	if (rc)
		return rc;
	why = packet_passes(t->pair, t->payload, len);
	if (why == EMSGSIZE && !own_size) {
		buffers->sndbuf = len;
		rc = socket_set_buffers(t->pair[0], t->setup, buffers, false,
					err);
		if (rc)
			return rc;
		why = packet_passes(t->pair, t->payload, len);
	}
	return why ? refuse_packet(t, why, own_size, err) : WEIR_OK;
}

int
socket_fit_packets(const struct weir_setup *setup, int type,
		   struct socket_buffers *buffers, struct weir_error *err)
{
	struct packet_trial t = { .setup = setup, .type = type };
	size_t len = setup->max_message_bytes;
	int rc;

	t.payload = mmap(NULL, len, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			 0);
	if (t.payload == MAP_FAILED)
		return weir_error_errno(err, "no memory to try a message of "
					     "%zu bytes", len);
	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, t.pair) < 0) {
		rc = weir_error_errno(err, "cannot create a pair of packet "
					   "sockets");
	} else {
		rc = fit_on_pair(&t, buffers, err);
		close(t.pair[0]);
		close(t.pair[1]);
	}
	munmap(t.payload, len);
	return rc;
}
