/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time: CLOCK_MONOTONIC in nanoseconds, and deadlines made of it.
 */
#ifndef CORE_BASE_CLOCK_H
#define CORE_BASE_CLOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)
#define CLOCK_NEVER UINT64_MAX /* a deadline that never comes */

/* Now, in ns. Any thread; no system call where the vDSO has the clock. */
static inline uint64_t
clock_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* The CPU time of the calling thread so far, in ns; a system call. */
static inline uint64_t
clock_thread_cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* The deadline `ns` from now; saturates at CLOCK_NEVER. */
uint64_t clock_deadline_ns(uint64_t ns);

/* Sleeps until then, or until a signal comes. */
void clock_sleep_until_ns(uint64_t time_ns);

/* A condition variable whose waits go by this clock: those of a default one
 * last as long as somebody sets the wall clock back. Destroy it as any. */
void clock_cond_init(pthread_cond_t *cond);

/* pthread_cond_timedwait on such a one, with its lock held; false when that
 * time has come, else the caller looks at what it waits for, and again. */
bool clock_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock,
		     uint64_t until_ns);

/* What is left until a deadline as a timeout for poll(2): milliseconds,
 * rounded up, 0 when it has passed, -1 for CLOCK_NEVER. */
int clock_poll_timeout_ms(uint64_t deadline_ns);

/* Wall-clock time now as "2026-11-22T20:01:54Z" (21 bytes with the NUL). */
void clock_utc_text(char ret_text[32]);

/* What a read of a clock costs and how finely it steps, measured here. */
struct clock_facts {
	double cost_ns;         /* mean of one read */
	uint64_t resolution_ns; /* smallest step seen between two reads */
};
void clock_measure(uint64_t (*now_ns)(void), struct clock_facts *ret_facts);

#endif
