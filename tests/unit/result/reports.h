/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What both sides of a sample's trials report.
 */
#ifndef TESTS_UNIT_RESULT_REPORTS_H
#define TESTS_UNIT_RESULT_REPORTS_H

#include "tests/unit/result/sample.h"

#define SAMPLE_UNUSED __attribute__((unused))

static void
sample_latency(struct report *r, uint64_t n, uint64_t first_ns,
	       uint64_t step_ns)
{
	r->latency = histogram_create();
	ck_assert_ptr_nonnull(r->latency);
	for (uint64_t i = 0; i < n; i++)
		histogram_record(r->latency, first_ns + i * step_ns);
}

/* Reports of n good round trips that the host began, 1000 ns each. */
SAMPLE_UNUSED static void
sample_round_trips(struct sample *s, uint64_t n)
{
	report_fini(&s->host);
	report_fini(&s->client);
	s->host.integrity = (struct report_integrity){ .sent = n,
						       .received = n };
	s->client.integrity = s->host.integrity;
	s->host.started_ns = 1000000;
	s->host.ended_ns = 1000000 + n * 1000;
	s->host.first_message_ns = 5000;
	s->host.cpu_user_ns = n * 300;
	s->host.cpu_system_ns = n * 200;
	s->host.voluntary_switches = n * 2;
	s->client.cpu_system_ns = n * 400;
	s->client.involuntary_switches = n;
	weir_counters_add(&s->host.counters, "syscalls", 2 * n);
	weir_counters_add(&s->client.counters, "sndbuf_bytes", 4096);
	snprintf(s->host.cpus, sizeof(s->host.cpus), "0");
	snprintf(s->client.cpus, sizeof(s->client.cpus), "1");
	sample_latency(&s->host, n, 900, 1);
}

/* Reports of n messages from the host to the client, 100 ns each; the
 * client's first receipt is 700 ns after the host's first send. */
SAMPLE_UNUSED static void
sample_one_way(struct sample *s, uint64_t n)
{
	report_fini(&s->host);
	report_fini(&s->client);
	s->host.integrity.sent = n;
	s->host.exchange = (struct report_exchange){ .meetings = 2,
						     .error_ns = 120 };
	s->client.integrity.received = n;
	s->host.started_ns = 1000000;
	s->host.ended_ns = 1000000 + n * 90;
	s->client.started_ns = 1000700;
	s->client.ended_ns = 1000000 + n * 100;
	s->client.first_message_ns = 7000;
	s->host.cpu_user_ns = n * 50;
	s->client.cpu_user_ns = n * 60;
	sample_latency(&s->client, n, 700, 1);
}

SAMPLE_UNUSED static void
sample_add_sides(struct sample *s, size_t cell, uint32_t trial,
		 bool comparable, bool loopback)
{
	struct result_sides sides = { .host = &s->host,
				      .client = &s->client,
				      .comparable_clocks = comparable,
				      .loopback = loopback };
	struct weir_error err = { 0 };

	ck_assert_msg(!result_add_trial(s->result, cell, trial, 100 * trial,
					&sides, &err), "%s", err.text);
}

SAMPLE_UNUSED static void
sample_add(struct sample *s, size_t cell, uint32_t trial)
{
	sample_add_sides(s, cell, trial, true, false);
}

SAMPLE_UNUSED static void
sample_add_failure(struct sample *s, size_t cell, uint32_t trial,
		   enum result_status status, int fault, const char *text)
{
	struct weir_error why = { 0 };

	weir_error_set(&why, fault, "%s", text);
	ck_assert_int_eq(result_add_failure(s->result, cell, trial,
					    100 * trial, status, &why),
			 WEIR_OK);
}

SAMPLE_UNUSED static void
sample_finish(struct sample *s)
{
	struct weir_error err = { 0 };

	ck_assert_msg(!result_finish(s->result, &err), "%s", err.text);
}

#endif
