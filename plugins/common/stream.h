/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages on a stream of bytes.
 *
 *	message of max_bytes    as it is, unless it begins with the mark
 *	any other               the mark (8 bytes), its length (u32, little
 *	                        endian), then the message
 *
 * So a channel whose messages all have the length that was agreed carries
 * their bytes and no others, in one plain call each way: a header would shift
 * every copy in the kernel off its alignment and make 64 KiB overflow a pipe
 * of 64 KiB. The mark only has to be rare: whoever sends it at the beginning
 * of a message pays for a header. Where max_bytes is less than
 * STREAM_PLAIN_MIN, every message has one.
 *
 * A receiver reads no more than max_bytes, straight into the caller's buffer;
 * what turns out to be marked, and what follows it, goes through `carry`.
 */
#ifndef PLUGINS_COMMON_STREAM_H
#define PLUGINS_COMMON_STREAM_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <weir/transport.h>

#include "plugins/common/wait.h"

#define STREAM_MARK UINT64_C(0x97c4e1d28fb35a06) /* by dice */
#define STREAM_MARK_BYTES 8u
#define STREAM_HEADER_BYTES 12u
#define STREAM_PLAIN_MIN 16u

/* stream_recv_many reads messages up to this size together, through the
 * carry, and so many bytes of them at most. */
#define STREAM_SMALL_BYTES 4096u
#define STREAM_AHEAD_BYTES 65536u
#define STREAM_IOV_MAX 64 /* messages of one system call, if they lie apart */

struct stream {
	struct wait tx;
	struct wait rx;
	uint64_t max_bytes; /* of a message */

	/* The message being sent; tx_done is 0 between messages. */
	size_t tx_done; /* bytes on their way, header included */
	size_t tx_len;
	size_t tx_head; /* bytes of its header: 0 or all */
	unsigned char tx_header[STREAM_HEADER_BYTES];

	/* The message being received, and how much of it is in the caller's
	 * buffer; rx_len is 0 until it is known. */
	size_t rx_len;
	size_t rx_have;

	/* Bytes that were read and belong to no caller's buffer yet; there is
	 * room for the longest message and STREAM_AHEAD_BYTES, touched when
	 * used. */
	unsigned char *carry;
	size_t carry_at;
	size_t carry_end;

	uint64_t n_partial_sends;
	uint64_t n_partial_receives;
};

#define STREAM_INITIALIZER \
	{ .tx = WAIT_INITIALIZER, .rx = WAIT_INITIALIZER }

static inline bool
stream_plain(const struct stream *s, size_t len)
{
	return len == s->max_bytes && len >= STREAM_PLAIN_MIN;
}

/* True if these bytes, as many as there are yet, may begin a header. */
static inline bool
stream_marked(const void *buf, size_t have)
{
	const uint64_t mark = htole64(STREAM_MARK);

	if (__builtin_expect(have >= sizeof(mark), 1))
		return memcmp(buf, &mark, sizeof(mark)) == 0;
	return memcmp(buf, &mark, have) == 0;
}

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

/* Go on where one call for a whole plain message (stream_plain, not
 * stream_marked), made while nothing was on its way, gave n instead. */
int stream_send_on(struct stream *s, const void *buf, size_t len,
		   ssize_t n) WEIR_MUST_USE;
int stream_recv_on(struct stream *s, void *buf, size_t cap, size_t *ret_len,
		   ssize_t n) WEIR_MUST_USE;

int stream_send_many(struct stream *s, const void *buf, size_t stride,
		     size_t len, size_t n) WEIR_MUST_USE;
int stream_recv_many(struct stream *s, void *buf, size_t stride, size_t cap,
		     size_t n, size_t *ret_lens, size_t *ret_n) WEIR_MUST_USE;

/* Appends the counters. */
void stream_collect(const struct stream *s,
		    struct weir_counters *ret_counters);

#endif
