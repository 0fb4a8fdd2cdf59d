/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/shm/await.h"

#include "plugins/common/relax.h"
#include "plugins/shm/futex.h"

#include <poll.h>

#define CANCEL_ROUNDS 1024u /* a spin loop looks at cancel this often */
#define CLOCK_ROUNDS 32u    /* an adaptive one reads the clock this often */

__attribute__((noinline)) void
await_wake(struct weir_channel *c, uint32_t *flag)
{
	int fd = c->eventfds[c->setup->side == WEIR_SIDE_HOST
				     ? WEIR_SIDE_CLIENT
				     : WEIR_SIDE_HOST];
	uint64_t one = 1;

	if (!__atomic_exchange_n(flag, 0, __ATOMIC_SEQ_CST))
		return;
	c->n_wakeups++;
	c->n_syscalls++;
	if (fd < 0)
		futex_wake(flag);
	else if (write(fd, &one, sizeof(one)) < 0)
		return; /* it is full: the other side is awake */
}

/* ------------------------------------------------------------------ */
/* What a wait waits for: OK, EAGAIN, or a failure.                     */

typedef int ready_fn(struct weir_channel *c);

static inline __attribute__((always_inline)) int
data_ready(struct weir_channel *c)
{
	uint64_t part;

	if (__builtin_expect(c->in.left != 0, 0))
		return ring_in_flowed(&c->in, &part);
	if (c->slot_in.at && slot_in_peek(&c->slot_in))
		return WEIR_OK;
	if (c->in.at.data && ring_in_peek(&c->in))
		return WEIR_OK;
	return WEIR_EAGAIN;
}

static inline __attribute__((always_inline)) int
room_ready(struct weir_channel *c)
{
	return ring_out_refresh(&c->out, c->wanted);
}

/* The slot is given back by an answer, taken or not, or in `taken`. */
static inline __attribute__((always_inline)) int
slot_ready(struct weir_channel *c)
{
	struct slot_out *s = &c->slot_out;
	uint64_t answer = slot_in_peek(&c->slot_in);
	uint64_t taken;

	if (answer)
		slot_out_ack(s, answer);
	if (slot_out_free(s))
		return WEIR_OK;
	taken = __atomic_load_n(&c->theirs->taken, __ATOMIC_SEQ_CST);
	if (taken > s->sent)
		return WEIR_EPROTOCOL;
	if (taken > s->acked)
		s->acked = taken;
	return slot_out_free(s) ? WEIR_OK : WEIR_EAGAIN;
}

