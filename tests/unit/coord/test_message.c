/* SPDX-License-Identifier: Apache-2.0 */
#include "core/coord/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/rand.h"
#include "core/config/plan.h"
#include "core/measure/lane.h"
#include "tests/unit/unit.h"

static struct message in, out;
static struct weir_error err;

static int
decode(const char *text)
{
	memset(&err, 0, sizeof(err));
	return message_decode(text, strlen(text), &out, &err);
}

/* Encodes `in`, decodes it into `out`, and checks that encoding that again
 * gives the same text. */
static void
there_and_back(void)
{
	char *text, *again;
	size_t len, len_again;

	ck_assert_int_eq(message_encode(&in, &text, &len, &err), WEIR_OK);
	ck_assert_msg(message_decode(text, len, &out, &err) == WEIR_OK, "%s",
		      err.text);
	ck_assert_int_eq(message_encode(&out, &again, &len_again, &err),
			 WEIR_OK);
	ck_assert_str_eq(text, again);
	ck_assert_int_eq(out.type, in.type);
	free(text);
	free(again);
}

static void
make_setup(void)
{
	struct message_setup *setup = &in.setup;

	memset(&in, 0, sizeof(in));
	in.type = MESSAGE_SETUP;
	snprintf(setup->cell, sizeof(setup->cell), "uds/one_way/64/process/2");
	snprintf(setup->plugin, sizeof(setup->plugin), "uds");
	snprintf(setup->transport, sizeof(setup->transport), "stream");
	setup->boundary = PLAN_CONTAINER;
	setup->trial = 3;
	setup->pattern = LANE_ONE_WAY;
	setup->size_bytes = 64;
	setup->count = UINT64_MAX;
	setup->duration_ns = 123456789;
	setup->n_all_channels = setup->n_channels = 2;
	setup->cpus[1] = -1;
	setup->n_options = setup->n_further = 1;
	setup->options = calloc(1, sizeof(*setup->options));
	setup->further = calloc(1, sizeof(*setup->further));
	ck_assert(setup->options && setup->further);
	snprintf(setup->further[0].name, sizeof(setup->further[0].name),
		 "batch");
	snprintf(setup->further[0].text, sizeof(setup->further[0].text), "8");
	snprintf(setup->options[0].name, sizeof(setup->options[0].name),
		 "wait");
	snprintf(setup->options[0].text, sizeof(setup->options[0].text),
		 "a \"quoted\"\n text");
}

static void
make_result(void)
{
	struct report *report = &in.result;

	memset(&in, 0, sizeof(in));
	in.type = MESSAGE_RESULT;
	report_init(report);
	report->integrity.received = UINT64_MAX;
	report->started_ns = (UINT64_C(1) << 53) + 1;
	report->counters.size = sizeof(report->counters);
	weir_counters_add(&report->counters, "syscalls", UINT64_MAX - 1);
	snprintf(report->cpus, sizeof(report->cpus), "0;1");
	report->latency = histogram_create();
	histogram_record(report->latency, 100);
	histogram_record(report->latency, 5000000);
}

START_TEST(hello_survives)
{
	memset(&in, 0, sizeof(in));
	in.type = MESSAGE_HELLO;
	in.hello.protocol = MESSAGE_PROTOCOL;
	in.hello.abi = WEIR_ABI;
	facts_add_text(&in.hello.facts, "kernel", "Linux");
	facts_add_number(&in.hello.facts, "memory_bytes", 25769803776.0);
	facts_add_bool(&in.hello.facts, "pinned", true);
	there_and_back();
	ck_assert_uint_eq(out.hello.facts.n, 3);
	ck_assert_str_eq(facts_get(&out.hello.facts, "kernel")->text, "Linux");
}
END_TEST

/* What else it says is this one's affair only. */
START_TEST(hello_of_another_protocol_says_whose_it_is)
{
	const char text[] = "{\"type\":\"hello\",\"protocol\":\"2\","
			    "\"tool\":\"0.0.9\",\"magic\":\"weir-control\"}";

	ck_assert_int_eq(message_decode(text, strlen(text), &out, &err),
			 WEIR_OK);
	ck_assert_uint_eq(out.hello.protocol, 2);
	ck_assert_str_eq(out.hello.tool, "0.0.9");
}
END_TEST

START_TEST(setup_survives)
{
	make_setup();
	there_and_back();
	ck_assert_uint_eq(out.setup.count, UINT64_MAX);
	ck_assert_str_eq(out.setup.transport, "stream");
	ck_assert_uint_eq(out.setup.boundary, PLAN_CONTAINER);
	ck_assert_uint_eq(out.setup.trial, 3);
	ck_assert_int_eq(out.setup.cpus[1], -1);
	ck_assert_str_eq(out.setup.options[0].text, "a \"quoted\"\n text");
	ck_assert_str_eq(out.setup.further[0].name, "batch");
	ck_assert_int_eq(out.setup.axes.batch, 8);
	message_fini(&in);
	message_fini(&out);
}
END_TEST

