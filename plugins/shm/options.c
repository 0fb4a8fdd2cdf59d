/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/shm/options.h"

#include "plugins/common/rendezvous.h"
#include "plugins/shm/slot.h"

#include <fcntl.h>
#include <unistd.h>

#define HUGE_SWITCH "/sys/kernel/mm/transparent_hugepage/shmem_enabled"

/* Where the size of the ring is chosen by that of the messages. */
#define SMALL_MESSAGES 8u /* of which a small ring holds that many */
#define LARGE_RING_BYTES (UINT64_C(2) << 20)
#define STREAM_RING_BYTES (UINT64_C(4) << 20) /* of long messages, for
					       * throughput */
#define LARGE_MESSAGES 4u /* of these, a large one, up to … */
#define VERY_LARGE_RING_BYTES (UINT64_C(8) << 20)

static const char *const layouts[] = {
	[SHM_RING] = "ring", [SHM_SLOT] = "slot", NULL,
};
static const char *const modes[] = {
	[SHM_LATENCY] = "latency", [SHM_THROUGHPUT] = "throughput", NULL,
};
static const char *const waits[] = {
	[SHM_BLOCK] = "block",	     [SHM_SPIN] = "spin",
	[SHM_FUTEX] = "futex",	     [SHM_ADAPTIVE] = "adaptive",
	[SHM_EVENTFD] = "eventfd",   NULL,
};

const struct weir_option options_rows[] = {
	{
		.name = "layout", .type = WEIR_OPTION_CHOICE,
		.default_text = "ring", .choices = layouts,
		.help = "what messages lie in: ring (many at a time, of any "
			"size), slot (one at a time, always in the same "
			"place, at most 8064 bytes: the lowest latency)",
		.offset = offsetof(struct shm_options, layout),
	},
	{
		.name = "mode", .type = WEIR_OPTION_CHOICE,
		.default_text = "latency", .choices = modes,
		.help = "what the ring is made for: latency (each message is "
			"seen at once, short ones mostly travel in a slot), "
			"throughput (a larger ring, and a reader that stays "
			"`lag` behind a stream of messages)",
		.offset = offsetof(struct shm_options, mode),
	},
	{
		.name = "ring_size", .type = WEIR_OPTION_SIZE,
		.default_text = "0", .min = 0, .max = (int64_t)RING_BYTES_MAX,
		.help = "bytes of the ring in each direction, a power of two "
			"from 4Ki; 0: by mode and size of the messages; "
			"larger messages are streamed through it",
		.offset = offsetof(struct shm_options, ring_size),
	},
	{
		.name = "lag", .type = WEIR_OPTION_DURATION,
		.default_text = "10us", .min = 0, .max = 1000000,
		.help = "with mode = throughput and wait = spin or adaptive: "
			"how long a reader that has caught up with a stream "
			"leaves the sender alone; 0 for not at all",
		.offset = offsetof(struct shm_options, lag_ns),
	},
	{
		.name = "wait", .type = WEIR_OPTION_CHOICE,
		.default_text = "block", .choices = waits,
		.help = "how an end waits: block or futex (the same here: "
			"sleep at once, in a futex in the shared memory; "
			"least CPU, pays the wake-up), eventfd (the same, "
			"with a descriptor, as event loops do), spin (read "
			"the memory in a loop: no wake-up, one CPU busy), "
			"adaptive (spin for `spin`, then sleep in a futex)",
		.offset = offsetof(struct shm_options, wait),
	},
	{
		.name = "spin", .type = WEIR_OPTION_DURATION,
		.default_text = "30us", .min = 0, .max = 1000000000,
		.help = "with wait = adaptive: how long to spin before "
			"sleeping; about the cost of a wake-up is a good "
			"value, and other strategies do not look at it",
		.offset = offsetof(struct shm_options, spin_ns),
	},
	{
		.name = "huge_pages", .type = WEIR_OPTION_BOOL,
		.default_text = "false",
		.help = "lay the rings in huge pages (of 2 MiB; ring_size is "
			"then at least that); refused where the kernel has "
			"none for shared memory",
		.offset = offsetof(struct shm_options, huge_pages),
	},
	{
		.name = "prefault", .type = WEIR_OPTION_BOOL,
		.default_text = "true",
		.help = "map every page before the first message, else when "
			"it is touched first; allocated they are in any case",
		.offset = offsetof(struct shm_options, prefault),
	},
	RENDEZVOUS_OPTION_ROWS(struct shm_options, "a file"),
};

_Static_assert(sizeof(options_rows) / sizeof(options_rows[0]) == OPTIONS_ROWS,
	       "the number of rows is known to who registers them");

static uint64_t
power_of_two(uint64_t at_least)
{
	uint64_t n = RING_BYTES_MIN;

	while (n < at_least)
		n *= 2;
	return n;
}

/* Room for several messages in place; for one, where they are very large. */
static uint64_t
large_ring(uint32_t mode, uint64_t max_bytes)
{
	bool streams = mode == SHM_THROUGHPUT && max_bytes > RING_CHUNK_BYTES;
	uint64_t least = streams ? STREAM_RING_BYTES : LARGE_RING_BYTES;
	uint64_t several = LARGE_MESSAGES * max_bytes;

	if (several > VERY_LARGE_RING_BYTES)
		several = VERY_LARGE_RING_BYTES;
	if (several < max_bytes + RING_APART_BYTES)
		several = max_bytes + RING_APART_BYTES;
	return power_of_two(several > least ? several : least);
}