/* ------------------------------------------------------------------ */
/* Waiting.                                                            */

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
	bool timed = c->wait == SHM_ADAPTIVE || limit_ns != AWAIT_NO_LIMIT;
	uint64_t until_ns = c->wait == SHM_ADAPTIVE ? 0 : AWAIT_NO_LIMIT;
	uint64_t now_ns;
	uint64_t n;
	int rc;

	for (n = 1;; n++) {
		rc = ready(c);
		if (rc != WEIR_EAGAIN)
			break;
		relax_cpu();
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

/* Sleeps in poll for at most ns (below 1 s). The count is taken where it is
 * there: who finds it taken sleeps on. */
static int
eventfd_wait(int fd, uint64_t ns)
{
	struct timespec timeout = { .tv_nsec = (long)ns };
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t count;
	int rc = ppoll(&p, 1, &timeout, NULL);

	if (rc > 0 && read(fd, &count, sizeof(count)) < 0 &&
	    errno != EAGAIN && errno != EINTR)
		return WEIR_ESYSTEM;
	return rc < 0 && errno != EINTR ? WEIR_ESYSTEM : WEIR_OK;
}

/* Sleeps until it is ready; flag tells the other side to wake this one. */
static int
wait_asleep(struct weir_channel *c, ready_fn *ready, uint32_t *flag,
	    uint64_t limit_ns)
{
	int fd = c->eventfds[c->setup->side];
	uint64_t slice_ns = FUTEX_SLICE_NS;
	uint64_t now_ns = 0;
	int rc;

	for (;;) {
		__atomic_store_n(flag, 1, __ATOMIC_SEQ_CST);
		rc = ready(c);
		if (rc == WEIR_EAGAIN)
			rc = look_up(c, ready);
		if (limit_ns != AWAIT_NO_LIMIT)
			now_ns = c->setup->services->now_ns();
		if (rc != WEIR_EAGAIN || now_ns >= limit_ns)
			break;
		if (limit_ns - now_ns < slice_ns)
			slice_ns = limit_ns - now_ns;
		c->n_sleeps++;
		c->n_syscalls++;
		rc = fd < 0 ? futex_wait(flag, 1, slice_ns)
			    : eventfd_wait(fd, slice_ns);
		if (rc)
			break;
	}
	__atomic_store_n(flag, 0, __ATOMIC_RELAXED);
	return rc;
}

/* Measures the distance while it waits; EAGAIN after a while. */
static inline __attribute__((always_inline)) int
wait_measuring(struct weir_channel *c, ready_fn *ready)
{
	struct distance *d = &c->out.distance;
	uint64_t begin_ns, end_ns = d->now_ns();
	uint64_t told;
	int rc = WEIR_EAGAIN;
	uint32_t n;

	for (n = 0; n < c->rounds && rc == WEIR_EAGAIN; n++) {
		begin_ns = end_ns;
		rc = ready(c);
		end_ns = d->now_ns();
	}
	c->n_spins += n;
	if (rc != WEIR_OK)
		return rc;
	told = distance_measured(d, end_ns - begin_ns);
	__atomic_store_n(&c->mine->distance, told, __ATOMIC_RELAXED);
	return rc;
}

void
await_measuring(struct weir_channel *c)
{
	(void)wait_measuring(c, data_ready);
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

void
await_give_back(struct weir_channel *c, bool last)
{
	if (c->in.at.data)
		ring_in_return(&c->in);
	if (c->slot_in.told != c->slot_in.taken) {
		c->slot_in.told = c->slot_in.taken;
		__atomic_store_n(&c->mine->taken, c->slot_in.taken,
				 __ATOMIC_SEQ_CST);
	}
	if (!last &&
	    c->in.tail - c->room_told < (c->in.place.mask + 1) / 4)
		return;
	c->room_told = c->in.tail;
	await_wake_if(c, &c->theirs->room_wait);
}

int
await_data(struct weir_channel *c, uint64_t limit_ns)
{
	int rc;

	if (await_owes(c))
		await_give_back(c, true);
	if (!limit_ns)
		rc = look_up(c, data_ready);
	else
		rc = wait_until(c, data_ready, &c->mine->data_wait, limit_ns);
	if (limit_ns != AWAIT_NO_LIMIT && rc == WEIR_EAGAIN)
		return rc;
	return __builtin_expect(rc, 0) ? await_fail_recv(c, rc) : WEIR_OK;
}

int
await_room(struct weir_channel *c, uint64_t record, bool try)
{
	int rc;

	/* Everything is published by now, and may have to be told. */
	c->n_stalls++;
	await_wake_if(c, &c->theirs->data_wait);
	if (try)
		return WEIR_EAGAIN;
	c->wanted = record;
	rc = distance_is_due(&c->out.distance) ? wait_measuring(c, room_ready)
					       : WEIR_EAGAIN;
	if (rc == WEIR_EAGAIN)
		rc = wait_until(c, room_ready, &c->mine->room_wait,
				AWAIT_NO_LIMIT);
	return rc ? await_fail_send(c, rc) : WEIR_OK;
}

int
await_slot(struct weir_channel *c, bool try)
{
	int rc = slot_ready(c);

	if (rc == WEIR_EAGAIN) {
		c->n_stalls++;
		if (try)
			return rc;
		rc = wait_until(c, slot_ready, &c->mine->room_wait,
				AWAIT_NO_LIMIT);
	}
	return rc ? await_fail_send(c, rc) : WEIR_OK;
}

/* ------------------------------------------------------------------ */
/* Failures.                                                           */

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
		return weir_error_errno(fault, "cannot sleep while %s",
					doing);
	}
}

__attribute__((noinline, cold)) int
await_fail_send(struct weir_channel *c, int rc)
{
	return fail(c, rc, "sending",
		    "the other side says that it has read what was never "
		    "written to the shared memory");
}

__attribute__((noinline, cold)) int
await_fail_recv(struct weir_channel *c, int rc)
{
	return fail(c, rc, "receiving",
		    "the other side wrote a message to the shared memory "
		    "whose length can't be, or that is longer than the "
		    "buffer");
}
