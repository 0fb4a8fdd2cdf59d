/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/clock.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#define CLOCK_MEASURE_READS 20000

uint64_t
clock_deadline_ns(uint64_t ns)
{
	uint64_t deadline_ns;

	if (__builtin_add_overflow(clock_now_ns(), ns, &deadline_ns))
		return CLOCK_NEVER;
	return deadline_ns;
}

static struct timespec
timespec_of(uint64_t ns)
{
	return (struct timespec){ .tv_sec = (time_t)(ns / NS_PER_S),
				  .tv_nsec = (long)(ns % NS_PER_S) };
}

void
clock_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

bool
clock_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock, uint64_t until_ns)
{
	const struct timespec until = timespec_of(until_ns);

	return pthread_cond_timedwait(cond, lock, &until) != ETIMEDOUT;
}

void
clock_sleep_until_ns(uint64_t time_ns)
{
	const struct timespec time = timespec_of(time_ns);

	/* What it returns says the same as the clock, which callers read. */
	(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

int
clock_poll_timeout_ms(uint64_t deadline_ns)
{
	uint64_t now_ns;
	uint64_t left_ns;
	uint64_t ms;

	if (deadline_ns == CLOCK_NEVER)
		return -1;
	now_ns = clock_now_ns();
	if (now_ns >= deadline_ns)
		return 0;
	left_ns = deadline_ns - now_ns;
	/* Rounded up, so that a caller who polls until the deadline does not
	 * spin through its last millisecond. */
	ms = left_ns / NS_PER_MS + (left_ns % NS_PER_MS != 0);
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

void
clock_utc_text(char ret_text[32])
{
	time_t now = time(NULL);
	struct tm tm;

	if (!gmtime_r(&now, &tm) ||
	    strftime(ret_text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		snprintf(ret_text, 32, "1970-01-01T00:00:00Z");
}

void
clock_measure(uint64_t (*now_ns)(void), struct clock_facts *ret_facts)
{
	uint64_t resolution_ns = UINT64_MAX;
	uint64_t first_ns = now_ns();
	uint64_t last_ns = first_ns;

	for (int i = 0; i < CLOCK_MEASURE_READS; i++) {
		uint64_t next_ns = now_ns();
		uint64_t step_ns = next_ns - last_ns;

		if (step_ns > 0 && step_ns < resolution_ns)
			resolution_ns = step_ns;
		last_ns = next_ns;
	}
	/* A clock coarser than the whole loop shows no step: go on to one.
	 * It moves, so this ends within a tick. */
	while (resolution_ns == UINT64_MAX) {
		uint64_t next_ns = now_ns();

		if (next_ns > last_ns)
			resolution_ns = next_ns - last_ns;
	}
	ret_facts->cost_ns = (double)(last_ns - first_ns) / CLOCK_MEASURE_READS;
	ret_facts->resolution_ns = resolution_ns;
}
