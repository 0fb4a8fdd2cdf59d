/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shm: two rings of bytes in shared memory, one each way (ring.h).
 *
 *	rendezvous = fd     a sealed memfd travels to the client
 *	rendezvous = path   a file in a directory, unlinked once the client
 *	                    has attached; it can't be sealed (segment.h)
 *
 * Here is how a channel comes and goes; its messages are in message.c.
 */
#include <weir/transport.h>

#include "plugins/common/fd.h"
#include "plugins/common/rendezvous.h"
#include "plugins/shm/channel.h"
#include "plugins/shm/futex.h"
#include "plugins/shm/message.h"
#include "plugins/shm/segment.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

#define SHM_MAGIC 0x73686d21u /* "shm!" */

static const char *const shm_waits[] = {
	[SHM_BLOCK] = "block",
	[SHM_SPIN] = "spin",
	[SHM_FUTEX] = "futex",
	[SHM_ADAPTIVE] = "adaptive",
	NULL,
};

static const struct weir_option shm_rows[] = {
	{
		.name = "ring_size", .type = WEIR_OPTION_SIZE,
		.default_text = "256Ki", .min = (int64_t)RING_BYTES_MIN,
		.max = (int64_t)RING_BYTES_MAX,
		.help = "bytes of the ring in each direction, a power of two; "
			"larger messages are streamed through it; best "
			"where both rings stay in the cache of a CPU",
		.offset = offsetof(struct shm_options, ring_size),
	},
	{
		.name = "wait", .type = WEIR_OPTION_CHOICE,
		.default_text = "block", .choices = shm_waits,
		.help = "how an end waits: block or futex (the same here: "
			"sleep at once, in a futex in the shared memory; "
			"least CPU, pays the wake-up), spin (read the memory "
			"in a loop: no wake-up, one CPU busy), adaptive (spin "
			"for `spin`, then sleep)",
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
	RENDEZVOUS_OPTION_ROWS(struct shm_options, "a file"),
};

/* ------------------------------------------------------------------ */
/* Set-up.                                                             */

/* Removes the file that awaits the client. */
static void
shm_stop_waiting(struct weir_channel *c)
{
	if (c->name[0] && unlinkat(c->directory_fd, c->name, 0) < 0 &&
	    errno != ENOENT)
		c->setup->services->log(WEIR_LOG_WARN,
					"cannot remove the file \"%s\": %s",
					c->name, strerror(errno));
	c->name[0] = '\0';
	fd_close(&c->directory_fd);
}

static void
shm_close(struct weir_channel *c)
{
	if (!c)
		return;
	assert(c->magic == SHM_MAGIC);
	c->magic = 0;
	shm_stop_waiting(c);
	if (c->segment.header) {
		__atomic_store_n(&c->mine->closed, 1, __ATOMIC_SEQ_CST);
		message_wake(c, &c->theirs->data_wait);
		message_wake(c, &c->theirs->room_wait);
		segment_unmap(&c->segment);
	}
	free(c);
}

static int
shm_create(const struct weir_setup *setup, struct weir_channel **ret_channel,
	   struct weir_error *err)
{
	const struct shm_options *options = setup->options;
	uint64_t ring = options->ring_size;
	struct weir_channel *c;
	void *p = NULL;

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
	if (setup->max_message_bytes > WEIR_MESSAGE_BYTES_MAX)
		return weir_error_set(err, WEIR_ETOOBIG,
				      "messages of %llu bytes are beyond the "
				      "limit of %llu",
				      (unsigned long long)
				      setup->max_message_bytes,
				      (unsigned long long)
				      WEIR_MESSAGE_BYTES_MAX);
	/* Lines of its own: another channel's thread is not to share one. */
	if (posix_memalign(&p, RING_LINE_BYTES, sizeof(*c)))
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a shm channel");
	c = p;
	memset(c, 0, sizeof(*c));
	c->magic = SHM_MAGIC;
	c->setup = setup;
	c->options = options;
	c->max_bytes = setup->max_message_bytes;
	c->wait = options->wait;
	c->sleeps = options->wait != SHM_SPIN;
	c->spin_ns = options->spin_ns;
	c->directory_fd = -1;
	*ret_channel = c;
	return WEIR_OK;
}

/* Maps the file, on either side, and lays the rings over it. */
static int
shm_start(struct weir_channel *c, int fd, struct weir_error *err)
{
	uint32_t side = c->setup->side;
	uint64_t ring = c->options->ring_size;
	struct segment *s = &c->segment;
	int rc = segment_map(s, fd, side, ring, err);

	if (rc)
		return rc;
	c->mine = &s->header->side[side];
	c->theirs = &s->header->side[!side];
	ring_out_init(&c->out, s->out, ring, &c->theirs->tail, c->sleeps);
	ring_in_init(&c->in, s->in, ring, &c->mine->tail, c->sleeps);
	return WEIR_OK;
}

static int
shm_make_memfd(int *ret_fd, struct weir_error *err)
{
	unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = memfd_create("weir-shm", flags | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL) /* before Linux 6.3 */
		fd = memfd_create("weir-shm", flags);
	if (fd < 0)
		return weir_error_errno(err, "cannot create a memfd for the "
					     "rings");
	*ret_fd = fd;
	return WEIR_OK;
}

static int
shm_make_file(struct weir_channel *c, struct weir_offer *offer, int *ret_fd,
	      struct weir_error *err)
{
	char name[RENDEZVOUS_NAME_BYTES];
	int rc = rendezvous_open_directory(c->setup, c->options->directory,
					   &c->directory_fd, err);

	if (rc == WEIR_OK)
		rc = rendezvous_make_name(c->setup, "shm", name, err);
	if (rc)
		return rc;
	*ret_fd = openat(c->directory_fd, name,
			 O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			 0600);
	if (*ret_fd < 0)
		return weir_error_errno(err, "cannot create the file \"%s\" "
					     "in \"%s\"", name,
					rendezvous_directory(
						c->setup,
						c->options->directory));
	memcpy(c->name, name, sizeof(name));
	snprintf(offer->address, sizeof(offer->address), "%s", name);
	return rendezvous_hand_over(c->directory_fd, name, S_IFREG, err);
}

static int
shm_offer(const struct weir_setup *setup, struct weir_offer *ret_offer,
	  struct weir_channel **ret_channel, struct weir_error *err)
{
	struct weir_channel *c;
	bool sealed;
	int fd = -1;
	int rc = shm_create(setup, &c, err);

	if (rc)
		return rc;
	sealed = c->options->rendezvous == RENDEZVOUS_FD;
	rc = sealed ? shm_make_memfd(&fd, err)
		    : shm_make_file(c, ret_offer, &fd, err);
	if (rc == WEIR_OK)
		rc = segment_grow(setup, fd, c->options->ring_size, sealed,
				  err);
	if (rc == WEIR_OK)
		rc = shm_start(c, fd, err);
	if (rc) {
		fd_close(&fd);
		shm_close(c);
		return rc;
	}
	if (sealed) {
		ret_offer->fds[0] = fd;
		ret_offer->n_fds = 1;
	} else {
		fd_close(&fd);
	}
	*ret_channel = c;
	return WEIR_OK;
}

/* Client: opens the file that the host named. */
static int
shm_open_file(struct weir_channel *c, const struct weir_offer *offer,
	      int *ret_fd, struct weir_error *err)
{
	char name[RENDEZVOUS_NAME_BYTES];
	int directory_fd = -1;
	int rc = rendezvous_find(c->setup, offer, c->options->directory, name,
				 &directory_fd, err);

	if (rc)
		return rc;
	/* Non-blocking, should it be a FIFO. */
	*ret_fd = openat(directory_fd, name,
			 O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK |
				 O_NOCTTY);
	if (*ret_fd < 0)
		rc = weir_error_errno(err, "cannot open the file \"%s\" that "
					   "the host made in \"%s\"", name,
				      rendezvous_directory(
					      c->setup,
					      c->options->directory));
	fd_close(&directory_fd);
	return rc;
}

static int
shm_join(const struct weir_setup *setup, struct weir_offer *offer,
	 struct weir_channel **ret_channel, struct weir_error *err)
{
	struct weir_channel *c;
	bool sealed;
	int opened = -1;
	int fd = -1;
	int rc = shm_create(setup, &c, err);

	if (rc)
		return rc;
	sealed = c->options->rendezvous == RENDEZVOUS_FD;
	if (sealed) {
		rc = rendezvous_check_fds(offer, 1, err);
		fd = offer->fds[0]; /* stays the core's */
	} else {
		rc = shm_open_file(c, offer, &opened, err);
		fd = opened;
	}
	if (rc == WEIR_OK)
		rc = segment_check(fd, c->options->ring_size, sealed, err);
	if (rc == WEIR_OK)
		rc = shm_start(c, fd, err);
	fd_close(&opened);
	if (rc) {
		shm_close(c);
		return rc;
	}
	__atomic_store_n(&c->mine->attached, 1, __ATOMIC_SEQ_CST);
	futex_wake(&c->mine->attached);
	*ret_channel = c;
	return WEIR_OK;
}

static int
shm_accept(struct weir_channel *c, uint64_t deadline_ns,
	   struct weir_error *err)
{
	uint64_t now_ns;
	uint64_t slice_ns;

	assert(c->magic == SHM_MAGIC);
	while (!__atomic_load_n(&c->theirs->attached, __ATOMIC_ACQUIRE)) {
		if (weir_canceled(c->setup))
			return weir_error_set(err, WEIR_ECANCELED,
					      "canceled while waiting for the "
					      "client to attach");
		now_ns = c->setup->services->now_ns();
		if (now_ns >= deadline_ns)
			return weir_error_set(err, WEIR_ETIMEOUT,
					      "the client did not attach to "
					      "the shared memory in time");
		slice_ns = deadline_ns - now_ns;
		if (slice_ns > FUTEX_SLICE_NS)
			slice_ns = FUTEX_SLICE_NS;
		if (futex_wait(&c->theirs->attached, 0, slice_ns))
			return weir_error_errno(err, "cannot wait in a futex "
						     "for the client");
	}
	shm_stop_waiting(c);
	return WEIR_OK;
}

static void
shm_collect(const struct weir_channel *c, struct weir_counters *ret_counters)
{
	assert(c->magic == SHM_MAGIC);
	weir_counters_add(ret_counters, "syscalls", c->n_syscalls);
	weir_counters_add(ret_counters, "wakeups", c->n_wakeups);
	weir_counters_add(ret_counters, "sleeps", c->n_sleeps);
	weir_counters_add(ret_counters, "spins", c->n_spins);
	weir_counters_add(ret_counters, "stalls", c->n_stalls);
	weir_counters_add(ret_counters, "canceled", c->n_canceled);
	weir_counters_add(ret_counters, "ring_bytes", c->segment.ring_bytes);
	weir_counters_add(ret_counters, "unsealed",
			  c->options->rendezvous != RENDEZVOUS_FD);
}

WEIR_TRANSPORT = {
	WEIR_TRANSPORT_HEAD,
	.name = "shm",
	.summary = "a ring of bytes each way in shared memory (sealed memfd)",
	.capabilities = WEIR_CAP_TRY | WEIR_CAP_UNTIL | WEIR_CAP_FLUSH |
			WEIR_CAP_PATH | WEIR_CAP_UNSEALED,
	WEIR_TRANSPORT_OPTIONS(shm_rows, struct shm_options),
	.offer = shm_offer,
	.join = shm_join,
	.accept = shm_accept,
	.send = message_send,
	.recv = message_recv,
	.try_send = message_try_send,
	.try_recv = message_try_recv,
	.recv_until = message_recv_until,
	.flush = message_flush,
	.collect = shm_collect,
	.close = shm_close,
};
