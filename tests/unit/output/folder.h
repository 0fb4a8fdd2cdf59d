/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder of a test's own, removed with what is in it.
 */
#ifndef TESTS_UNIT_OUTPUT_FOLDER_H
#define TESTS_UNIT_OUTPUT_FOLDER_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "core/base/io.h"

#define FOLDER_UNUSED __attribute__((unused))

static char folder[64];

static void
folder_make(void)
{
	snprintf(folder, sizeof(folder), "/tmp/weir-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static int
folder_remove_one(const char *path, const struct stat *st, int type,
		  struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void
folder_remove(void)
{
	nftw(folder, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path of a name in the folder: valid until the eighth call from now. */
static const char *
folder_path(const char *name)
{
	static char paths[8][4096];
	static unsigned int next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

FOLDER_UNUSED static void
folder_holds(const char *name, const char *expected)
{
	struct weir_error err = { 0 };
	char *text = NULL;
	size_t len;

	ck_assert_msg(!io_read_file(folder_path(name), 1 << 20, &text, &len,
				    &err), "%s", err.text);
	ck_assert_str_eq(text, expected);
	free(text);
}

FOLDER_UNUSED static void
folder_put(const char *name, const char *text)
{
	FILE *f = fopen(folder_path(name), "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

#endif
