/* SPDX-License-Identifier: Apache-2.0 */
/* The other side may write what it likes into memory that both share, when it
 * likes: an operation may fail for that, and nothing worse. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <weir/transport.h>

#include "core/base/clock.h"
#include "core/plugin/plugin.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/interrupt.h"
#include "tests/conformance/leak.h"
#include "tests/conformance/rig.h"

#define MEMORY_MESSAGE_BYTES 4096u
#define MEMORY_GUARD_BYTES 64u
#define MEMORY_GUARD 0x5a
#define MEMORY_SENDS 4u

/* What is written, 8 bytes at a time. */
static const uint64_t memory_words[] = {
	UINT64_MAX,
	UINT64_C(0x0000100100001001), /* just more than the message */
	UINT64_C(0x0101010101010101),
	UINT64_C(0x7fffffff7fffffff),
	UINT64_C(0x8000000000000000),
};

#define N_WORDS (sizeof(memory_words) / sizeof(memory_words[0]))
#define N_WORDS_ALONE 2u /* the first of them, for one word alone */
#define MEMORY_PLACES 24u

struct memory {
	void *at;
	size_t bytes;
};

struct memory_held {
	struct memory map[WEIR_OFFER_FDS_MAX];
	unsigned n;
};

static void
memory_add(struct memory_held *held, int fd)
{
	struct stat st;
	struct memory *m = &held->map[held->n];

	if (held->n == WEIR_OFFER_FDS_MAX || fstat(fd, &st) < 0 ||
	    !S_ISREG(st.st_mode) || st.st_size == 0)
		return;
	m->bytes = (size_t)st.st_size;
	m->at = mmap(NULL, m->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		     0);
	held->n += m->at != MAP_FAILED;
}

/* All memory that came with an offer: as descriptors, or as files. */
static void
memory_take(const struct rig *rig, const struct weir_offer *offer,
	    struct memory_held *ret_held)
{
	struct strings names = { 0 };

	memset(ret_held, 0, sizeof(*ret_held));
	for (unsigned i = 0; i < offer->n_fds; i++)
		memory_add(ret_held, offer->fds[i]);
	leak_list_entries(rig->directory, &names);
	for (size_t i = 0; i < names.n; i++) {
		char path[512];
		int fd;

		snprintf(path, sizeof(path), "%s/%s", rig->directory,
			 names.at[i]);
		fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		if (fd >= 0) {
			memory_add(ret_held, fd);
			close(fd);
		}
	}
	strings_fini(&names);
}

/* Over word number `place` of those that are not zero, or over all there is
 * for MEMORY_PLACES; false where there is none. */
static bool
memory_scribble(const struct memory_held *held, unsigned place, uint64_t word)
{
	unsigned seen = 0;

	for (unsigned i = 0; i < held->n; i++) {
		uint64_t *at = held->map[i].at;

		for (size_t k = 0; k < held->map[i].bytes / sizeof(*at); k++) {
			if (place < MEMORY_PLACES &&
			    (!__atomic_load_n(&at[k], __ATOMIC_RELAXED) ||
			     seen++ != place))
				continue;
			__atomic_store_n(&at[k], word, __ATOMIC_RELAXED);
			if (place < MEMORY_PLACES)
				return true;
		}
	}
	return place == MEMORY_PLACES;
}

static void
memory_release(struct memory_held *held)
{
	for (unsigned i = 0; i < held->n; i++)
		munmap(held->map[i].at, held->map[i].bytes);
	held->n = 0;
}

/* ---- operations: each returns its status ---------------------------- */

static void
check_length(const struct rig_end *end, size_t len)
{
	rig_check(end->rig, len >= 1 && len <= MEMORY_MESSAGE_BYTES,
		  "a message of %zu bytes on a channel made for %u", len,
		  MEMORY_MESSAGE_BYTES);
}

static int
memory_recv(struct rig_end *end)
{
	unsigned char buf[MEMORY_MESSAGE_BYTES + MEMORY_GUARD_BYTES];
	size_t got = 0;
	int status;

	memset(buf, MEMORY_GUARD, sizeof(buf));
	status = end->ops->recv(end->channel, buf, MEMORY_MESSAGE_BYTES, &got);
	if (status == WEIR_OK)
		check_length(end, got);
	for (size_t i = MEMORY_MESSAGE_BYTES; i < sizeof(buf); i++)
		rig_check(end->rig, buf[i] == MEMORY_GUARD,
			  "recv writes behind the end of the buffer");
	return status;
}

static int
memory_send(struct rig_end *end)
{
	unsigned char buf[MEMORY_MESSAGE_BYTES] = { 0 };
	int status = WEIR_OK;

	for (unsigned i = 0; i < MEMORY_SENDS && status == WEIR_OK; i++)
		status = end->ops->send(end->channel, buf, sizeof(buf), 0);
	return status;
}

static int
memory_borrow(struct rig_end *end)
{
	const void *buf = NULL;
	size_t got = 0;
	int status;

	if (!end->ops->borrow)
		return WEIR_OK;
	status = end->ops->borrow(end->channel, &buf, &got);
	if (status != WEIR_OK)
		return status;
	check_length(end, got);
	rig_matches(buf, got, 0); /* reads all of it */
	return end->ops->release(end->channel, buf);
}

