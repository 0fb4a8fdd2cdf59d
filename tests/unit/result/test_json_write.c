/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/result.h"

#include <cjson/cJSON.h>

#include "core/base/io.h"
#include "tests/unit/result/reports.h"
#include "tests/unit/unit.h"

static struct sample s;
static char *text;
static cJSON *root;

/* Good, refused, not run, and one without latency. */
static void
set_up(void)
{
	sample_init(&s, 3);
	facts_gather(&s.result->host);
	s.result->client = s.result->host;
	s.result->seed = UINT64_MAX;
	for (uint32_t i = 0; i < 3; i++) {
		sample_round_trips(&s, 1000);
		sample_add(&s, SAMPLE_UDS, i);
		sample_one_way(&s, 1000);
		sample_add(&s, SAMPLE_TINY, i);
	}
	sample_add_failure(&s, SAMPLE_SPIN, 0, RESULT_REFUSED, WEIR_ETOOBIG,
			   "too big \xff");
	strings_add(&s.plan.warnings, "of the plan");
	strings_add(&s.plan.warnings, "of both");
	strings_add(&s.result->warnings, "of both");
	strings_add(&s.result->warnings, "of the run");
}

static void
tear_down(void)
{
	cJSON_Delete(root);
	root = NULL;
	free(text);
	text = NULL;
	strings_fini(&s.plan.warnings);
	strings_fini(&s.plan.run.percentiles);
	sample_fini(&s);
}

static void
write_json(void)
{
	struct weir_error err = { 0 };
	const char *end;

	sample_finish(&s);
	ck_assert_msg(!result_to_json(s.result, &text, &err), "%s", err.text);
	root = cJSON_ParseWithOpts(text, &end, 1);
	ck_assert_msg(root != NULL, "no JSON at: %.40s", end);
}

/* The value at "cells.0.latency_ns.p99"; fails where there is none. */
static const cJSON *
at(const char *path)
{
	char copy[128], *rest = copy, *name;
	const cJSON *item = root;

	snprintf(copy, sizeof(copy), "%s", path);
	while ((name = strsep(&rest, "."))) {
		item = cJSON_IsArray(item) ?
			       cJSON_GetArrayItem(item, atoi(name)) :
			       cJSON_GetObjectItemCaseSensitive(item, name);
		ck_assert_msg(item != NULL, "%s: no %s", path, name);
	}
	return item;
}

static void
is_text(const char *path, const char *expected)
{
	ck_assert_msg(cJSON_IsString(at(path)), "%s is no string", path);
	ck_assert_str_eq(at(path)->valuestring, expected);
}

static void
is_number(const char *path, double expected)
{
	ck_assert_msg(cJSON_IsNumber(at(path)), "%s is no number", path);
	ck_assert_double_eq_tol(at(path)->valuedouble, expected, 1e-6);
}

static void
is_null(const char *path)
{
	ck_assert_msg(cJSON_IsNull(at(path)), "%s is not null", path);
}

START_TEST(the_top_says_what_it_is)
{
	write_json();
	is_text("schema", "weir-result/1");
	is_text("tool.name", "weir");
	is_text("name", "sample");
	is_text("seed", "18446744073709551615");
	ck_assert(cJSON_IsFalse(at("complete")));
	ck_assert(cJSON_IsFalse(at("interrupted")));
	is_text("config.text", "repeat = 3;\n");
	is_text("config.values.0.key", "repeat");
	is_text("config.values.0.value", "3");
	is_text("config.values.0.origin", "sample.cfg:1");
	ck_assert_int_eq(cJSON_GetArraySize(at("cells")), SAMPLE_CELLS);
	ck_assert_uint_eq(strlen(at("started")->valuestring), 20);
}
END_TEST

START_TEST(each_warning_is_there_once)
{
	write_json();
	ck_assert_int_eq(cJSON_GetArraySize(at("warnings")), 3);
	is_text("warnings.0", "of the plan");
	is_text("warnings.2", "of the run");
	ck_assert_int_eq(cJSON_GetArraySize(at("cells.3.warnings")), 1);
}
END_TEST

