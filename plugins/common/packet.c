/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/common/packet.h"

int
packet_send(struct wait *tx, const void *buf, size_t len, unsigned how)
{
	/* struct iovec serves both ways, so its pointer can't be const. */
	struct iovec iov = { .iov_base = (void *)(uintptr_t)buf,
			     .iov_len = len };
	size_t n;

	if (len - 1 >= tx->setup->max_message_bytes)
		return wait_refuse_length(tx, len);
	return wait_move(tx, &iov, 1, how, &n);
}

static int
packet_refuse(const struct wait *rx, size_t len)
{
	return weir_error_set(rx->setup->fault, WEIR_EPROTOCOL,
			      "the other side sent a message of %zu bytes; 1 "
			      "to %llu were agreed", len,
			      (unsigned long long)
				      rx->setup->max_message_bytes);
}

int
packet_took(const struct wait *rx, size_t len, size_t cap, size_t *ret_len)
{
	if (len > cap || len > rx->setup->max_message_bytes)
		return packet_refuse(rx, len);
	*ret_len = len;
	return WEIR_OK;
}

int
packet_recv(struct wait *rx, void *buf, size_t cap, size_t *ret_len,
	    unsigned how)
{
	struct iovec iov = { .iov_base = buf, .iov_len = cap };
	size_t n;
	int rc;

	rc = wait_move(rx, &iov, 1, how, &n);
	return rc ? rc : packet_took(rx, n, cap, ret_len);
}

int
packet_send_many(struct wait *tx, const void *buf, size_t stride, size_t len,
		 size_t n)
{
	char *at = (char *)(uintptr_t)buf;
	struct iovec iov[PACKET_MANY_MAX];
	size_t sent;
	int rc, k;

	if (len - 1 >= tx->setup->max_message_bytes)
		return wait_refuse_length(tx, len);
	for (; n > 0; n -= sent, at += sent * stride) {
		for (k = 0; k < PACKET_MANY_MAX && (size_t)k < n; k++) {
			iov[k].iov_base = at + (size_t)k * stride;
			iov[k].iov_len = len;
		}
		rc = wait_move(tx, iov, k, WAIT_MANY, &sent);
		if (rc)
			return rc;
		if (sent < n && weir_canceled(tx->setup))
			return wait_canceled(tx);
	}
	return WEIR_OK;
}

int
packet_recv_many(struct wait *rx, void *buf, size_t stride, size_t cap,
		 size_t n, size_t *ret_lens, size_t *ret_n)
{
	struct iovec iov[PACKET_MANY_MAX];
	size_t got;
	int rc, k;

	for (k = 0; k < PACKET_MANY_MAX && (size_t)k < n; k++) {
		iov[k].iov_base = (char *)buf + (size_t)k * stride;
		iov[k].iov_len = cap;
	}
	rc = wait_move(rx, iov, k, WAIT_MANY, &got);
	if (rc)
		return rc;
	for (size_t i = 0; i < got && !rc; i++)
		rc = packet_took(rx, iov[i].iov_len, cap, &ret_lens[i]);
	*ret_n = got;
	return rc;
}
