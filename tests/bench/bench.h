/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the bare loops share: two pinned processes, a clock, a histogram.
 *
 * A mechanism is one file with the smallest honest loop over one way to move
 * bytes between two processes: whole messages, one clock read per round trip,
 * every sample in the histogram that weir keeps too. `open` makes what both
 * sides share, in the driver; `loop` is then run by two new processes, one on
 * each CPU, which inherit it.
 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "core/stats/histogram.h"

/* What one segment does. */
struct bench_course {
	int cpu[2];
	bool one_way; /* else round trips */
	bool spin;    /* calls that don't wait, again and again */
	size_t size;  /* bytes of a message, 16 at least */
	size_t ring_bytes; /* of mechanisms that have one; else 0 */
	uint64_t warm_ns;
	uint64_t timed_ns;
};

/* What it showed; NaN where it can't tell. */
struct bench_figures {
	double p50_ns;
	double mean_ns; /* elapsed time per message: one pair of clock reads */
	double per_s;
	double cpu_ns; /* per message, of both sides; of weir only */
	uint64_t messages;
};

/* Written by the two processes, each its own part. */
struct bench_shared {
	_Alignas(128) uint64_t started_ns;
	_Alignas(128) uint64_t ended_ns;
	uint64_t messages;
	_Alignas(128) uint64_t total; /* sent, once that is known */
	_Alignas(4096) struct histogram latency;
};

/* One of the two processes, as its loop sees it. */
struct bench_end {
	const struct bench_course *course;
	struct bench_shared *shared;
	unsigned char *out, *in; /* private buffers of a message */
	void *memory; /* that both share, where a mechanism has some */
	size_t size;
	uint64_t turn;
	bool first; /* sends first */
	int tx, rx, flags;
};

struct bench_mechanism {
	const char *name;
	/* Fills what is shared: ends[0] is the first. -1 and errno. */
	int (*open)(struct bench_end ends[2]);
	void (*loop)(struct bench_end *end);
	size_t (*memory_bytes)(const struct bench_course *course); /* or NULL */
};

extern const struct bench_mechanism pair_stream, pair_seqpacket, pair_dgram,
	pair_tcp, pair_pipe, pair_mq, pair_slot, pair_ring, pair_futex,
	pair_bounce, pair_bounce_timed, pair_slots8, pair_flow;

/* Runs a segment. False where the machine can't: the reason is on stderr. */
bool pair_run(const struct bench_mechanism *mechanism,
	      const struct bench_course *course,
	      struct bench_figures *ret_figures);

/* The calling thread on one CPU alone. */
void pair_pin(int cpu);

/* Floors of one CPU: ns of a clock read; bytes/s of memcpy. */
double floor_clock_ns(int cpu);
double floor_memcpy_bytes_per_s(int cpu, size_t size);

static inline uint64_t
bench_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * UINT64_C(1000000000) +
	       (uint64_t)ts.tv_nsec;
}

static inline void
bench_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield" ::: "memory");
#endif
}

#endif
