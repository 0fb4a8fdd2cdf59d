/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/pause.h"

#include <time.h>

#include "core/base/clock.h"

/* A sleeper comes late by the timer's slack (50 us) and by what it takes to
 * wake up a CPU; who shall be awake in time gets up this much earlier. */
#define AWAKE_NS (200 * NS_PER_US)

static bool
canceled(const struct lane *lane)
{
	return __atomic_load_n(&lane->cancel, __ATOMIC_RELAXED) != 0;
}

/* The signal that cancels comes again and again, so that one which lands
 * between the look at the flag and the sleep is not missed. */
static void
sleep_until(struct lane *lane, uint64_t until_ns)
{
	uint64_t now = lane->spec->now_ns();

	while (now < until_ns && !canceled(lane)) {
		uint64_t left_ns = until_ns - now;
		const struct timespec left = {
			.tv_sec = (time_t)(left_ns / NS_PER_S),
			.tv_nsec = (long)(left_ns % NS_PER_S),
		};

		clock_nanosleep(CLOCK_MONOTONIC, 0, &left, NULL);
		lane->pauses.sleeps++;
		now = lane->spec->now_ns();
	}
}

int
pause_keep(struct lane *lane)
{
	const struct lane_spec *spec = lane->spec;
	uint64_t cpu = clock_thread_cpu_ns(), now = spec->now_ns();

	if (spec->idle_ns)
		sleep_until(lane, now + spec->idle_ns);
	if (spec->send_delay_ns > AWAKE_NS)
		sleep_until(lane, now + spec->send_delay_ns - AWAKE_NS);
	if (spec->send_delay_ns)
		while (spec->now_ns() - now < spec->send_delay_ns &&
		       !canceled(lane))
			;
	lane->pauses.cpu_ns += clock_thread_cpu_ns() - cpu;
	return canceled(lane) ? WEIR_ECANCELED : WEIR_OK;
}
