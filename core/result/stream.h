/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a result says of the stream of messages beside it.
 */
#ifndef CORE_RESULT_STREAM_H
#define CORE_RESULT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a stream wrote, and where it kept the lanes waiting. */
struct result_stream {
	bool on; /* else there was none */
	uint64_t records;
	uint64_t stalls; /* times that a lane waited for room */
	uint64_t stalled_ns;
};

struct result;

/* Keeps what was streamed of a trial, and adds it to the run's sum; nothing
 * where there was no stream. */
void stream_add(struct result *result, size_t cell, uint32_t trial,
		const struct result_stream *stream);

/* After the last trial: why the stream broke off (NULL: it did not; copied),
 * and a warning where it kept the lanes waiting. */
void stream_finish(struct result *result, const char *error);

/* The member `stream`: null, or the counts; of the whole result with its
 * error, else (NULL) of a trial. */
struct json;
struct cJSON;
void stream_to_json(struct json *j, struct cJSON *to,
		    const struct result_stream *stream,
		    const struct result *whole);

#endif
