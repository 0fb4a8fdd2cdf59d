/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring for the tests, both ends of it: memory that is mapped twice, an array
 * of words, and the positions. Words lie within until lay(true).
 */
#ifndef TESTS_UNIT_SHM_RING_FIXTURE_H
#define TESTS_UNIT_SHM_RING_FIXTURE_H

#include <sys/mman.h>
#include <unistd.h>

#include "plugins/shm/ring_in.h"
#include "plugins/shm/ring_out.h"
#include "tests/unit/unit.h"

#define RING RING_BYTES_MIN
#define CHUNK (RING / 4)
#define LARGEST (CHUNK - RING_WITHIN_BYTES) /* that does not flow */

static uint8_t *data;
static uint32_t words[RING / RING_APART_BYTES];
static uint64_t shared_tail;
static uint64_t shared_progress;
static uint64_t shared_distance;
static struct ring_shape shape = { .size = RING };
static struct ring_out out;
static struct ring_in in;

/* Both ends anew, with the next record at this position. */
static inline void
start_at(uint64_t position)
{
	struct ring_out_memory to = {
		.data = data, .words = words, .peer_tail = &shared_tail,
		.peer_distance = &shared_distance,
		.progress = &shared_progress,
	};
	struct ring_in_memory from = {
		.data = data, .words = words, .progress = &shared_progress,
		.tail = &shared_tail,
	};

	memset(data, 0, RING);
	memset(words, 0, sizeof(words));
	shared_tail = position;
	shared_progress = position;
	ring_out_init(&out, &shape, &to, false);
	ring_in_init(&in, &shape, &from, false);
	out.head = position;
	out.tail = position;
	in.tail = position;
	in.returned = position;
}

static inline void
lay(bool apart)
{
	shape.apart = apart;
	start_at(0);
}

static inline void
setup(void)
{
	int fd = memfd_create("test", MFD_CLOEXEC);
	int i;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, RING), 0);
	data = mmap(NULL, 2 * RING, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	ck_assert_ptr_ne(data, MAP_FAILED);
	for (i = 0; i < 2; i++)
		ck_assert_ptr_ne(mmap(data + (size_t)i * RING, RING,
				      PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_FIXED, fd, 0),
				 MAP_FAILED);
	close(fd);
	lay(false);
}

static inline void
teardown(void)
{
	munmap(data, 2 * RING);
}

/* Bytes of a message that differ by place and by message. */
static inline void
fill(uint8_t *buf, size_t len, unsigned message)
{
	size_t i;

	for (i = 0; i < len; i++)
		buf[i] = (uint8_t)(i * 7 + (i >> 8) + message);
}

static inline void
expect_filled(const uint8_t *buf, size_t len, unsigned message)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (buf[i] != (uint8_t)(i * 7 + (i >> 8) + message))
			ck_abort_msg("byte %zu of %zu of message %u differs",
				     i, len, message);
}

/* Puts a message that does not flow. */
static inline void
put(const void *buf, size_t len, bool more)
{
	ck_assert_int_eq(ring_out_put(&out, buf, len, 0, more), WEIR_OK);
}

/* Takes a message that does not flow. */
static inline size_t
take(void *buf, size_t cap)
{
	uint64_t word = ring_in_peek(&in);
	size_t len = 0;

	ck_assert_uint_ne(word, 0);
	ck_assert_int_eq(ring_in_take(&in, word, buf, cap, &len), WEIR_OK);
	ck_assert_uint_gt(len, 0);
	return len;
}

#endif
