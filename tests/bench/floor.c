/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Floors: what the machine does at best, with no message about it.
 *
 *	bounce    one cache line there and back
 *	slots8    one way, 64 B: eight slots, each with a flag in a line of
 *	          its own; all bytes written and read, no clock per message
 *	flow      one CPU writes, the other reads, over a ring of ring_bytes
 */
#include "tests/bench/loop.h"

#define BLOCK 1024u /* messages between two looks at the clock */

/* ---- one cache line ---- */

loop_inline void
line_put(struct bench_end *e, unsigned char *buf)
{
	(void)buf;
	__atomic_store_n((uint64_t *)e->memory, ++e->turn, __ATOMIC_RELEASE);
}

loop_inline void
line_get(struct bench_end *e, unsigned char *buf)
{
	(void)buf;
	while (__atomic_load_n((uint64_t *)e->memory, __ATOMIC_ACQUIRE) !=
	       e->turn + 1)
		;
	e->turn++;
}

static size_t
line_memory(const struct bench_course *course)
{
	(void)course;
	return 4096;
}

static void
bounce_timed(struct bench_end *e)
{
	loop_run(e, line_put, line_get);
}

static void
bounce(struct bench_end *e)
{
	uint64_t started_ns, end_ns, now, n = 0;

	if (!e->first)
		loop_respond(e, line_put, line_get);
	started_ns = now = bench_now_ns();
	end_ns = now + e->course->timed_ns;
	do {
		for (unsigned i = 0; i < BLOCK; i++) {
			line_put(e, NULL);
			line_get(e, NULL);
		}
		n += BLOCK;
		now = bench_now_ns();
	} while (now < end_ns);
	e->shared->started_ns = started_ns;
	e->shared->ended_ns = now;
	e->shared->messages = n;
}

const struct bench_mechanism pair_bounce = {
	.name = "bounce", .loop = bounce, .memory_bytes = line_memory,
};
const struct bench_mechanism pair_bounce_timed = {
	.name = "bounce, timed", .loop = bounce_timed,
	.memory_bytes = line_memory,
};

/* ---- one way, without a clock per message ---- */

typedef void floor_write(struct bench_end *e, uint64_t i);
typedef bool floor_read(struct bench_end *e, uint64_t i);

loop_inline void
stream_run(struct bench_end *e, floor_write *write, floor_read *read)
{
	struct bench_shared *s = e->shared;
	uint64_t now, end_ns, n = 0;

	now = bench_now_ns();
	if (e->first) {
		s->started_ns = now;
		end_ns = now + e->course->timed_ns;
		do {
			unsigned block = e->size < 4096 ? BLOCK : 1;

			for (unsigned i = 0; i < block; i++)
				write(e, n++);
		} while (bench_now_ns() < end_ns);
		__atomic_store_n(&s->total, n, __ATOMIC_RELEASE);
		return;
	}
	while (read(e, n))
		n++;
	s->ended_ns = bench_now_ns();
	s->messages = n;
}

/* Nothing there: true if nothing comes any more either. */
loop_inline bool
over(const struct bench_end *e, uint64_t i)
{
	return __atomic_load_n(&e->shared->total, __ATOMIC_ACQUIRE) == i;
}

struct slot8 {
	_Alignas(64) uint64_t full;
	_Alignas(64) unsigned char data[64];
};

static size_t
slots8_memory(const struct bench_course *course)
{
	(void)course;
	return 8 * sizeof(struct slot8);
}

loop_inline void
slots8_write(struct bench_end *e, uint64_t i)
{
	struct slot8 *s = (struct slot8 *)e->memory + i % 8;

	while (__atomic_load_n(&s->full, __ATOMIC_ACQUIRE))
		;
	memcpy(s->data, e->out, sizeof(s->data));
	__atomic_store_n(&s->full, 1, __ATOMIC_RELEASE);
}

loop_inline bool
slots8_read(struct bench_end *e, uint64_t i)
{
	struct slot8 *s = (struct slot8 *)e->memory + i % 8;

	while (!__atomic_load_n(&s->full, __ATOMIC_ACQUIRE)) {
		if (over(e, i))
			return false;
	}
	memcpy(e->in, s->data, sizeof(s->data));
	__asm__ volatile("" : : "r"(e->in) : "memory");
	__atomic_store_n(&s->full, 0, __ATOMIC_RELEASE);
	return true;
}

