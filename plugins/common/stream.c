/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/common/stream.h"

#include <poll.h>
#include <stdlib.h>

int
stream_init(struct stream *s, const struct weir_setup *setup,
	    const struct stream_setup *how, struct weir_error *err)
{
	int rc;

	*s = (struct stream)STREAM_INITIALIZER;
	s->max_bytes = setup->max_message_bytes;
	s->carry = malloc(s->max_bytes + STREAM_AHEAD_BYTES);
	if (!s->carry)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a receive buffer of "
				      "%llu bytes",
				      (unsigned long long)s->max_bytes);
	rc = wait_init(&s->tx, setup, how->tx_fd, POLLOUT, how->tx_call,
		       how->wait, how->spin_ns, err);
	if (rc == WEIR_OK)
		rc = wait_init(&s->rx, setup, how->rx_fd, POLLIN,
			       how->rx_call, how->wait, how->spin_ns, err);
	if (rc)
		stream_fini(s);
	return rc;
}

void
stream_fini(struct stream *s)
{
	wait_fini(&s->tx);
	wait_fini(&s->rx);
	free(s->carry);
	s->carry = NULL;
}

/* ---- sending ---- */

/* A new message: chooses whether it has a header. */
static void
stream_tx_begin(struct stream *s, const void *buf, size_t len)
{
	const uint64_t mark = htole64(STREAM_MARK);
	const uint32_t length = htole32((uint32_t)len);

	s->tx_len = len;
	s->tx_head = 0;
	if (__builtin_expect(stream_plain(s, len) &&
			     !stream_marked(buf, STREAM_MARK_BYTES), 1))
		return;
	s->tx_head = STREAM_HEADER_BYTES;
	memcpy(s->tx_header, &mark, sizeof(mark));
	memcpy(s->tx_header + sizeof(mark), &length, sizeof(length));
}

/* The parts of a message that are still to be sent. */
static int
stream_tx_iov(struct stream *s, const void *buf, struct iovec iov[2])
{
	/* struct iovec serves both ways, so its pointer can't be const. */
	char *at = (char *)(uintptr_t)buf;
	size_t done = s->tx_done;

	if (done >= s->tx_head) {
		done -= s->tx_head;
		iov[0].iov_base = at + done;
		iov[0].iov_len = s->tx_len - done;
		return 1;
	}
	iov[0].iov_base = s->tx_header + done;
	iov[0].iov_len = s->tx_head - done;
	iov[1].iov_base = at;
	iov[1].iov_len = s->tx_len;
	return 2;
}

/* So many bytes more are on their way. A peer that drains byte by byte must not
 * outlast cancel. */
static int
stream_tx_moved(struct stream *s, size_t n)
{
	s->tx_done += n;
	if (s->tx_done == s->tx_head + s->tx_len)
		return WEIR_OK;
	s->n_partial_sends++;
	return weir_canceled(s->tx.setup) ? wait_canceled(&s->tx) : WEIR_OK;
}

static int
stream_tx_rest(struct stream *s, const void *buf, unsigned how)
{
	struct iovec iov[2];
	size_t n;
	int n_iov;
	int rc;

	while (s->tx_done < s->tx_head + s->tx_len) {
		n_iov = stream_tx_iov(s, buf, iov);
		rc = wait_move(&s->tx, iov, n_iov, how, &n);
		if (rc == WEIR_OK)
			rc = stream_tx_moved(s, n);
		if (rc)
			return rc;
	}
	s->tx_done = 0;
	return WEIR_OK;
}

int
stream_send(struct stream *s, const void *buf, size_t len, unsigned how)
{
	if (len - 1 >= s->max_bytes)
		return wait_refuse_length(&s->tx, len);
	if (s->tx_done && len != s->tx_len)
		return weir_error_set(s->tx.setup->fault, WEIR_EINVALID,
				      "a message of %zu bytes was sent in "
				      "part; it must be completed, not "
				      "followed by one of %zu bytes",
				      s->tx_len, len);
	if (!s->tx_done)
		stream_tx_begin(s, buf, len);
	return stream_tx_rest(s, buf, how);
}

int
stream_send_on(struct stream *s, const void *buf, size_t len, ssize_t n)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)buf,
			     .iov_len = len };
	size_t moved = (size_t)n;
	int rc = WEIR_OK;

	s->tx_len = len;
	s->tx_head = 0;
	if (n <= 0)
		rc = wait_on(&s->tx, &iov, 1, wait_how(&s->tx), n, &moved);
	if (rc == WEIR_OK)
		rc = stream_tx_moved(s, moved);
	return rc ? rc : stream_tx_rest(s, buf, 0);
}

/* ---- receiving ---- */

/* The length has come: believes it only within the buffer. */
static int
stream_rx_length(struct stream *s, size_t len, size_t cap)
{
	if (__builtin_expect(len - 1 >= cap, 0))
		return weir_error_set(s->rx.setup->fault, WEIR_EPROTOCOL,
				      "the other side announced a message of "
				      "%zu bytes; 1 to %zu were agreed", len,
				      cap);
	s->rx_len = len;
	return WEIR_OK;
}

