/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scoped cleanup: a local that owns something releases it at the end of its
 * scope. cleanup_take() moves the value out and leaves NULL (or -1) behind.
 */
#ifndef CORE_BASE_CLEANUP_H
#define CORE_BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define cleanup(function) __attribute__((cleanup(function)))

static inline void
cleanup_free_(void *p)
{
	free(*(void **)p);
}

static inline void
cleanup_close_(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void
cleanup_fclose_(FILE *const *f)
{
	if (*f)
		fclose(*f);
}

#define cleanup_free cleanup(cleanup_free_)     /* char *p = NULL */
#define cleanup_close cleanup(cleanup_close_)   /* int fd = -1 */
#define cleanup_fclose cleanup(cleanup_fclose_) /* FILE *f = NULL; for reading
						 * only: close is unchecked */

#define cleanup_take(pointer)                         \
	({                                            \
		__auto_type taken_ = (pointer);       \
		(pointer) = NULL;                     \
		taken_;                               \
	})
#define cleanup_take_fd(fd)                           \
	({                                            \
		int taken_ = (fd);                    \
		(fd) = -1;                            \
		taken_;                               \
	})

#endif
