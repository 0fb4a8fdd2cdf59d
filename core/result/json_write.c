/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A result as JSON: docs/results.md says what each key means.
 */
#include "core/result/result.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include "core/base/units.h"
#include "core/result/block.h"
#include "core/result/clients.h"
#include "core/result/cost.h"
#include "core/result/distance.h"
#include "core/result/json_value.h"
#include "core/result/stream.h"
#include "core/result/verdict.h"

#define SCHEMA "weir-result/1"

static void
add_strings(struct json *j, struct cJSON *to, const char *key,
	    const struct strings *first, const struct strings *second)
{
	struct cJSON *array = json_add_array(j, to, key);

	for (size_t i = 0; i < first->n; i++)
		json_append_text(j, array, first->at[i]);
	for (size_t i = 0; second && i < second->n; i++)
		if (!strings_contains(first, second->at[i]))
			json_append_text(j, array, second->at[i]);
}

/* ---- blocks ---- */

/* How many moments made each tail; see SERIES_CLUSTERS. */
static void
add_clusters(struct json *j, struct cJSON *to,
	     const struct result_block *block)
{
	const struct summary *s = &block->latency;
	struct cJSON *o;

	if (!block->order.known || !s->samples)
		return;
	o = json_add_object(j, to, "tail_clusters");
	for (size_t i = 0; i < s->n_percentiles; i++) {
		char name[RESULT_PERCENT_BYTES];

		if (s->percentiles[i].percent <= SERIES_TAIL_PERCENT)
			continue;
		result_percent_name(s->percentiles[i].percent, '_', name);
		json_add_u64(j, o, name, block->order.clusters[i]);
	}
}

static void
add_within_trial(struct json *j, struct cJSON *to,
		 const struct result_block *block)
{
	const struct summary *s = &block->latency;
	struct cJSON *all, *o;

	if (!block->order.known || !s->samples) {
		json_add_null(j, to, "latency_within_trial_ns");
		return;
	}
	all = json_add_object(j, to, "latency_within_trial_ns");
	for (size_t i = 0; i < s->n_percentiles; i++) {
		const struct series_interval *v = &block->order.within[i];
		bool given = !isnan(s->percentiles[i].value_ns);
		char name[RESULT_PERCENT_BYTES];

		result_percent_name(s->percentiles[i].percent, '_', name);
		o = json_add_object(j, all, name);
		json_add_number(j, o, "low", given ? v->low_ns : NAN);
		json_add_number(j, o, "high", given ? v->high_ns : NAN);
	}
}

static void
add_cpu(struct json *j, struct cJSON *to, const struct result_block *block)
{
	struct cJSON *o = json_add_object(j, to, "cpu");

	json_add_number(j, o, "host_ns_per_message",
		   block->host_cpu_ns_per_message);
	json_add_number(j, o, "client_ns_per_message",
		   block->client_cpu_ns_per_message);
	json_add_number(j, o, "host_context_switches_per_message",
		   block->host_switches_per_message);
	json_add_number(j, o, "client_context_switches_per_message",
		   block->client_switches_per_message);
	json_add_text(j, o, "host_cpus",
		 *block->host_cpus ? block->host_cpus : NULL);
	json_add_text(j, o, "client_cpus",
		 *block->client_cpus ? block->client_cpus : NULL);
}

static void
add_counters(struct json *j, struct cJSON *to, const char *side,
	     const struct weir_counters *counters)
{
	struct cJSON *o = json_add_object(j, to, side);

	for (uint32_t i = 0; i < counters->n; i++)
		json_add_u64(j, o, counters->at[i].name,
			     counters->at[i].value);
}

