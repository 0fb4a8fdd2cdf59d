/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory shared with a side that is not trusted: a memfd that nobody can
 * shrink or grow any more (fcntl(2), F_ADD_SEALS), so that neither side can
 * end the other with SIGBUS.
 */
#ifndef CORE_BASE_SEALED_H
#define CORE_BASE_SEALED_H

#include <stddef.h>

#include <weir/error.h>

/* Makes it, all of it reserved; the caller closes. */
WEIR_MUST_USE int sealed_create(const char *name, size_t bytes, int *ret_fd,
				struct weir_error *err);

/* Maps a descriptor from the other side, which has to be sealed and of a size
 * from least to most; it is the caller's as before. *ret_at has all pages,
 * so that none is first touched while measuring: munmap. */
WEIR_MUST_USE int sealed_map(int fd, size_t least, size_t most, void **ret_at,
			     size_t *ret_bytes, struct weir_error *err);

#endif
