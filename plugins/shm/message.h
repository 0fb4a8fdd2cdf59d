/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages that are copied in and out.
 *
 * The functions are the operations of the same names in <weir/transport.h>.
 */
#ifndef PLUGINS_SHM_MESSAGE_H
#define PLUGINS_SHM_MESSAGE_H

#include <weir/transport.h>

int message_send(struct weir_channel *c, const void *buf, size_t len,
		 uint32_t flags);
int message_try_send(struct weir_channel *c, const void *buf, size_t len,
		     uint32_t flags);
int message_send_many(struct weir_channel *c, const void *buf, size_t stride,
		      size_t len, size_t n);
int message_recv(struct weir_channel *c, void *buf, size_t cap,
		 size_t *ret_len);
int message_try_recv(struct weir_channel *c, void *buf, size_t cap,
		     size_t *ret_len);
int message_recv_until(struct weir_channel *c, void *buf, size_t cap,
		       size_t *ret_len, uint64_t deadline_ns);
int message_recv_many(struct weir_channel *c, void *buf, size_t stride,
		      size_t cap, size_t n, size_t *ret_lens, size_t *ret_n);
int message_flush(struct weir_channel *c);

/* The sentence for a message of a length that was not agreed; ETOOBIG. */
int message_refuse_length(struct weir_channel *c, size_t len);

#endif
