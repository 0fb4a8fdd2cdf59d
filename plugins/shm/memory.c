/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/shm/memory.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_BYTES 8192

/* Where the memory controller is mounted, and what its files say. */
struct controller {
	const char *prefix; /* of its line in /proc/self/cgroup */
	const char *mount;
	const char *limit;
	const char *held[2]; /* keys of memory.stat that stay */
};

static const struct controller controllers[] = {
	{ "0::", "/sys/fs/cgroup", "memory.max", { "anon ", "shmem " } },
	{ "0::", "/sys/fs/cgroup/unified", "memory.max",
	  { "anon ", "shmem " } },
	{ NULL, "/sys/fs/cgroup/memory", "memory.limit_in_bytes",
	  { "total_rss ", "total_shmem " } },
};

/* Reads the beginning of a small file; false if it is not there. */
static bool
read_text(const char *path, char ret_text[TEXT_BYTES])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, ret_text, TEXT_BYTES - 1);
	close(fd);
	if (n <= 0)
		return false;
	ret_text[n] = '\0';
	return true;
}

/* The number behind a key at the beginning of a line; 0 if it is not there. */
static uint64_t
number_of(const char *text, const char *key)
{
	size_t len = strlen(key);
	const char *line = text;

	while (line) {
		if (!strncmp(line, key, len))
			return strtoull(line + len, NULL, 10);
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return 0;
}

/* What the group at path, below the mount, leaves. */
static uint64_t
group_available(const struct controller *c, const char *path)
{
	char file[PATH_MAX];
	char text[TEXT_BYTES];
	uint64_t limit;
	uint64_t held;

	if (snprintf(file, sizeof(file), "%s%s/%s", c->mount, path,
		     c->limit) >= (int)sizeof(file) ||
	    !read_text(file, text) || text[0] < '0' || text[0] > '9')
		return UINT64_MAX; /* none here, or "max" */
	limit = strtoull(text, NULL, 10);
	if (snprintf(file, sizeof(file), "%s%s/memory.stat", c->mount,
		     path) >= (int)sizeof(file) ||
	    !read_text(file, text))
		return limit;
	held = number_of(text, c->held[0]) + number_of(text, c->held[1]);
	return held < limit ? limit - held : 0;
}

/* Finds the own group in /proc/self/cgroup: "ID:CONTROLLERS:PATH" lines. */
static bool
group_path(const struct controller *c, const char *groups,
	   char ret_path[PATH_MAX])
{
	const char *at = c->prefix ? strstr(groups, c->prefix)
				   : strstr(groups, ":memory:");
	size_t len;

	if (!at)
		return false;
	at = strchr(at, '/');
	if (!at)
		return false;
	len = strcspn(at, "\n");
	if (len >= PATH_MAX)
		return false;
	memcpy(ret_path, at, len);
	ret_path[len] = '\0';
	return true;
}

static uint64_t
controller_available(const struct controller *c, const char *groups)
{
	char path[PATH_MAX];
	uint64_t least = UINT64_MAX;
	uint64_t here;
	char *slash;

	if (!group_path(c, groups, path))
		return UINT64_MAX;
	/* Up to the root of the mount: in a container that is its own group,
	 * even where the path is one of the host's. */
	for (;;) {
		slash = strrchr(path, '/');
		if (slash && !slash[1])
			*slash = '\0';
		here = group_available(c, path);
		if (here < least)
			least = here;
		slash = strrchr(path, '/');
		if (!slash)
			return least;
		*slash = '\0';
	}
}

uint64_t
memory_available_bytes(void)
{
	char text[TEXT_BYTES];
	uint64_t least = UINT64_MAX;
	uint64_t here;
	size_t i;

	if (read_text("/proc/meminfo", text)) {
		here = number_of(text, "MemAvailable:") << 10;
		if (here)
			least = here;
	}
	if (!read_text("/proc/self/cgroup", text))
		return least;
	for (i = 0; i < sizeof(controllers) / sizeof(controllers[0]); i++) {
		here = controller_available(&controllers[i], text);
		if (here < least)
			least = here;
	}
	return least;
}