START_TEST(a_good_cell_has_its_figures)
{
	write_json();
	is_text("cells.0.id", "uds/round_trip/64");
	is_text("cells.0.status", "ok");
	is_null("cells.0.reason");
	is_text("cells.0.pattern", "round_trip");
	is_text("cells.0.boundary", "process");
	is_number("cells.0.size_bytes", 64);
	is_number("cells.0.concurrency", 1);
	is_number("cells.0.latency_ns.min", 900);
	is_number("cells.0.latency_ns.max", 1899);
	is_number("cells.0.latency_ns.samples", 3000);
	is_number("cells.0.latency_ns.sum", 3 * 1399500);
	is_null("cells.0.latency_ns.p99_99");
	is_number("cells.0.messages", 3000);
	is_number("cells.0.elapsed_ns", 3e6);
	is_number("cells.0.throughput.messages_per_s", 1e6);
	is_number("cells.0.throughput.bytes_per_s", 64e6);
	is_number("cells.0.cpu.host_ns_per_message", 500);
	is_text("cells.0.cpu.client_cpus", "1");
	is_number("cells.0.counters.host.syscalls", 6000);
	is_number("cells.0.integrity.sent", 3000);
	is_number("cells.0.first_message_ns", 5000);
	is_null("cells.0.latency_over_trials_ns.p50.low");
	ck_assert(cJSON_IsNumber(
		at("cells.0.latency_over_trials_ns.p50.median")));
}
END_TEST

START_TEST(trials_have_blocks_of_their_own)
{
	write_json();
	ck_assert_int_eq(cJSON_GetArraySize(at("cells.0.trials")), 3);
	is_number("cells.0.trials.2.index", 2);
	is_number("cells.0.trials.2.started_ns", 200);
	is_text("cells.0.trials.2.status", "ok");
	is_number("cells.0.trials.2.latency_ns.samples", 1000);
	is_number("cells.0.trials.2.integrity.received", 1000);
}
END_TEST

START_TEST(the_histogram_can_be_read_back)
{
	struct histogram *h = histogram_create();

	write_json();
	ck_assert_int_eq(
		histogram_decode(at("cells.0.latency_ns.histogram")
					 ->valuestring, h, NULL), WEIR_OK);
	ck_assert_uint_eq(h->samples, 3000);
	histogram_destroy(h);
}
END_TEST

START_TEST(what_did_not_run_has_no_figures)
{
	write_json();
	is_text("cells.1.status", "refused");
	is_text("cells.1.reason", "too big \xef\xbf\xbd");
	is_null("cells.1.latency_ns");
	is_null("cells.1.throughput.messages_per_s");
	is_null("cells.1.trials.0.latency_ns");
	ck_assert_int_eq(cJSON_GetArraySize(at("cells.1.trials")), 1);
	is_text("cells.2.status", "not_run");
	is_null("cells.2.cpu.host_cpus");
	is_null("cells.2.latency_over_trials_ns");
	ck_assert_int_eq(cJSON_GetArraySize(at("cells.2.trials")), 0);
}
END_TEST

START_TEST(latency_that_cannot_be_told_is_null)
{
	write_json();
	is_text("cells.3.status", "ok");
	is_null("cells.3.latency_ns");
	is_null("cells.3.latency_over_trials_ns");
	is_null("cells.3.first_message_ns");
	is_number("cells.3.throughput.messages_per_s", 1e7);
}
END_TEST

START_TEST(percentiles_of_the_config_are_added)
{
	strings_add(&s.plan.run.percentiles, "99.5");
	tear_down();
	sample_init(&s, 1);
	strings_add(&s.plan.run.percentiles, "99.5");
	sample_round_trips(&s, 10000);
	sample_add(&s, SAMPLE_UDS, 0);
	write_json();
	ck_assert(cJSON_IsNumber(at("cells.0.latency_ns.p99_5")));
	ck_assert_str_eq(at("cells.0.latency_ns.p99")->next->string, "p99_5");
}
END_TEST

