/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/tape.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/clock.h"

#define PAGE_BYTES 4096u
#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
#define WAIT_SLICE_NS (5 * NS_PER_MS) /* how often cancel is looked at */

_Static_assert(sizeof(struct tape_page) <= PAGE_BYTES, "records begin there");
_Static_assert(sizeof(struct tape_record) == 24, "both sides agree on it");

static size_t
bytes_of(uint32_t slots)
{
	return PAGE_BYTES + (size_t)slots * sizeof(struct tape_record);
}

static int
map(struct tape *tape, int fd, uint32_t slots, struct weir_error *err)
{
	size_t bytes = bytes_of(slots);
	/* Populated, so that no page is first touched while measuring. */
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_POPULATE, fd, 0);

	if (at == MAP_FAILED)
		return weir_error_errno(err, "a tape of %zu bytes can't be "
					"mapped", bytes);
	memset(tape, 0, sizeof(*tape));
	tape->page = at;
	tape->records = (struct tape_record *)((char *)at + PAGE_BYTES);
	tape->mask = slots - 1;
	tape->limit = slots;
	tape->bytes = bytes;
	return WEIR_OK;
}

int
tape_create(uint32_t slots, struct tape *ret_tape, int *ret_fd,
	    struct weir_error *err)
{
	int fd = memfd_create("weir-tape", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int status;

	if (fd < 0)
		return weir_error_errno(err, "the memory of a tape can't be "
					"made");
	/* Room that is reserved now can't be missing later, as SIGBUS. */
	if (ftruncate(fd, (off_t)bytes_of(slots)) != 0 ||
	    fallocate(fd, 0, 0, (off_t)bytes_of(slots)) != 0 ||
	    fcntl(fd, F_ADD_SEALS, SEALS) != 0)
		status = weir_error_errno(err, "the memory of a tape (%zu "
					  "bytes) can't be had",
					  bytes_of(slots));
	else
		status = map(ret_tape, fd, slots, err);
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
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;
	uint64_t slots;

	if (fstat(fd, &st) != 0)
		return weir_error_errno(err, "a tape can't be looked at");
	slots = ((uint64_t)st.st_size - PAGE_BYTES) /
		sizeof(struct tape_record);
	if (seals < 0 || !(seals & F_SEAL_SHRINK) || st.st_size < PAGE_BYTES ||
	    slots < TAPE_SLOTS_MIN || slots > TAPE_SLOTS_MAX ||
	    slots & (slots - 1) ||
	    (size_t)st.st_size != bytes_of((uint32_t)slots))
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "what came as a tape is none: its size "
				      "or its seals are wrong");
	return map(ret_tape, fd, (uint32_t)slots, err);
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