static void
add_block(struct json *j, struct cJSON *to, const struct result_block *block)
{
	const struct report_integrity *in = &block->integrity;
	struct cJSON *o;

	result_samples_to_json(j, to, "latency_ns", &block->latency,
			       block->latency_sum_ns, block->histogram);
	add_clusters(j, to, block);
	if (block->teardown.histogram)
		result_samples_to_json(j, to, "teardown_ns",
				       &block->teardown.summary,
				       block->teardown.sum_ns,
				       block->teardown.histogram);
	json_add_number(j, to, "one_way_error_ns", block->one_way_error_ns);
	json_add_number(j, to, "clock_steps",
			block->clock_steps ? (double)block->clock_steps : NAN);
	json_add_number(j, to, "clock_backward_steps", block->clock_steps ?
			(double)block->clock_backward : NAN);
	json_add_number(j, to, "first_message_ns", block->first_message_ns);
	json_add_u64(j, to, "messages", block->messages);
	json_add_number(j, to, "elapsed_ns", block->elapsed_ns);
	o = json_add_object(j, to, "throughput");
	json_add_number(j, o, "messages_per_s", block->messages_per_s);
	json_add_number(j, o, "bytes_per_s", block->bytes_per_s);
	if (block->load.messages) {
		o = json_add_object(j, to, "load_throughput");
		json_add_u64(j, o, "messages", block->load.messages);
		json_add_number(j, o, "messages_per_s",
				block->load.messages_per_s);
		json_add_number(j, o, "bytes_per_s", block->load.bytes_per_s);
	}
	add_cpu(j, to, block);
	o = json_add_object(j, to, "counters");
	add_counters(j, o, "host", &block->host_counters);
	add_counters(j, o, "client", &block->client_counters);
	o = json_add_object(j, to, "integrity");
	json_add_u64(j, o, "sent", in->sent);
	json_add_u64(j, o, "received", in->received);
	json_add_u64(j, o, "lost", in->lost);
	json_add_u64(j, o, "duplicate", in->duplicate);
	json_add_u64(j, o, "reordered", in->reordered);
	json_add_u64(j, o, "corrupt", in->corrupt);
	distance_to_json(j, to, block);
	verdict_evidence_to_json(j, to, block);
	result_paced_to_json(j, to, block);
}

/* ---- cells ---- */

/* By the type of its row; a text that is not of it stays text. */
static void
add_option(struct json *j, struct cJSON *to, const char *key,
	   const struct plan_option *option)
{
	const char *text = option->text;
	uint32_t flag;
	uint64_t u;
	int64_t i;
	double d;

	if (option->row->flags & WEIR_OPTION_LIST) {
		json_add_text(j, to, key, text);
		return;
	}
	switch (option->row->type) {
	case WEIR_OPTION_BOOL:
		if (units_parse_bool(text, &flag, NULL))
			break;
		json_add_bool(j, to, key, flag);
		return;
	case WEIR_OPTION_INT:
		if (units_parse_int(text, &i, NULL))
			break;
		json_add_i64(j, to, key, i);
		return;
	case WEIR_OPTION_SIZE:
		if (units_parse_size(text, &u, NULL))
			break;
		json_add_u64(j, to, key, u);
		return;
	case WEIR_OPTION_DURATION:
		if (units_parse_duration(text, &u, NULL))
			break;
		json_add_u64(j, to, key, u);
		return;
	case WEIR_OPTION_RATE:
		if (units_parse_rate(text, &d, NULL))
			break;
		json_add_number(j, to, key, d);
		return;
	case WEIR_OPTION_DOUBLE:
		if (units_parse_double(text, &d, NULL))
			break;
		json_add_number(j, to, key, d);
		return;
	default:
		break;
	}
	json_add_text(j, to, key, text);
}

/* A key says its unit; the names of options are their plugin's. */
static void
add_axis(struct json *j, struct cJSON *to, const struct plan_option *axis)
{
	static const char *const units[] = {
		[WEIR_OPTION_SIZE] = "_bytes",
		[WEIR_OPTION_DURATION] = "_ns",
		[WEIR_OPTION_RATE] = "_per_s",
	};
	const uint32_t type = axis->row->type;
	char key[64];

	snprintf(key, sizeof(key), "%s%s", axis->row->name,
		 type < sizeof(units) / sizeof(units[0]) && units[type] ?
			 units[type] : "");
	add_option(j, to, key, axis);
}

