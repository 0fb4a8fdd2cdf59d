/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/shm/segment.h"

#include "plugins/shm/memory.h"
#include "plugins/shm/slot.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define ALLOCATE_BYTES (UINT64_C(16) << 20)
#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

/* Where the parts of the file are. */
struct layout {
	uint64_t page;
	uint64_t front; /* bytes of each front */
	uint64_t ring;  /* bytes of each ring */
	uint64_t rings; /* where they begin */
	uint64_t bytes; /* of the file */
};

static uint64_t
round_up(uint64_t bytes, uint64_t unit)
{
	return (bytes + unit - 1) / unit * unit;
}

static struct layout
lay_out(const struct segment_shape *shape)
{
	struct layout l = {
		.page = (uint64_t)sysconf(_SC_PAGESIZE),
		.ring = shape->ring.size,
	};

	l.front = round_up((shape->slot ? SLOT_BYTES : 0) +
				   ring_words_bytes(&shape->ring),
			   l.page);
	l.rings = round_up(l.page + 2 * l.front,
			   shape->huge ? SEGMENT_HUGE_BYTES : l.page);
	l.bytes = l.rings + 2 * l.ring;
	return l;
}

uint64_t
segment_file_bytes(const struct segment_shape *shape)
{
	return lay_out(shape).bytes;
}

/* A limit on the length of files would otherwise end the process by SIGXFSZ,
 * and a lack of memory by the OOM killer. */
static int
check_limits(uint64_t bytes, uint64_t ring_bytes, struct weir_error *err)
{
	struct rlimit limit;
	uint64_t available;

	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < bytes)
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "two rings of %llu bytes need a file "
				      "of %llu bytes, and the limit on file "
				      "sizes (ulimit -f) is %llu: raise it or "
				      "choose a smaller ring_size",
				      (unsigned long long)ring_bytes,
				      (unsigned long long)bytes,
				      (unsigned long long)limit.rlim_cur);
	available = memory_available_bytes();
	if (available < bytes)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no free memory for two rings of %llu "
				      "bytes: %llu bytes are needed and %llu "
				      "are available; choose a smaller "
				      "ring_size",
				      (unsigned long long)ring_bytes,
				      (unsigned long long)bytes,
				      (unsigned long long)available);
	return WEIR_OK;
}

/* In parts, as a signal undoes all of a call. Returns an errno. */
static int
allocate(const struct weir_setup *setup, int fd, uint64_t bytes)
{
	uint64_t done = 0;
	uint64_t part;
	int rc;

	while (done < bytes) {
		if (weir_canceled(setup))
			return ECANCELED;
		part = bytes - done < ALLOCATE_BYTES ? bytes - done
						     : ALLOCATE_BYTES;
		rc = posix_fallocate(fd, (off_t)done, (off_t)part);
		if (rc == EINTR)
			continue;
		if (rc)
			return rc;
		done += part;
	}
	return 0;
}

int
segment_grow(const struct weir_setup *setup, int fd,
	     const struct segment_shape *shape, bool sealed,
	     struct weir_error *err)
{
	uint64_t ring_bytes = shape->ring.size;
	uint64_t bytes = segment_file_bytes(shape);
	int rc = check_limits(bytes, ring_bytes, err);

	if (rc)
		return rc;
	if (ftruncate(fd, (off_t)bytes) < 0)
		return weir_error_errno(err, "cannot make the shared memory "
					     "%llu bytes long",
					(unsigned long long)bytes);
	/* A page that could not be had later would be a SIGBUS. */
	errno = allocate(setup, fd, bytes);
	if (errno == ECANCELED)
		return weir_error_set(err, WEIR_ECANCELED,
				      "canceled while allocating the rings");
	if (errno == ENOSPC || errno == ENOMEM)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no free memory for two rings of %llu "
				      "bytes (%s); choose a smaller ring_size",
				      (unsigned long long)ring_bytes,
				      strerror(errno));
	if (errno)
		return weir_error_errno(err, "cannot allocate two rings of "
					     "%llu bytes",
					(unsigned long long)ring_bytes);
	if (sealed && fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		return weir_error_errno(err, "cannot seal the shared memory");
	return WEIR_OK;
}

int
segment_check(int fd, const struct segment_shape *shape, bool sealed,
	      struct weir_error *err)
{
	uint64_t bytes = segment_file_bytes(shape);
	struct stat st;
	int seals;

	if (fstat(fd, &st) < 0)
		return weir_error_errno(err, "cannot look at the shared "
					     "memory that the host offered");
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != bytes)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "what the host offered is no shared "
				      "memory of %llu bytes (it has %lld): "
				      "are the options of both sides the "
				      "same?",
				      (unsigned long long)bytes,
				      (long long)st.st_size);
	if (!sealed)
		return WEIR_OK;
	seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0 || (seals & SEALS) != SEALS)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "the shared memory that the host "
				      "offered is not sealed against a change "
				      "of its size");
	return WEIR_OK;
}

/* ------------------------------------------------------------------ */
/* Mapping.                                                            */

struct mapping {
	const struct segment_shape *shape;
	struct layout l;
	uint8_t *base;
	uint32_t side;
	int fd;
};

/* Maps a part of the file over the reserved addresses. */
static int
map_part(const struct mapping *m, uint8_t *at, size_t bytes, uint64_t offset)
{
	int flags = MAP_SHARED | MAP_FIXED |
		    (m->shape->lazy ? 0 : MAP_POPULATE);
	void *p;

	if (bytes == 0)
		return 0;
	/* Huge pages have to be asked for before the first touch. */
	if (m->shape->huge)
		flags &= ~MAP_POPULATE;
	p = mmap(at, bytes, PROT_READ | PROT_WRITE, flags, m->fd,
		 (off_t)offset);
	if (p == MAP_FAILED)
		return -1;
	if (m->shape->huge && offset >= m->l.rings &&
	    madvise(at, bytes, MADV_HUGEPAGE) < 0)
		return -1;
	if (m->shape->huge && !m->shape->lazy)
		(void)madvise(at, bytes, MADV_POPULATE_READ);
	return 0;
}

