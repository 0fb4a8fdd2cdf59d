/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams: a record of every message, written while the run goes on.
 *
 * The lanes that take the latencies note each message of the timed region on
 * a tape (measure/tape.h); a thread of the stream's own reads the tapes and
 * writes a line per message and format. Memory is bounded: where the thread
 * or its files don't keep up, the lanes wait, and that is counted. A file
 * that can't be written ends its stream, and not the run.
 */
#ifndef CORE_OUTPUT_STREAM_H
#define CORE_OUTPUT_STREAM_H

#include <stdint.h>

#include <weir/error.h>

#include "core/config/plan.h"
#include "core/measure/affinity.h"
#include "core/result/result.h"

struct output_stream;

/*
 * Opens the files (a path of "" is none; "-" is standard output) and starts
 * the thread; *ret_stream is NULL where both are none. Files are written in
 * place: they are there to be followed.
 */
WEIR_MUST_USE int output_stream_open(const char *json, const char *csv,
				     struct output_stream **ret_stream,
				     struct weir_error *err);

/*
 * Makes a tape for each channel of a trial and starts to read them. The
 * descriptors are the stream's, valid until output_stream_end. The thread
 * keeps off the lanes' CPUs where there are others.
 */
WEIR_MUST_USE int output_stream_begin(struct output_stream *stream,
				      const struct plan_cell *cell,
				      uint32_t trial,
				      const struct affinity *affinity,
				      const int **ret_tapes,
				      struct weir_error *err);

/* After the lanes have noted their last: writes what is still on the tapes,
 * says how much it was, and frees them. Harmless without a begin. */
void output_stream_end(struct output_stream *stream,
		       struct result_stream *ret_stream);

/* Writes and closes the files, and frees; NULL is allowed. The status and
 * error are of the first fault that any of them had. */
WEIR_MUST_USE int output_stream_close(struct output_stream *stream,
				      struct weir_error *err);

#endif
