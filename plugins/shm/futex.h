/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two futex calls. Not the private ones: the other side is another
 * process, perhaps of other namespaces; the kernel goes by the page.
 */
#ifndef PLUGINS_SHM_FUTEX_H
#define PLUGINS_SHM_FUTEX_H

#include <errno.h>
#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <weir/status.h>

/* Longest sleep: cancel is looked at this often. */
#define FUTEX_SLICE_NS UINT64_C(50000000)

/* Waits, for at most ns (below 1 s), until *word is no longer value, a wake
 * or a signal. Errors: ESYSTEM and errno. */
static inline int
futex_wait(uint32_t *word, uint32_t value, uint64_t ns)
{
	struct timespec timeout = { .tv_nsec = (long)ns };
	long rc = syscall(SYS_futex, word, FUTEX_WAIT, value, &timeout, NULL,
			  0);

	if (rc < 0 && errno != EAGAIN && errno != EINTR && errno != ETIMEDOUT)
		return WEIR_ESYSTEM;
	return WEIR_OK;
}

/* Wakes one waiter. Never fails on a word that is mapped. */
static inline void
futex_wake(uint32_t *word)
{
	(void)syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

#endif
