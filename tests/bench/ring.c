/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared memory, a ring of eight slots each way with two indices, each in a
 * line of its own and read anew for each message; both sides spin.
 */
#include "tests/bench/loop.h"

#define SLOTS 8u

struct ring {
	_Alignas(128) uint64_t head; /* written by the sender */
	_Alignas(128) uint64_t tail; /* by the receiver */
	_Alignas(128) unsigned char data[];
};

loop_inline size_t
slot_bytes(size_t size)
{
	return (size + 63) & ~(size_t)63;
}

loop_inline struct ring *
ring_of(const struct bench_end *e, bool own)
{
	size_t bytes = sizeof(struct ring) +
		       ((SLOTS * slot_bytes(e->size) + 127) & ~(size_t)127);

	return (struct ring *)(void *)((char *)e->memory +
				       (e->first == own ? 0 : bytes));
}

static size_t
ring_memory(const struct bench_course *course)
{
	return 2 * (sizeof(struct ring) + SLOTS * slot_bytes(course->size) +
		    128);
}

loop_inline void
put(struct bench_end *e, unsigned char *buf)
{
	struct ring *r = ring_of(e, true);
	uint64_t head = r->head;

	while (head - __atomic_load_n(&r->tail, __ATOMIC_ACQUIRE) == SLOTS)
		bench_pause();
	memcpy(r->data + head % SLOTS * slot_bytes(e->size), buf, e->size);
	__atomic_store_n(&r->head, head + 1, __ATOMIC_RELEASE);
}

loop_inline void
get(struct bench_end *e, unsigned char *buf)
{
	struct ring *r = ring_of(e, false);
	uint64_t tail = r->tail;

	while (__atomic_load_n(&r->head, __ATOMIC_ACQUIRE) == tail)
		bench_pause();
	memcpy(buf, r->data + tail % SLOTS * slot_bytes(e->size), e->size);
	__atomic_store_n(&r->tail, tail + 1, __ATOMIC_RELEASE);
}

static void
loop_ring(struct bench_end *e)
{
	loop_run(e, put, get);
}

const struct bench_mechanism pair_ring = {
	.name = "shm ring", .loop = loop_ring, .memory_bytes = ring_memory,
};