START_TEST(offer_and_fail_survive)
{
	memset(&in, 0, sizeof(in));
	in.type = MESSAGE_OFFER;
	in.offer.channel = 3;
	in.offer.n_fds = MESSAGE_FDS_MAX;
	snprintf(in.offer.address, sizeof(in.offer.address), "weir-1.sock");
	there_and_back();
	memset(&in, 0, sizeof(in));
	in.type = MESSAGE_FAIL;
	in.fail.status = WEIR_ETOOBIG;
	snprintf(in.fail.text, sizeof(in.fail.text), "too big");
	there_and_back();
	ck_assert_str_eq(out.fail.text, "too big");
}
END_TEST

START_TEST(plain_messages_survive)
{
	static const enum message_type types[] = {
		MESSAGE_JOINED, MESSAGE_ARRIVE, MESSAGE_GO, MESSAGE_BEAT,
		MESSAGE_BYE
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		memset(&in, 0, sizeof(in));
		in.type = types[i];
		there_and_back();
	}
}
END_TEST

START_TEST(result_keeps_every_digit)
{
	make_result();
	there_and_back();
	ck_assert_uint_eq(out.result.integrity.received, UINT64_MAX);
	ck_assert_uint_eq(out.result.started_ns, (UINT64_C(1) << 53) + 1);
	ck_assert_uint_eq(out.result.counters.at[0].value, UINT64_MAX - 1);
	ck_assert_uint_eq(out.result.latency->samples, 2);
	ck_assert_uint_eq(out.result.latency->min_ns, 100);
	ck_assert_uint_eq(out.result.latency->sum_ns, 5000100);
	message_fini(&in);
	message_fini(&out);
}
END_TEST

START_TEST(an_empty_histogram_survives)
{
	make_result();
	histogram_reset(in.result.latency);
	there_and_back();
	ck_assert_uint_eq(out.result.latency->samples, 0);
	message_fini(&in);
	message_fini(&out);
}
END_TEST

#define IN_QUOTES(number) "\"" #number "\""
#define QUOTED(number) IN_QUOTES(number)
#define GREETING                                                           \
	"{\"type\":\"hello\",\"protocol\":" QUOTED(MESSAGE_PROTOCOL)       \
	",\"abi\":\"1\",\"beat_ns\":\"1\",\"tool\":\"x\",\"magic\":"

/* What is refused, and a piece of the sentence that says why. */
static const struct {
	const char *text;
	const char *why;
} refused[] = {
	{ "", "not valid JSON" },
	{ "nonsense", "not valid JSON" },
	{ "{\"type\":\"beat\"} x", "not valid JSON" },
	{ "[]", "not a JSON object" },
	{ "{}", "\"type\" is missing" },
	{ "{\"type\":7}", "no type of control message" },
	{ "{\"type\":\"joke\"}", "no type of control message" },
	{ "{\"type\":\"beat\",\"type\":\"bye\"}", "\"type\" is there twice" },
	{ "{\"type\":\"go\"}", "\"phase\" is missing" },
	{ "{\"type\":\"go\",\"phase\":1}", "\"phase\" is not a decimal" },
	{ "{\"type\":\"go\",\"phase\":\"3\"}", "at most 2" },
	{ "{\"type\":\"go\",\"phase\":\"-1\"}", "not a decimal" },
	{ "{\"type\":\"go\",\"phase\":\"\"}", "not a decimal" },
	{ "{\"type\":\"go\",\"phase\":\"99999999999999999999\"}",
	  "not a decimal" },
	{ "{\"type\":\"offer\",\"channel\":\"0\",\"n_fds\":\"19\","
	  "\"address\":\"\"}", "\"n_fds\"" },
	{ GREETING "\"fake\",\"facts\":{}}", "is not weir" },
	{ GREETING "\"weir-control\",\"facts\":{\"a\":1,\"a\":2}}",
	  "\"facts\" holds a key" },
	{ GREETING "\"weir-control\",\"facts\":{\"A b\":1}}",
	  "\"facts\" holds a key" },
};

START_TEST(bad_messages_are_refused)
{
	ck_assert_int_eq(decode(refused[_i].text), WEIR_EPROTOCOL);
	ck_assert_msg(strstr(err.text, refused[_i].why), "%s", err.text);
	ck_assert_ptr_nonnull(strstr(err.text, "is refused: "));
}
END_TEST

START_TEST(a_nul_byte_is_refused)
{
	ck_assert_int_eq(message_decode("{\"type\":\"be\0at\"}", 16, &out,
					&err), WEIR_EPROTOCOL);
}
END_TEST

