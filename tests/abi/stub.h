/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations for modules that are never used, only loaded: each test module
 * has all that a plugin needs but for the one thing that it is about.
 */
#ifndef TESTS_ABI_STUB_H
#define TESTS_ABI_STUB_H

#include <weir/transport.h>

static inline int
stub_offer(const struct weir_setup *setup, struct weir_offer *ret_offer,
	   struct weir_channel **ret_channel, struct weir_error *err)
{
	(void)setup;
	(void)ret_offer;
	(void)ret_channel;
	return weir_error_set(err, WEIR_EUNAVAILABLE, "a stub");
}

static inline int
stub_join(const struct weir_setup *setup, struct weir_offer *offer,
	  struct weir_channel **ret_channel, struct weir_error *err)
{
	(void)setup;
	(void)offer;
	(void)ret_channel;
	return weir_error_set(err, WEIR_EUNAVAILABLE, "a stub");
}

static inline int
stub_send(struct weir_channel *channel, const void *buf, size_t len,
	  uint32_t flags)
{
	(void)channel;
	(void)buf;
	(void)len;
	(void)flags;
	return WEIR_EUNAVAILABLE;
}

static inline int
stub_recv(struct weir_channel *channel, void *buf, size_t cap,
	  size_t *ret_len)
{
	(void)channel;
	(void)buf;
	(void)cap;
	(void)ret_len;
	return WEIR_EUNAVAILABLE;
}

static inline void
stub_close(struct weir_channel *channel)
{
	(void)channel;
}

#define STUB_OPERATIONS                                                    \
	.offer = stub_offer, .join = stub_join, .send = stub_send,         \
	.recv = stub_recv, .close = stub_close

/* Begins the definition of an object of another type than the header's that
 * is exported under its name. */
#define STUB_TRANSPORT_AS(type, name)                           \
	extern const type name __asm__(WEIR_TRANSPORT_SYMBOL);  \
	WEIR_EXPORT_ const type name

#endif