static void
slots8(struct bench_end *e)
{
	stream_run(e, slots8_write, slots8_read);
}

const struct bench_mechanism pair_slots8 = {
	.name = "slots8", .loop = slots8, .memory_bytes = slots8_memory,
};

/* ---- one CPU writes, the other reads ---- */

struct flow {
	_Alignas(128) uint64_t head; /* bytes written */
	_Alignas(128) uint64_t tail; /* bytes read */
	_Alignas(4096) unsigned char data[];
};

typedef uint64_t vector __attribute__((vector_size(32), may_alias));

static size_t
flow_memory(const struct bench_course *course)
{
	return sizeof(struct flow) + course->ring_bytes;
}

static size_t
flow_step(const struct bench_end *e)
{
	size_t quarter = e->course->ring_bytes / 4;

	return quarter < 16384 ? quarter : 16384;
}

loop_inline void
flow_write(struct bench_end *e, uint64_t i)
{
	struct flow *f = e->memory;
	size_t ring = e->course->ring_bytes, step = flow_step(e);
	uint64_t head = i * e->size, end = head + e->size;

	for (; head < end; head += step) {
		unsigned char *to = f->data + head % ring;
		vector v = { head, head, head, head };

		while (head + step - __atomic_load_n(&f->tail,
						     __ATOMIC_ACQUIRE) > ring)
			bench_pause();
		for (size_t at = 0; at < step; at += sizeof(v))
			*(volatile vector *)(void *)(to + at) = v;
		__atomic_store_n(&f->head, head + step, __ATOMIC_RELEASE);
	}
}

loop_inline bool
flow_read(struct bench_end *e, uint64_t i)
{
	struct flow *f = e->memory;
	size_t ring = e->course->ring_bytes, step = flow_step(e);
	uint64_t tail = i * e->size, end = tail + e->size;
	vector sum = { 0 };

	for (; tail < end; tail += step) {
		const unsigned char *from = f->data + tail % ring;

		while (__atomic_load_n(&f->head, __ATOMIC_ACQUIRE) <
		       tail + step) {
			if (over(e, i))
				return false;
			bench_pause();
		}
		for (size_t at = 0; at < step; at += sizeof(vector))
			sum += *(const vector *)(const void *)(from + at);
		__asm__ volatile("" : : "m"(sum));
		__atomic_store_n(&f->tail, tail + step, __ATOMIC_RELEASE);
	}
	return true;
}

#if defined(__x86_64__)
__attribute__((target("avx2")))
#endif
static void
flow(struct bench_end *e)
{
	stream_run(e, flow_write, flow_read);
}

const struct bench_mechanism pair_flow = {
	.name = "flow", .loop = flow, .memory_bytes = flow_memory,
};

/* ---- one CPU ---- */

double
floor_clock_ns(int cpu)
{
	const unsigned n = 1000000;
	uint64_t started_ns, now = 0;

	pair_pin(cpu);
	started_ns = bench_now_ns();
	for (unsigned i = 0; i < n; i++)
		now = bench_now_ns();
	return (double)(now - started_ns) / n;
}

double
floor_memcpy_bytes_per_s(int cpu, size_t size)
{
	const size_t n = (size_t)(1u << 30) / size;
	unsigned char *from = aligned_alloc(4096, size);
	unsigned char *to = aligned_alloc(4096, size);
	uint64_t started_ns, ended_ns;

	pair_pin(cpu);
	if (!from || !to)
		loop_die("memory to copy");
	memset(from, 1, size);
	memset(to, 2, size);
	started_ns = bench_now_ns();
	for (size_t i = 0; i < n; i++) {
		memcpy(to, from, size);
		__asm__ volatile("" : : "r"(to) : "memory");
	}
	ended_ns = bench_now_ns();
	free(from);
	free(to);
	return (double)(n * size) / (double)(ended_ns - started_ns) * 1e9;
}
