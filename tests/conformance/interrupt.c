/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

#include "core/base/clock.h"

#define INTERRUPT_SIGNAL SIGUSR1
#define INTERRUPT_PERIOD_NS (5 * NS_PER_MS)

static void
interrupt_handle(int number)
{
	(void)number;
}

void
interrupt_install(void)
{
	struct sigaction action = { .sa_handler = interrupt_handle };

	/* No SA_RESTART: the call has to come back. */
	sigaction(INTERRUPT_SIGNAL, &action, NULL);
}

static bool
interrupt_done(const struct interrupt *interrupt)
{
	return __atomic_load_n(&interrupt->done, __ATOMIC_ACQUIRE) != 0;
}

/* Lets time pass, but no longer than the target waits. */
static void
interrupt_pass(const struct interrupt *interrupt, uint64_t ns)
{
	uint64_t deadline = clock_deadline_ns(ns);

	while (clock_now_ns() < deadline && !interrupt_done(interrupt)) {
		struct timespec ts = { .tv_nsec = (long)NS_PER_MS };

		clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
	}
}

static void *
interrupt_thread(void *context)
{
	struct interrupt *interrupt = context;
	uint64_t period = interrupt->period_ns ? interrupt->period_ns
					       : INTERRUPT_PERIOD_NS;

	interrupt_pass(interrupt, interrupt->delay_ns);
	__atomic_store_n(&interrupt->begun_ns, clock_now_ns(),
			 __ATOMIC_RELEASE);
	if (interrupt->kill_first) {
		rig_kill_client(interrupt->kill_first);
		interrupt_pass(interrupt, interrupt->delay_ns);
	}
	if (!interrupt->only_interrupt)
		__atomic_store_n(&interrupt->end->cancel, 1,
				 __ATOMIC_RELAXED);
	while (!interrupt_done(interrupt)) {
		pthread_kill(interrupt->target, INTERRUPT_SIGNAL);
		interrupt_pass(interrupt, period);
	}
	return NULL;
}

void
interrupt_start(struct interrupt *interrupt)
{
	int rc;

	interrupt->target = pthread_self();
	rc = pthread_create(&interrupt->thread, NULL, interrupt_thread,
			    interrupt);
	rig_check(interrupt->end->rig, rc == 0, "can't make a thread: %s",
		  strerror(rc));
}

uint64_t
interrupt_finish(struct interrupt *interrupt)
{
	uint64_t now = clock_now_ns();
	uint64_t begun = __atomic_load_n(&interrupt->begun_ns,
					 __ATOMIC_ACQUIRE);

	__atomic_store_n(&interrupt->done, 1, __ATOMIC_RELEASE);
	pthread_join(interrupt->thread, NULL);
	return begun && begun < now ? now - begun : 0;
}
