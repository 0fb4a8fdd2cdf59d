/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/common/fifo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/common/sysctl.h"

int
fifo_set_nonblock(struct wait *w, bool nonblock)
{
	if (fcntl(w->fd, F_SETFL,
		  w->fd_flags | (nonblock ? O_NONBLOCK : 0)) < 0)
		return -1;
	w->nonblock = nonblock;
	return 0;
}

int
fifo_set_bytes(int fd, uint64_t bytes, struct weir_error *err)
{
	unsigned long long asked = bytes;
	unsigned long long limit;

	if (!bytes || fcntl(fd, F_SETPIPE_SZ, (int)bytes) >= 0)
		return WEIR_OK;
	if (errno != EPERM)
		return weir_error_errno(err, "cannot set pipe_size = %llu",
					asked);
	limit = sysctl_number("fs/pipe-max-size");
	if (limit && asked <= limit)
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "pipe_size = %llu would give this user "
				      "more pipe memory than the sysctl "
				      "fs.pipe-user-pages-soft allows: raise "
				      "it, or ask for less", asked);
	return weir_error_set(err, WEIR_EUNAVAILABLE,
			      "pipe_size = %llu is above the sysctl "
			      "fs.pipe-max-size (%llu): raise it, ask for "
			      "less, or run with CAP_SYS_RESOURCE", asked,
			      limit);
}

int
fifo_check_end(int fd, int mode, struct weir_error *err)
{
	struct stat st;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || (flags & O_ACCMODE) != mode || fstat(fd, &st) < 0 ||
	    !S_ISFIFO(st.st_mode))
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "a descriptor that the host offered is "
				      "not the %s end of a pipe",
				      mode == O_RDONLY ? "reading" : "writing");
	return WEIR_OK;
}

int
fifo_open(int directory_fd, const char *name, int mode, int *ret_fd,
	  struct weir_error *err)
{
	struct stat st;
	int fd = openat(directory_fd, name,
			mode | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && (errno == ENXIO || errno == ENOENT))
		return weir_error_set(err, WEIR_EPEER,
				      "no host is at the FIFO \"%s\": %s",
				      name, strerror(errno));
	if (fd < 0)
		return weir_error_errno(err, "cannot open the FIFO \"%s\"",
					name);
	if (fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode)) {
		close(fd);
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "\"%s\" is not a FIFO", name);
	}
	*ret_fd = fd;
	return WEIR_OK;
}