static int
memory_loan(struct rig_end *end)
{
	void *buf = NULL;
	int status;

	if (!end->ops->loan)
		return WEIR_OK;
	status = end->ops->loan(end->channel, MEMORY_MESSAGE_BYTES, &buf);
	if (status != WEIR_OK)
		return status;
	rig_fill(buf, MEMORY_MESSAGE_BYTES, 0);
	return end->ops->commit(end->channel, buf, MEMORY_MESSAGE_BYTES, 0);
}

static const struct {
	const char *name;
	int (*run)(struct rig_end *end);
} memory_calls[] = {
	{ "recv", memory_recv },
	{ "borrow", memory_borrow },
	{ "send", memory_send },
	{ "loan", memory_loan },
};

#define N_CALLS (sizeof(memory_calls) / sizeof(memory_calls[0]))
#define N_CALLS_ALONE 2u /* the first of them, which read what was sent */

/* One channel, and what becomes of it. */
struct memory_try {
	size_t call;
	uint64_t word;
	unsigned place; /* of memory_scribble */
	bool client;    /* is the one that calls */
};

/* Where the call waits for ever, as it well may, it is canceled. */
static void
memory_call(struct rig_end *end, const struct memory_try *try)
{
	struct interrupt interrupt = { .end = end, .delay_ns = NS_PER_MS };
	const char *name = memory_calls[try->call].name;
	uint64_t took_ns;
	int status;

	interrupt_start(&interrupt);
	status = memory_calls[try->call].run(end);
	took_ns = interrupt_finish(&interrupt);
	rig_check(end->rig, status != WEIR_ESYSTEM && status != WEIR_ETIMEOUT,
		  "%s in memory with 0x%016llx in it gives \"%s\" (%s)", name,
		  (unsigned long long)try->word, weir_status_text(status),
		  end->fault.text);
	rig_check(end->rig, took_ns < RIG_NOTICE_NS,
		  "%s in memory with 0x%016llx in it does not notice the "
		  "cancel", name, (unsigned long long)try->word);
}

/* Both ends are in this process, so that a call that goes wrong dies here. */
static void
memory_open(struct rig *rig, struct rig_end *end, struct memory_held *ret_held)
{
	struct weir_offer offer;
	struct weir_error err = { 0 };
	int status = WEIR_OK;

	rig_end_init(&end[0], rig, WEIR_SIDE_HOST, MEMORY_MESSAGE_BYTES);
	rig_end_init(&end[1], rig, WEIR_SIDE_CLIENT, MEMORY_MESSAGE_BYTES);
	rig_offer(&end[0], &offer);
	memory_take(rig, &offer, ret_held);
	if (ret_held->n == 0)
		rig_skip(rig, "what is offered holds no memory");
	rig_check(rig, end[1].ops->join(&end[1].setup, &offer,
					&end[1].channel, &err) == WEIR_OK,
		  "join fails: %s", err.text);
	rig_offer_close(&offer);
	if (end[0].ops->accept)
		status = end[0].ops->accept(end[0].channel,
					    clock_deadline_ns(RIG_PATIENCE_NS),
					    &err);
	rig_check(rig, status == WEIR_OK, "accept fails: %s", err.text);
}

/* False where the memory has no such place. */
static bool
memory_channel(struct rig *rig, const struct memory_try *try)
{
	struct rig_end end[2];
	struct memory_held held;
	bool found;

	memory_open(rig, end, &held);
	rig_send(&end[!try->client], 8, 1);
	found = memory_scribble(&held, try->place, try->word);
	if (found)
		memory_call(&end[try->client], try);
	rig_close_end(&end[0]);
	rig_close_end(&end[1]);
	memory_release(&held);
	return found;
}

static void
memory_wild(struct rig *rig)
{
	struct memory_try try = { .place = MEMORY_PLACES };

	for (size_t w = 0; w < N_WORDS; w++) {
		try.word = memory_words[w];
		try.client = w % 2;
		for (try.call = 0; try.call < N_CALLS; try.call++)
			memory_channel(rig, &try);
	}
}

/* One index, one length, one state at a time: the others let the call go on
 * until it reads that one. */
static void
memory_word(struct rig *rig)
{
	struct memory_try try = { 0 };

	for (size_t i = 0; i < N_WORDS_ALONE * N_CALLS_ALONE; i++) {
		try.word = memory_words[i / N_CALLS_ALONE];
		try.call = i % N_CALLS_ALONE;
		try.place = 0;
		while (try.place < MEMORY_PLACES && memory_channel(rig, &try))
			try.place++;
	}
}

#define CASE(text, function)                                       \
	{                                                          \
		.name = text, .run = function, .modes = BATTERY_THREAD, \
	}

const struct battery_case cases_memory[] = {
	CASE("shared memory may hold anything", memory_wild),
	CASE("any word of shared memory may lie", memory_word),
	{ 0 },
};
