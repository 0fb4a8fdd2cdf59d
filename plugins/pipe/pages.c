/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/pipe/pages.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t
pages_whole(const struct pages *p, size_t len)
{
	return (len + p->page_bytes - 1) / p->page_bytes * p->page_bytes;
}

int
pages_init(struct pages *p, int fd, uint64_t max_bytes, struct weir_error *err)
{
	int pipe_bytes = fcntl(fd, F_GETPIPE_SZ);
	void *memory;

	if (pipe_bytes < 0)
		return weir_error_errno(err, "cannot ask a pipe for its "
					     "capacity");
	p->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	p->bytes = (size_t)pipe_bytes + 2 * pages_whole(p, max_bytes);
	memory = mmap(NULL, p->bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (memory == MAP_FAILED)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for %zu bytes of messages in "
				      "a pipe", p->bytes);
	p->memory = memory;
	p->at = 0;
	return WEIR_OK;
}

void
pages_fini(struct pages *p)
{
	if (p->memory)
		munmap(p->memory, p->bytes);
	p->memory = NULL;
}

const unsigned char *
pages_put(struct pages *p, const void *buf, size_t len)
{
	if (p->bytes - p->at < pages_whole(p, len))
		p->at = 0;
	memcpy(p->memory + p->at, buf, len);
	return p->memory + p->at;
}

void
pages_sent(struct pages *p, size_t len)
{
	p->at += pages_whole(p, len);
}
