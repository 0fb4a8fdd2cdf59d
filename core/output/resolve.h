/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths without foreign symbolic links. A client in a container may write
 * into the folder that results go to; a link that it leaves there must not
 * make the host's user write somewhere else.
 */
#ifndef CORE_OUTPUT_RESOLVE_H
#define CORE_OUTPUT_RESOLVE_H

#include <stdbool.h>
#include <sys/types.h>

#include <weir/error.h>

/*
 * The path with every link in it replaced by what it names (the caller
 * frees). A link that belongs neither to this process's user nor to root is
 * WEIR_ESYSTEM, with a sentence about it; what is missing or can't be looked
 * at is left as it is, for the open to tell. A link of /proc to something
 * without a name (a pipe) stays.
 */
WEIR_MUST_USE int resolve_path(const char *path, char **ret_path,
			       struct weir_error *err);

/* Whether two paths, however they are written, name one regular file, that
 * is there or would be made. False where a path can't be looked at. */
bool resolve_is_same(const char *a, const char *b);

/* open() that fails with ELOOP on a symbolic link anywhere in the path: what
 * was resolved may have been exchanged since. What O_CREAT makes has the mode
 * 0666, less the umask. */
int resolve_open(const char *path, int flags);

#endif
