/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RESULT: the report.
 */
#include "core/coord/codec.h"

#include <stdlib.h>
#include <string.h>

#include "core/coord/fields.h"
#include "core/stats/histogram.h"

#define ROW(member) \
	{ #member, FIELD_U64, offsetof(struct report, member), UINT64_MAX }

static const struct field report_rows[] = {
	ROW(integrity.sent),
	ROW(integrity.received),
	ROW(integrity.lost),
	ROW(integrity.duplicate),
	ROW(integrity.reordered),
	ROW(integrity.corrupt),
	ROW(load.integrity.sent),
	ROW(load.integrity.received),
	ROW(load.integrity.lost),
	ROW(load.integrity.duplicate),
	ROW(load.integrity.reordered),
	ROW(load.integrity.corrupt),
	ROW(load.started_ns),
	ROW(load.ended_ns),
	ROW(first_message_ns),
	ROW(started_ns),
	ROW(ended_ns),
	ROW(paused_ns),
	ROW(exchange.meetings),
	ROW(exchange.failed),
	ROW(exchange.disagreed),
	ROW(exchange.error_ns),
	ROW(exchange.steps),
	ROW(exchange.backward),
	ROW(cpu_user_ns),
	ROW(cpu_system_ns),
	ROW(voluntary_switches),
	ROW(involuntary_switches),
	ROW(evidence.lane_ns),
	ROW(evidence.lane_cpu_ns),
	ROW(evidence.run_queue_ns),
	ROW(evidence.migrations),
	ROW(evidence.involuntary_switches),
	ROW(evidence.minor_faults),
	ROW(evidence.major_faults),
	ROW(evidence.cpu_ns),
	ROW(evidence.busy_ns),
	ROW(evidence.steal_ns),
	ROW(evidence.interrupts),
	ROW(evidence.lowest_hz),
	ROW(evidence.highest_hz),
	ROW(evidence.throttled),
	ROW(evidence.throttled_ns),
	ROW(evidence.wakes),
	ROW(evidence.late_wakes),
	ROW(evidence.latest_wake_ns),
	ROW(deadline.misses),
	ROW(deadline.worst_row),
	ROW(pace.schedule_ns),
	ROW(pace.sending_ns),
	ROW(pace.not_sent),
	ROW(pace.sleeps),
	ROW(pace.wake_up_ns),
	{ "cpus", FIELD_TEXT, offsetof(struct report, cpus),
	  REPORT_CPUS_BYTES },
};

/* ---- its histograms, and the series: each a text ---- */

/* What does not travel in the histogram's own form. */
struct bounds {
	uint64_t min_ns;
	uint64_t max_ns;
	uint64_t sum_ns;
	uint64_t saturated;
};

static const struct field bounds_rows[] = {
	{ "min_ns", FIELD_U64, offsetof(struct bounds, min_ns), UINT64_MAX },
	{ "max_ns", FIELD_U64, offsetof(struct bounds, max_ns), UINT64_MAX },
	{ "sum_ns", FIELD_U64, offsetof(struct bounds, sum_ns), UINT64_MAX },
	{ "saturated", FIELD_U64, offsetof(struct bounds, saturated),
	  UINT64_MAX },
};

static int
encode_histogram(cJSON *object, const char *key,
		 const struct histogram *latency, struct weir_error *err)
{
	const struct bounds bounds = { latency->min_ns, latency->max_ns,
				       latency->sum_ns, latency->saturated };
	cJSON *inner = cJSON_AddObjectToObject(object, key);
	char *text = NULL;
	int status;

	if (!inner)
		return fields_no_memory(err);
	status = fields_encode(inner, bounds_rows, FIELDS_N(bounds_rows),
			       &bounds, err);
	if (status == WEIR_OK)
		status = histogram_encode(latency, &text, err);
	if (status == WEIR_OK &&
	    !cJSON_AddStringToObject(inner, "histogram", text))
		status = fields_no_memory(err);
	free(text);
	return status;
}

/* The member of that key, which need not be there. */
static int
decode_histogram(const cJSON *object, const char *key,
		 struct histogram **ret_histogram, struct weir_error *err)
{
	const cJSON *inner = cJSON_GetObjectItemCaseSensitive(object, key);
	struct bounds bounds;
	const cJSON *item;
	const char *text;
	int status;

	if (!inner)
		return WEIR_OK;
	status = fields_decode(inner, bounds_rows, FIELDS_N(bounds_rows),
			       &bounds, err);
	if (status)
		return status;
	item = fields_member(inner, "histogram", err);
	text = cJSON_GetStringValue(item);
	if (!item)
		return WEIR_EPROTOCOL;
	if (!text)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "\"histogram\" is not a text");
	*ret_histogram = histogram_create();
	if (!*ret_histogram)
		return fields_no_memory(err);
	status = histogram_decode(text, *ret_histogram, err);
	if (status)
		return status;
	return histogram_set_exact(*ret_histogram, bounds.saturated,
				   bounds.min_ns, bounds.max_ns,
				   bounds.sum_ns, err);
}