/*
 * A small ring stays in the first cache. A large one has to be larger than
 * the second-level cache of the CPU that writes, so that its lines have left
 * it for the shared cache when the reader comes for them.
 */
static struct ring_shape
automatic(const struct shm_options *o, uint64_t max_bytes)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct ring_shape shape = { .size = o->ring_size };

	/* Words within are for messages that go through at once. */
	shape.apart = o->mode == SHM_THROUGHPUT ||
		      max_bytes > SLOT_MESSAGE_BYTES ||
		      (o->ring_size && max_bytes + RING_WITHIN_BYTES >
					       ring_chunk_bytes(o->ring_size));
	if (!shape.size && !shape.apart)
		shape.size = power_of_two(SMALL_MESSAGES *
					  (max_bytes + RING_WITHIN_BYTES));
	else if (!shape.size && max_bytes <= RING_CHUNK_BYTES &&
		 o->mode == SHM_LATENCY)
		shape.size = power_of_two(2 * SMALL_MESSAGES * max_bytes);
	else if (!shape.size)
		shape.size = large_ring(o->mode, max_bytes);
	if (!o->ring_size && shape.size < page)
		shape.size = page;
	return shape;
}

static int
check_ring(const struct shm_options *o, uint64_t ring, struct weir_error *err)
{
	if (ring & (ring - 1) || ring % (uint64_t)sysconf(_SC_PAGESIZE) ||
	    ring < RING_BYTES_MIN || ring > RING_BYTES_MAX)
		return weir_error_set(err, WEIR_EINVALID,
				      "ring_size = %llu can't be: a power of "
				      "two from %llu to %llu, and whole pages "
				      "of %ld bytes, are possible",
				      (unsigned long long)ring,
				      (unsigned long long)RING_BYTES_MIN,
				      (unsigned long long)RING_BYTES_MAX,
				      sysconf(_SC_PAGESIZE));
	if (o->huge_pages && ring < SEGMENT_HUGE_BYTES)
		return weir_error_set(err, WEIR_EINVALID,
				      "rings of %llu bytes do not fill a huge "
				      "page: with huge_pages, ring_size must "
				      "be 2Mi or more",
				      (unsigned long long)ring);
	return WEIR_OK;
}

/* Would the kernel give huge pages to shared memory that asks for them? */
static int
check_huge(const struct shm_options *o, struct weir_error *err)
{
	char text[128] = "";
	int fd;
	ssize_t n;

	if (o->rendezvous != RENDEZVOUS_FD)
		return weir_error_set(err, WEIR_EINVALID,
				      "huge_pages goes with rendezvous = fd "
				      "only: a file has the pages of its file "
				      "system");
	fd = open(HUGE_SWITCH, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return weir_error_errno(err, "cannot tell whether there are "
					     "huge pages for shared memory, "
					     "from " HUGE_SWITCH);
	if (strstr(text, "[never]") || strstr(text, "[deny]"))
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "the kernel gives no huge pages to "
				      "shared memory: " HUGE_SWITCH " says "
				      "%.*s; root can write \"advise\" there",
				      (int)strcspn(text, "\n"), text);
	return WEIR_OK;
}

static int
check_slot(const struct weir_setup *setup, struct weir_error *err)
{
	const struct shm_options *o = setup->options;

	if (setup->max_message_bytes > SLOT_MESSAGE_BYTES)
		return weir_error_set(err, WEIR_ETOOBIG,
				      "messages of %llu bytes do not fit "
				      "layout = slot, whose limit is %u; "
				      "layout = ring takes them",
				      (unsigned long long)
				      setup->max_message_bytes,
				      SLOT_MESSAGE_BYTES);
	if (o->mode == SHM_THROUGHPUT)
		return weir_error_set(err, WEIR_EINVALID,
				      "mode = throughput needs layout = ring: "
				      "a slot holds one message at a time");
	if (o->huge_pages)
		return weir_error_set(err, WEIR_EINVALID,
				      "huge_pages needs layout = ring: a slot "
				      "is smaller than a page");
	return WEIR_OK;
}

int
options_shape(const struct weir_setup *setup, struct segment_shape *ret_shape,
	      struct weir_error *err)
{
	const struct shm_options *o = setup->options;
	struct segment_shape shape = {
		.huge = o->huge_pages, .lazy = !o->prefault,
	};
	int rc;

	if (setup->max_message_bytes > WEIR_MESSAGE_BYTES_MAX)
		return weir_error_set(err, WEIR_ETOOBIG,
				      "messages of %llu bytes are beyond the "
				      "limit of %llu",
				      (unsigned long long)
				      setup->max_message_bytes,
				      (unsigned long long)
				      WEIR_MESSAGE_BYTES_MAX);
	if (o->wait == SHM_EVENTFD && o->rendezvous != RENDEZVOUS_FD)
		return weir_error_set(err, WEIR_EINVALID,
				      "wait = eventfd needs rendezvous = fd: "
				      "an eventfd has no name");
	if (o->layout == SHM_SLOT) {
		rc = check_slot(setup, err);
		shape.slot = true;
	} else {
		shape.ring = automatic(o, setup->max_message_bytes);
		shape.slot = !shape.ring.apart;
		rc = check_ring(o, shape.ring.size, err);
		if (rc == WEIR_OK && shape.huge)
			rc = check_huge(o, err);
	}
	if (rc == WEIR_OK)
		*ret_shape = shape;
	return rc;
}
