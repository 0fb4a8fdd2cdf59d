/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages on a descriptor that keeps them apart: each is sent and received by
 * one call, or not at all.
 */
#ifndef PLUGINS_COMMON_PACKET_H
#define PLUGINS_COMMON_PACKET_H

#include <stddef.h>

#include <weir/transport.h>

#include "plugins/common/wait.h"

#define PACKET_MANY_MAX 64 /* messages of one call */

/* `how` is 0 or WAIT_TRY. A message longer than cap, or than the channel
 * allows, is EPROTOCOL. */
int packet_send(struct wait *tx, const void *buf, size_t len,
		unsigned how) WEIR_MUST_USE;
int packet_recv(struct wait *rx, void *buf, size_t cap, size_t *ret_len,
		unsigned how) WEIR_MUST_USE;

/* What packet_recv makes of a length that a call gave. */
int packet_took(const struct wait *rx, size_t len, size_t cap,
		size_t *ret_len) WEIR_MUST_USE;

/* The same for several messages, where the wait_call knows WAIT_MANY. */
int packet_send_many(struct wait *tx, const void *buf, size_t stride,
		     size_t len, size_t n) WEIR_MUST_USE;
int packet_recv_many(struct wait *rx, void *buf, size_t stride, size_t cap,
		     size_t n, size_t *ret_lens, size_t *ret_n) WEIR_MUST_USE;

#endif
