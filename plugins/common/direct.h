/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The usual case of moving a message, for transports that know when they are
 * compiled by which call: that call, and with wait = spin those that find
 * nothing, inlined into one function. Whatever else can come, a wait that
 * sleeps, a part of a message, an end, is left to wait.h and stream.h.
 *
 * It is worth it: behind a system call the CPU predicts neither indirect calls
 * nor returns, so that each level of functions costs some ns, and it is the
 * rhythm of the empty calls, each of which takes the lock that the other side
 * needs, that a round trip of 1 us depends on most.
 */
#ifndef PLUGINS_COMMON_DIRECT_H
#define PLUGINS_COMMON_DIRECT_H

#include <errno.h>

#include "plugins/common/packet.h"
#include "plugins/common/relax.h"
#include "plugins/common/stream.h"
#include "plugins/common/wait.h"

#define direct_inline static inline __attribute__((always_inline))
#define direct_likely(condition) __builtin_expect(!!(condition), 1)

/* One call; `how` as in wait_move. */
direct_inline ssize_t
direct_put(struct wait *w, struct iovec *iov, unsigned how, wait_call *call)
{
	w->n_syscalls++;
	return call(w, iov, 1, how);
}

/* One call, and with wait = spin a burst of them. */
direct_inline ssize_t
direct_take(struct wait *w, struct iovec *iov, unsigned how, wait_call *call)
{
	ssize_t n = call(w, iov, 1, how);
	uint32_t rounds = 0;

	while (n < 0 && errno == EAGAIN && w->mode == WAIT_SPIN &&
	       rounds < WAIT_BURST) {
		relax_cpu();
		n = call(w, iov, 1, how);
		rounds++;
	}
	w->n_syscalls += rounds + 1;
	w->n_spins += rounds;
	w->n_empty += rounds;
	return n;
}

/* stream_send and stream_recv that wait. */
direct_inline int
direct_stream_send(struct stream *s, const void *buf, size_t len,
		   wait_call *call)
{
	/* struct iovec serves both ways, so its pointer can't be const. */
	struct iovec iov = { .iov_base = (void *)(uintptr_t)buf,
			     .iov_len = len };
	ssize_t n;

	if (!direct_likely(!s->tx_done && stream_plain(s, len) &&
			   !stream_marked(buf, STREAM_MARK_BYTES)))
		return stream_send(s, buf, len, 0);
	n = direct_put(&s->tx, &iov, wait_how(&s->tx), call);
	if (direct_likely(n == (ssize_t)len))
		return WEIR_OK;
	return stream_send_on(s, buf, len, n);
}

direct_inline int
direct_stream_recv(struct stream *s, void *buf, size_t cap, size_t *ret_len,
		   wait_call *call)
{
	struct iovec iov = { .iov_base = buf, .iov_len = s->max_bytes };
	ssize_t n;

	if (!direct_likely(!s->rx_len && s->carry_at == s->carry_end &&
			   cap >= s->max_bytes &&
			   s->max_bytes >= STREAM_PLAIN_MIN &&
			   s->rx.mode != WAIT_EPOLL))
		return stream_recv(s, buf, cap, ret_len, 0);
	n = direct_take(&s->rx, &iov, wait_how(&s->rx), call);
	if (!direct_likely(n == (ssize_t)s->max_bytes &&
			   !stream_marked(buf, STREAM_MARK_BYTES)))
		return stream_recv_on(s, buf, cap, ret_len, n);
	*ret_len = (size_t)n;
	return WEIR_OK;
}

/* packet_send and packet_recv that wait. */
direct_inline int
direct_packet_send(struct wait *tx, const void *buf, size_t len,
		   wait_call *call)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)buf,
			     .iov_len = len };
	const unsigned how = wait_how(tx);
	size_t sent;
	ssize_t n;

	if (len - 1 >= tx->setup->max_message_bytes)
		return wait_refuse_length(tx, len);
	n = direct_put(tx, &iov, how, call);
	if (direct_likely(n > 0))
		return WEIR_OK;
	return wait_on(tx, &iov, 1, how, n, &sent);
}

direct_inline int
direct_packet_recv(struct wait *rx, void *buf, size_t cap, size_t *ret_len,
		   wait_call *call)
{
	struct iovec iov = { .iov_base = buf, .iov_len = cap };
	const unsigned how = wait_how(rx);
	size_t len;
	ssize_t n;

	if (rx->mode == WAIT_EPOLL)
		return packet_recv(rx, buf, cap, ret_len, 0);
	n = direct_take(rx, &iov, how, call);
	len = (size_t)n;
	if (!direct_likely(n > 0)) {
		int rc = wait_on(rx, &iov, 1, how, n, &len);

		if (rc)
			return rc;
	}
	return packet_took(rx, len, cap, ret_len);
}

#endif
