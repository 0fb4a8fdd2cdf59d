/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copying into and out of shared memory.
 *
 * Two things were measured to matter. Long copies by AVX2 are up to 1.7 times
 * as fast as the C library's when they stream from another CPU's cache, where
 * the CPU has it (looked up once per channel). And where the two CPUs do not
 * share a cache, stores that pass the caches by are three times as fast, as
 * the writer then need not fetch the lines that it overwrites; where they do
 * share one, such stores are three times as slow. The distance decides, see
 * distance.h.
 */
#ifndef PLUGINS_SHM_COPY_H
#define PLUGINS_SHM_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* True if this CPU has AVX2, and the operating system saves its registers. */
bool copy_has_avx2(void);

/* A long copy. wide: copy_has_avx2. */
void copy_long(void *to, const void *from, size_t len, bool wide);

/* The same past the caches; `to` is at a whole cache line. What was written
 * must be published after copy_fence. Falls back to a plain copy. */
void copy_past_caches(void *to, const void *from, size_t len, bool wide);

static inline void
copy_fence(void)
{
#if defined(__x86_64__)
	__builtin_ia32_sfence();
#endif
}

/* From here on a long copy pays, and one past the caches. */
#define COPY_LONG_BYTES 256u
#define COPY_PAST_BYTES 2048u

static inline void
copy_bytes(void *to, const void *from, size_t len, bool wide)
{
	/* The sizes that are measured most, without a call. */
	if (len == 64)
		memcpy(to, from, 64);
	else if (len == 8)
		memcpy(to, from, 8);
	else if (len < COPY_LONG_BYTES)
		memcpy(to, from, len);
	else
		copy_long(to, from, len, wide);
}

#endif
