/* SPDX-License-Identifier: Apache-2.0 */
#include "core/coord/codec.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/coord/fields.h"
#include "core/measure/affinity.h"
#include "core/stats/histogram.h"

static int
no_memory(struct weir_error *err)
{
	return weir_error_set(err, WEIR_ENOMEMORY,
			      "no memory for a control message");
}

/* ---- HELLO: magic, facts, and what only this protocol has ---- */

static const struct field hello_rows[] = {
	{ "abi", FIELD_U64, offsetof(struct message_hello, abi), UINT32_MAX },
	{ "beat_ns", FIELD_U64, offsetof(struct message_hello, beat_ns),
	  UINT64_MAX },
};

static bool
add_fact(cJSON *list, const struct fact *fact)
{
	switch (fact->kind) {
	case FACTS_TEXT:
		return cJSON_AddStringToObject(list, fact->key, fact->text);
	case FACTS_NUMBER:
		return cJSON_AddNumberToObject(list, fact->key, fact->number);
	case FACTS_BOOL:
		return cJSON_AddBoolToObject(list, fact->key,
					     fact->number != 0);
	}
	return false;
}

int
codec_hello_encode(cJSON *object, const struct message *message,
		   struct weir_error *err)
{
	const struct facts *facts = &message->hello.facts;
	cJSON *list;

	if (!cJSON_AddStringToObject(object, "magic", MESSAGE_MAGIC) ||
	    fields_encode(object, hello_rows, FIELDS_N(hello_rows),
			  &message->hello, err))
		return no_memory(err);
	list = cJSON_AddObjectToObject(object, "facts");
	for (size_t i = 0; list && i < facts->n; i++) {
		if (!add_fact(list, &facts->at[i]))
			list = NULL;
	}
	return list ? WEIR_OK : no_memory(err);
}

static int
get_fact(const cJSON *item, struct facts *facts, struct weir_error *err)
{
	const char *key = item->string ? item->string : "";
	const char *text = cJSON_GetStringValue(item);

	if (!*key || strlen(key) >= FACTS_KEY_BYTES ||
	    strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_") !=
			strlen(key) ||
	    facts_get(facts, key) || facts->n >= FACTS_MAX)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "\"facts\" holds a key that is too "
				      "long, not a name or there twice, or "
				      "more than %d of them", FACTS_MAX);
	if (text && strlen(text) < FACTS_VALUE_BYTES)
		facts_add_text(facts, key, text);
	else if (cJSON_IsNumber(item) && isfinite(item->valuedouble))
		facts_add_number(facts, key, item->valuedouble);
	else if (cJSON_IsBool(item))
		facts_add_bool(facts, key, cJSON_IsTrue(item));
	else
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "the fact \"%s\" is neither a short "
				      "text, a number nor a truth value", key);
	return WEIR_OK;
}

int
codec_hello_decode(const cJSON *object, struct message *message,
		   struct weir_error *err)
{
	const cJSON *magic = fields_member(object, "magic", err);
	const cJSON *facts, *item;
	const char *text = cJSON_GetStringValue(magic);
	int status;

	if (!magic)
		return WEIR_EPROTOCOL;
	if (!text || strcmp(text, MESSAGE_MAGIC) != 0)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "\"magic\" is not \"%s\": the other "
				      "side is not weir", MESSAGE_MAGIC);
	if (message->hello.protocol != MESSAGE_PROTOCOL)
		return WEIR_OK;
	status = fields_decode(object, hello_rows, FIELDS_N(hello_rows),
			       &message->hello, err);
	if (status)
		return status;
	facts = fields_member(object, "facts", err);
	if (!facts)
		return WEIR_EPROTOCOL;
	if (!cJSON_IsObject(facts))
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "\"facts\" is not an object");
	cJSON_ArrayForEach(item, facts) {
		status = get_fact(item, &message->hello.facts, err);
		if (status)
			return status;
	}
	return WEIR_OK;
}

/* ---- SETUP: CPUs and options ---- */

static int
add_options(cJSON *object, const char *key,
	    const struct message_option *options, uint64_t n,
	    struct weir_error *err)
{
	cJSON *inner = cJSON_AddObjectToObject(object, key);

	for (uint64_t i = 0; inner && i < n; i++) {
		if (!cJSON_AddStringToObject(inner, options[i].name,
					     options[i].text))
			inner = NULL;
	}
	return inner ? WEIR_OK : no_memory(err);
}

int
codec_setup_encode(cJSON *object, const struct message *message,
		   struct weir_error *err)
{
	const struct message_setup *setup = &message->setup;
	cJSON *cpus = cJSON_CreateIntArray(setup->cpus,
					   (int)setup->n_channels);
	int status;

	if (!cpus || !cJSON_AddItemToObject(object, "cpus", cpus)) {
		cJSON_Delete(cpus);
		return no_memory(err);
	}
	status = add_options(object, "options", setup->options,
			     setup->n_options, err);
	return status ? status :
			add_options(object, "axes", setup->further,
				    setup->n_further, err);
}

static int
get_cpus(const cJSON *list, struct message_setup *setup,
	 struct weir_error *err)
{
	const cJSON *item;
	uint64_t n = 0;

	cJSON_ArrayForEach(item, list) {
		double cpu = cJSON_IsNumber(item) ? item->valuedouble : -2;

		if (n >= setup->n_channels || cpu != floor(cpu) ||
		    cpu < AFFINITY_ANY || cpu > 65535)
			break;
		setup->cpus[n++] = (int32_t)cpu;
	}
	if (!cJSON_IsArray(list) || item || n != setup->n_channels)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "\"cpus\" is not a list of one CPU "
				      "number for each channel");
	return WEIR_OK;
}

