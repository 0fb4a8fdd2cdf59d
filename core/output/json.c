/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/sink.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/output/file.h"

struct json_sink {
	struct output_sink sink; /* first: a sink is one of these */
	struct output_file *file;
};

static int
sink_finish(struct output_sink *sink, const struct result *result,
	    struct weir_error *err)
{
	struct json_sink *json = (struct json_sink *)sink;
	cleanup_free char *text = NULL;
	int status = result_to_json(result, &text, err);

	if (!status)
		status = output_file_write(json->file, text, strlen(text),
					   err);
	if (status)
		return status;
	return output_file_commit(cleanup_take(json->file), err);
}

static void
sink_close(struct output_sink *sink)
{
	struct json_sink *json = (struct json_sink *)sink;

	if (!json)
		return;
	output_file_discard(json->file);
	free(json);
}

int
output_json_open(const char *path, struct output_sink **ret_sink,
		 struct weir_error *err)
{
	struct json_sink *json = calloc(1, sizeof(*json));
	int status;

	if (!json)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for the results file");
	json->sink.finish = sink_finish;
	json->sink.close = sink_close;
	status = output_file_open(path, &json->file, err);
	if (status) {
		free(json);
		return status;
	}
	*ret_sink = &json->sink;
	return WEIR_OK;
}