static void
add_coordinates(struct json *j, struct cJSON *to, const struct plan_cell *cell)
{
	const struct plan_axes *axes = &cell->axes;
	struct cJSON *o;

	json_add_text(j, to, "transport", axes->transport);
	json_add_text(j, to, "plugin", cell->plugin);
	o = json_add_object(j, to, "options");
	for (size_t i = 0; i < cell->n_options; i++)
		add_option(j, o, cell->options[i].row->name,
			   &cell->options[i]);
	json_add_text(j, to, "pattern", plan_pattern_names[axes->pattern]);
	json_add_u64(j, to, "size_bytes", axes->size_bytes);
	json_add_text(j, to, "boundary", plan_boundary_names[axes->boundary]);
	json_add_i64(j, to, "concurrency", axes->concurrency);
	if (axes->namespaces)
		json_add_text(j, to, "namespaces", axes->namespaces);
	for (size_t i = 0; i < cell->n_further; i++)
		add_axis(j, to, &cell->further[i]);
}

static void
add_over_trials(struct json *j, struct cJSON *to,
		const struct result_cell *cell)
{
	const struct summary *s = &cell->block.latency;
	struct cJSON *all, *o;

	if (!cell->over_trials || !s->samples) {
		json_add_null(j, to, "latency_over_trials_ns");
		return;
	}
	all = json_add_object(j, to, "latency_over_trials_ns");
	for (size_t i = 0; i < s->n_percentiles; i++) {
		const struct summary_interval *v = &cell->over_trials[i];
		char name[RESULT_PERCENT_BYTES];

		result_percent_name(s->percentiles[i].percent, '_', name);
		o = json_add_object(j, all, name);
		json_add_number(j, o, "median", v->median);
		json_add_number(j, o, "low", v->low);
		json_add_number(j, o, "high", v->high);
		json_add_number(j, o, "coverage", v->coverage);
	}
}

static void
add_outcome(struct json *j, struct cJSON *to, enum result_status status,
	    const char *reason)
{
	json_add_text(j, to, "status", result_status_names[status]);
	json_add_text(j, to, "reason", reason);
}

static void
add_trials(struct json *j, struct cJSON *to, const struct result_cell *cell)
{
	struct cJSON *array = json_add_array(j, to, "trials");

	for (size_t i = 0; i < cell->n_trials; i++) {
		const struct result_trial *trial = &cell->trials[i];
		struct cJSON *o;

		if (trial->status == RESULT_NOT_RUN && !trial->search)
			continue;
		o = json_append_object(j, array);
		json_add_u64(j, o, "index", trial->index);
		json_add_u64(j, o, "started_ns", trial->started_ns);
		add_outcome(j, o, trial->status, trial->reason);
		stream_to_json(j, o, &trial->stream, NULL);
		verdict_to_json(j, o, &trial->block);
		add_block(j, o, &trial->block);
		add_within_trial(j, o, &trial->block);
		result_search_trial_to_json(j, o, trial->search);
	}
}

static void
add_fact(struct json *j, struct cJSON *to, const char *key,
	 const struct fact *fact)
{
	if (fact->kind == FACTS_NUMBER)
		json_add_number(j, to, key, fact->number);
	else if (fact->kind == FACTS_BOOL)
		json_add_bool(j, to, key, fact->number > 0);
	else
		json_add_text(j, to, key, fact->text);
}

static void
add_facts(struct json *j, struct cJSON *to, const char *side,
	  const struct facts *f)
{
	struct cJSON *o = json_add_object(j, to, side);

	for (size_t i = 0; i < f->n; i++)
		add_fact(j, o, f->at[i].key, &f->at[i]);
}

static void
add_identity(struct json *j, struct cJSON *to, const struct facts *f)
{
	static const char *const kinds[] = {
		"time", "pid", "ipc", "net", "user", "mount", "uts",
	};
	static const char *const keys[] = {
		"uid", "pid", "container_name", "engine", "engine_version",
		"image", "image_id",
	};
	struct cJSON *namespaces;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (facts_get(f, keys[i]))
			add_fact(j, to, keys[i], facts_get(f, keys[i]));
	namespaces = json_add_object(j, to, "namespaces");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char key[FACTS_KEY_BYTES];

		snprintf(key, sizeof(key), "%s_namespace", kinds[i]);
		if (facts_get(f, key))
			add_fact(j, namespaces, kinds[i], facts_get(f, key));
	}
}