/* Names and texts; what they mean is looked at by who knows the table. */
static int
get_options(const cJSON *object, const char *key,
	    struct message_option *options, uint64_t max, uint64_t *ret_n,
	    struct weir_error *err)
{
	const cJSON *list = fields_member(object, key, err), *item;
	uint64_t n = 0;

	if (!list)
		return WEIR_EPROTOCOL;
	cJSON_ArrayForEach(item, list) {
		const char *name = item->string;
		const char *text = cJSON_GetStringValue(item);

		if (!name || strlen(name) >= MESSAGE_NAME_BYTES || !text ||
		    strlen(text) >= MESSAGE_TEXT_BYTES || n >= max)
			return weir_error_set(err, WEIR_EPROTOCOL,
					      "\"%s\" holds something that is "
					      "none, or more than %u", key,
					      (unsigned)max);
		memcpy(options[n].name, name, strlen(name) + 1);
		memcpy(options[n].text, text, strlen(text) + 1);
		n++;
	}
	*ret_n = n;
	return WEIR_OK;
}

static int
type_axis(struct message_setup *setup, const struct message_option *axis,
	  struct weir_error *err)
{
	const struct weir_option *row = option_find(&plan_axes_table,
						    axis->name);

	if (!row || axes_in_place(row))
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "\"axes\" holds \"%s\", which is none",
				      axis->name);
	if (row->type == WEIR_OPTION_STRING || row->type == WEIR_OPTION_CPUS)
		return WEIR_OK;
	return option_set(row, axis->text, &setup->axes, err) ?
		       WEIR_EPROTOCOL : WEIR_OK;
}

static int
get_axes(const cJSON *object, struct message_setup *setup,
	 struct weir_error *err)
{
	int status = get_options(object, "axes", setup->further,
				 MESSAGE_AXES_MAX, &setup->n_further, err);

	setup->axes.pattern = (uint32_t)setup->pattern;
	setup->axes.size_bytes = setup->size_bytes;
	setup->axes.boundary = (uint32_t)setup->boundary;
	for (uint64_t i = 0; i < setup->n_further && !status; i++)
		status = type_axis(setup, &setup->further[i], err);
	if (status)
		return status;
	setup->axes.concurrency =
		(int64_t)setup->n_all_channels - setup->axes.load;
	if (setup->axes.concurrency < 1)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "of %u channels %u are said to be busy",
				      (unsigned)setup->n_all_channels,
				      (unsigned)setup->axes.load);
	return WEIR_OK;
}

int
codec_setup_decode(const cJSON *object, struct message *message,
		   struct weir_error *err)
{
	struct message_setup *setup = &message->setup;
	const cJSON *cpus = fields_member(object, "cpus", err);
	int status;

	if (!cpus)
		return WEIR_EPROTOCOL;
	if (setup->size_bytes == 0 || setup->n_channels == 0 ||
	    setup->first_channel + setup->n_channels > setup->n_all_channels)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "a size or a number of channels is "
				      "out of range");
	status = get_cpus(cpus, setup, err);
	if (status == WEIR_OK)
		status = get_options(object, "options", setup->options,
				     MESSAGE_OPTIONS_MAX, &setup->n_options,
				     err);
	return status ? status : get_axes(object, setup, err);
}

/* ---- RESULT: the report ---- */

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
		return no_memory(err);
	status = fields_encode(inner, bounds_rows, FIELDS_N(bounds_rows),
			       &bounds, err);
	if (status == WEIR_OK)
		status = histogram_encode(latency, &text, err);
	if (status == WEIR_OK &&
	    !cJSON_AddStringToObject(inner, "histogram", text))
		status = no_memory(err);
	free(text);
	return status;
}

static int
encode_series(cJSON *object, const struct series *series,
	      struct weir_error *err)
{
	char *text = NULL;
	int status = series ? series_encode(series, &text, err) : WEIR_OK;

	if (text && !cJSON_AddStringToObject(object, "series", text))
		status = no_memory(err);
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
		return no_memory(err);
	status = series_decode(text, *ret_series, err);
	if (status)
		weir_error_prefix(err, "\"series\": ");
	return status;
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
	int status = list ? WEIR_OK : no_memory(err);

	for (int i = 0; i < GAUGE_CLASSES && !status; i++) {
		const struct report_class *class = &report->classes[i];
		cJSON *item = class->segments ? cJSON_CreateObject() :
						cJSON_CreateNull();

		if (!item || !cJSON_AddItemToArray(list, item)) {
			cJSON_Delete(item);
			return no_memory(err);
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

int
codec_result_encode(cJSON *object, const struct message *message,
		    struct weir_error *err)
{
	const struct report *report = &message->result;
	cJSON *counters;
	int status;

	status = fields_encode(object, report_rows, FIELDS_N(report_rows),
			       report, err);
	if (status)
		return status;
	counters = cJSON_AddObjectToObject(object, "counters");
	for (uint32_t i = 0; counters && i < report->counters.n; i++) {
		const struct weir_counter *c = &report->counters.at[i];
		const struct field row = { c->name, FIELD_U64,
					   offsetof(struct weir_counter,
						    value), UINT64_MAX };

		status = fields_encode(counters, &row, 1, c, err);
		if (status)
			return status;
	}
	if (!counters)
		return no_memory(err);
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
		return no_memory(err);
	status = histogram_decode(text, *ret_histogram, err);
	if (status)
		return status;
	return histogram_set_exact(*ret_histogram, bounds.saturated,
				   bounds.min_ns, bounds.max_ns,
				   bounds.sum_ns, err);
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
