/* SPDX-License-Identifier: Apache-2.0 */
#include "core/coord/place.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/cleanup.h"

int
place_open(const char *path, int *ret_directory, char **ret_name)
{
	cleanup_free char *a = strdup(path);
	cleanup_free char *b = strdup(path);
	char *name = b ? strdup(basename(b)) : NULL;

	if (!a || !name) {
		free(name);
		errno = ENOMEM;
		return -1;
	}
	*ret_directory = open(dirname(a), O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*ret_directory < 0) {
		free(name);
		return -1;
	}
	*ret_name = name;
	return 0;
}

int
place_address(int directory, const char *name, struct sockaddr_un *ret)
{
	int n;

	memset(ret, 0, sizeof(*ret));
	ret->sun_family = AF_UNIX;
	n = snprintf(ret->sun_path, sizeof(ret->sun_path),
		     "/proc/self/fd/%d/%s", directory, name);
	if (n < 0 || (size_t)n >= sizeof(ret->sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

int
place_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

int
place_connect(int directory, const char *name)
{
	struct sockaddr_un address;
	int fd;

	if (place_address(directory, name, &address) != 0)
		return -1;
	fd = place_socket();
	if (fd >= 0 &&
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}