/* The front and the ring that this one of the sides (by) writes. */
static int
map_direction(const struct mapping *m, struct segment *s, uint32_t by)
{
	bool own = by == m->side;
	uint8_t *front = m->base + m->l.page + by * m->l.front;
	uint8_t *ring = m->base + m->l.rings + by * 2 * m->l.ring;
	uint8_t *words = front + (m->shape->slot ? SLOT_BYTES : 0);
	uint64_t offset = m->l.rings + by * m->l.ring;

	if (map_part(m, front, m->l.front, (uint64_t)(front - m->base)) < 0 ||
	    map_part(m, ring, m->l.ring, offset) < 0 ||
	    map_part(m, ring + m->l.ring, m->l.ring, offset) < 0)
		return -1;
	if (m->l.ring && own)
		s->out = ring;
	else if (m->l.ring)
		s->in = ring;
	if (m->shape->slot && own)
		s->out_slot = front;
	else if (m->shape->slot)
		s->in_slot = front;
	if (m->shape->ring.apart && own)
		s->out_words = (uint32_t *)(void *)words;
	else if (m->shape->ring.apart)
		s->in_words = (const uint32_t *)(const void *)words;
	return 0;
}

static int
map_all(const struct mapping *m, struct segment *s)
{
	if (map_part(m, m->base, m->l.page, 0) < 0)
		return -1;
	if (map_direction(m, s, WEIR_SIDE_HOST) < 0)
		return -1;
	return map_direction(m, s, WEIR_SIDE_CLIENT);
}

/* Everything is derived from this side's own options: the header only has to
 * agree with them. */
static int
check_header(const struct segment_header *h, const struct layout *l,
	     struct weir_error *err)
{
	uint64_t magic = __atomic_load_n(&h->magic, __ATOMIC_ACQUIRE);
	uint32_t version = __atomic_load_n(&h->version, __ATOMIC_RELAXED);
	uint32_t page = __atomic_load_n(&h->page_bytes, __ATOMIC_RELAXED);
	uint64_t ring = __atomic_load_n(&h->ring_bytes, __ATOMIC_RELAXED);
	uint64_t front = __atomic_load_n(&h->front_bytes, __ATOMIC_RELAXED);

	if (magic != SEGMENT_MAGIC || version != SEGMENT_VERSION)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "the shared memory that the host "
				      "offered does not begin as version %u "
				      "of weir's rings does", SEGMENT_VERSION);
	if (ring != l->ring || page != l->page || front != l->front)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "the host's rings have %llu bytes "
				      "behind %llu in pages of %u, ours %llu "
				      "behind %llu in pages of %llu: are "
				      "the options of both sides the same?",
				      (unsigned long long)ring,
				      (unsigned long long)front, page,
				      (unsigned long long)l->ring,
				      (unsigned long long)l->front,
				      (unsigned long long)l->page);
	return WEIR_OK;
}

static void
write_header(struct segment_header *h, const struct layout *l)
{
	h->version = SEGMENT_VERSION;
	h->page_bytes = (uint32_t)l->page;
	h->ring_bytes = l->ring;
	h->front_bytes = l->front;
	__atomic_store_n(&h->magic, SEGMENT_MAGIC, __ATOMIC_RELEASE);
}

/* Addresses for all parts, so that they lie side by side. */
static int
reserve(struct segment *s, struct mapping *m, struct weir_error *err)
{
	uint64_t unit = m->shape->huge ? SEGMENT_HUGE_BYTES : m->l.page;
	uint64_t bytes = m->l.bytes + 2 * m->l.ring + unit;
	void *p = mmap(NULL, (size_t)bytes, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return weir_error_errno(err, "no room in the address space to "
					     "map two rings of %llu bytes "
					     "(ulimit -v?)",
					(unsigned long long)m->l.ring);
	s->mapped = p;
	s->mapped_bytes = (size_t)bytes;
	m->base = (uint8_t *)p + (round_up((uintptr_t)p, unit) -
				  (uintptr_t)p);
	return WEIR_OK;
}

int
segment_map(struct segment *s, int fd, uint32_t side,
	    const struct segment_shape *shape, struct weir_error *err)
{
	struct mapping m = {
		.shape = shape, .l = lay_out(shape), .side = side, .fd = fd,
	};
	int rc;

	_Static_assert(sizeof(size_t) >= 8,
		       "the largest ring is mapped four times");
	_Static_assert(sizeof(struct segment_header) <= 4096,
		       "the header fits the smallest page");
	memset(s, 0, sizeof(*s));
	rc = reserve(s, &m, err);
	if (rc)
		return rc;
	s->ring_bytes = m.l.ring;
	s->header = (struct segment_header *)(void *)m.base;
	if (map_all(&m, s) < 0)
		rc = weir_error_errno(err, "cannot map the shared memory");
	else if (side == WEIR_SIDE_HOST)
		write_header(s->header, &m.l);
	else
		rc = check_header(s->header, &m.l, err);
	if (rc)
		segment_unmap(s);
	return rc;
}

void
segment_unmap(struct segment *s)
{
	if (s->mapped)
		munmap(s->mapped, s->mapped_bytes);
	memset(s, 0, sizeof(*s));
}
