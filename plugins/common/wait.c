/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/common/wait.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "plugins/common/relax.h"

#define CLOCK_ROUNDS 8u /* a burst of one that has to read the clock */
#define SLEEP_NS (WAIT_SLEEP_MS * UINT64_C(1000000))

const char *const wait_choices[] = {
	[WAIT_BLOCK] = "block",
	[WAIT_SPIN] = "spin",
	[WAIT_EPOLL] = "epoll",
	[WAIT_ADAPTIVE] = "adaptive",
	NULL,
};

/* One wait for one call, from its first EAGAIN on. */
struct spell {
	uint64_t until_ns; /* end of the spinning; 0: not begun */
	bool stalled;      /* the stall is counted */
	bool reset;        /* ECONNRESET was seen */
	bool slept;        /* since the last call */
	bool spin;         /* the next calls are a burst */
	bool last;         /* the other side is gone: one more call */
};

int
wait_init(struct wait *w, const struct weir_setup *setup, int fd,
	  short events, wait_call *call, uint32_t mode, uint64_t spin_ns,
	  struct weir_error *err)
{
	struct epoll_event event = { .events = (uint32_t)events };

	*w = (struct wait){
		.setup = setup,
		.call = call,
		.spin_ns = spin_ns,
		.mode = mode,
		.fd = fd,
		.epoll_fd = -1,
		.alive_fd = -1,
		.events = events,
	};
	if (mode != WAIT_EPOLL)
		return WEIR_OK;
	w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (w->epoll_fd < 0)
		return weir_error_errno(err, "cannot create an epoll instance "
					     "for wait = epoll");
	if (epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
		weir_error_errno(err, "cannot watch the channel's descriptor "
				      "with epoll");
		wait_fini(w);
		return err ? err->status : WEIR_ESYSTEM;
	}
	return WEIR_OK;
}

void
wait_fini(struct wait *w)
{
	if (w->epoll_fd >= 0)
		close(w->epoll_fd);
	w->epoll_fd = -1;
	w->alive_fd = -1;
	w->fd = -1;
}

int
wait_watch(struct wait *w, int alive_fd, struct weir_error *err)
{
	struct epoll_event event = { .events = EPOLLRDHUP };

	if (w->epoll_fd >= 0 &&
	    epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, alive_fd, &event) < 0)
		return weir_error_errno(err, "cannot watch the other side's "
					     "end with epoll");
	w->alive_fd = alive_fd;
	return WEIR_OK;
}

int
wait_canceled(struct wait *w)
{
	w->n_canceled++;
	return weir_error_set(w->setup->fault, WEIR_ECANCELED,
			      "canceled while %s",
			      w->events == POLLIN ? "receiving" : "sending");
}

int
wait_refuse_length(const struct wait *w, size_t len)
{
	return weir_error_set(w->setup->fault, WEIR_ETOOBIG,
			      "a message of %zu bytes was given to a channel "
			      "made for 1 to %llu bytes", len,
			      (unsigned long long)w->setup->max_message_bytes);
}

/* Sleeps until the descriptor may be ready, a signal came, or this much time,
 * of at most WAIT_SLEEP_MS, has passed: the caller calls again in each case. */
static int
wait_sleep(struct wait *w, uint64_t ns)
{
	const struct timespec timeout = { .tv_nsec = (long)ns };
	struct pollfd pfds[2] = {
		{ .fd = w->epoll_fd >= 0 ? w->epoll_fd : w->fd,
		  .events = w->epoll_fd >= 0 ? POLLIN : w->events },
		{ .fd = w->alive_fd, .events = POLLRDHUP },
	};
	struct epoll_event event;
	int rc;

	if (weir_canceled(w->setup))
		return wait_canceled(w);
	w->n_sleeps++;
	w->n_syscalls++;
	/* epoll_wait knows whole milliseconds only. */
	if (w->epoll_fd >= 0 && ns == SLEEP_NS)
		rc = epoll_wait(w->epoll_fd, &event, 1, WAIT_SLEEP_MS);
	else
		rc = ppoll(pfds, w->alive_fd >= 0 ? 2 : 1, &timeout, NULL);
	if (rc < 0 && errno != EINTR)
		return weir_error_errno(w->setup->fault,
					"cannot wait for the channel");
	if (rc <= 0 && weir_canceled(w->setup))
		return wait_canceled(w);
	return WEIR_OK;
}

