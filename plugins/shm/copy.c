/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/shm/copy.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define STEP 128u /* two cache lines */

bool
copy_has_avx2(void)
{
	return __builtin_cpu_supports("avx2");
}

/* Names and no array: the compiler would lay that on the stack. */
__attribute__((target("avx2"))) static void
long_avx2(uint8_t *to, const uint8_t *from, size_t len)
{
	size_t at;

	for (at = 0; at < len; at += STEP) {
		const __m256i *p = (const __m256i *)(const void *)(from + at);
		__m256i *q = (__m256i *)(void *)(to + at);
		__m256i a = _mm256_loadu_si256(p);
		__m256i b = _mm256_loadu_si256(p + 1);
		__m256i c = _mm256_loadu_si256(p + 2);
		__m256i d = _mm256_loadu_si256(p + 3);

		_mm256_storeu_si256(q, a);
		_mm256_storeu_si256(q + 1, b);
		_mm256_storeu_si256(q + 2, c);
		_mm256_storeu_si256(q + 3, d);
	}
}

__attribute__((target("avx2"))) static void
past_avx2(uint8_t *to, const uint8_t *from, size_t len)
{
	size_t at;
	int i;

	for (at = 0; at < len; at += 64) {
		const __m256i *p = (const __m256i *)(const void *)(from + at);
		__m256i *q = (__m256i *)(void *)(to + at);

		for (i = 0; i < 2; i++)
			_mm256_stream_si256(q + i, _mm256_loadu_si256(p + i));
	}
}

static void
past_sse2(uint8_t *to, const uint8_t *from, size_t len)
{
	size_t at;
	int i;

	for (at = 0; at < len; at += 64) {
		const __m128i *p = (const __m128i *)(const void *)(from + at);
		__m128i *q = (__m128i *)(void *)(to + at);

		for (i = 0; i < 4; i++)
			_mm_stream_si128(q + i, _mm_loadu_si128(p + i));
	}
}

void
copy_long(void *to, const void *from, size_t len, bool wide)
{
	size_t whole = len - len % STEP;

	if (!wide) {
		memcpy(to, from, len);
		return;
	}
	long_avx2(to, from, whole);
	memcpy((uint8_t *)to + whole, (const uint8_t *)from + whole,
	       len - whole);
}

void
copy_past_caches(void *to, const void *from, size_t len, bool wide)
{
	size_t whole = len - len % 64;

	if (wide)
		past_avx2(to, from, whole);
	else
		past_sse2(to, from, whole);
	memcpy((uint8_t *)to + whole, (const uint8_t *)from + whole,
	       len - whole);
}

#else

bool
copy_has_avx2(void)
{
	return false;
}

void
copy_long(void *to, const void *from, size_t len, bool wide)
{
	(void)wide;
	memcpy(to, from, len);
}

void
copy_past_caches(void *to, const void *from, size_t len, bool wide)
{
	copy_long(to, from, len, wide);
}

#endif
