/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/tape.h"

#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/sealed.h"

#define PAGE_BYTES 4096u
#define WAIT_SLICE_NS (5 * NS_PER_MS) /* how often cancel is looked at */

_Static_assert(sizeof(struct tape_page) <= PAGE_BYTES, "records begin there");
_Static_assert(sizeof(struct tape_record) == 24, "both sides agree on it");

static size_t
bytes_of(uint32_t slots)
{
	return PAGE_BYTES + (size_t)slots * sizeof(struct tape_record);
}

static int
open_end(int fd, struct tape *ret_tape, struct weir_error *err)
{
	uint64_t slots;
	size_t bytes;
	void *at;
	int status;

	status = sealed_map(fd, bytes_of(TAPE_SLOTS_MIN),
			    bytes_of(TAPE_SLOTS_MAX), &at, &bytes, err);
	if (status)
		return status;
	slots = (bytes - PAGE_BYTES) / sizeof(struct tape_record);
	if (slots & (slots - 1) || bytes != bytes_of((uint32_t)slots)) {
		munmap(at, bytes);
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "what came as a tape is none: its size "
				      "is wrong");
	}
	memset(ret_tape, 0, sizeof(*ret_tape));
	ret_tape->page = at;
	ret_tape->records = (struct tape_record *)((char *)at + PAGE_BYTES);
	ret_tape->mask = slots - 1;
	ret_tape->limit = slots;
	ret_tape->bytes = bytes;
	return WEIR_OK;
}

int
tape_create(uint32_t slots, struct tape *ret_tape, int *ret_fd,
	    struct weir_error *err)
{
	int fd, status;

	status = sealed_create("weir-tape", bytes_of(slots), &fd, err);
	if (status)
		return status;
	status = open_end(fd, ret_tape, err);
	if (status) {
		close(fd);
		return status;
	}
	*ret_fd = fd;
	return WEIR_OK;
}

int
tape_open(int fd, struct tape *ret_tape, struct weir_error *err)
{
	return open_end(fd, ret_tape, err);
}

void
tape_close(struct tape *tape)
{
	if (tape->page)
		munmap(tape->page, tape->bytes);
	memset(tape, 0, sizeof(*tape));
}

/* A wake, a signal and the end of the slice are all the same here. */
static void
wait_for_pass(struct tape *tape, uint32_t passes)
{
	const struct timespec slice = { .tv_nsec = (long)WAIT_SLICE_NS };

	(void)syscall(SYS_futex, &tape->page->passes, FUTEX_WAIT, passes,
		      &slice, NULL, 0);
}

int
tape_wait(struct tape *tape, const uint32_t *cancel)
{
	struct tape_page *page = tape->page;
	uint64_t begun_ns = 0, tail;
	uint32_t passes;

	for (;;) {
		passes = __atomic_load_n(&page->passes, __ATOMIC_ACQUIRE);
		__atomic_store_n(&page->waiting, 1, __ATOMIC_SEQ_CST);
		tail = __atomic_load_n(&page->tail, __ATOMIC_SEQ_CST);
		if (tape->at - tail <= tape->mask)
			break;
		if (!begun_ns)
			begun_ns = clock_now_ns();
		if (__atomic_load_n(cancel, __ATOMIC_RELAXED))
			return WEIR_ECANCELED;
		wait_for_pass(tape, passes);
	}
	__atomic_store_n(&page->waiting, 0, __ATOMIC_RELAXED);
	tape->limit = tail + tape->mask + 1;
	if (begun_ns) {
		page->stalls++;
		page->stalled_ns += clock_now_ns() - begun_ns;
	}
	return WEIR_OK;
}

int
tape_peek(struct tape *tape, const struct tape_record **ret_records,
	  size_t *ret_n, struct weir_error *err)
{
	uint64_t head = __atomic_load_n(&tape->page->head, __ATOMIC_ACQUIRE);
	uint64_t n = head - tape->at;
	uint64_t first = tape->at & tape->mask;

	if (n > tape->mask + 1)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "the stream's other side says that it "
				      "wrote more records than there is room "
				      "for");
	if (n > tape->mask + 1 - first)
		n = tape->mask + 1 - first;
	*ret_records = tape->records + first;
	*ret_n = (size_t)n;
	return WEIR_OK;
}

void
tape_advance(struct tape *tape, size_t n)
{
	struct tape_page *page = tape->page;

	tape->at += n;
	__atomic_store_n(&page->tail, tape->at, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&page->passes, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&page->waiting, __ATOMIC_SEQ_CST))
		(void)syscall(SYS_futex, &page->passes, FUTEX_WAKE, 1, NULL,
			      NULL, 0);
}

void
tape_stalls(const struct tape *tape, uint64_t *ret_stalls,
	    uint64_t *ret_stalled_ns)
{
	*ret_stalls = __atomic_load_n(&tape->page->stalls, __ATOMIC_RELAXED);
	*ret_stalled_ns = __atomic_load_n(&tape->page->stalled_ns,
					  __ATOMIC_RELAXED);
}
