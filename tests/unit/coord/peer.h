/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other side of a control connection, played by a test: a thread that
 * follows a script. Each script gets the open control channel.
 */
#ifndef TESTS_UNIT_COORD_PEER_H
#define TESTS_UNIT_COORD_PEER_H

#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/coord/control.h"
#include "core/coord/hello.h"
#include "tests/unit/unit.h"

#define PEER_SILENCE_NS (30 * NS_PER_S)

typedef void peer_script_fn(struct control *control);

struct peer {
	pthread_t thread;
	peer_script_fn *script;
	int socket;
};

static inline void *
peer_thread_(void *argument)
{
	struct peer *peer = argument;
	struct control *control;

	if (control_open(peer->socket, "the test", PEER_SILENCE_NS, &control,
			 NULL) == WEIR_OK) {
		peer->script(control);
		control_close(control);
	}
	return NULL;
}

/* Starts the script; returns the other end of the connection. */
static inline int
peer_start(struct peer *peer, peer_script_fn *script)
{
	int sockets[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
				    sockets), 0);
	peer->script = script;
	peer->socket = sockets[1];
	ck_assert_int_eq(pthread_create(&peer->thread, NULL, peer_thread_,
					peer), 0);
	return sockets[0];
}

static inline void
peer_join(struct peer *peer)
{
	pthread_join(peer->thread, NULL);
}

/* Waits for a message of that type, dropping others; false at the end. */
static inline bool
peer_await(struct control *control, enum message_type type,
	   struct message *ret_message)
{
	int fds[MESSAGE_FDS_MAX];

	for (;;) {
		struct pollfd p = { control_fd(control), POLLIN, 0 };
		int status = control_receive(control, ret_message, fds, NULL);

		if (status == WEIR_EAGAIN) {
			poll(&p, 1, 1000);
			continue;
		}
		if (status)
			return false;
		if (ret_message->type == MESSAGE_OFFER) {
			for (uint64_t i = 0; i < ret_message->offer.n_fds; i++)
				close(fds[i]);
		}
		if (ret_message->type == type)
			return true;
		message_fini(ret_message);
	}
}

/* Follows the connection until the other side closes it. */
static inline void
peer_linger(struct control *control)
{
	struct message message;

	while (peer_await(control, MESSAGE_BYE, &message))
		message_fini(&message);
}

static inline void
peer_greet(struct control *control)
{
	static struct facts facts;

	if (hello_send(control, &facts, NULL))
		return;
}

static inline void
peer_say(struct control *control, enum message_type type, uint64_t number)
{
	struct message message = { .type = type };

	if (type == MESSAGE_JOINED)
		message.channel = number;
	else if (type == MESSAGE_ARRIVE || type == MESSAGE_GO)
		message.phase = number;
	else if (type == MESSAGE_RESULT)
		report_init(&message.result);
	if (control_send(control, &message, NULL, 0, NULL))
		return;
}

static inline int
count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

#endif