static int
encode_series(cJSON *object, const struct series *series,
	      struct weir_error *err)
{
	char *text = NULL;
	int status = series ? series_encode(series, &text, err) : WEIR_OK;

	if (text && !cJSON_AddStringToObject(object, "series", text))
		status = fields_no_memory(err);
	free(text);
	return status;
}

/* There need not be one. */
static int
decode_series(const cJSON *object, struct series **ret_series,
	      struct weir_error *err)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, "series");
	const char *text = cJSON_GetStringValue(item);
	int status;

	if (!item)
		return WEIR_OK;
	if (!text)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "\"series\" is not a text");
	*ret_series = series_create();
	if (!*ret_series)
		return fields_no_memory(err);
	status = series_decode(text, *ret_series, err);
	if (status)
		weir_error_prefix(err, "\"series\": ");
	return status;
}

/* ---- its counters: an object, by their names ---- */

static int
encode_counters(cJSON *object, const struct weir_counters *counters,
		struct weir_error *err)
{
	cJSON *list = cJSON_AddObjectToObject(object, "counters");
	int status = list ? WEIR_OK : fields_no_memory(err);

	for (uint32_t i = 0; i < counters->n && !status; i++) {
		const struct weir_counter *c = &counters->at[i];
		const struct field row = { c->name, FIELD_U64,
					   offsetof(struct weir_counter,
						    value), UINT64_MAX };

		status = fields_encode(list, &row, 1, c, err);
	}
	return status;
}

static int
decode_counters(const cJSON *list, struct weir_counters *counters,
		struct weir_error *err)
{
	const cJSON *item;
	uint64_t value;
	int status;

	cJSON_ArrayForEach(item, list) {
		if (!item->string ||
		    strlen(item->string) >= WEIR_COUNTER_NAME_BYTES ||
		    counters->n >= WEIR_COUNTERS_MAX)
			return weir_error_set(err, WEIR_EPROTOCOL,
					      "\"counters\" holds a name that "
					      "is too long, or more than %d",
					      WEIR_COUNTERS_MAX);
		status = fields_u64(item, item->string, UINT64_MAX, &value,
				    err);
		if (status)
			return status;
		weir_counters_add(counters, item->string, value);
	}
	return WEIR_OK;
}

/* ---- its classes: an object each, in their order, null where empty ---- */

static const struct field class_rows[] = {
	{ "messages", FIELD_U64, offsetof(struct report_class, messages),
	  UINT64_MAX },
	{ "elapsed_ns", FIELD_U64, offsetof(struct report_class, elapsed_ns),
	  UINT64_MAX },
	{ "segments", FIELD_U64, offsetof(struct report_class, segments),
	  UINT64_MAX },
	{ "distance_sum_ns", FIELD_U64,
	  offsetof(struct report_class, distance_sum_ns), UINT64_MAX },
};

