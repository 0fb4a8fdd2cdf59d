/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this process holds now, to be compared with what it holds later.
 */
#ifndef TESTS_CONFORMANCE_LEAK_H
#define TESTS_CONFORMANCE_LEAK_H

#include <stddef.h>

#include "core/base/text.h"

#define LEAK_FDS_MAX 256

struct leak_fds {
	size_t n;
	int at[LEAK_FDS_MAX];
};

void leak_take_fds(struct leak_fds *ret_fds);

/* The first descriptor that is open now and wasn't then, with what it is, or
 * an empty text. A descriptor without close-on-exec only, if asked for. */
void leak_new_fd(const struct leak_fds *before, int inheritable_only,
		 char *ret_text, size_t cap);

/* Mappings of files and memfds; -1 where they can't be counted. */
int leak_count_mappings(void);

/* The entries of a directory; none where it can't be read. */
void leak_list_entries(const char *directory, struct strings *ret_names);

/* Entries of a directory whose name holds `part`; 0 where there is none. */
int leak_count_entries(const char *directory, const char *part);

#endif
