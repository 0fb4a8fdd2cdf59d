/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tape: where a lane notes each message of its timed region for a stream.
 *
 * A ring of records in shared memory between one producer (the lane that
 * takes the latencies, maybe in another process) and one consumer (the
 * writer of the stream, in the host). Nothing is ever dropped: where the
 * consumer does not keep up, the producer waits, and the wait is counted.
 *
 * The consumer creates the memory as a sealed memfd, so that neither side can
 * take it from under the other; each keeps its own index to itself, and the
 * consumer believes no other that would lead it out of the ring.
 */
#ifndef CORE_MEASURE_TAPE_H
#define CORE_MEASURE_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <weir/error.h>

#define TAPE_SLOTS_MIN 1024u
#define TAPE_SLOTS_MAX 65536u
#define TAPE_NO_LATENCY UINT64_MAX /* none can be told */

struct tape_record {
	uint64_t timestamp_ns; /* of the receipt, CLOCK_MONOTONIC */
	uint64_t message_id;   /* sequence number */
	uint64_t latency_ns;
};

/* At the beginning of the shared memory; records follow from the next page. */
struct tape_page {
	_Alignas(128) uint64_t head; /* written by the producer */
	uint64_t stalls;
	uint64_t stalled_ns;
	uint32_t waiting;            /* the producer wants to be woken */
	_Alignas(128) uint64_t tail; /* written by the consumer */
	uint32_t passes;             /* futex: changes with tail */
};

struct tape {
	struct tape_page *page;
	struct tape_record *records;
	uint64_t mask;  /* slots - 1 */
	uint64_t at;    /* own index: head of the producer, or tail */
	uint64_t limit; /* producer: no room at this index, as far as known */
	size_t bytes;
};

/* The consumer's end, empty; slots is a power of two within the limits.
 * *ret_fd is the caller's: the producer's end is opened with it. */
WEIR_MUST_USE int tape_create(uint32_t slots, struct tape *ret_tape,
			      int *ret_fd, struct weir_error *err);

/* The producer's end; the descriptor stays the caller's, who need not keep
 * it. What is no tape is EPROTOCOL. */
WEIR_MUST_USE int tape_open(int fd, struct tape *ret_tape,
			    struct weir_error *err);

/* Unmaps; a zeroed tape is allowed. */
void tape_close(struct tape *tape);

/* ---- producer ---- */

/* Out of line: waits for room, and counts it as a stall. ECANCELED soon
 * after *cancel has become true. */
WEIR_MUST_USE int tape_wait(struct tape *tape, const uint32_t *cancel);

static inline bool
tape_full(const struct tape *tape)
{
	return __builtin_expect(tape->at == tape->limit, 0);
}

/* The next record, where the tape is not full. */
static inline void
tape_put(struct tape *tape, uint64_t timestamp_ns, uint64_t message_id,
	 uint64_t latency_ns)
{
	struct tape_record *r = &tape->records[tape->at & tape->mask];

	r->timestamp_ns = timestamp_ns;
	r->message_id = message_id;
	r->latency_ns = latency_ns;
	__atomic_store_n(&tape->page->head, ++tape->at, __ATOMIC_RELEASE);
}

/* ---- consumer ---- */

/* Records that lie in a row from the oldest on, in the shared memory: each
 * is to be copied once. EPROTOCOL where the producer's index makes no
 * sense. */
WEIR_MUST_USE int tape_peek(struct tape *tape,
			    const struct tape_record **ret_records,
			    size_t *ret_n, struct weir_error *err);

/* Gives the room of the n oldest back, and wakes a producer that waits. */
void tape_advance(struct tape *tape, size_t n);

/* What the producer says of its waits. */
void tape_stalls(const struct tape *tape, uint64_t *ret_stalls,
		 uint64_t *ret_stalled_ns);

#endif
