/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shm: messages in shared memory, through a ring (ring.h) or a slot (slot.h)
 * each way.
 *
 *	rendezvous = fd     a sealed memfd travels to the client
 *	rendezvous = path   a file in a directory, unlinked once the client
 *	                    has attached; it can't be sealed (segment.h)
 *
 * Here is how a channel comes and goes; its messages are in message.c and
 * place.c, and what it is made of is in options.c.
 */
#include <weir/transport.h>

#include "plugins/common/fd.h"
#include "plugins/common/rendezvous.h"
#include "plugins/shm/await.h"
#include "plugins/shm/channel.h"
#include "plugins/shm/futex.h"
#include "plugins/shm/message.h"
#include "plugins/shm/options.h"
#include "plugins/shm/place.h"
#include "plugins/shm/segment.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

/* Of spinning in the operation itself, and how long that takes at most. */
#define SHM_ROUNDS 128u
#define SHM_ROUNDS_NS 10000u

#define SHM_MAGIC 0x73686d21u /* "shm!" */

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
		await_wake(c, &c->theirs->data_wait);
		await_wake(c, &c->theirs->room_wait);
		segment_unmap(&c->segment);
	}
	fd_close(&c->eventfds[0]);
	fd_close(&c->eventfds[1]);
	free(c);
}

static int
shm_create(const struct weir_setup *setup, struct weir_channel **ret_channel,
	   struct weir_error *err)
{
	const struct shm_options *options = setup->options;
	struct segment_shape shape;
	struct weir_channel *c;
	void *p = NULL;
	int rc = options_shape(setup, &shape, err);

	if (rc)
		return rc;
	/* Lines of its own: another channel's thread is not to share one. */
	if (posix_memalign(&p, RING_LINE_BYTES, sizeof(*c)))
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a shm channel");
	c = p;
	memset(c, 0, sizeof(*c));
	c->magic = SHM_MAGIC;
	c->setup = setup;
	c->options = options;
	c->shape = shape;
	c->max_bytes = setup->max_message_bytes;
	c->wait = options->wait;
	c->sleeps = options->wait != SHM_SPIN;
	c->spin_ns = options->spin_ns;
	if (c->wait == SHM_SPIN ||
	    (c->wait == SHM_ADAPTIVE && c->spin_ns >= SHM_ROUNDS_NS))
		c->rounds = SHM_ROUNDS;
	if (options->mode == SHM_THROUGHPUT &&
	    (c->wait == SHM_SPIN || c->wait == SHM_ADAPTIVE))
		c->lag_ns = options->lag_ns;
	c->directory_fd = -1;
	c->eventfds[0] = c->eventfds[1] = -1;
	*ret_channel = c;
	return WEIR_OK;
}

static void
shm_start_ring(struct weir_channel *c)
{
	const struct segment *s = &c->segment;
	struct ring_out_memory out = {
		.data = s->out, .words = s->out_words,
		.peer_tail = &c->theirs->tail, .progress = &c->mine->progress,
		.peer_distance = &c->theirs->distance,
	};
	struct ring_in_memory in = {
		.data = s->in, .words = s->in_words,
		.progress = &c->theirs->progress, .tail = &c->mine->tail,
	};

	ring_out_init(&c->out, &c->shape.ring, &out, c->sleeps);
	ring_in_init(&c->in, &c->shape.ring, &in, c->sleeps);
	/* What passes the caches by must be aligned. */
	if (c->shape.ring.apart)
		distance_init(&c->out.distance, c->setup->services->now_ns);
}

/* Maps the file, on either side, and lays the rings and slots over it. */
static int
shm_start(struct weir_channel *c, int fd, struct weir_error *err)
{
	uint32_t side = c->setup->side;
	struct segment *s = &c->segment;
	int rc = segment_map(s, fd, side, &c->shape, err);

	if (rc)
		return rc;
	c->mine = &s->header->side[side];
	c->theirs = &s->header->side[!side];
	c->out.wide = c->in.wide = copy_has_avx2();
	if (s->out)
		shm_start_ring(c);
	c->slot_out.at = s->out_slot;
	c->slot_out.fenced = c->sleeps;
	c->slot_in.at = s->in_slot;
	return WEIR_OK;
}

/* Host: an eventfd for each side to sleep on, and copies for the client. */
static int
shm_make_eventfds(struct weir_channel *c, struct weir_offer *offer,
		  struct weir_error *err)
{
	int fd;
	int i;

