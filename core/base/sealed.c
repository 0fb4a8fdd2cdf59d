/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/sealed.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

int
sealed_create(const char *name, size_t bytes, int *ret_fd,
	      struct weir_error *err)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int status;

	if (fd < 0)
		return weir_error_errno(err, "shared memory can't be made");
	/* Room that is reserved now can't be missing later, as SIGBUS. */
	if (ftruncate(fd, (off_t)bytes) == 0 &&
	    fallocate(fd, 0, 0, (off_t)bytes) == 0 &&
	    fcntl(fd, F_ADD_SEALS, SEALS) == 0) {
		*ret_fd = fd;
		return WEIR_OK;
	}
	status = weir_error_errno(err, "%zu bytes of shared memory can't be "
				  "had", bytes);
	close(fd);
	return status;
}

int
sealed_map(int fd, size_t least, size_t most, void **ret_at,
	   size_t *ret_bytes, struct weir_error *err)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;
	void *at;

	if (fstat(fd, &st) != 0)
		return weir_error_errno(err, "shared memory can't be looked "
					"at");
	if (seals < 0 || !(seals & F_SEAL_SHRINK) ||
	    st.st_size < (off_t)least || st.st_size > (off_t)most)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "what came as shared memory is none: "
				      "its size or its seals are wrong");
	at = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_POPULATE, fd, 0);
	if (at == MAP_FAILED)
		return weir_error_errno(err, "%zu bytes of shared memory can't "
					"be mapped", (size_t)st.st_size);
	*ret_at = at;
	*ret_bytes = (size_t)st.st_size;
	return WEIR_OK;
}
