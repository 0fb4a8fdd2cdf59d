/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of cells for a person: one row per cell, in the plan's order.
 * What is the same in every row has no column.
 */
#include "core/output/sink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/units.h"
#include "core/output/boundaries.h"
#include "core/output/coordinates.h"
#include "core/output/fronts.h"
#include "core/output/paced.h"
#include "core/output/search.h"
#include "core/output/table.h"
#include "core/output/verdicts.h"
#include "core/output/warnings.h"
#include "core/result/utf8.h"

#define PERCENTS_MAX SUMMARY_PERCENTILES_MAX

struct console {
	struct output_sink sink; /* first: a sink is one of these */
	FILE *stream;
	bool color;
};

/* What the rows have in common decides on the columns. */
struct layout {
	const struct result *result;
	bool lost;  /* some */
	bool noisy; /* some */
	bool teardowns;
	bool loads;
	double percents[PERCENTS_MAX];
	size_t n_percents;
};

/* ---- columns ---- */

/* p50, p99 and p99.9, and what the user asks for. */
static bool
is_shown(const struct plan *plan, double percent)
{
	static const char *const always[] = { "p50", "p99", "p99.9" };
	const struct strings *extra = &plan->run.percentiles;
	char name[RESULT_PERCENT_BYTES], other[RESULT_PERCENT_BYTES];
	double asked;

	result_percent_name(percent, '.', name);
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if (!strcmp(name, always[i]))
			return true;
	for (size_t i = 0; i < extra->n; i++) {
		if (units_parse_double(extra->at[i], &asked, NULL))
			continue;
		result_percent_name(asked, '.', other);
		if (!strcmp(name, other))
			return true;
	}
	return false;
}

static void
plan_layout(struct layout *l, const struct result *result)
{
	const struct plan *plan = result->plan;
	double all[PERCENTS_MAX];
	size_t n = result_percents(plan, all);

	memset(l, 0, sizeof(*l));
	l->result = result;
	for (size_t i = 0; i < n; i++)
		if (is_shown(plan, all[i]))
			l->percents[l->n_percents++] = all[i];
	l->noisy = output_verdicts_any(result);
	for (size_t i = 0; i < plan->n_cells; i++) {
		if (result->cells[i].block.integrity.lost)
			l->lost = true;
		if (result->cells[i].block.teardown.summary.samples)
			l->teardowns = true;
		if (result->cells[i].block.load.messages)
			l->loads = true;
	}
}

static void
add_columns(struct output_table *t, const struct layout *l)
{
	static const char latency[] = "latency", throughput[] = "throughput";
	static const char cpu[] = "CPU/message";

	output_coordinates_columns(t, l->result->plan);
	if (l->lost)
		output_table_column(t, NULL, "lost", true);
	for (size_t i = 0; i < l->n_percents; i++) {
		char name[RESULT_PERCENT_BYTES];

		result_percent_name(l->percents[i], '.', name);
		output_table_column(t, latency, name, true);
	}
	output_table_column(t, latency, "max", true);
	if (l->teardowns)
		output_table_column(t, "teardown", "p50", true);
	output_table_column(t, throughput, "messages", true);
	output_table_column(t, throughput, "bytes", true);
	if (l->loads)
		output_table_column(t, throughput, "load", true);
	output_table_column(t, cpu, "host", true);
	output_table_column(t, cpu, "client", true);
	if (l->noisy)
		output_table_column(t, NULL, "", false);
}

/* ---- rows ---- */

static void
add_coordinates(struct output_table *t, const struct layout *l, size_t i)
{
	const struct plan *plan = l->result->plan;
	char text[UNITS_TEXT_BYTES];

	output_coordinates_row(t, &plan->cells[i]);
	if (l->lost) {
		unsigned long long lost =
			l->result->cells[i].block.integrity.lost;

		snprintf(text, sizeof(text), "%llu", lost);
		output_table_cell(t, text);
	}
}

static void
add_figures(struct output_table *t, const struct layout *l,
	    const struct result_block *block)
{
	const struct summary *s = &block->latency;
	char text[UNITS_TEXT_BYTES];

	for (size_t i = 0; i < l->n_percents; i++)
		output_table_ns(t, summary_percentile_ns(s, l->percents[i]));
	output_table_ns(t, s->max_ns);
	s = &block->teardown.summary;
	if (l->teardowns)
		output_table_ns(t, summary_percentile_ns(s, 50));
	output_table_rate(t, block->messages_per_s);
	units_scale_bytes_per_s(block->bytes_per_s, text);
	output_table_cell(t, text);
	if (l->loads)
		output_table_rate(t, block->load.messages_per_s);
	output_table_ns(t, block->host_cpu_ns_per_message);
	output_table_ns(t, block->client_cpu_ns_per_message);
}

static void
add_row(struct output_table *t, const struct layout *l, size_t i)
{
	const struct result_cell *cell = &l->result->cells[i];
	struct text note = { 0 };

	add_coordinates(t, l, i);
	if (cell->status == RESULT_OK) {
		add_figures(t, l, &cell->block);
		if (l->noisy)
			output_table_cell(t, output_verdicts_mark(cell));
		output_table_end_row(t, NULL);
		return;
	}
	text_add(&note, cell->status == RESULT_NOT_RUN ?
				"not run" :
				result_status_names[cell->status]);
	if (cell->reason) {
		text_add(&note, ": ");
		utf8_add_printable(&note, cell->reason);
	}
	if (note.failed)
		t->notes.failed = true;
	output_table_end_row(t, text_get(&note));
	text_fini(&note);
}

