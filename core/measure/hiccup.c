/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/hiccup.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "core/base/clock.h"

struct hiccup {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t end;
	bool ended;
	uint64_t every_ns;
	uint64_t wakes;
	uint64_t late;
	uint64_t latest_ns;
};

/* False once it is to end. */
static bool
sleep_until(struct hiccup *own, uint64_t at_ns)
{
	while (!own->ended && clock_cond_wait(&own->end, &own->lock, at_ns))
		;
	return !own->ended;
}

static void *
run(void *argument)
{
	struct hiccup *own = argument;
	uint64_t due_ns = clock_now_ns() + own->every_ns, late_ns;

	/* A sleep may else be stretched by 50 us to join another timer. */
	prctl(PR_SET_TIMERSLACK, 1UL);
	pthread_mutex_lock(&own->lock);
	while (sleep_until(own, due_ns)) {
		late_ns = clock_now_ns() - due_ns;
		own->wakes++;
		own->late += late_ns >= HICCUP_LATE_NS;
		if (late_ns > own->latest_ns)
			own->latest_ns = late_ns;
		/* What was slept through is one late wake, and not many. */
		if (late_ns > own->every_ns)
			due_ns += late_ns;
		due_ns += own->every_ns;
	}
	pthread_mutex_unlock(&own->lock);
	return NULL;
}

/* The CPUs that this process may use and that are not measured here; where
 * they are no more than what the other side measures, all of them, and
 * false. */
static bool
find_cpus(const cpu_set_t *keep_off, cpu_set_t *ret_set)
{
	cpu_set_t all;

	CPU_ZERO(&all);
	sched_getaffinity(0, sizeof(all), &all);
	*ret_set = all;
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, keep_off))
			CPU_CLR(cpu, ret_set);
	}
	if (CPU_COUNT(ret_set) > CPU_COUNT(keep_off))
		return true;
	*ret_set = all;
	return false;
}

static void
run_ahead(pthread_attr_t *attr)
{
	const struct sched_param param = { .sched_priority = HICCUP_PRIORITY };

	pthread_attr_setinheritsched(attr, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(attr, SCHED_FIFO);
	pthread_attr_setschedparam(attr, &param);
}

static struct hiccup *
create(void)
{
	struct hiccup *hiccup = calloc(1, sizeof(*hiccup));

	if (!hiccup)
		return NULL;
	clock_cond_init(&hiccup->end);
	pthread_mutex_init(&hiccup->lock, NULL);
	hiccup->every_ns = HICCUP_EVERY_NS;
	return hiccup;
}

static void
destroy(struct hiccup *hiccup)
{
	pthread_mutex_destroy(&hiccup->lock);
	pthread_cond_destroy(&hiccup->end);
	free(hiccup);
}

struct hiccup *
hiccup_start(const cpu_set_t *keep_off)
{
	struct hiccup *hiccup = create();
	sigset_t all, old;
	pthread_attr_t attr;
	cpu_set_t set;
	int error;

	if (!hiccup)
		return NULL;
	pthread_attr_init(&attr);
	if (!find_cpus(keep_off, &set)) {
		run_ahead(&attr);
		hiccup->every_ns = HICCUP_BESIDE_NS;
	}
	pthread_attr_setaffinity_np(&attr, sizeof(set), &set);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&hiccup->thread, &attr, run, hiccup);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	if (!error)
		return hiccup;
	destroy(hiccup);
	return NULL;
}

void
hiccup_stop(struct hiccup *hiccup, struct evidence *evidence)
{
	if (!hiccup)
		return;
	pthread_mutex_lock(&hiccup->lock);
	hiccup->ended = true;
	pthread_cond_signal(&hiccup->end);
	pthread_mutex_unlock(&hiccup->lock);
	pthread_join(hiccup->thread, NULL);
	evidence->wakes = hiccup->wakes;
	evidence->late_wakes = hiccup->late;
	evidence->latest_wake_ns = hiccup->latest_ns;
	destroy(hiccup);
}