/* After EAGAIN: one round of the strategy, which is over at limit_ns. */
static int
wait_pause(struct wait *w, struct spell *spell, uint64_t limit_ns)
{
	bool sleeps = w->mode == WAIT_BLOCK || w->mode == WAIT_EPOLL;
	uint64_t now_ns = 0, left_ns = SLEEP_NS;

	if (!sleeps && weir_canceled(w->setup))
		return wait_canceled(w);
	if (w->mode == WAIT_ADAPTIVE || limit_ns != UINT64_MAX)
		now_ns = w->setup->services->now_ns();
	if (now_ns >= limit_ns)
		return WEIR_EAGAIN;
	if (w->mode == WAIT_ADAPTIVE) {
		if (!spell->until_ns)
			spell->until_ns = now_ns + w->spin_ns;
		sleeps = now_ns >= spell->until_ns;
	}
	if (sleeps) {
		spell->slept = true;
		if (limit_ns - now_ns < left_ns)
			left_ns = limit_ns - now_ns;
		return wait_sleep(w, left_ns);
	}
	spell->spin = true;
	return WEIR_OK;
}

static int
wait_ended(const struct wait *w)
{
	return weir_error_set(w->setup->fault, WEIR_EPEER,
			      "the other side has closed the channel");
}

/* A call has failed for good: errno to status and sentence. */
static int
wait_failed(const struct wait *w)
{
	struct weir_error *fault = w->setup->fault;

	switch (errno) {
	case EPIPE:
	case ECONNRESET:
	case ECONNREFUSED: /* datagram sockets say these two */
	case ENOTCONN:
		return wait_ended(w);
	case EMSGSIZE:
		return weir_error_set(fault, WEIR_ETOOBIG,
				      "the kernel refuses a message of this "
				      "size: %s", strerror(errno));
	default:
		return weir_error_errno(fault, "cannot %s the other side",
					w->events == POLLIN ? "receive from"
							    : "send to");
	}
}

/* After EAGAIN: has the other side gone? Not asked each time, as it is a
 * system call of its own. */
static bool
wait_abandoned(struct wait *w, struct spell *spell)
{
	struct pollfd pfd = { .fd = w->alive_fd, .events = POLLRDHUP };
	bool slept = spell->slept;

	spell->slept = false;
	if (w->alive_fd < 0 || (!slept && ++w->n_empty < WAIT_BURST))
		return false;
	w->n_empty = 0;
	w->n_syscalls++;
	return poll(&pfd, 1, 0) > 0;
}

/*
 * What to do about a call that moved nothing: OK to call again. A sequenced
 * socket reports the reset of a peer that closed with unread data before the
 * data that this peer sent; the error is given once, so the call is repeated
 * once to get at them. It is repeated once more, too, where the other side is
 * found to be gone, as its last messages may have come just before.
 */
static int
wait_again(struct wait *w, struct spell *spell, ssize_t n, unsigned how)
{
	if (n == 0)
		return wait_ended(w);
	switch (errno) {
	case EINTR:
		return weir_canceled(w->setup) ? wait_canceled(w) : WEIR_OK;
	case EAGAIN:
		if (spell->last)
			return wait_ended(w);
		spell->last = wait_abandoned(w, spell);
		if (spell->last)
			return WEIR_OK;
		if (how & WAIT_TRY)
			return WEIR_EAGAIN;
		if (w->events == POLLOUT && !spell->stalled)
			w->n_stalls++;
		spell->stalled = true;
		return wait_pause(w, spell, how & WAIT_UNTIL ? w->until_ns :
							       UINT64_MAX);
	case ECONNRESET:
		if (w->events == POLLIN && !spell->reset) {
			spell->reset = true;
			return WEIR_OK;
		}
		return wait_ended(w);
	default:
		return wait_failed(w);
	}
}