static void
add_table(struct text *to, const struct result *result, bool color)
{
	struct output_table t = { .note_style = OUTPUT_BAD };
	struct layout l;

	plan_layout(&l, result);
	add_columns(&t, &l);
	for (size_t i = 0; i < result->plan->n_cells; i++)
		add_row(&t, &l, i);
	output_table_render(&t, color, to);
	output_table_fini(&t);
}

/* ---- around the table ---- */

static void
add_fact(struct text *line, const struct facts *f, const char *key)
{
	const struct fact *fact = facts_get(f, key);

	if (!fact || fact->kind != FACTS_TEXT)
		return;
	text_add(line, " · ");
	utf8_add_printable(line, fact->text);
}

static void
add_heading(struct text *to, const struct result *result, bool color)
{
	const struct plan *plan = result->plan;
	struct text name = { 0 }, rest = { 0 };
	size_t repeat = plan->run.repeat > 0 ? (size_t)plan->run.repeat : 0;

	utf8_add_printable(&name, plan->run.name && *plan->run.name ?
					  plan->run.name : "weir");
	text_addf(&rest, " · %zu %s × %zu %s", plan->n_cells,
		  plan->n_cells == 1 ? "cell" : "cells", repeat,
		  repeat == 1 ? "trial" : "trials");
	add_fact(&rest, &result->host, "cpu_model");
	add_fact(&rest, &result->host, "kernel");
	output_style_add(to, color, OUTPUT_BOLD, text_get(&name));
	output_style_add(to, color, OUTPUT_DIM, text_get(&rest));
	text_add(to, "\n\n");
	text_fini(&name);
	text_fini(&rest);
}

/* The masks that all cells share, or NULL: a figure says as much about the
 * placement as about the transport. */
static const char *
common_cpus(const struct result *result, bool host)
{
	const char *all = NULL;

	for (size_t i = 0; i < result->plan->n_cells; i++) {
		const struct result_block *block = &result->cells[i].block;
		const char *cpus = host ? block->host_cpus :
					  block->client_cpus;

		if (!*cpus)
			continue;
		if (all && strcmp(all, cpus))
			return NULL;
		all = cpus;
	}
	return all;
}

static void
add_placement(struct text *to, const struct result *result, bool color)
{
	const char *host = common_cpus(result, true);
	const char *client = common_cpus(result, false);
	struct text line = { 0 };

	if (!host || !client)
		return;
	text_add(&line, "host on CPU ");
	utf8_add_printable(&line, host);
	text_add(&line, ", client on CPU ");
	utf8_add_printable(&line, client);
	output_style_add(to, color, OUTPUT_DIM, text_get(&line));
	text_add(to, "\n");
	text_fini(&line);
}

/* What the harness itself takes of each round trip. */
static void
add_floor(struct text *to, const struct result_floor *floor, bool color)
{
	const struct summary *s = &floor->latency.summary;
	char p50[UNITS_TEXT_BYTES];
	struct text line = { 0 };

	if (!floor->transport)
		return;
	units_scale_ns(summary_percentile_ns(s, 50), p50);
	text_addf(&line, "floor %s: p50 of a round trip over %s\n", p50,
		  floor->transport);
	output_style_add(to, color, OUTPUT_DIM, text_get(&line));
	text_fini(&line);
}

/* ---- the sink ---- */

static int
sink_finish(struct output_sink *sink, const struct result *result,
	    struct weir_error *err)
{
	struct console *console = (struct console *)sink;
	struct text all = { 0 }, under = { 0 };
	bool written;

	add_heading(&all, result, console->color);
	add_table(&all, result, console->color);
	output_boundaries_add(&all, result, console->color);
	output_fronts_add(&all, result, console->color);
	output_paced_add(&all, result, console->color);
	output_search_add(&all, result, console->color);
	add_placement(&under, result, console->color);
	add_floor(&under, &result->floor, console->color);
	output_verdicts_add(&under, result, console->color);
	output_warnings_add(&under, result, console->color);
	if (under.len)
		text_addf(&all, "\n%s", under.at);
	all.failed |= under.failed;
	text_fini(&under);
	if (all.failed) {
		text_fini(&all);
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory to print the results");
	}
	written = fwrite(all.at, 1, all.len, console->stream) == all.len &&
		  !fflush(console->stream);
	text_fini(&all);
	/* Who has read enough of it and left (head) misses nothing. */
	if (!written && errno == EPIPE)
		return WEIR_OK;
	if (!written)
		return weir_error_errno(err, "cannot write the table of "
					"results");
	return WEIR_OK;
}

static void
sink_close(struct output_sink *sink)
{
	free(sink);
}

static bool
wants_color(FILE *stream, enum output_color color)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (color != OUTPUT_COLOR_AUTO)
		return color == OUTPUT_COLOR_ALWAYS;
	return !(no && *no) && !(term && !strcmp(term, "dumb")) &&
	       isatty(fileno(stream));
}

int
output_console_open(FILE *stream, enum output_color color,
		    struct output_sink **ret_sink, struct weir_error *err)
{
	struct console *console = calloc(1, sizeof(*console));

	if (!console)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for the table of results");
	console->sink.finish = sink_finish;
	console->sink.close = sink_close;
	console->stream = stream;
	console->color = wants_color(stream, color);
	*ret_sink = &console->sink;
	return WEIR_OK;
}