static int
encode_classes(cJSON *object, const struct report *report,
	       struct weir_error *err)
{
	cJSON *list = cJSON_AddArrayToObject(object, "classes");
	int status = list ? WEIR_OK : fields_no_memory(err);

	for (int i = 0; i < GAUGE_CLASSES && !status; i++) {
		const struct report_class *class = &report->classes[i];
		cJSON *item = class->segments ? cJSON_CreateObject() :
						cJSON_CreateNull();

		if (!item || !cJSON_AddItemToArray(list, item)) {
			cJSON_Delete(item);
			return fields_no_memory(err);
		}
		if (!class->segments)
			continue;
		status = fields_encode(item, class_rows, FIELDS_N(class_rows),
				       class, err);
		if (status == WEIR_OK && class->latency)
			status = encode_histogram(item, "latency",
						  class->latency, err);
	}
	return status;
}

static int
decode_classes(const cJSON *list, struct report *report,
	       struct weir_error *err)
{
	const cJSON *item;
	int i = 0, status = WEIR_OK;

	if (!list)
		return WEIR_EPROTOCOL;
	if (cJSON_GetArraySize(list) != GAUGE_CLASSES)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "\"classes\" is not a list of %d",
				      GAUGE_CLASSES);
	cJSON_ArrayForEach(item, list) {
		struct report_class *class = &report->classes[i++];

		if (cJSON_IsNull(item))
			continue;
		status = fields_decode(item, class_rows, FIELDS_N(class_rows),
				       class, err);
		if (status == WEIR_OK)
			status = decode_histogram(item, "latency",
						  &class->latency, err);
		if (status)
			break;
	}
	return status;
}

/* ---- all of it ---- */

/* The histograms of a report that has them. */
static const struct {
	const char *key;
	size_t offset;
} histogram_rows[] = {
	{ "latency", offsetof(struct report, latency) },
	{ "teardown", offsetof(struct report, teardown) },
	{ "send_lag", offsetof(struct report, pace.send_lag) },
	{ "from_send", offsetof(struct report, pace.from_send) },
};

int
codec_result_encode(cJSON *object, const struct message *message,
		    struct weir_error *err)
{
	const struct report *report = &message->result;
	int status;

	status = fields_encode(object, report_rows, FIELDS_N(report_rows),
			       report, err);
	if (status == WEIR_OK)
		status = encode_counters(object, &report->counters, err);
	if (status == WEIR_OK)
		status = encode_classes(object, report, err);
	for (size_t i = 0; i < FIELDS_N(histogram_rows) && !status; i++) {
		struct histogram *const *histogram =
			(struct histogram *const *)(const void *)(
				(const char *)report +
				histogram_rows[i].offset);

		if (*histogram)
			status = encode_histogram(object,
						  histogram_rows[i].key,
						  *histogram, err);
	}
	return status ? status : encode_series(object, report->series, err);
}

int
codec_result_decode(const cJSON *object, struct message *message,
		    struct weir_error *err)
{
	struct report *report = &message->result;
	const cJSON *counters;
	int status;

	report_init(report);
	status = fields_decode(object, report_rows, FIELDS_N(report_rows),
			       report, err);
	if (status)
		return status;
	counters = fields_member(object, "counters", err);
	if (!counters)
		return WEIR_EPROTOCOL;
	status = decode_counters(counters, &report->counters, err);
	if (status)
		return status;
	status = decode_classes(fields_member(object, "classes", err), report,
				err);
	for (size_t i = 0; i < FIELDS_N(histogram_rows) && !status; i++) {
		void *at = (char *)report + histogram_rows[i].offset;

		status = decode_histogram(object, histogram_rows[i].key, at,
					  err);
	}
	return status ? status : decode_series(object, &report->series, err);
}
