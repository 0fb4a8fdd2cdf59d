/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/common/stream.h"

#include <endian.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

int
stream_init(struct stream *s, const struct weir_setup *setup,
	    const struct stream_setup *how, struct weir_error *err)
{
	int rc;

	*s = (struct stream)STREAM_INITIALIZER;
	s->max_bytes = setup->max_message_bytes;
	s->predicted = s->max_bytes;
	s->carry = malloc(s->max_bytes);
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

static void
stream_encode(unsigned char header[STREAM_HEADER_BYTES], size_t len)
{
	uint32_t le = htole32((uint32_t)len);

	memcpy(header, &le, sizeof(le));
}

static size_t
stream_decode(const unsigned char header[STREAM_HEADER_BYTES])
{
	uint32_t le;

	memcpy(&le, header, sizeof(le));
	return le32toh(le);
}

/* The parts of a message that are still to be sent. */
static int
stream_tx_iov(struct stream *s, const void *buf, struct iovec iov[2])
{
	/* struct iovec serves both ways, so its pointer can't be const. */
	char *at = (char *)(uintptr_t)buf;
	size_t done = s->tx_done;

	if (done >= STREAM_HEADER_BYTES) {
		done -= STREAM_HEADER_BYTES;
		iov[0].iov_base = at + done;
		iov[0].iov_len = s->tx_len - done;
		return 1;
	}
	iov[0].iov_base = s->tx_header + done;
	iov[0].iov_len = STREAM_HEADER_BYTES - done;
	iov[1].iov_base = at;
	iov[1].iov_len = s->tx_len;
	return 2;
}

int
stream_send(struct stream *s, const void *buf, size_t len, unsigned how)
{
	struct iovec iov[2];
	size_t n;
	int n_iov;
	int rc;

	if (len - 1 >= s->max_bytes)
		return wait_refuse_length(&s->tx, len);
	if (s->tx_done && len != s->tx_len)
		return weir_error_set(s->tx.setup->fault, WEIR_EINVALID,
				      "a message of %zu bytes was sent in "
				      "part; it must be completed, not "
				      "followed by one of %zu bytes",
				      s->tx_len, len);
	if (!s->tx_done) {
		s->tx_len = len;
		stream_encode(s->tx_header, len);
	}
	for (;;) {
		n_iov = stream_tx_iov(s, buf, iov);
		rc = wait_move(&s->tx, iov, n_iov, how, &n);
		if (rc)
			return rc;
		s->tx_done += n;
		if (s->tx_done == STREAM_HEADER_BYTES + len)
			break;
		s->n_partial_sends++;
		/* A peer that drains byte by byte must not outlast cancel. */
		if (weir_canceled(s->tx.setup))
			return wait_canceled(&s->tx);
	}
	s->tx_done = 0;
	return WEIR_OK;
}

/* The header has come in full: believes its length only within the buffer. */
static int
stream_rx_header(struct stream *s, size_t cap)
{
	s->rx_len = stream_decode(s->rx_header);
	if (__builtin_expect(s->rx_len - 1 < cap, 1))
		return WEIR_OK;
	return weir_error_set(s->rx.setup->fault, WEIR_EPROTOCOL,
			      "the other side announced a message of %zu "
			      "bytes; 1 to %zu were agreed", s->rx_len, cap);
}

static size_t
stream_take_carry(struct stream *s, unsigned char *to, size_t want)
{
	size_t n = s->carry_end - s->carry_at;

	if (n > want)
		n = want;
	memcpy(to, s->carry + s->carry_at, n);
	s->carry_at += n;
	return n;
}

/* Serves what an earlier read has left. */
static int
stream_rx_carry(struct stream *s, unsigned char *buf, size_t cap)
{
	int rc;

	if (s->rx_header_have < STREAM_HEADER_BYTES) {
		s->rx_header_have += stream_take_carry(
			s, s->rx_header + s->rx_header_have,
			STREAM_HEADER_BYTES - s->rx_header_have);
		if (s->rx_header_have < STREAM_HEADER_BYTES)
			return WEIR_OK;
		rc = stream_rx_header(s, cap);
		if (rc)
			return rc;
	}
	s->rx_have += stream_take_carry(s, buf + s->rx_have,
					s->rx_len - s->rx_have);
	return WEIR_OK;
}

/* The header is incomplete: one call for the rest of it and as much message
 * as is predicted. The carry is empty, so the surplus fits there. */
static int
stream_rx_predicted(struct stream *s, unsigned char *buf, size_t cap,
		    unsigned how)
{
	size_t head = STREAM_HEADER_BYTES - s->rx_header_have;
	struct iovec iov[2] = {
		{ .iov_base = s->rx_header + s->rx_header_have,
		  .iov_len = head },
		{ .iov_base = buf,
		  .iov_len = s->predicted < cap ? s->predicted : cap },
	};
	size_t n;
	int rc;

	rc = wait_move(&s->rx, iov, 2, how, &n);
	if (rc)
		return rc;
	if (n < head) {
		s->rx_header_have += n;
		return WEIR_OK;
	}
	s->rx_header_have = STREAM_HEADER_BYTES;
	rc = stream_rx_header(s, cap);
	if (rc)
		return rc;
	n -= head;
	s->rx_have = n;
	if (__builtin_expect(n > s->rx_len, 0)) {
		memcpy(s->carry, buf + s->rx_len, n - s->rx_len);
		s->carry_at = 0;
		s->carry_end = n - s->rx_len;
		s->rx_have = s->rx_len;
	}
	return WEIR_OK;
}

/* The header is there: reads the rest of its message and not a byte more. */
static int
stream_rx_rest(struct stream *s, unsigned char *buf, size_t cap, unsigned how)
{
	struct iovec iov = { .iov_base = buf + s->rx_have,
			     .iov_len = s->rx_len - s->rx_have };
	size_t n;
	int rc;

	if (s->rx_len > cap) /* begun with a larger buffer */
		return stream_rx_header(s, cap);
	rc = wait_move(&s->rx, &iov, 1, how | WAIT_WHOLE, &n);
	if (rc)
		return rc;
	s->rx_have += n;
	return WEIR_OK;
}

static bool
stream_rx_complete(const struct stream *s)
{
	return s->rx_header_have == STREAM_HEADER_BYTES &&
	       s->rx_have == s->rx_len;
}

/* One step of a receive. */
static int
stream_rx_step(struct stream *s, unsigned char *buf, size_t cap, unsigned how)
{
	if (s->carry_at < s->carry_end)
		return stream_rx_carry(s, buf, cap);
	if (s->rx_header_have < STREAM_HEADER_BYTES)
		return stream_rx_predicted(s, buf, cap, how);
	return stream_rx_rest(s, buf, cap, how);
}

int
stream_recv(struct stream *s, void *buf, size_t cap, size_t *ret_len,
	    unsigned how)
{
	int rc;

	if (cap > s->max_bytes) /* what `carry` is made for */
		cap = s->max_bytes;
	for (;;) {
		rc = stream_rx_step(s, buf, cap, how);
		if (rc)
			return rc;
		if (__builtin_expect(stream_rx_complete(s), 1))
			break;
		s->n_partial_receives++;
		/* A peer that sends byte by byte must not outlast cancel. */
		if (weir_canceled(s->rx.setup))
			return wait_canceled(&s->rx);
	}
	*ret_len = s->rx_len;
	s->predicted = s->rx_len;
	s->rx_header_have = 0;
	s->rx_have = 0;
	return WEIR_OK;
}

void
stream_collect(const struct stream *s, struct weir_counters *ret_counters)
{
	wait_collect(&s->tx, &s->rx, ret_counters);
	weir_counters_add(ret_counters, "partial_sends", s->n_partial_sends);
	weir_counters_add(ret_counters, "partial_receives",
			  s->n_partial_receives);
}
