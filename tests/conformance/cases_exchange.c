/* SPDX-License-Identifier: Apache-2.0 */
/* Messages go over, whole, in order, and to the other side. */
#include <stdlib.h>

#include <weir/transport.h>

#include "core/base/clock.h"
#include "core/plugin/plugin.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/interrupt.h"
#include "tests/conformance/rig.h"

#define BURST_MESSAGES 300u
#define BURST_BYTES_MAX 70000u
#define KI UINT64_C(1024)
#define MI (KI * KI)

static void
echo_some(struct rig_end *end, unsigned n, size_t len)
{
	for (unsigned i = 0; i < n; i++) {
		rig_send(end, len, i);
		rig_receive(end, len, i);
	}
}

/* Question and answer differ, so that no side can do without the other, and
 * what one direction damages the other can't repair. */
#define ANSWER 1000u
#define SPLIT_BYTES (256 * KI)
#define SPLIT_MESSAGES 12u

/* Large messages are dear where both sides spin and have one CPU: with other
 * than the default options, they go once. */
static unsigned
echo_rounds(const struct rig *rig, uint64_t len)
{
	if (len < MI)
		return 10;
	return rig->plain ? 2 : 1;
}

static void
answer_client(struct rig_side *side)
{
	size_t len = (size_t)side->parameter;

	for (uint32_t i = 0; i < echo_rounds(side->rig, len); i++) {
		rig_receive(&side->end[0], len, i);
		rig_send(&side->end[0], len, ANSWER + i);
	}
	rig_await(side, 'q');
}

