/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sinks: where a result goes. A sink only reads results.
 *
 * Opening comes before the first trial and finds what can't be written;
 * finish() gets the whole result, once, also of a run cut short; close() frees
 * the sink and drops what is unfinished.
 */
#ifndef CORE_OUTPUT_SINK_H
#define CORE_OUTPUT_SINK_H

#include <stdbool.h>
#include <stdio.h>

#include <weir/error.h>

#include "core/result/result.h"

struct output_sink {
	int (*finish)(struct output_sink *sink, const struct result *result,
		      struct weir_error *err);
	void (*close)(struct output_sink *sink);
};

enum output_color {
	OUTPUT_COLOR_AUTO, /* on a terminal, unless NO_COLOR is set */
	OUTPUT_COLOR_ALWAYS,
	OUTPUT_COLOR_NEVER,
};

/* The table of cells on `stream` (standard output), warnings under it. */
WEIR_MUST_USE int output_console_open(FILE *stream, enum output_color color,
				      struct output_sink **ret_sink,
				      struct weir_error *err);

/* weir-result/1 as a file. */
WEIR_MUST_USE int output_json_open(const char *path,
				   struct output_sink **ret_sink,
				   struct weir_error *err);

#endif
