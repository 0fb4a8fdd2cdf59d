/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages on a stream of bytes: a little-endian u32 length before each.
 *
 * Length and message travel in one system call each way. The receiver can't
 * know the length before it reads, so it predicts that a message is as long
 * as the last one and reads exactly that much:
 *
 *	longer than predicted    the rest is read with its exact length
 *	shorter                  the surplus, the beginning of what follows, is
 *	                         kept in `carry` and served first
 *
 * With messages of one size that is one call per message and no copy, however
 * many messages are queued.
 */
#ifndef PLUGINS_COMMON_STREAM_H
#define PLUGINS_COMMON_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include <weir/transport.h>

#include "plugins/common/wait.h"

#define STREAM_HEADER_BYTES 4u

struct stream {
	struct wait tx;
	struct wait rx;
	uint64_t max_bytes; /* of a message */

	/* The message being sent: all zero between messages. */
	size_t tx_done; /* bytes on their way, header included */
	size_t tx_len;
	unsigned char tx_header[STREAM_HEADER_BYTES];

	/* The message being received. */
	unsigned char rx_header[STREAM_HEADER_BYTES];
	size_t rx_header_have;
	size_t rx_len;  /* once the header is complete */
	size_t rx_have; /* bytes of it in the caller's buffer */
	size_t predicted;

	unsigned char *carry; /* max_bytes; its pages are touched when used */
	size_t carry_at;
	size_t carry_end;

	uint64_t n_partial_sends;
	uint64_t n_partial_receives;
};

#define STREAM_INITIALIZER \
	{ .tx = WAIT_INITIALIZER, .rx = WAIT_INITIALIZER }

/* What stream_init needs; the descriptors are borrowed. */
struct stream_setup {
	int tx_fd;
	int rx_fd;
	wait_call *tx_call;
	wait_call *rx_call;
	uint32_t wait; /* WAIT_BLOCK … */
	uint64_t spin_ns;
};

/* Errors: ENOMEMORY, ESYSTEM; then nothing is held. */
int stream_init(struct stream *s, const struct weir_setup *setup,
		const struct stream_setup *how,
		struct weir_error *err) WEIR_MUST_USE;

/* Releases what stream_init made; twice is once. */
void stream_fini(struct stream *s);

/* The operations of the ABI; `how` is 0 or WAIT_TRY. */
int stream_send(struct stream *s, const void *buf, size_t len,
		unsigned how) WEIR_MUST_USE;
int stream_recv(struct stream *s, void *buf, size_t cap, size_t *ret_len,
		unsigned how) WEIR_MUST_USE;

/* Appends the counters. */
void stream_collect(const struct stream *s,
		    struct weir_counters *ret_counters);

#endif
