/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets: Unix stream, seqpacket and dgram, TCP over the loopback device. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/loop.h"

loop_inline void
put(struct bench_end *e, unsigned char *buf)
{
	size_t done = 0;

	do {
		ssize_t n = send(e->tx, buf + done, e->size - done,
				 e->flags | MSG_NOSIGNAL);

		if (__builtin_expect(n > 0, 1))
			done += (size_t)n;
		else if (errno == EAGAIN)
			bench_pause();
		else
			loop_die("send");
	} while (done < e->size);
}

loop_inline void
get(struct bench_end *e, unsigned char *buf)
{
	size_t done = 0;

	do {
		ssize_t n = recv(e->rx, buf + done, e->size - done, e->flags);

		if (__builtin_expect(n > 0, 1))
			done += (size_t)n;
		else if (n < 0 && errno == EAGAIN)
			bench_pause();
		else
			loop_die("recv");
	} while (done < e->size);
}

static void
loop_socket(struct bench_end *e)
{
	loop_run(e, put, get);
}

static void
set_ends(struct bench_end ends[2], const int fds[2])
{
	for (int i = 0; i < 2; i++) {
		ends[i].tx = ends[i].rx = fds[i];
		ends[i].flags = ends[i].course->spin ? MSG_DONTWAIT : 0;
	}
}

static int
open_unix(struct bench_end ends[2], int type)
{
	int fds[2];

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds) != 0)
		return -1;
	set_ends(ends, fds);
	return 0;
}

static int
open_stream(struct bench_end ends[2])
{
	return open_unix(ends, SOCK_STREAM);
}

static int
open_seqpacket(struct bench_end ends[2])
{
	return open_unix(ends, SOCK_SEQPACKET);
}

static int
open_dgram(struct bench_end ends[2])
{
	return open_unix(ends, SOCK_DGRAM);
}

static int
open_tcp(struct bench_end ends[2])
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fds[2] = { socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), -1 };
	int one = 1;

	if (door < 0 || fds[0] < 0 ||
	    bind(door, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(door, 1) != 0 ||
	    getsockname(door, (struct sockaddr *)&at, &len) != 0 ||
	    connect(fds[0], (struct sockaddr *)&at, sizeof(at)) != 0)
		return -1;
	fds[1] = accept4(door, NULL, NULL, SOCK_CLOEXEC);
	close(door);
	if (fds[1] < 0)
		return -1;
	for (int i = 0; i < 2; i++)
		setsockopt(fds[i], IPPROTO_TCP, TCP_NODELAY, &one,
			   sizeof(one));
	set_ends(ends, fds);
	return 0;
}

const struct bench_mechanism pair_stream = {
	.name = "uds stream", .open = open_stream, .loop = loop_socket,
};
const struct bench_mechanism pair_dgram = {
	.name = "uds dgram", .open = open_dgram, .loop = loop_socket,
};
const struct bench_mechanism pair_seqpacket = {
	.name = "uds seqpacket", .open = open_seqpacket, .loop = loop_socket,
};
const struct bench_mechanism pair_tcp = {
	.name = "tcp", .open = open_tcp, .loop = loop_socket,
};