	if (c->wait != SHM_EVENTFD)
		return WEIR_OK;
	for (i = 0; i < 2; i++) {
		c->eventfds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		fd = c->eventfds[i] < 0
			     ? -1
			     : fcntl(c->eventfds[i], F_DUPFD_CLOEXEC, 0);
		if (fd < 0)
			return weir_error_errno(err, "cannot make an eventfd "
						     "to sleep on");
		offer->fds[offer->n_fds++] = fd;
	}
	return WEIR_OK;
}

/* Client: takes them. No type of file but an eventfd, and the like, which
 * never become ready, has no format and refuses this number. */
static int
shm_take_eventfds(struct weir_channel *c, struct weir_offer *offer,
		  struct weir_error *err)
{
	uint64_t refused = UINT64_MAX;
	struct stat st;
	int i;

	for (i = 0; i < 2; i++) {
		int fd = offer->fds[1 + i];

		if (fstat(fd, &st) < 0 || st.st_mode & S_IFMT ||
		    write(fd, &refused, sizeof(refused)) >= 0 ||
		    errno != EINVAL)
			return weir_error_set(err, WEIR_EPROTOCOL,
					      "what the host offered to sleep "
					      "on is no eventfd");
		c->eventfds[i] = fd;
		offer->fds[1 + i] = -1;
	}
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
		rc = segment_grow(setup, fd, &c->shape, sealed, err);
	if (rc == WEIR_OK)
		rc = shm_start(c, fd, err);
	if (rc == WEIR_OK && sealed) {
		ret_offer->fds[ret_offer->n_fds++] = fd;
		fd = -1;
	}
	if (rc == WEIR_OK)
		rc = shm_make_eventfds(c, ret_offer, err);
	fd_close(&fd);
	if (rc) {
		while (ret_offer->n_fds > 0)
			fd_close(&ret_offer->fds[--ret_offer->n_fds]);
		shm_close(c);
		return rc;
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
		rc = rendezvous_check_fds(
			offer, c->wait == SHM_EVENTFD ? 3 : 1, err);
		fd = offer->fds[0]; /* stays the core's */
	} else {
		rc = shm_open_file(c, offer, &opened, err);
		fd = opened;
	}
	if (rc == WEIR_OK)
		rc = segment_check(fd, &c->shape, sealed, err);
	if (rc == WEIR_OK)
		rc = shm_start(c, fd, err);
	if (rc == WEIR_OK && c->wait == SHM_EVENTFD)
		rc = shm_take_eventfds(c, offer, err);
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
	weir_counters_add(ret_counters, "lags", c->n_lags);
	weir_counters_add(ret_counters, "ring_bytes", c->segment.ring_bytes);
	weir_counters_add(ret_counters, "distance_ns", c->out.distance.ns);
	weir_counters_add(ret_counters, "distance_changes",
			  c->out.distance.n_changes);
	weir_counters_add(ret_counters, "copy_past_caches",
			  c->out.distance.far);
	weir_counters_add(ret_counters, "copy_avx2", copy_has_avx2());
	weir_counters_add(ret_counters, "unsealed",
			  c->options->rendezvous != RENDEZVOUS_FD);
}

WEIR_TRANSPORT = {
	WEIR_TRANSPORT_HEAD,
	.name = "shm",
	.summary = "a ring, or a slot, each way in shared memory (sealed "
		   "memfd)",
	.capabilities = WEIR_CAP_TRY | WEIR_CAP_UNTIL | WEIR_CAP_FLUSH |
			WEIR_CAP_MANY | WEIR_CAP_LOAN | WEIR_CAP_BORROW |
			WEIR_CAP_FIXED_FDS | WEIR_CAP_PATH |
			WEIR_CAP_UNSEALED,
	.options = options_rows,
	.n_options = OPTIONS_ROWS,
	.option_bytes = (uint32_t)sizeof(struct weir_option),
	.options_struct_bytes = sizeof(struct shm_options),
	.offer = shm_offer,
	.join = shm_join,
	.accept = shm_accept,
	.send = message_send,
	.recv = message_recv,
	.try_send = message_try_send,
	.try_recv = message_try_recv,
	.recv_until = message_recv_until,
	.flush = message_flush,
	.loan = place_loan,
	.commit = place_commit,
	.borrow = place_borrow,
	.release = place_release,
	.send_many = message_send_many,
	.recv_many = message_recv_many,
	.collect = shm_collect,
	.close = shm_close,
};
