/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/shm/message.h"

#include "plugins/shm/channel.h"
#include "plugins/shm/futex.h"

#include <assert.h>

#define CANCEL_ROUNDS 1024u /* a spin loop looks at cancel this often */
#define NO_LIMIT UINT64_MAX /* of a wait, in time */
#define CLOCK_ROUNDS 32u    /* an adaptive one reads the clock this often */

/* ------------------------------------------------------------------ */
/* Waiting.                                                            */

static inline void
cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield" ::: "memory");
#else
	__asm__ volatile("" ::: "memory");
#endif
}

__attribute__((noinline)) void
message_wake(struct weir_channel *c, uint32_t *flag)
{
	if (!__atomic_exchange_n(flag, 0, __ATOMIC_SEQ_CST))
		return;
	c->n_wakeups++;
	c->n_syscalls++;
	futex_wake(flag);
}

/* After a publication: wakes the other side if it sleeps. */
static inline void
wake_if(struct weir_channel *c, uint32_t *flag)
{
	if (c->sleeps && __atomic_load_n(flag, __ATOMIC_SEQ_CST))
		message_wake(c, flag);
}

/* What a wait waits for: OK, EAGAIN, or a failure. */
typedef int ready_fn(struct weir_channel *c);

static inline int
data_ready(struct weir_channel *c)
{
	return ring_in_peek(&c->in) ? WEIR_OK : WEIR_EAGAIN;
}

static inline int
room_ready(struct weir_channel *c)
{
	return ring_out_refresh(&c->out, c->wanted);
}

/* Is there a reason not to wait any longer? EAGAIN: no. */
static int
look_up(struct weir_channel *c, ready_fn *ready)
{
	int rc;

	if (weir_canceled(c->setup))
		return WEIR_ECANCELED;
	if (!__atomic_load_n(&c->theirs->closed, __ATOMIC_SEQ_CST))
		return WEIR_EAGAIN;
	/* It may have published before it left. */
	rc = ready(c);
	return rc == WEIR_EAGAIN ? WEIR_EPEER : rc;
}

/* Spins; EAGAIN when it is time to sleep. */
static inline __attribute__((always_inline)) int
wait_spinning(struct weir_channel *c, ready_fn *ready, uint64_t limit_ns)
{
	bool timed = c->wait == SHM_ADAPTIVE || limit_ns != NO_LIMIT;
	uint64_t until_ns = c->wait == SHM_ADAPTIVE ? 0 : NO_LIMIT;
	uint64_t now_ns;
	uint64_t n;
	int rc;

	for (n = 1;; n++) {
		rc = ready(c);
		if (rc != WEIR_EAGAIN)
			break;
		cpu_relax();
		if (n % CANCEL_ROUNDS == 0) {
			rc = look_up(c, ready);
			if (rc != WEIR_EAGAIN)
				break;
		}
		if (!timed || n % CLOCK_ROUNDS)
			continue;
		now_ns = c->setup->services->now_ns();
		if (!until_ns)
			until_ns = now_ns + c->spin_ns;
		if (now_ns >= until_ns || now_ns >= limit_ns)
			break;
	}
	c->n_spins += n;
	return rc;
}

/* Sleeps until it is ready; flag tells the other side to wake this one. */
static int
wait_asleep(struct weir_channel *c, ready_fn *ready, uint32_t *flag,
	    uint64_t limit_ns)
{
	uint64_t now_ns = 0;
	uint64_t slice_ns = FUTEX_SLICE_NS;
	int rc;

	for (;;) {
		__atomic_store_n(flag, 1, __ATOMIC_SEQ_CST);
		rc = ready(c);
		if (rc == WEIR_EAGAIN)
			rc = look_up(c, ready);
		if (limit_ns != NO_LIMIT)
			now_ns = c->setup->services->now_ns();
		if (rc != WEIR_EAGAIN || now_ns >= limit_ns)
			break;
		if (limit_ns - now_ns < slice_ns)
			slice_ns = limit_ns - now_ns;
		c->n_sleeps++;
		c->n_syscalls++;
		rc = futex_wait(flag, 1, slice_ns);
		if (rc)
			break;
	}
	__atomic_store_n(flag, 0, __ATOMIC_RELAXED);
	return rc;
}

/* EAGAIN: it is not ready, and the clock has come to limit_ns. */
static inline __attribute__((always_inline)) int
wait_until(struct weir_channel *c, ready_fn *ready, uint32_t *flag,
	   uint64_t limit_ns)
{
	int rc = WEIR_EAGAIN;

	if (c->wait == SHM_SPIN || (c->wait == SHM_ADAPTIVE && c->spin_ns))
		rc = wait_spinning(c, ready, limit_ns);
	if (rc == WEIR_EAGAIN && c->wait != SHM_SPIN)
		rc = wait_asleep(c, ready, flag, limit_ns);
	return rc;
}

/* ------------------------------------------------------------------ */
/* Messages.                                                           */

/* Says why an operation fails. Sentences for EPROTOCOL differ. */
static __attribute__((noinline, cold)) int
fail(struct weir_channel *c, int rc, const char *doing, const char *lie)
{
	struct weir_error *fault = c->setup->fault;

	switch (rc) {
	case WEIR_ECANCELED:
		c->n_canceled++;
		return weir_error_set(fault, rc, "canceled while %s", doing);
	case WEIR_EPEER:
		return weir_error_set(fault, rc, "the other side has closed "
						 "the shared memory channel "
						 "(noticed while %s)", doing);
	case WEIR_EPROTOCOL:
		return weir_error_set(fault, rc, "%s", lie);
	default:
		return weir_error_errno(fault, "cannot wait in a futex while "
					       "%s", doing);
	}
}

