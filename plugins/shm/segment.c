/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/shm/segment.h"

#include "plugins/shm/memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define ALLOCATE_BYTES (UINT64_C(16) << 20)
#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

static uint64_t
page_bytes(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

uint64_t
segment_file_bytes(uint64_t ring_bytes)
{
	return page_bytes() + 2 * ring_bytes;
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
segment_grow(const struct weir_setup *setup, int fd, uint64_t ring_bytes,
	     bool sealed, struct weir_error *err)
{
	uint64_t bytes = segment_file_bytes(ring_bytes);
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
segment_check(int fd, uint64_t ring_bytes, bool sealed, struct weir_error *err)
{
	uint64_t bytes = segment_file_bytes(ring_bytes);
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

/* Maps a part of the file over the reserved addresses. */
static int
map_part(uint8_t *at, size_t bytes, int fd, uint64_t offset, int protection)
{
	void *p = mmap(at, bytes, protection,
		       MAP_SHARED | MAP_FIXED | MAP_POPULATE, fd,
		       (off_t)offset);

	return p == MAP_FAILED ? -1 : 0;
}

static int
map_rings(struct segment *s, uint8_t *base, int fd, uint32_t side)
{
	uint64_t page = page_bytes();
	uint64_t ring = s->ring_bytes;
	uint32_t i;

	if (map_part(base, page, fd, 0, PROT_READ | PROT_WRITE) < 0)
		return -1;
	for (i = 0; i < 4; i++)
		if (map_part(base + page + i * ring, ring, fd,
			     page + i / 2 * ring,
			     i / 2 == side ? PROT_READ | PROT_WRITE
					   : PROT_READ) < 0)
			return -1;
	s->out = base + page + 2 * ring * side;
	s->in = base + page + 2 * ring * !side;
	return 0;
}

/* Everything is derived from this side's own options: the header only has to
 * agree with them. */
static int
check_header(const struct segment_header *h, uint64_t ring_bytes,
	     struct weir_error *err)
{
	uint64_t magic = __atomic_load_n(&h->magic, __ATOMIC_ACQUIRE);
	uint32_t version = __atomic_load_n(&h->version, __ATOMIC_RELAXED);
	uint32_t page = __atomic_load_n(&h->page_bytes, __ATOMIC_RELAXED);
	uint64_t ring = __atomic_load_n(&h->ring_bytes, __ATOMIC_RELAXED);

	if (magic != SEGMENT_MAGIC || version != SEGMENT_VERSION)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "the shared memory that the host "
				      "offered does not begin as version %u "
				      "of weir's rings does", SEGMENT_VERSION);
	if (ring != ring_bytes || page != page_bytes())
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "the host's rings have %llu bytes and "
				      "begin at %u, ours %llu and %llu: are "
				      "the options of both sides the same?",
				      (unsigned long long)ring, page,
				      (unsigned long long)ring_bytes,
				      (unsigned long long)page_bytes());
	return WEIR_OK;
}

static void
write_header(struct segment_header *h, uint64_t ring_bytes)
{
	h->version = SEGMENT_VERSION;
	h->page_bytes = (uint32_t)page_bytes();
	h->ring_bytes = ring_bytes;
	__atomic_store_n(&h->magic, SEGMENT_MAGIC, __ATOMIC_RELEASE);
}

int
segment_map(struct segment *s, int fd, uint32_t side, uint64_t ring_bytes,
	    struct weir_error *err)
{
	uint64_t bytes = page_bytes() + 4 * ring_bytes;
	uint8_t *base;
	int rc = WEIR_OK;

	_Static_assert(sizeof(size_t) >= 8,
		       "the largest ring is mapped four times");
	_Static_assert(sizeof(struct segment_header) <= 4096,
		       "the header fits the smallest page");
	memset(s, 0, sizeof(*s));
	/* The addresses come first, so that the parts lie side by side. */
	base = mmap(NULL, (size_t)bytes, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED)
		return weir_error_errno(err, "no room in the address space to "
					     "map two rings of %llu bytes "
					     "(ulimit -v?)",
					(unsigned long long)ring_bytes);
	s->ring_bytes = ring_bytes;
	s->mapped_bytes = bytes;
	s->header = (struct segment_header *)(void *)base;
	if (map_rings(s, base, fd, side) < 0)
		rc = weir_error_errno(err, "cannot map the shared memory");
	else if (side == WEIR_SIDE_HOST)
		write_header(s->header, ring_bytes);
	else
		rc = check_header(s->header, ring_bytes, err);
	if (rc)
		segment_unmap(s);
	return rc;
}

void
segment_unmap(struct segment *s)
{
	if (s->header)
		munmap(s->header, s->mapped_bytes);
	memset(s, 0, sizeof(*s));
}
