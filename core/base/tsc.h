/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The time stamp counter of x86-64 as a clock, on the scale of
 * CLOCK_MONOTONIC: cheaper to read, and no better than its calibration.
 *
 * It is read with RDTSCP, which waits for what was loaded before, as the
 * kernel does in clock_gettime. A bare RDTSC costs half, and may be done
 * before the message has come that it is to time.
 */
#ifndef CORE_BASE_TSC_H
#define CORE_BASE_TSC_H

#include <stdint.h>

#include <weir/error.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

/* ns = from_ns + (ticks - from_ticks) * mult / 2^32 */
struct tsc_scale {
	uint64_t from_ticks;
	uint64_t from_ns;
	uint64_t mult;
};

/* Without a counter that is fit for it, 0: see tsc_check. */
static inline uint64_t
tsc_ticks(void)
{
#if defined(__x86_64__)
	uint32_t cpu;

	return __rdtscp(&cpu);
#else
	return 0;
#endif
}

static inline uint64_t
tsc_ns(const struct tsc_scale *scale, uint64_t ticks)
{
	int64_t passed = (int64_t)(ticks - scale->from_ticks);

	return scale->from_ns +
	       (uint64_t)((__int128)passed * (__int128)scale->mult >> 32);
}

static inline double
tsc_hz(const struct tsc_scale *scale)
{
	return scale->mult ? 0x1p32 * 1e9 / (double)scale->mult : 0;
}

/* Whether this machine has one that is a clock: at one rate whatever the CPU
 * does (invariant), and good enough for the kernel. EUNAVAILABLE says why
 * not. */
WEIR_MUST_USE int tsc_check(struct weir_error *err);

/* The same of what /proc/cpuinfo and the kernel's list of clock sources say;
 * NULL: there is none to be read. */
WEIR_MUST_USE int tsc_judge(const char *cpuinfo, const char *sources,
			    struct weir_error *err);

/* Puts it beside CLOCK_MONOTONIC, twice, and sleeps 50 ms in between: known
 * to about 1 ppm. After tsc_check. */
WEIR_MUST_USE int tsc_calibrate(struct tsc_scale *ret_scale,
				struct weir_error *err);

/* How far it is from CLOCK_MONOTONIC now, in ns, and how well that is known;
 * the time since it was calibrated. */
struct tsc_off {
	double ns;
	double width_ns;
	double since_ns;
};
void tsc_off(const struct tsc_scale *scale, struct tsc_off *ret_off);

#endif
