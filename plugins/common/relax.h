/* SPDX-License-Identifier: Apache-2.0 */
/* Between two looks of a spinning CPU: leaves room for the other thread of its
 * core. */
#ifndef PLUGINS_COMMON_RELAX_H
#define PLUGINS_COMMON_RELAX_H

static inline void
relax_cpu(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield" ::: "memory");
#else
	__asm__ volatile("" ::: "memory");
#endif
}

#endif