START_TEST(long_texts_are_refused)
{
	static char text[4 * MESSAGE_TEXT_BYTES];
	static char filler[2 * MESSAGE_TEXT_BYTES];

	memset(filler, 'x', sizeof(filler) - 1);
	snprintf(text, sizeof(text), "{\"type\":\"fail\",\"status\":\"1\","
		 "\"text\":\"%s\"}", filler);
	ck_assert_int_eq(decode(text), WEIR_EPROTOCOL);
	ck_assert_ptr_nonnull(strstr(err.text, "\"text\" is not a text"));
}
END_TEST

START_TEST(deep_nesting_is_refused)
{
	static char text[200000];

	memset(text, '[', sizeof(text) - 1);
	ck_assert_int_eq(decode(text), WEIR_EPROTOCOL);
}
END_TEST

START_TEST(channels_out_of_range_are_refused)
{
	char *text;
	size_t len;

	make_setup();
	in.setup.first_channel = 1; /* 1 + 2 > 2 */
	ck_assert_int_eq(message_encode(&in, &text, &len, &err), WEIR_OK);
	ck_assert_int_eq(decode(text), WEIR_EPROTOCOL);
	ck_assert_ptr_nonnull(strstr(err.text, "out of range"));
	free(text);
	message_fini(&in);
}
END_TEST

START_TEST(axes_that_are_none_are_refused)
{
	static const char *const names[] = { "size", "sise", "" };
	char *text;
	size_t len;

	make_setup();
	snprintf(in.setup.further[0].name, sizeof(in.setup.further[0].name),
		 "%s", names[_i]);
	ck_assert_int_eq(message_encode(&in, &text, &len, &err), WEIR_OK);
	ck_assert_int_eq(decode(text), WEIR_EPROTOCOL);
	ck_assert_msg(strstr(err.text, "\"axes\" holds"), "%s", err.text);
	free(text);
	message_fini(&in);
}
END_TEST

/* As many as there may be, and one more. */
START_TEST(options_are_bounded)
{
	char *text;
	size_t len;

	make_setup();
	free(in.setup.options);
	in.setup.n_options = MESSAGE_OPTIONS_MAX + (uint64_t)_i;
	in.setup.options = calloc(in.setup.n_options,
				  sizeof(*in.setup.options));
	ck_assert_ptr_nonnull(in.setup.options);
	for (uint64_t i = 0; i < in.setup.n_options; i++)
		snprintf(in.setup.options[i].name,
			 sizeof(in.setup.options[i].name), "o%u", (unsigned)i);
	ck_assert_int_eq(message_encode(&in, &text, &len, &err), WEIR_OK);
	ck_assert_int_eq(decode(text), _i ? WEIR_EPROTOCOL : WEIR_OK);
	ck_assert_uint_eq(out.setup.n_options, _i ? 0 : MESSAGE_OPTIONS_MAX);
	free(text);
	message_fini(&in);
	message_fini(&out);
}
END_TEST

/* It lies on the stack of many functions. */
START_TEST(a_message_is_small)
{
	ck_assert_uint_le(sizeof(struct message), 24 << 10);
}
END_TEST

/* Changed in random places, a message gives a message or an error; the
 * sanitizers watch. */
START_TEST(any_bytes_give_a_message_or_an_error)
{
	struct rand rand;
	char *text, *changed;
	size_t len;

	if (_i == 0)
		make_setup();
	else
		make_result();
	ck_assert_int_eq(message_encode(&in, &text, &len, &err), WEIR_OK);
	changed = malloc(len);
	rand_init(&rand, 7 + (uint64_t)_i);
	for (int round = 0; round < 3000; round++) {
		size_t n = 1 + rand_below(&rand, 4);

		memcpy(changed, text, len);
		while (n-- > 0)
			changed[rand_below(&rand, len)] =
				(char)rand_below(&rand, 256);
		if (message_decode(changed, rand_below(&rand, 8) ? len :
				   rand_below(&rand, len), &out, &err) ==
		    WEIR_OK)
			message_fini(&out);
	}
	free(changed);
	free(text);
	message_fini(&in);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("coord/message");
	TCase *c = tcase_create("message");

	tcase_add_test(c, hello_survives);
	tcase_add_test(c, hello_of_another_protocol_says_whose_it_is);
	tcase_add_test(c, setup_survives);
	tcase_add_test(c, offer_and_fail_survive);
	tcase_add_test(c, plain_messages_survive);
	tcase_add_test(c, result_keeps_every_digit);
	tcase_add_test(c, an_empty_histogram_survives);
	tcase_add_loop_test(c, bad_messages_are_refused, 0,
			    sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(c, a_nul_byte_is_refused);
	tcase_add_test(c, long_texts_are_refused);
	tcase_add_test(c, deep_nesting_is_refused);
	tcase_add_test(c, channels_out_of_range_are_refused);
	tcase_add_loop_test(c, axes_that_are_none_are_refused, 0, 3);
	tcase_add_loop_test(c, options_are_bounded, 0, 2);
	tcase_add_test(c, a_message_is_small);
	tcase_add_loop_test(c, any_bytes_give_a_message_or_an_error, 0, 2);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
