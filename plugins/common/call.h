/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls that move messages, without what libc puts around them: there
 * they are cancellation points, and in a process with threads each one costs
 * two atomic operations more. Results and errno are libc's.
 */
#ifndef PLUGINS_COMMON_CALL_H
#define PLUGINS_COMMON_CALL_H

#include <stddef.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static inline ssize_t
call_read(int fd, void *buf, size_t n)
{
	return syscall(SYS_read, fd, buf, n);
}

static inline ssize_t
call_write(int fd, const void *buf, size_t n)
{
	return syscall(SYS_write, fd, buf, n);
}

static inline ssize_t
call_recv(int fd, void *buf, size_t n, int flags)
{
	return syscall(SYS_recvfrom, fd, buf, n, flags, NULL, NULL);
}

static inline ssize_t
call_send(int fd, const void *buf, size_t n, int flags)
{
	return syscall(SYS_sendto, fd, buf, n, flags, NULL, 0);
}

#endif