START_TEST(options_are_typed)
{
	static struct weir_option rows[] = {
		{ .name = "bool", .type = WEIR_OPTION_BOOL },
		{ .name = "int", .type = WEIR_OPTION_INT },
		{ .name = "size", .type = WEIR_OPTION_SIZE },
		{ .name = "duration", .type = WEIR_OPTION_DURATION },
		{ .name = "rate", .type = WEIR_OPTION_RATE },
		{ .name = "double", .type = WEIR_OPTION_DOUBLE },
		{ .name = "string", .type = WEIR_OPTION_STRING },
		{ .name = "list", .type = WEIR_OPTION_INT,
		  .flags = WEIR_OPTION_LIST },
		{ .name = "odd", .type = WEIR_OPTION_SIZE },
	};
	static const char *const texts[] = { "true", "-5", "64Ki", "100us",
					     "2.5M", "0.25", "12", "[1,2]",
					     "auto" };
	struct plan_option options[9];

	for (size_t i = 0; i < 9; i++)
		options[i] = (struct plan_option){
			&rows[i], sample_text(&s, texts[i]), false };
	s.cells[0].options = options;
	s.cells[0].n_options = 9;
	write_json();
	ck_assert(cJSON_IsTrue(at("cells.0.options.bool")));
	is_number("cells.0.options.int", -5);
	is_number("cells.0.options.size", 65536);
	is_number("cells.0.options.duration", 100000);
	is_number("cells.0.options.rate", 2500000);
	is_number("cells.0.options.double", 0.25);
	is_text("cells.0.options.string", "12");
	is_text("cells.0.options.list", "[1,2]");
	is_text("cells.0.options.odd", "auto");
}
END_TEST

START_TEST(the_client_is_named)
{
	write_json();
	ck_assert_int_eq(cJSON_GetArraySize(at("cells.0.clients")), 1);
	is_text("cells.0.clients.0.name", "client");
	is_number("cells.0.clients.0.uid",
		  facts_get(&s.result->host, "uid")->number);
	is_text("cells.0.clients.0.namespaces.pid",
		facts_get(&s.result->host, "pid_namespace")->text);
}
END_TEST

START_TEST(a_client_that_was_never_met_is_not)
{
	s.result->client.n = 0;
	write_json();
	ck_assert_int_eq(cJSON_GetArraySize(at("cells.0.clients")), 0);
}
END_TEST

/* ---- the documents ---- */

static char *
read_document(const char *name)
{
	const char *top = getenv("top_srcdir");
	struct weir_error err = { 0 };
	char path[4096], *document = NULL;
	size_t len;

	snprintf(path, sizeof(path), "%s/docs/%s", top ? top : ".", name);
	ck_assert_msg(!io_read_file(path, 1 << 20, &document, &len, &err),
		      "%s", err.text);
	return document;
}

static void
check_key(const char *document, const char *key, const char *quote)
{
	char quoted[96];

	snprintf(quoted, sizeof(quoted), "%s%s%s", quote, key, quote);
	ck_assert_msg(strstr(document, quoted) != NULL,
		      "the key %s is not documented", quoted);
}

/* Keys that the plan or a plugin makes up are not the format's. */
static int
is_free(const cJSON *item, const cJSON *in)
{
	return (item->string && !strcmp(item->string, "options")) ||
	       (in->string && !strcmp(in->string, "counters"));
}

static void
check_keys(const cJSON *in, const char *document, const char *quote)
{
	for (const cJSON *item = in->child; item; item = item->next) {
		if (item->string)
			check_key(document, item->string, quote);
		if (!is_free(item, in))
			check_keys(item, document, quote);
	}
}

START_TEST(every_key_is_in_the_document)
{
	char *document = read_document("results.md");

	write_json();
	check_keys(root, document, "`");
	free(document);
}
END_TEST

START_TEST(every_key_is_in_the_schema)
{
	char *document = read_document("weir-result-1.schema.json");

	s.result->host.n = 0;
	s.result->client.n = 0;
	write_json();
	check_keys(root, document, "\"");
	free(document);
}
END_TEST

static Suite *
suite(void)
{
	Suite *all = suite_create("result/json_write");
	TCase *c = tcase_create("json_write");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, the_top_says_what_it_is);
	tcase_add_test(c, each_warning_is_there_once);
	tcase_add_test(c, a_good_cell_has_its_figures);
	tcase_add_test(c, trials_have_blocks_of_their_own);
	tcase_add_test(c, the_histogram_can_be_read_back);
	tcase_add_test(c, what_did_not_run_has_no_figures);
	tcase_add_test(c, latency_that_cannot_be_told_is_null);
	tcase_add_test(c, percentiles_of_the_config_are_added);
	tcase_add_test(c, options_are_typed);
	tcase_add_test(c, the_client_is_named);
	tcase_add_test(c, a_client_that_was_never_met_is_not);
	tcase_add_test(c, every_key_is_in_the_document);
	tcase_add_test(c, every_key_is_in_the_schema);
	suite_add_tcase(all, c);
	return all;
}

UNIT_MAIN(suite)
