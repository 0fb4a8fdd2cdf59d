/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for messages that a pipe takes by reference (vmsplice).
 *
 * What lies in the pipe lies in these pages, so that none may be written
 * before the other side has read it. Nobody says when that is, but a pipe
 * holds a page in each of its slots and gives a slot free once it is read, in
 * order: a page has been read when so many others were sent after it as the
 * pipe has slots. With room for as many pages as the pipe, and two of the
 * longest messages (one that is written, one by which a round may be shorter,
 * as a message is in one piece), going round keeps that by itself.
 */
#ifndef PLUGINS_PIPE_PAGES_H
#define PLUGINS_PIPE_PAGES_H

#include <stddef.h>
#include <stdint.h>

#include <weir/transport.h>

struct pages {
	unsigned char *memory; /* NULL: none */
	size_t bytes;
	size_t page_bytes;
	size_t at; /* where the next message goes */
};

/* For messages of up to max_bytes into the pipe behind fd, whose capacity must
 * not change any more. Errors: ENOMEMORY, ESYSTEM. */
int pages_init(struct pages *p, int fd, uint64_t max_bytes,
	       struct weir_error *err) WEIR_MUST_USE;

/* What the pipe still holds of it stays as it is. */
void pages_fini(struct pages *p);

/* Copies a message to where it may lie until it is read; the same place until
 * pages_sent. */
const unsigned char *pages_put(struct pages *p, const void *buf, size_t len);

/* All of it is in the pipe. */
void pages_sent(struct pages *p, size_t len);

#endif
