/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/stream.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/units.h"
#include "core/result/json_value.h"
#include "core/result/result.h"
#include "core/stats/sticky.h"

void
stream_add(struct result *result, size_t cell, uint32_t trial,
	   const struct result_stream *stream)
{
	struct result_stream *sum = &result->stream;

	if (!stream->on)
		return;
	result->cells[cell].trials[trial].stream = *stream;
	sum->on = true;
	sum->records = sticky_add(sum->records, stream->records);
	sum->stalls = sticky_add(sum->stalls, stream->stalls);
	sum->stalled_ns = sticky_add(sum->stalled_ns, stream->stalled_ns);
}

void
stream_finish(struct result *result, const char *error)
{
	const struct result_stream *sum = &result->stream;
	char time[UNITS_TEXT_BYTES];

	if (error && !result->stream_error) {
		result->stream_error = strdup(error);
		result->stream.on = true;
		if (!result->stream_error)
			result->warnings.failed = true;
	}
	if (!sum->stalls)
		return;
	units_scale_ns((double)sum->stalled_ns, time);
	strings_addf(&result->warnings, "the stream did not keep up: %" PRIu64
		     " waits of %s in all, which are in the throughput and, "
		     "one way, in the latencies behind them", sum->stalls,
		     time);
}

void
stream_to_json(struct json *j, struct cJSON *to,
	       const struct result_stream *stream, const struct result *whole)
{
	struct cJSON *o;

	if (!stream->on) {
		json_add_null(j, to, "stream");
		return;
	}
	o = json_add_object(j, to, "stream");
	json_add_u64(j, o, "records", stream->records);
	json_add_u64(j, o, "stalls", stream->stalls);
	json_add_u64(j, o, "stalled_ns", stream->stalled_ns);
	if (whole)
		json_add_text(j, o, "error", whole->stream_error);
}
