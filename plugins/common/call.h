/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls that move messages, without what libc puts around them: there
 * they are cancellation points, and in a process with threads each one costs
 * two atomic operations more. Results and errno are libc's.
 */
#ifndef PLUGINS_COMMON_CALL_H
#define PLUGINS_COMMON_CALL_H

#include <mqueue.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
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
call_readv(int fd, const struct iovec *iov, int n)
{
	return syscall(SYS_readv, fd, iov, n);
}

static inline ssize_t
call_vmsplice(int fd, const struct iovec *iov, unsigned flags)
{
	return syscall(SYS_vmsplice, fd, iov, 1, flags);
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

/* Where time is 64 bits to libc but not to the first of these calls, libc
 * knows which one to make. */
static inline ssize_t
call_mq_receive(int fd, void *buf, size_t n, const struct timespec *until)
{
#ifdef __LP64__
	return syscall(SYS_mq_timedreceive, fd, buf, n, NULL, until);
#else
	return until ? mq_timedreceive(fd, buf, n, NULL, until) :
		       mq_receive(fd, buf, n, NULL);
#endif
}

static inline int
call_mq_send(int fd, const void *buf, size_t n, const struct timespec *until)
{
#ifdef __LP64__
	return (int)syscall(SYS_mq_timedsend, fd, buf, n, 0, until);
#else
	return until ? mq_timedsend(fd, buf, n, 0, until) :
		       mq_send(fd, buf, n, 0);
#endif
}

#endif