/* Pauses and calls, until something moves or it is time to look around. */
static ssize_t
wait_burst(struct wait *w, struct iovec *iov, int n_iov, unsigned how)
{
	const bool timed = w->mode == WAIT_ADAPTIVE || (how & WAIT_UNTIL);
	const uint32_t most = timed ? CLOCK_ROUNDS : WAIT_BURST;
	wait_call *call = w->call;
	uint32_t rounds = 0;
	ssize_t n;

	do {
		relax_cpu();
		n = call(w, iov, n_iov, how);
		rounds++;
	} while (n < 0 && errno == EAGAIN && rounds < most);
	w->n_empty += rounds - 1;
	w->n_spins += rounds;
	w->n_syscalls += rounds;
	return n;
}

int
wait_on(struct wait *w, struct iovec *iov, int n_iov, unsigned how, ssize_t n,
	size_t *ret_n)
{
	struct spell spell = { .until_ns = 0 };
	int rc;

	do {
		rc = wait_again(w, &spell, n, how);
		if (rc)
			return rc;
		if (spell.last)
			how |= WAIT_NOWAIT;
		if (spell.spin) {
			spell.spin = false;
			n = wait_burst(w, iov, n_iov, how);
		} else {
			w->n_syscalls++;
			n = w->call(w, iov, n_iov, how);
		}
	} while (n <= 0);
	*ret_n = (size_t)n;
	return WEIR_OK;
}

int
wait_move(struct wait *w, struct iovec *iov, int n_iov, unsigned how,
	  size_t *ret_n)
{
	ssize_t n;
	int rc;

	how |= how & (WAIT_TRY | WAIT_UNTIL) ? WAIT_NOWAIT : wait_how(w);
	if (w->mode == WAIT_EPOLL && w->events == POLLIN &&
	    !(how & (WAIT_TRY | WAIT_UNTIL))) {
		rc = wait_sleep(w, SLEEP_NS);
		if (rc)
			return rc;
	}
	w->n_syscalls++;
	n = w->call(w, iov, n_iov, how);
	if (__builtin_expect(n <= 0, 0))
		return wait_on(w, iov, n_iov, how, n, ret_n);
	*ret_n = (size_t)n;
	return WEIR_OK;
}

int
wait_until(const struct weir_setup *setup, int fd, short events,
	   uint64_t deadline_ns, const char *what, struct weir_error *err)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	for (;;) {
		uint64_t now_ns = setup->services->now_ns();
		uint64_t left_ms = WAIT_SLEEP_MS;
		int rc;

		if (weir_canceled(setup))
			return weir_error_set(err, WEIR_ECANCELED,
					      "canceled while waiting for %s",
					      what);
		if (now_ns >= deadline_ns)
			left_ms = 0;
		else if (deadline_ns - now_ns < left_ms * UINT64_C(1000000))
			left_ms = (deadline_ns - now_ns) / 1000000 + 1;
		rc = poll(&pfd, 1, (int)left_ms);
		if (rc > 0)
			return WEIR_OK;
		if (rc < 0 && errno != EINTR)
			return weir_error_errno(err, "cannot wait for %s",
						what);
		if (rc == 0 && left_ms == 0)
			return weir_error_set(err, WEIR_ETIMEOUT,
					      "the deadline passed while "
					      "waiting for %s", what);
	}
}

void
wait_collect(const struct wait *tx, const struct wait *rx,
	     struct weir_counters *ret_counters)
{
	weir_counters_add(ret_counters, "syscalls",
			  tx->n_syscalls + rx->n_syscalls);
	weir_counters_add(ret_counters, "sleeps", tx->n_sleeps + rx->n_sleeps);
	weir_counters_add(ret_counters, "spins", tx->n_spins + rx->n_spins);
	weir_counters_add(ret_counters, "stalls", tx->n_stalls);
	weir_counters_add(ret_counters, "canceled",
			  tx->n_canceled + rx->n_canceled);
}
