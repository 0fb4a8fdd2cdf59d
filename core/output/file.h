/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that is either written whole or not at all: a temporary name beside
 * it, flushed to the disk, renamed at the end. A target that exists and is
 * not a regular file ("/dev/full", "/dev/stdout"), and "-" (standard
 * output), is written in place. Every write, flush and close is checked. A
 * symbolic link is followed where it belongs to this user or to root.
 */
#ifndef CORE_OUTPUT_FILE_H
#define CORE_OUTPUT_FILE_H

#include <stddef.h>

#include <weir/error.h>

struct output_file;

/* Opens the target (missing directories are made), before the first trial,
 * so that what can't be written is found early. */
WEIR_MUST_USE int output_file_open(const char *path,
				   struct output_file **ret_file,
				   struct weir_error *err);
/* Whether it could be opened, for those who write later; leaves nothing. */
WEIR_MUST_USE int output_file_check(const char *path, struct weir_error *err);
/* Likewise, but written in place from the start, for readers that follow it:
 * what was there is gone. A pipe takes a writer that never blocks for more
 * than the 30 s of io_write_all. */
WEIR_MUST_USE int output_file_open_live(const char *path,
					struct output_file **ret_file,
					struct weir_error *err);
WEIR_MUST_USE int output_file_write(struct output_file *file,
				    const char *text, size_t len,
				    struct weir_error *err);
/* Flushes and puts it in its place; frees the handle in any case. */
WEIR_MUST_USE int output_file_commit(struct output_file *file,
				     struct weir_error *err);
/* Drops what was written and frees the handle; NULL is allowed. */
void output_file_discard(struct output_file *file);

#endif