/* Who took part. The figures of a single client are the cell's own. */
static void
add_clients(struct json *j, struct cJSON *to, const struct result *result,
	    const struct result_cell *cell)
{
	const struct facts *facts = cell->clients ? cell->clients->at :
						    &result->client;
	size_t n = cell->clients ? cell->clients->n : facts->n != 0;
	struct cJSON *array = json_add_array(j, to, "clients");

	for (size_t i = 0; i < n; i++) {
		struct cJSON *o = json_append_object(j, array);
		struct result_block none;
		char name[32] = "client";

		if (n > 1)
			snprintf(name, sizeof(name), "client %zu", i + 1);
		json_add_text(j, o, "name", name);
		add_identity(j, o, &facts[i]);
		result_block_init(&none);
		add_block(j, o, i < cell->n_shares ? &cell->shares[i] :
				n == 1 ? &cell->block : &none);
	}
}

static void
add_cells(struct json *j, struct cJSON *to, const struct result *result)
{
	struct cJSON *array = json_add_array(j, to, "cells");

	for (size_t i = 0; i < result->plan->n_cells; i++) {
		const struct result_cell *cell = &result->cells[i];
		struct cJSON *o = json_append_object(j, array);

		json_add_text(j, o, "id", cell->cell->id);
		add_outcome(j, o, cell->status, cell->reason);
		add_coordinates(j, o, cell->cell);
		verdict_to_json(j, o, &cell->block);
		add_block(j, o, &cell->block);
		add_over_trials(j, o, cell);
		result_search_cell_to_json(j, o, cell, result->plan);
		if (result->plan->run.until == PLAN_UNTIL_STABLE)
			json_add_bool(j, o, "stable", cell->stable);
		add_trials(j, o, cell);
		add_clients(j, o, result, cell);
		add_strings(j, o, "warnings", &cell->warnings, NULL);
	}
}

/* ---- the whole ---- */

static void
add_config(struct json *j, struct cJSON *to, const struct plan *plan)
{
	struct cJSON *config = json_add_object(j, to, "config"), *values;

	json_add_text(j, config, "text", plan->text);
	values = json_add_array(j, config, "values");
	for (size_t i = 0; i < plan->n_values; i++) {
		const struct plan_value *value = &plan->values[i];
		struct cJSON *o = json_append_object(j, values);

		json_add_text(j, o, "key", value->path);
		json_add_text(j, o, "value", value->text);
		json_add_text(j, o, "origin", value->origin);
	}
}

static void
add_all(struct json *j, struct cJSON *root, const struct result *result)
{
	char seed[24];
	struct cJSON *o;

	json_add_text(j, root, "schema", SCHEMA);
	if (result->of_client)
		json_add_text(j, root, "role", "client");
	o = json_add_object(j, root, "tool");
	json_add_text(j, o, "name", "weir");
	json_add_text(j, o, "version", WEIR_VERSION);
	json_add_text(j, root, "name", result->plan->run.name);
	json_add_text(j, root, "started", result->started_utc);
	json_add_bool(j, root, "complete", result->complete);
	json_add_bool(j, root, "interrupted", result->interrupted);
	/* A client is not told the seed. */
	snprintf(seed, sizeof(seed), "%" PRIu64, result->seed);
	if (!result->of_client)
		json_add_text(j, root, "seed", seed);
	o = json_add_object(j, root, "environment");
	add_facts(j, o, "host", &result->host);
	add_facts(j, o, "client", &result->client);
	add_config(j, root, result->plan);
	floor_to_json(j, root, &result->floor);
	add_cells(j, root, result);
	cost_to_json(j, root, result);
	stream_to_json(j, root, &result->stream, result);
	add_strings(j, root, "warnings", &result->plan->warnings,
		    &result->warnings);
}

int
result_to_json(const struct result *result, char **ret_text,
	       struct weir_error *err)
{
	struct json j = { .failed = false };
	struct cJSON *root = json_create(&j);

	add_all(&j, root, result);
	return json_finish(&j, root, ret_text, err);
}
