/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared memory, one slot each way: a turn in a line of its own, then the
 * message. Who waits spins, or sleeps in a futex on the turn (`futex`).
 */
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/bench/loop.h"

struct slot {
	_Alignas(64) uint32_t turn;
	_Alignas(64) unsigned char data[];
};

loop_inline struct slot *
slot_of(const struct bench_end *e, bool own)
{
	size_t bytes = sizeof(struct slot) + ((e->size + 127) & ~(size_t)127);

	return (struct slot *)(void *)((char *)e->memory +
				       (e->first == own ? 0 : bytes));
}

static size_t
slot_memory(const struct bench_course *course)
{
	return 2 * (sizeof(struct slot) + course->size + 128);
}

/* Who receives has answered before, or this is the first: the slot is free. */
loop_inline struct slot *
fill(struct bench_end *e, const unsigned char *buf)
{
	struct slot *s = slot_of(e, true);

	memcpy(s->data, buf, e->size);
	__atomic_store_n(&s->turn, s->turn + 1, __ATOMIC_RELEASE);
	return s;
}

loop_inline void
put(struct bench_end *e, unsigned char *buf)
{
	fill(e, buf);
}

loop_inline void
get(struct bench_end *e, unsigned char *buf)
{
	struct slot *s = slot_of(e, false);

	while (__atomic_load_n(&s->turn, __ATOMIC_ACQUIRE) ==
	       (uint32_t)e->turn)
		bench_pause();
	e->turn++;
	memcpy(buf, s->data, e->size);
}

loop_inline void
put_futex(struct bench_end *e, unsigned char *buf)
{
	struct slot *s = fill(e, buf);

	syscall(SYS_futex, &s->turn, FUTEX_WAKE, 1, NULL, NULL, 0);
}

loop_inline void
get_futex(struct bench_end *e, unsigned char *buf)
{
	struct slot *s = slot_of(e, false);

	while (__atomic_load_n(&s->turn, __ATOMIC_ACQUIRE) ==
	       (uint32_t)e->turn)
		syscall(SYS_futex, &s->turn, FUTEX_WAIT, (uint32_t)e->turn,
			NULL, NULL, 0);
	e->turn++;
	memcpy(buf, s->data, e->size);
}

static void
loop_slot(struct bench_end *e)
{
	loop_run(e, put, get);
}

static void
loop_futex(struct bench_end *e)
{
	loop_run(e, put_futex, get_futex);
}

const struct bench_mechanism pair_slot = {
	.name = "shm slot", .loop = loop_slot, .memory_bytes = slot_memory,
};
const struct bench_mechanism pair_futex = {
	.name = "shm futex", .loop = loop_futex, .memory_bytes = slot_memory,
};
