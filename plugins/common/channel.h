/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the channels over descriptors have in common, those of uds, pipe and
 * tcp, and the operations on messages that are therefore the same. A
 * transport's own struct begins with this one.
 */
#ifndef PLUGINS_COMMON_CHANNEL_H
#define PLUGINS_COMMON_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <weir/transport.h>

#include "plugins/common/stream.h"

#define CHANNEL_MAGIC 0x6368616eu /* "chan"; 0 once it is closed */

struct weir_channel {
	uint32_t magic;
	bool packets;         /* the kernel keeps messages apart */
	struct stream stream; /* of packets only its two waits are used */
	const struct weir_setup *setup;
};

/* Operations of the ABI; send and recv are those of direct.h, which know the
 * calls that they make. */
int channel_try_send(struct weir_channel *c, const void *buf, size_t len,
		     uint32_t flags);
int channel_try_recv(struct weir_channel *c, void *buf, size_t cap,
		     size_t *ret_len);
int channel_recv_until(struct weir_channel *c, void *buf, size_t cap,
		       size_t *ret_len, uint64_t deadline_ns);
int channel_send_many(struct weir_channel *c, const void *buf, size_t stride,
		      size_t len, size_t n);
int channel_recv_many(struct weir_channel *c, void *buf, size_t stride,
		      size_t cap, size_t n, size_t *ret_lens, size_t *ret_n);

#endif