static __attribute__((noinline, cold)) int
fail_send(struct weir_channel *c, int rc)
{
	return fail(c, rc, "sending",
		    "the other side says that it has read what was never "
		    "written to the ring");
}

static __attribute__((noinline, cold)) int
fail_recv(struct weir_channel *c, int rc)
{
	return fail(c, rc, "receiving",
		    "the other side wrote a record to the ring whose length "
		    "can't be, or a message longer than the buffer");
}

static __attribute__((noinline, cold)) int
refuse_length(struct weir_channel *c, size_t len)
{
	return weir_error_set(c->setup->fault, WEIR_ETOOBIG,
			      "a message of %zu bytes was given to a channel "
			      "made for 1 to %llu bytes", len,
			      (unsigned long long)c->max_bytes);
}

/* No room: everything is published by now, and may have to be told. */
static __attribute__((noinline)) int
await_room(struct weir_channel *c, size_t len, bool try)
{
	int rc;

	c->n_stalls++;
	wake_if(c, &c->theirs->data_wait);
	if (try)
		return WEIR_EAGAIN;
	c->wanted = ring_out_next(&c->out, len);
	rc = wait_until(c, room_ready, &c->mine->room_wait, NO_LIMIT);
	return rc ? fail_send(c, rc) : WEIR_OK;
}

static inline __attribute__((always_inline)) int
put(struct weir_channel *c, const void *buf, size_t len, uint32_t flags,
    bool try)
{
	bool more = flags & WEIR_SEND_MORE;
	bool whole = false;
	int rc;

	if (__builtin_expect(len == 0 || len > c->max_bytes, 0))
		return refuse_length(c, len);
	assert(c->out.done < len); /* the same message after EAGAIN */
	if (__builtin_expect(__atomic_load_n(&c->theirs->closed,
					     __ATOMIC_RELAXED), 0))
		return fail_send(c, WEIR_EPEER);
	while (!whole) {
		rc = ring_out_put(&c->out, buf, len, more, &whole);
		if (__builtin_expect(rc == WEIR_OK, 1)) {
			if (!c->out.held_word)
				wake_if(c, &c->theirs->data_wait);
			if (!whole && weir_canceled(c->setup))
				return fail_send(c, WEIR_ECANCELED);
			continue;
		}
		rc = rc == WEIR_EAGAIN ? await_room(c, len, try)
				       : fail_send(c, rc);
		if (rc)
			return rc;
	}
	return WEIR_OK;
}

/*
 * Gives room back, and wakes a writer that sleeps for it: with last, as this
 * side is going to wait, else not before a quarter of the ring is free. A
 * writer that was woken for each record would fall asleep after each one.
 */
static inline void
give_back(struct weir_channel *c, bool last)
{
	ring_in_return(&c->in);
	if (!last && c->in.tail - c->room_told < (c->in.mask + 1) / 4)
		return;
	c->room_told = c->in.tail;
	wake_if(c, &c->theirs->room_wait);
}

/* Nothing there: EAGAIN at limit_ns (0: now), or EPEER after the last
 * message. */
static inline __attribute__((always_inline)) int
await_data(struct weir_channel *c, uint64_t limit_ns)
{
	int rc;

	/* Else a writer could wait for the room that this side owes it, and
	 * this one for the writer. */
	if (c->room_told != c->in.tail)
		give_back(c, true);
	if (!limit_ns)
		rc = look_up(c, data_ready);
	else
		rc = wait_until(c, data_ready, &c->mine->data_wait, limit_ns);
	if (limit_ns != NO_LIMIT && rc == WEIR_EAGAIN)
		return rc;
	return __builtin_expect(rc, 0) ? fail_recv(c, rc) : WEIR_OK;
}

static inline __attribute__((always_inline)) int
get(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len,
    uint64_t limit_ns)
{
	size_t len = 0;
	uint64_t word;
	int rc;

	while (!len) {
		word = ring_in_peek(&c->in);
		if (!word) {
			rc = await_data(c, limit_ns);
			if (rc)
				return rc;
			continue;
		}
		rc = ring_in_take(&c->in, word, buf, cap, &len);
		if (__builtin_expect(rc, 0))
			return fail_recv(c, rc);
		if (ring_in_is_due(&c->in))
			give_back(c, false);
		if (!len && weir_canceled(c->setup))
			return fail_recv(c, WEIR_ECANCELED);
	}
	*ret_len = len;
	return WEIR_OK;
}

int
message_send(struct weir_channel *c, const void *buf, size_t len,
	     uint32_t flags)
{
	return put(c, buf, len, flags, false);
}

int
message_try_send(struct weir_channel *c, const void *buf, size_t len,
		 uint32_t flags)
{
	return put(c, buf, len, flags, true);
}

int
message_recv(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len)
{
	return get(c, buf, cap, ret_len, NO_LIMIT);
}

int
message_try_recv(struct weir_channel *c, void *buf, size_t cap,
		 size_t *ret_len)
{
	return get(c, buf, cap, ret_len, 0);
}

int
message_recv_until(struct weir_channel *c, void *buf, size_t cap,
		   size_t *ret_len, uint64_t deadline_ns)
{
	return get(c, buf, cap, ret_len, deadline_ns);
}

int
message_flush(struct weir_channel *c)
{
	ring_out_publish(&c->out);
	wake_if(c, &c->theirs->data_wait);
	return WEIR_OK;
}
