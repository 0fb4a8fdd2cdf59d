/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two loops, made anew for each mechanism by inlining: between the clock
 * reads stand the mechanism's own calls and nothing else.
 */
#ifndef TESTS_BENCH_LOOP_H
#define TESTS_BENCH_LOOP_H

#include <stdlib.h>
#include <string.h>

#include "tests/bench/bench.h"

#define loop_inline static inline __attribute__((always_inline))

/* Moves one whole message of end->size bytes; does not fail: see loop_die. */
typedef void loop_move(struct bench_end *end, unsigned char *buf);

/* Ends this process: the segment has failed. */
_Noreturn void loop_die(const char *what);

/* The time of sending travels at the message's beginning; 0 ends a phase. */
loop_inline void
loop_stamp(unsigned char *buf, uint64_t ns)
{
	memcpy(buf, &ns, sizeof(ns));
}

loop_inline uint64_t
loop_stamped(const unsigned char *buf)
{
	uint64_t ns;

	memcpy(&ns, buf, sizeof(ns));
	return ns;
}

loop_inline void
loop_initiate(struct bench_end *e, loop_move *put, loop_move *get,
	      uint64_t for_ns)
{
	struct histogram *latency = &e->shared->latency;
	unsigned char *out = e->out, *in = e->in;
	uint64_t then, now, end_ns, n = 0;

	histogram_reset(latency);
	then = bench_now_ns();
	e->shared->started_ns = then;
	end_ns = then + for_ns;
	do {
		put(e, out);
		get(e, in);
		now = bench_now_ns();
		histogram_record(latency, now - then);
		then = now;
		n++;
	} while (now < end_ns);
	e->shared->ended_ns = now;
	e->shared->messages = n;
}

/* The driver ends a responder. */
loop_inline _Noreturn void
loop_respond(struct bench_end *e, loop_move *put, loop_move *get)
{
	unsigned char *in = e->in;

	for (;;) {
		get(e, in);
		put(e, in);
	}
}

loop_inline void
loop_send(struct bench_end *e, loop_move *put, loop_move *get, uint64_t for_ns)
{
	unsigned char *out = e->out;
	uint64_t now = bench_now_ns(), end_ns = now + for_ns;

	e->shared->started_ns = now;
	do {
		loop_stamp(out, now);
		put(e, out);
		now = bench_now_ns();
	} while (now < end_ns);
	loop_stamp(out, 0);
	put(e, out);
	get(e, e->in);
}

loop_inline void
loop_receive(struct bench_end *e, loop_move *put, loop_move *get)
{
	struct histogram *latency = &e->shared->latency;
	unsigned char *in = e->in;
	uint64_t now = 0, sent, n = 0;

	histogram_reset(latency);
	for (;;) {
		get(e, in);
		sent = loop_stamped(in);
		if (!sent)
			break;
		now = bench_now_ns();
		histogram_record(latency, now - sent);
		n++;
	}
	e->shared->ended_ns = now;
	e->shared->messages = n;
	put(e, e->out);
}

/* A warm-up, then the timed region, by what the course says. */
loop_inline void
loop_run(struct bench_end *e, loop_move *put, loop_move *get)
{
	const uint64_t for_ns[2] = { e->course->warm_ns, e->course->timed_ns };

	for (int i = 0; i < 2; i++) {
		if (e->course->one_way && e->first)
			loop_send(e, put, get, for_ns[i]);
		else if (e->course->one_way)
			loop_receive(e, put, get);
		else if (e->first)
			loop_initiate(e, put, get, for_ns[i]);
		else
			loop_respond(e, put, get);
	}
}

#endif
