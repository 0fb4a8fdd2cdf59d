/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors that are -1 where there is none. */
#ifndef PLUGINS_COMMON_FD_H
#define PLUGINS_COMMON_FD_H

#include <unistd.h>

/* Closes it if there is one; there is none then. */
static inline void
fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

#endif