/* Looks for a length at the beginning of the carry; leaves it unknown where
 * more has to come. */
static int
stream_rx_header(struct stream *s, size_t cap)
{
	const unsigned char *at = s->carry + s->carry_at;
	size_t have = s->carry_end - s->carry_at;
	uint32_t length;

	if (!stream_marked(at, have)) {
		if (s->max_bytes >= STREAM_PLAIN_MIN)
			return stream_rx_length(s, s->max_bytes, cap);
		return weir_error_set(s->rx.setup->fault, WEIR_EPROTOCOL,
				      "the other side sent a message without "
				      "a header where each has one");
	}
	if (have < STREAM_HEADER_BYTES)
		return WEIR_OK;
	memcpy(&length, at + STREAM_MARK_BYTES, sizeof(length));
	s->carry_at += STREAM_HEADER_BYTES;
	return stream_rx_length(s, le32toh(length), cap);
}

/* Reads behind what is in the carry, which is less than a header and a message,
 * until there are so many bytes at most. */
static int
stream_rx_carry(struct stream *s, size_t most, unsigned how)
{
	size_t have = s->carry_end - s->carry_at;
	struct iovec iov = {
		.iov_base = s->carry + have,
		.iov_len = most - have,
	};
	size_t n;
	int rc;

	memmove(s->carry, s->carry + s->carry_at, have);
	s->carry_at = 0;
	s->carry_end = have;
	rc = wait_move(&s->rx, &iov, 1, how, &n);
	if (rc)
		return rc;
	s->carry_end += n;
	return WEIR_OK;
}

/* Part of the message, from the carry or else from the channel: then with its
 * exact length, and not a byte more. */
static int
stream_rx_part(struct stream *s, unsigned char *buf, unsigned how)
{
	struct iovec iov = { .iov_base = buf + s->rx_have,
			     .iov_len = s->rx_len - s->rx_have };
	size_t n = s->carry_end - s->carry_at;
	int rc;

	if (n > 0) {
		if (n > iov.iov_len)
			n = iov.iov_len;
		memcpy(iov.iov_base, s->carry + s->carry_at, n);
		s->carry_at += n;
	} else {
		rc = wait_move(&s->rx, &iov, 1, how | WAIT_WHOLE, &n);
		if (rc)
			return rc;
	}
	s->rx_have += n;
	return WEIR_OK;
}

/* So many bytes came straight into the buffer, of what most likely is a plain
 * message. */
static void
stream_rx_took(struct stream *s, const unsigned char *buf, size_t n)
{
	if (__builtin_expect(stream_marked(buf, n), 0)) {
		memcpy(s->carry, buf, n);
		s->carry_at = 0;
		s->carry_end = n;
		return;
	}
	s->rx_len = s->max_bytes;
	s->rx_have = n;
}

/* Nothing is there and nothing is known. */
static int
stream_rx_first(struct stream *s, unsigned char *buf, unsigned how)
{
	struct iovec iov = { .iov_base = buf, .iov_len = s->max_bytes };
	size_t n;
	int rc;

	rc = wait_move(&s->rx, &iov, 1, how, &n);
	if (rc == WEIR_OK)
		stream_rx_took(s, buf, n);
	return rc;
}

/* One step towards a whole message. */
static int
stream_rx_step(struct stream *s, unsigned char *buf, size_t cap, unsigned how)
{
	bool empty = s->carry_at == s->carry_end;
	int rc;

	if (s->rx_len > cap) /* begun with a larger buffer */
		return stream_rx_length(s, s->rx_len, cap);
	if (!s->rx_len && empty && stream_plain(s, cap))
		return stream_rx_first(s, buf, how);
	if (!s->rx_len) {
		rc = empty ? WEIR_OK : stream_rx_header(s, cap);
		if (rc || s->rx_len)
			return rc;
		return stream_rx_carry(s, s->max_bytes + STREAM_HEADER_BYTES,
				       how);
	}
	return stream_rx_part(s, buf, how);
}

/* The rest of it. A peer that sends byte by byte must not outlast cancel. */
static int
stream_rx_rest(struct stream *s, void *buf, size_t cap, size_t *ret_len,
	       unsigned how)
{
	int rc;

	while (!s->rx_len || s->rx_have < s->rx_len) {
		s->n_partial_receives += s->rx_have != 0;
		if (weir_canceled(s->rx.setup))
			return wait_canceled(&s->rx);
		rc = stream_rx_step(s, buf, cap, how);
		if (rc)
			return rc;
	}
	*ret_len = s->rx_len;
	s->rx_len = 0;
	s->rx_have = 0;
	return WEIR_OK;
}

static size_t
stream_rx_cap(const struct stream *s, size_t cap)
{
	return cap < s->max_bytes ? cap : s->max_bytes;
}

int
stream_recv(struct stream *s, void *buf, size_t cap, size_t *ret_len,
	    unsigned how)
{
	int rc;

	cap = stream_rx_cap(s, cap);
	rc = stream_rx_step(s, buf, cap, how);
	return rc ? rc : stream_rx_rest(s, buf, cap, ret_len, how);
}