/* The size is the largest that was agreed on, and it fits. */
static void
exchange_echo(struct rig *rig)
{
	struct rig_pair pair = {
		.rig = rig,
		.client = answer_client,
		.max_bytes = rig->parameter,
		.parameter = rig->parameter,
	};
	size_t len = (size_t)rig->parameter;

	rig_open(&pair);
	for (uint32_t i = 0; i < echo_rounds(rig, len); i++) {
		rig_send(&pair.host.end[0], len, i);
		rig_receive(&pair.host.end[0], len, ANSWER + i);
	}
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

/* The client waits in recv while the host has not accepted yet. */
static void
exchange_before_accept(struct rig *rig)
{
	struct rig_pair pair = {
		.rig = rig, .client = answer_client, .parameter = 64,
		.early = true,
	};

	if (!rig->plugin->ops.accept)
		rig_skip(rig, "no accept");
	rig_open(&pair);
	for (uint32_t i = 0; i < echo_rounds(rig, 64); i++) {
		rig_send(&pair.host.end[0], 64, i);
		rig_receive(&pair.host.end[0], 64, ANSWER + i);
	}
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

/* Of a loopback, each side hears itself; bytes beyond the first 16 may be
 * made up. */
static void
exchange_loopback_side(struct rig_end *end, size_t len)
{
	unsigned char *buf = rig_buffer(end->rig, len);
	size_t got = 0;

	for (unsigned i = 0; i < 10; i++) {
		rig_fill(buf, len, i);
		rig_expect(end, end->ops->send(end->channel, buf, len, 0),
			   WEIR_OK, "send");
		memset(buf, 0, len);
		rig_expect(end, end->ops->recv(end->channel, buf, len, &got),
			   WEIR_OK, "recv");
		rig_check(end->rig, got == len,
			  "recv gives %zu bytes instead of %zu", got, len);
		rig_check(end->rig, rig_matches(buf, len < 16 ? len : 16, i),
			  "message %u has other content", i);
	}
	free(buf);
}

static void
exchange_loopback(struct rig *rig)
{
	struct rig_end host;
	struct rig_end client;
	struct weir_offer offer;
	struct weir_error err = { 0 };

	rig_end_init(&host, rig, WEIR_SIDE_HOST, rig->parameter);
	rig_end_init(&client, rig, WEIR_SIDE_CLIENT, rig->parameter);
	rig_offer(&host, &offer);
	rig_expect(&client,
		   client.ops->join(&client.setup, &offer, &client.channel,
				    &err), WEIR_OK, "join");
	rig_offer_close(&offer);
	exchange_loopback_side(&host, (size_t)rig->parameter);
	exchange_loopback_side(&client, (size_t)rig->parameter);
	rig_close_end(&host);
	rig_close_end(&client);
}

static void
send_burst(struct rig_end *end)
{
	size_t max = end->setup.max_message_bytes;

	for (uint32_t i = 0; i < BURST_MESSAGES; i++)
		rig_send(end, rig_some_size(i, max), i);
}

static void
receive_burst(struct rig_end *end)
{
	size_t max = end->setup.max_message_bytes;

	for (uint32_t i = 0; i < BURST_MESSAGES; i++)
		rig_receive(end, rig_some_size(i, max), i);
}

static void
burst_client(struct rig_side *side)
{
	receive_burst(&side->end[0]);
	send_burst(&side->end[0]);
	rig_await(side, 'q');
}

static void
exchange_burst(struct rig *rig)
{
	struct rig_pair pair = {
		.rig = rig,
		.client = burst_client,
		.max_bytes = BURST_BYTES_MAX,
		.or_less = true,
	};

	rig_open(&pair);
	send_burst(&pair.host.end[0]);
	receive_burst(&pair.host.end[0]);
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

static void
exchange_small_after_large(struct rig *rig)
{
	struct rig_pair pair = {
		.rig = rig,
		.client = rig_client_echo,
		.max_bytes = MI,
		.or_less = true,
	};

	rig_open(&pair);
	for (unsigned i = 0; i < 2; i++) {
		echo_some(&pair.host.end[0], 2, 1);
		echo_some(&pair.host.end[0], 1, pair.max_bytes);
		echo_some(&pair.host.end[0], 1, pair.max_bytes - 1);
	}
	rig_close(&pair);
}

/* A lone message is not held back for the next one. */
static void
lone_client(struct rig_side *side)
{
	for (uint32_t i = 0; i < 20; i++) {
		rig_receive(&side->end[0], 64, i);
		rig_tell(side, 'r');
	}
	rig_await(side, 'q');
}

static void
exchange_lone_message(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = lone_client };

	rig_open(&pair);
	for (uint32_t i = 0; i < 20; i++) {
		rig_send(&pair.host.end[0], 64, i);
		rig_await(&pair.host, 'r');
	}
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

/* A ring that served both directions would give the host its own request,
 * and a round trip without any other side. */
static void
exchange_own_message(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = rig_client_idle };
	struct rig_end *end = &pair.host.end[0];
	struct interrupt interrupt = {
		.end = end, .delay_ns = 50 * NS_PER_MS,
	};
	unsigned char buf[4096];
	size_t got = 0;
	int status;

	rig_open(&pair);
	rig_send(end, 64, 1);
	interrupt_start(&interrupt);
	status = end->ops->recv(end->channel, buf, sizeof(buf), &got);
	interrupt_finish(&interrupt);
	rig_expect(end, status, WEIR_ECANCELED,
		   "recv of what no other side has sent");
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

static void
two_client(struct rig_side *side)
{
	for (uint32_t i = 0; i < 20; i++) {
		rig_receive(&side->end[1], 1000, 500 + i);
		rig_receive(&side->end[0], 100, i);
		rig_send(&side->end[0], 200, 700 + i);
		rig_send(&side->end[1], 300, 900 + i);
	}
	rig_await(side, 'q');
}

static void
exchange_two_channels(struct rig *rig)
{
	struct rig_pair pair = {
		.rig = rig,
		.client = two_client,
		.n_channels = 2,
	};

	rig_open(&pair);
	for (uint32_t i = 0; i < 20; i++) {
		rig_send(&pair.host.end[0], 100, i);
		rig_send(&pair.host.end[1], 1000, 500 + i);
		rig_receive(&pair.host.end[1], 300, 900 + i);
		rig_receive(&pair.host.end[0], 200, 700 + i);
	}
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

/* One of two channels ends; the other goes on. */
static void
one_of_two_client(struct rig_side *side)
{
	rig_close_end(&side->end[1]);
	rig_client_echo(side);
}

static void
exchange_one_of_two_closes(struct rig *rig)
{
	struct rig_pair pair = {
		.rig = rig,
		.client = one_of_two_client,
		.n_channels = 2,
	};

	rig_open(&pair);
	rig_close_end(&pair.host.end[1]);
	echo_some(&pair.host.end[0], 10, 1000);
	rig_close(&pair);
}

static void
exchange_receive_too_long(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = rig_client_long };
	struct rig_end *end = &pair.host.end[0];
	unsigned char buf[4096];
	size_t got = 0;

	memset(buf, 0x5a, sizeof(buf));
	rig_open(&pair);
	rig_expect(end, end->ops->recv(end->channel, buf, 1024, &got),
		   WEIR_EPROTOCOL, "recv of 4096 bytes into 1024");
	for (size_t i = 1024; i < sizeof(buf); i++)
		rig_check(rig, buf[i] == 0x5a,
			  "recv writes behind the end of the buffer");
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

static void
exchange_send_too_long(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = rig_client_idle };
	struct rig_end *end = &pair.host.end[0];
	unsigned char *buf = rig_buffer(rig, 4097);

	memset(buf, 0, 4097);
	rig_open(&pair);
	rig_expect(end, end->ops->send(end->channel, buf, 4097, 0),
		   WEIR_ETOOBIG, "send of 4097 bytes where 4096 are agreed on");
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
	free(buf);
}

/* Leaves the host time to be interrupted, in send and in recv. */
static void
hesitant_client(struct rig_side *side)
{
	struct timespec ts = { .tv_nsec = 4 * (long)NS_PER_MS };

	for (uint32_t i = 0; i < SPLIT_MESSAGES; i++) {
		size_t len = i % 2 ? 100 : SPLIT_BYTES;

		clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
		rig_receive(&side->end[0], len, i);
		clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
		rig_send(&side->end[0], len, ANSWER + i);
	}
	rig_await(side, 'q');
}

/* Signals that mean nothing may split system calls, but no message. */
static void
exchange_interrupted(struct rig *rig)
{
	struct rig_pair pair = {
		.rig = rig,
		.client = hesitant_client,
		.max_bytes = SPLIT_BYTES,
	};
	struct interrupt interrupt = {
		.end = &pair.host.end[0],
		.only_interrupt = true,
		.period_ns = NS_PER_MS / 2,
	};

	rig_open(&pair);
	interrupt_start(&interrupt);
	for (uint32_t i = 0; i < SPLIT_MESSAGES; i++) {
		size_t len = i % 2 ? 100 : SPLIT_BYTES;

		rig_send(&pair.host.end[0], len, i);
		rig_receive(&pair.host.end[0], len, ANSWER + i);
	}
	interrupt_finish(&interrupt);
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

static void
check_counters(const struct rig_end *end)
{
	struct weir_counters counters = { .size = sizeof(counters) };
	struct weir_counters again = counters;

	if (!end->ops->collect)
		return;
	end->ops->collect(end->channel, &counters);
	end->ops->collect(end->channel, &again);
	rig_check(end->rig, counters.n <= WEIR_COUNTERS_MAX,
		  "collect gives %u counters", counters.n);
	for (uint32_t i = 0; i < counters.n; i++) {
		const char *name = counters.at[i].name;
		size_t len = strnlen(name, WEIR_COUNTER_NAME_BYTES);

		rig_check(end->rig, len > 0 && len < WEIR_COUNTER_NAME_BYTES,
			  "the name of counter %u has no end or no beginning",
			  i);
		rig_check(end->rig,
			  strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")
				  == len,
			  "the name of counter \"%s\" is not lower case",
			  name);
		rig_check(end->rig, counters.at[i].value <= INT64_MAX,
			  "counter \"%s\" went below zero", name);
		rig_check(end->rig,
			  again.n == counters.n &&
				  again.at[i].value == counters.at[i].value,
			  "collect gives another \"%s\" when called again",
			  name);
		for (uint32_t j = 0; j < i; j++)
			rig_check(end->rig,
				  strcmp(counters.at[j].name, name) != 0,
				  "counter \"%s\" is there twice", name);
	}
}

static void
counters_client(struct rig_side *side)
{
	rig_client_echo(side);
	check_counters(&side->end[0]);
}

static void
exchange_counters(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = counters_client };

	rig_open(&pair);
	check_counters(&pair.host.end[0]);
	echo_some(&pair.host.end[0], 10, 100);
	check_counters(&pair.host.end[0]);
	rig_close(&pair);
}

/* Sent as "more follows", then completed in each of the ways there are. */
static void
more_client(struct rig_side *side)
{
	for (uint32_t i = 0; i < 10; i++)
		rig_receive(&side->end[0], 100 + i, i);
	rig_tell(side, 'd');
	rig_await(side, 'q');
}

static void
exchange_more(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = more_client };
	struct rig_end *end = &pair.host.end[0];
	unsigned char buf[128];

	rig_open(&pair);
	for (uint32_t i = 0; i < 10; i++) {
		bool more = i != 4 && (i < 9 || end->ops->flush);

		rig_fill(buf, 100 + i, i);
		rig_expect(end, end->ops->send(end->channel, buf, 100 + i,
					       more ? WEIR_SEND_MORE : 0),
			   WEIR_OK, "send");
	}
	if (end->ops->flush)
		rig_expect(end, end->ops->flush(end->channel), WEIR_OK,
			   "flush");
	rig_await(&pair.host, 'd');
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

#define ECHO(text, bytes, more_modes, more_flags)                  \
	{                                                          \
		.name = "echo " text, .run = exchange_echo,        \
		.parameter = (bytes),                              \
		.modes = BATTERY_BOTH | (more_modes),              \
		.flags = (more_flags),                             \
	}
#define LOOPBACK(text, bytes)                                      \
	{                                                          \
		.name = "loopback " text, .run = exchange_loopback, \
		.parameter = (bytes), .modes = BATTERY_THREAD,     \
		.needs = WEIR_CAP_LOOPBACK,                        \
		.flags = BATTERY_LOOPBACK | BATTERY_CHOICES,       \
	}
#define CASE(text, function)                                       \
	{                                                          \
		.name = text, .run = function, .modes = BATTERY_BOTH, \
	}

const struct battery_case cases_exchange[] = {
	ECHO("1", 1, 0, 0),
	ECHO("63", 63, 0, 0),
	ECHO("64", 64, 0, 0),
	ECHO("4095", 4095, 0, 0),
	ECHO("4096", 4096, BATTERY_LATE, BATTERY_CHOICES),
	ECHO("65536", 65536, 0, BATTERY_CHOICES),
	ECHO("1Mi", MI, 0, 0),
	ECHO("16Mi", 16 * MI, 0, 0),
	LOOPBACK("1", 1),
	LOOPBACK("4096", 4096),
	LOOPBACK("16Mi", 16 * MI),
	CASE("the client receives before accept", exchange_before_accept),
	CASE("burst of mixed sizes each way", exchange_burst),
	CASE("small after large", exchange_small_after_large),
	CASE("a lone message does not wait", exchange_lone_message),
	CASE("own message never comes back", exchange_own_message),
	CASE("two channels do not mix", exchange_two_channels),
	CASE("one of two channels closes", exchange_one_of_two_closes),
	CASE("receive refuses what is too long", exchange_receive_too_long),
	CASE("send refuses what is too long", exchange_send_too_long),
	CASE("signals split no message", exchange_interrupted),
	CASE("counters are well formed", exchange_counters),
	CASE("more, then the last or flush", exchange_more),
	{ 0 },
};
