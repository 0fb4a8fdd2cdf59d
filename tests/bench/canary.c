/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/canary.h"

#include <pthread.h>
#include <sched.h>

#include "tests/bench/loop.h"
#include "tests/bench/ratio.h"

#define BURSTS 10
#define BURST_NS 100000
#define LOWEST_NS 9.5 /* 38, 76, 152, 304, 608 are edges */
#define ROUNDS 16u

struct line {
	_Alignas(128) uint64_t turn;
	_Alignas(128) double burst_ns[BURSTS];
};

static double
burst(uint64_t *turn, uint64_t *at)
{
	uint64_t started_ns = bench_now_ns(), now, n = 0;

	do {
		for (unsigned i = 0; i < ROUNDS; i++) {
			__atomic_store_n(turn, ++*at, __ATOMIC_RELEASE);
			++*at;
			while (__atomic_load_n(turn, __ATOMIC_ACQUIRE) != *at)
				;
		}
		n += ROUNDS;
		now = bench_now_ns();
	} while (now - started_ns < BURST_NS);
	return (double)(now - started_ns) / (double)n;
}

static void *
ask(void *argument)
{
	struct line *line = argument;
	uint64_t at = 0;

	for (int i = 0; i < BURSTS; i++)
		line->burst_ns[i] = burst(&line->turn, &at);
	__atomic_store_n(&line->turn, UINT64_MAX, __ATOMIC_RELEASE);
	return NULL;
}

static void *
answer(void *argument)
{
	uint64_t *turn = argument, seen;

	for (;;) {
		seen = __atomic_load_n(turn, __ATOMIC_ACQUIRE);
		if (seen == UINT64_MAX)
			return NULL;
		if (seen & 1)
			__atomic_store_n(turn, seen + 1, __ATOMIC_RELEASE);
	}
}

double
canary_ns(const int cpu[2])
{
	static void *(*const sides[2])(void *) = { ask, answer };
	struct line line = { .turn = 0 };
	pthread_t threads[2];
	pthread_attr_t attr;
	cpu_set_t set;

	for (int i = 0; i < 2; i++) {
		CPU_ZERO(&set);
		CPU_SET(cpu[i], &set);
		pthread_attr_init(&attr);
		pthread_attr_setaffinity_np(&attr, sizeof(set), &set);
		if (pthread_create(&threads[i], &attr, sides[i], &line) != 0)
			loop_die("a thread of the canary");
		pthread_attr_destroy(&attr);
	}
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return ratio_median(line.burst_ns, BURSTS);
}

double
canary_class_low_ns(int class)
{
	return LOWEST_NS * (double)(1u << class);
}

int
canary_class(double ns)
{
	int class = 0;

	while (class < CANARY_CLASSES - 1 &&
	       ns >= canary_class_low_ns(class + 1))
		class++;
	return class;
}
