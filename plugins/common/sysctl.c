/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/common/sysctl.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

unsigned long long
sysctl_number(const char *path)
{
	char text[64];
	ssize_t n;
	int fd;

	snprintf(text, sizeof(text), "/proc/sys/%s", path);
	fd = open(text, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	return strtoull(text, NULL, 10);
}
