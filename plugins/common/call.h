/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls that move messages, without what libc puts around them: there
 * they are cancellation points, and in a process with threads each one costs
 * two atomic operations more. Where the instruction is known it is inlined,
 * too: behind it a CPU may predict no return, so that libc's function costs a
 * stall. Results and errno are libc's. Source: syscall(2).
 */
#ifndef PLUGINS_COMMON_CALL_H
#define PLUGINS_COMMON_CALL_H

#include <errno.h>
#include <mqueue.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static inline long
call_kernel(long number, long a, long b, long c, long d, long e, long f)
{
#if defined(__x86_64__) && defined(__LP64__)
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10),
			   "r"(r8), "r"(r9)
			 : "rcx", "r11", "cc", "memory");
	if (__builtin_expect((unsigned long)result > -4096UL, 0)) {
		errno = (int)-result;
		return -1;
	}
	return result;
#else
	return syscall(number, a, b, c, d, e, f);
#endif
}

static inline ssize_t
call_read(int fd, void *buf, size_t n)
{
	return call_kernel(SYS_read, fd, (long)buf, (long)n, 0, 0, 0);
}

static inline ssize_t
call_write(int fd, const void *buf, size_t n)
{
	return call_kernel(SYS_write, fd, (long)buf, (long)n, 0, 0, 0);
}

static inline ssize_t
call_readv(int fd, const struct iovec *iov, int n)
{
	return call_kernel(SYS_readv, fd, (long)iov, n, 0, 0, 0);
}

static inline ssize_t
call_vmsplice(int fd, const struct iovec *iov, unsigned flags)
{
	return call_kernel(SYS_vmsplice, fd, (long)iov, 1, (long)flags, 0, 0);
}

static inline ssize_t
call_recv(int fd, void *buf, size_t n, int flags)
{
	return call_kernel(SYS_recvfrom, fd, (long)buf, (long)n, flags, 0, 0);
}

static inline ssize_t
call_send(int fd, const void *buf, size_t n, int flags)
{
	return call_kernel(SYS_sendto, fd, (long)buf, (long)n, flags, 0, 0);
}

/* Where time is 64 bits to libc but not to the first of these calls, libc
 * knows which one to make. */
static inline ssize_t
call_mq_receive(int fd, void *buf, size_t n, const struct timespec *until)
{
#ifdef __LP64__
	return call_kernel(SYS_mq_timedreceive, fd, (long)buf, (long)n, 0,
			   (long)until, 0);
#else
	return until ? mq_timedreceive(fd, buf, n, NULL, until) :
		       mq_receive(fd, buf, n, NULL);
#endif
}

static inline int
call_mq_send(int fd, const void *buf, size_t n, const struct timespec *until)
{
#ifdef __LP64__
	return (int)call_kernel(SYS_mq_timedsend, fd, (long)buf, (long)n, 0,
				(long)until, 0);
#else
	return until ? mq_timedsend(fd, buf, n, 0, until) :
		       mq_send(fd, buf, n, 0);
#endif
}

#endif
