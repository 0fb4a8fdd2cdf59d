/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/common/channel.h"

#include <assert.h>

#include "plugins/common/packet.h"

int
channel_try_send(struct weir_channel *c, const void *buf, size_t len,
		 uint32_t flags)
{
	(void)flags;
	assert(c->magic == CHANNEL_MAGIC);
	if (c->packets)
		return packet_send(&c->stream.tx, buf, len, WAIT_TRY);
	return stream_send(&c->stream, buf, len, WAIT_TRY);
}

static int
channel_recv(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len,
	     unsigned how)
{
	assert(c->magic == CHANNEL_MAGIC);
	if (c->packets)
		return packet_recv(&c->stream.rx, buf, cap, ret_len, how);
	return stream_recv(&c->stream, buf, cap, ret_len, how);
}

int
channel_try_recv(struct weir_channel *c, void *buf, size_t cap,
		 size_t *ret_len)
{
	return channel_recv(c, buf, cap, ret_len, WAIT_TRY);
}

int
channel_recv_until(struct weir_channel *c, void *buf, size_t cap,
		   size_t *ret_len, uint64_t deadline_ns)
{
	c->stream.rx.until_ns = deadline_ns;
	return channel_recv(c, buf, cap, ret_len, WAIT_UNTIL);
}

int
channel_send_many(struct weir_channel *c, const void *buf, size_t stride,
		  size_t len, size_t n)
{
	assert(c->magic == CHANNEL_MAGIC);
	if (c->packets)
		return packet_send_many(&c->stream.tx, buf, stride, len, n);
	return stream_send_many(&c->stream, buf, stride, len, n);
}

int
channel_recv_many(struct weir_channel *c, void *buf, size_t stride, size_t cap,
		  size_t n, size_t *ret_lens, size_t *ret_n)
{
	assert(c->magic == CHANNEL_MAGIC);
	if (c->packets)
		return packet_recv_many(&c->stream.rx, buf, stride, cap, n,
					ret_lens, ret_n);
	return stream_recv_many(&c->stream, buf, stride, cap, n, ret_lens,
				ret_n);
}