int
stream_recv_on(struct stream *s, void *buf, size_t cap, size_t *ret_len,
	       ssize_t n)
{
	struct iovec iov = { .iov_base = buf, .iov_len = s->max_bytes };
	size_t got = (size_t)n;
	int rc;

	if (n <= 0) {
		rc = wait_on(&s->rx, &iov, 1, wait_how(&s->rx), n, &got);
		if (rc)
			return rc;
	}
	stream_rx_took(s, buf, got);
	return stream_rx_rest(s, buf, stream_rx_cap(s, cap), ret_len, 0);
}

/* ---- several at once ---- */

/* The parts of n plain messages that are still to be sent. */
static int
stream_tx_run(const unsigned char *buf, size_t stride, size_t len, size_t n,
	      size_t done, struct iovec iov[STREAM_IOV_MAX])
{
	char *at = (char *)(uintptr_t)buf;
	size_t i = done / len, offset = done % len;
	int n_iov = 0;

	if (stride == len) {
		iov[0].iov_base = at + done;
		iov[0].iov_len = n * len - done;
		return 1;
	}
	for (; i < n && n_iov < STREAM_IOV_MAX; i++, n_iov++) {
		iov[n_iov].iov_base = at + i * stride + offset;
		iov[n_iov].iov_len = len - offset;
		offset = 0;
	}
	return n_iov;
}

static int
stream_send_run(struct stream *s, const unsigned char *buf, size_t stride,
		size_t len, size_t n)
{
	struct iovec iov[STREAM_IOV_MAX];
	size_t done = 0, moved;
	int n_iov, rc;

	for (;;) {
		n_iov = stream_tx_run(buf, stride, len, n, done, iov);
		rc = wait_move(&s->tx, iov, n_iov, 0, &moved);
		if (rc)
			return rc;
		done += moved;
		if (done == n * len)
			return WEIR_OK;
		s->n_partial_sends++;
		if (weir_canceled(s->tx.setup))
			return wait_canceled(&s->tx);
	}
}

int
stream_send_many(struct stream *s, const void *buf, size_t stride, size_t len,
		 size_t n)
{
	const unsigned char *at = buf;
	size_t run;
	int rc = WEIR_OK;

	for (; n > 0 && !rc; n -= run, at += run * stride) {
		run = 0;
		while (!s->tx_done && run < n && stream_plain(s, len) &&
		       !stream_marked(at + run * stride, STREAM_MARK_BYTES))
			run++;
		if (run > 0) {
			rc = stream_send_run(s, at, stride, len, run);
		} else {
			rc = stream_send(s, at, len, 0);
			run = 1;
		}
	}
	return rc;
}

/* Takes the messages that are whole in the carry, n at most. */
static int
stream_rx_whole(struct stream *s, unsigned char *to, size_t stride, size_t cap,
		size_t n, size_t *ret_lens, size_t *ret_n)
{
	size_t got = 0;
	int rc;

	for (; got < n && s->carry_at < s->carry_end; got++, to += stride) {
		rc = s->rx_len ? WEIR_OK : stream_rx_header(s, cap);
		if (rc)
			return rc;
		if (!s->rx_len || s->carry_end - s->carry_at < s->rx_len)
			break;
		memcpy(to, s->carry + s->carry_at, s->rx_len);
		s->carry_at += s->rx_len;
		ret_lens[got] = s->rx_len;
		s->rx_len = 0;
	}
	*ret_n = got;
	return WEIR_OK;
}

int
stream_recv_many(struct stream *s, void *buf, size_t stride, size_t cap,
		 size_t n, size_t *ret_lens, size_t *ret_n)
{
	size_t most = n * s->max_bytes + STREAM_HEADER_BYTES;
	int rc;

	cap = stream_rx_cap(s, cap);
	*ret_n = 1;
	/* Large ones are not worth a copy more. */
	if (s->rx_have || s->rx_len > cap ||
	    s->max_bytes > STREAM_SMALL_BYTES)
		return stream_recv(s, buf, cap, ret_lens, 0);
	if (most > STREAM_AHEAD_BYTES)
		most = STREAM_AHEAD_BYTES;
	for (;;) {
		rc = stream_rx_whole(s, buf, stride, cap, n, ret_lens, ret_n);
		if (rc || *ret_n)
			return rc;
		s->n_partial_receives += s->carry_at < s->carry_end;
		if (weir_canceled(s->rx.setup))
			return wait_canceled(&s->rx);
		rc = stream_rx_carry(s, most, 0);
		if (rc)
			return rc;
	}
}

void
stream_collect(const struct stream *s, struct weir_counters *ret_counters)
{
	wait_collect(&s->tx, &s->rx, ret_counters);
	weir_counters_add(ret_counters, "partial_sends", s->n_partial_sends);
	weir_counters_add(ret_counters, "partial_receives",
			  s->n_partial_receives);
}
