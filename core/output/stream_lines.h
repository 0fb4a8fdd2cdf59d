/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message as a line of a stream: JSON (an object a line) or CSV (RFC 4180).
 *
 * All that does not change from message to message is made into text once;
 * a line is then a few copies and three numbers.
 */
#ifndef CORE_OUTPUT_STREAM_LINES_H
#define CORE_OUTPUT_STREAM_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/text.h"
#include "core/config/plan.h"
#include "core/measure/tape.h"

enum stream_format { STREAM_JSON, STREAM_CSV };

/* What the numbers stand between: timestamp, id and latency. */
#define STREAM_PIECES 4
struct stream_lines {
	struct text pieces[STREAM_PIECES];
	const char *none;   /* for a latency that can't be told */
	uint64_t epoch_ns;  /* added to every timestamp */
	size_t bytes_max;   /* of a line */
};

/* The line that comes before all others; "" for JSON. */
extern const char *const stream_headers[];

/* For the messages of one channel of a trial; stream_lines_fini in any case.
 * A memory failure is in the pieces. */
void stream_lines_init(struct stream_lines *lines, enum stream_format format,
		       const struct plan_cell *cell, uint32_t trial,
		       uint32_t channel, uint64_t epoch_ns);
void stream_lines_fini(struct stream_lines *lines);

/* Writes one line, of at most bytes_max, and returns where it ends. */
char *stream_lines_write(const struct stream_lines *lines,
			 const struct tape_record *record, char *to);

#endif
