/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POSIX message queues: making one that nobody else can open, the limits that
 * a refusal has to name, and the calls that move messages.
 *
 * On Linux a queue is a file: its descriptor can be handed over and polled.
 * A queue has no end, though: whoever waits in a receive is not told that
 * nobody is left to send. So a blocking call has a time limit, and the other
 * side's end of a socket pair (wait_watch) says whether to go on.
 *
 * The limit is a point in time that is set 50 ms ahead when it has passed, not
 * for each call: no clock is read for a message, and a call that comes upon
 * an old limit is repeated once. Arming the kernel's timer makes a call that
 * sleeps a few percent slower, though, so that a receive goes without it while
 * sends and receives take turns; then a closing side wakes the other with an
 * empty message, and the core cancels where it could not.
 */
#ifndef PLUGINS_MQ_QUEUE_H
#define PLUGINS_MQ_QUEUE_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <weir/transport.h>

#include "plugins/common/call.h"
#include "plugins/common/wait.h"

#define QUEUE_DEPTH_MAX 65536 /* of the kernel, even for root */

/* One direction, at one side. */
struct queue {
	struct wait wait;      /* first, as queue_send and queue_recv get it */
	struct timespec until; /* CLOCK_REALTIME, as the kernel wants it */
	bool timed;            /* a receive has a time limit */
};

#define QUEUE_INITIALIZER { .wait = WAIT_INITIALIZER }

static const struct timespec queue_long_ago = { 0, 0 };

/* The time limit has passed: sets the next one. */
void queue_extend(struct queue *q);

/* The result of a call with a time limit, as of one that does not wait. */
static inline ssize_t
queue_result(ssize_t n)
{
	if (n < 0 && errno == ETIMEDOUT)
		errno = EAGAIN;
	return n;
}

static inline ssize_t
queue_timed_recv(const struct queue *q, const struct iovec *iov,
		 const struct timespec *until)
{
	return call_mq_receive(q->wait.fd, iov->iov_base, iov->iov_len,
			       until);
}

static inline ssize_t
queue_timed_send(const struct queue *q, const struct iovec *iov,
		 const struct timespec *until)
{
	if (call_mq_send(q->wait.fd, iov->iov_base, iov->iov_len, until) < 0)
		return -1;
	return (ssize_t)iov->iov_len;
}

/* Move a message (wait_call); w is that of a queue. */
static inline ssize_t
queue_recv(struct wait *w, struct iovec *iov, int n_iov, unsigned how)
{
	struct queue *q = (struct queue *)w;
	ssize_t n;

	(void)n_iov;
	if (how & WAIT_NOWAIT && w->mode == WAIT_BLOCK)
		return queue_result(queue_timed_recv(q, iov, &queue_long_ago));
	if (how & WAIT_NOWAIT || !q->timed)
		return queue_timed_recv(q, iov, NULL);
	n = queue_timed_recv(q, iov, &q->until);
	if (__builtin_expect(n < 0 && errno == ETIMEDOUT, 0)) {
		queue_extend(q);
		n = queue_timed_recv(q, iov, &q->until);
	}
	return queue_result(n);
}

static inline ssize_t
queue_send(struct wait *w, struct iovec *iov, int n_iov, unsigned how)
{
	struct queue *q = (struct queue *)w;
	ssize_t n;

	(void)n_iov;
	if (how & WAIT_NOWAIT && w->mode != WAIT_BLOCK)
		return queue_timed_send(q, iov, NULL);
	if (how & WAIT_NOWAIT)
		return queue_result(queue_timed_send(q, iov, &queue_long_ago));
	n = queue_timed_send(q, iov, &q->until);
	if (__builtin_expect(n < 0 && errno == ETIMEDOUT, 0)) {
		queue_extend(q);
		n = queue_timed_send(q, iov, &q->until);
	}
	return queue_result(n);
}

/* Descriptors of one queue, each open for itself. */
struct queue_ends {
	int read_fd;
	int write_fd;
};

/*
 * Makes a queue of depth messages of up to bytes, without a name when this
 * returns; the descriptors are the caller's. Errors: ETOOBIG and EUNAVAILABLE
 * with the limit, ENOMEMORY, ESYSTEM.
 */
int queue_create(const struct weir_setup *setup, uint64_t depth,
		 uint64_t bytes, struct queue_ends *ret_ends,
		 struct weir_error *err) WEIR_MUST_USE;

/* Is this descriptor, which came from the other side, a queue of messages of
 * that size, open for mode (O_RDONLY or O_WRONLY) alone? Errors: EPROTOCOL. */
int queue_check(int fd, int mode, uint64_t bytes,
		struct weir_error *err) WEIR_MUST_USE;

/* Prepares a direction of fd and of alive_fd, which it borrows; read or write
 * as events say. wait_fini(&q->wait) releases it. Errors: ESYSTEM. */
int queue_init(struct queue *q, const struct weir_setup *setup, int fd,
	       short events, int alive_fd, uint32_t wait, uint64_t spin_ns,
	       struct weir_error *err) WEIR_MUST_USE;

/* Wakes whoever waits at the other end of this queue; never waits. */
void queue_send_end(int fd);

/* How many messages a queue takes, 0 if unknown. */
uint64_t queue_depth(int fd);

#endif
