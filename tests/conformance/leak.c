/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/leak.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
leak_take_fds(struct leak_fds *ret_fds)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;

	ret_fds->n = 0;
	while (dir && (entry = readdir(dir))) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] != '.' && fd != dirfd(dir) &&
		    ret_fds->n < LEAK_FDS_MAX)
			ret_fds->at[ret_fds->n++] = fd;
	}
	if (dir)
		closedir(dir);
}

void
leak_new_fd(const struct leak_fds *before, int inheritable_only,
	    char *ret_text, size_t cap)
{
	struct leak_fds now;

	ret_text[0] = '\0';
	leak_take_fds(&now);
	for (size_t i = 0; i < now.n; i++) {
		char link[64];
		char what[PATH_MAX] = "?";
		size_t j = 0;
		ssize_t n;

		while (j < before->n && before->at[j] != now.at[i])
			j++;
		if (j < before->n ||
		    (inheritable_only &&
		     (fcntl(now.at[i], F_GETFD) & FD_CLOEXEC)))
			continue;
		snprintf(link, sizeof(link), "/proc/self/fd/%d", now.at[i]);
		n = readlink(link, what, sizeof(what) - 1);
		if (n > 0)
			what[n] = '\0';
		snprintf(ret_text, cap, "%d (%.200s)", now.at[i], what);
		return;
	}
}

int
leak_count_mappings(void)
{
	FILE *f = fopen("/proc/self/maps", "re");
	char line[PATH_MAX + 128];
	int n = 0;

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		if (strchr(line, '/'))
			n++;
	}
	fclose(f);
	return n;
}

void
leak_list_entries(const char *directory, struct strings *ret_names)
{
	DIR *dir = opendir(directory);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			strings_add(ret_names, entry->d_name);
	}
	if (dir)
		closedir(dir);
}

int
leak_count_entries(const char *directory, const char *part)
{
	struct strings names = { 0 };
	int n = 0;

	leak_list_entries(directory, &names);
	for (size_t i = 0; i < names.n; i++)
		n += strstr(names.at[i], part) != NULL;
	strings_fini(&names);
	return n;
}
