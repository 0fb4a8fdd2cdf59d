/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One direction of a descriptor, and how to wait for it.
 *
 * The strategies move the same bytes at a different price:
 *
 *	block     one blocking system call; the kernel puts the thread to
 *	          sleep inside it
 *	spin      non-blocking calls again and again; never sleeps
 *	epoll     receive: epoll_wait, then a non-blocking call, as event
 *	          loops do; send: the call first, epoll_wait where it was full
 *	adaptive  spins for `spin`, then sleeps in poll
 *
 * Every wait notices cancel: blocked calls by the signal of the core (EINTR),
 * sleeps by that signal and a 50 ms timeout, spins every 256 rounds.
 *
 * A message queue or a datagram socket does not tell that the other side is
 * gone. There a second descriptor does (wait_watch), which is looked at only
 * where the first has nothing: after each sleep, and every 256 empty calls.
 */
#ifndef PLUGINS_COMMON_WAIT_H
#define PLUGINS_COMMON_WAIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <weir/transport.h>

#include "plugins/common/wait_options.h"

/* Bits of `how` in wait_move and in a wait_call. */
#define WAIT_TRY 0x1u   /* WEIR_EAGAIN instead of waiting */
#define WAIT_WHOLE 0x2u /* exactly these bytes are due: a blocking call may
			 * stay until all of them are there */
#define WAIT_UNTIL 0x8u /* WEIR_EAGAIN once the clock has come to until_ns */
#define WAIT_NOWAIT 0x4u /* to a wait_call only: may not block */
#define WAIT_MANY 0x10u  /* each iovec is a message; their number is moved */

struct wait;

/* Moves bytes like readv or writev: -1 and errno, 0 at the end of the file.
 * May change the iovecs' array, not what they point at beyond its job. */
typedef ssize_t wait_call(struct wait *w, struct iovec *iov, int n_iov,
			  unsigned how);

struct wait {
	const struct weir_setup *setup; /* borrowed */
	wait_call *call;
	uint64_t spin_ns;
	uint64_t until_ns; /* of the call at hand, with WAIT_UNTIL */
	uint32_t mode; /* WAIT_BLOCK … */
	int fd;        /* borrowed: its owner closes it */
	int epoll_fd;  /* -1 but in mode epoll */
	int alive_fd;  /* -1, or borrowed: see wait_watch */
	uint32_t n_empty; /* calls that found nothing */
	short events;  /* POLLIN or POLLOUT */
	bool nonblock; /* O_NONBLOCK is set (pipes only) … */
	int fd_flags;  /* … beside these (O_DIRECT) */

	uint64_t n_syscalls;
	uint64_t n_sleeps;
	uint64_t n_spins;
	uint64_t n_stalls;
	uint64_t n_canceled;
};

/* Nothing held yet: wait_fini may be called. */
#define WAIT_INITIALIZER { .fd = -1, .epoll_fd = -1, .alive_fd = -1 }

/* A sleep looks at cancel, and at the other side, this often; and a spin after
 * so many calls that found nothing. */
#define WAIT_SLEEP_MS 50
#define WAIT_BURST 256u

/* Prepares one direction (events = POLLIN or POLLOUT) of fd, which it
 * borrows. Errors: ESYSTEM, ENOMEMORY. */
int wait_init(struct wait *w, const struct weir_setup *setup, int fd,
	      short events, wait_call *call, uint32_t mode, uint64_t spin_ns,
	      struct weir_error *err) WEIR_MUST_USE;

/*
 * The other side is gone when alive_fd hangs up (the end of a socket pair
 * whose other end it holds); what it has sent before is still received.
 * A blocking call on fd must then come back with EAGAIN within WAIT_SLEEP_MS.
 * Errors: ESYSTEM.
 */
int wait_watch(struct wait *w, int alive_fd,
	       struct weir_error *err) WEIR_MUST_USE;

/* Releases what wait_init made; twice is once. */
void wait_fini(struct wait *w);

/*
 * Moves at least one byte and sets *ret_n. EAGAIN only with WAIT_TRY or
 * WAIT_UNTIL; EPEER at the end of the file; every failure but EAGAIN is
 * written to the fault of the setup.
 */
int wait_move(struct wait *w, struct iovec *iov, int n_iov, unsigned how,
	      size_t *ret_n) WEIR_MUST_USE;

/* What wait_move adds to `how` where the call may wait. */
static inline unsigned
wait_how(const struct wait *w)
{
	return w->mode == WAIT_BLOCK ? 0 : WAIT_NOWAIT;
}

/* Goes on where a call with all these bits gave n <= 0. */
int wait_on(struct wait *w, struct iovec *iov, int n_iov, unsigned how,
	    ssize_t n, size_t *ret_n) WEIR_MUST_USE;

/* Says in the fault that the run was canceled, counts it, and returns
 * WEIR_ECANCELED. */
int wait_canceled(struct wait *w);

/* The same for a message whose length was not agreed: WEIR_ETOOBIG. */
int wait_refuse_length(const struct wait *w, size_t len);

/* Waits for events on fd until the deadline: ETIMEOUT, ECANCELED, ESYSTEM.
 * `what` ends the sentence, as in "the client to connect". */
int wait_until(const struct weir_setup *setup, int fd, short events,
	       uint64_t deadline_ns, const char *what,
	       struct weir_error *err) WEIR_MUST_USE;

/* Appends the counters of both directions, summed. */
void wait_collect(const struct wait *tx, const struct wait *rx,
		  struct weir_counters *ret_counters);

#endif
