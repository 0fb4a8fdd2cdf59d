/* SPDX-License-Identifier: Apache-2.0 */
/* Several messages by one call: as if they had gone one by one. */
#include <stdlib.h>

#include <weir/transport.h>

#include "core/base/clock.h"
#include "core/plugin/plugin.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/interrupt.h"
#include "tests/conformance/rig.h"

#define MANY_GAP 24u /* between messages; nobody may write there */
#define MANY_FILL 0xa5
#define MANY_ROUNDS 6u
#define LAST_MANY 5u
/* Where both sides spin on one CPU, a channel of one slot moves a message in
 * a turn of the scheduler: rounds that would take longer are left out. */
#define MANY_SURE 4u
#define MANY_ROUND_NS (5 * NS_PER_S)

static const size_t many_counts[MANY_ROUNDS] = {
	1, 2, 16, 65, 300, WEIR_MANY_MAX,
};

static size_t
many_stride(size_t len)
{
	return len + MANY_GAP;
}

static void
many_send(struct rig_end *end, size_t len, size_t n, uint32_t seed)
{
	size_t stride = many_stride(len);
	unsigned char *buf = rig_buffer(end->rig, n * stride);

	for (size_t i = 0; i < n; i++)
		rig_fill(buf + i * stride, len, seed + (uint32_t)i);
	rig_expect(end, end->ops->send_many(end->channel, buf, stride, len, n),
		   WEIR_OK, "send_many");
	free(buf);
}

/* One call, to where MANY_FILL is: how many came. Message i of them is of
 * length len, from seed + i on. */
static size_t
many_receive_some(struct rig_end *end, unsigned char *buf, size_t len,
		  size_t n, uint32_t seed)
{
	size_t cap = (size_t)end->setup.max_message_bytes;
	size_t stride = many_stride(cap), got = 0;
	size_t lens[WEIR_MANY_MAX] = { 0 };

	rig_expect(end, end->ops->recv_many(end->channel, buf, stride, cap, n,
					    lens, &got),
		   WEIR_OK, "recv_many");
	rig_check(end->rig, got >= 1 && got <= n,
		  "recv_many gives %zu messages where 1 to %zu were asked for",
		  got, n);
	for (size_t i = 0; i < got; i++) {
		unsigned char *at = buf + i * stride;

		rig_check(end->rig, lens[i] == len &&
			  rig_matches(at, len, seed + (uint32_t)i),
			  "message %u of %zu bytes arrives with %zu, or other "
			  "ones", seed + (uint32_t)i, len, lens[i]);
		for (size_t k = cap; k < stride; k++)
			rig_check(end->rig, at[k] == MANY_FILL,
				  "recv_many writes between the messages");
	}
	return got;
}

static void
many_receive(struct rig_end *end, size_t len, size_t n, uint32_t seed)
{
	size_t stride = many_stride((size_t)end->setup.max_message_bytes);
	unsigned char *buf = rig_buffer(end->rig, n * stride);

	memset(buf, MANY_FILL, n * stride);
	for (size_t got = 0; got < n;)
		got += many_receive_some(end, buf + got * stride, len, n - got,
					 seed + (uint32_t)got);
	free(buf);
}

/* Of the length that was agreed on, and of another one. */
static size_t
many_length(const struct rig_end *end, unsigned round)
{
	size_t max = (size_t)end->setup.max_message_bytes;

	return round % 2 ? max : rig_some_size(round, max);
}

/* Whether round r fits, at the pace of those before it. */
static bool
many_fits(unsigned r, uint64_t begun_ns)
{
	size_t n = 0;

	for (unsigned i = 0; i < r; i++)
		n += many_counts[i];
	return r < MANY_SURE || (clock_now_ns() - begun_ns) * many_counts[r] <=
					MANY_ROUND_NS * n;
}

static void
many_client(struct rig_side *side)
{
	struct rig_end *end = &side->end[0];
	unsigned n_rounds = 0;

	for (unsigned r; (r = rig_await_number(side)) < MANY_ROUNDS;) {
		many_receive(end, many_length(end, r), many_counts[r], r);
		n_rounds = r + 1;
	}
	for (unsigned r = 0; r < n_rounds; r++)
		many_send(end, many_length(end, r), many_counts[r], 7 * r);
	rig_await(side, 'q');
}

static void
many_there_and_back(struct rig *rig)
{
	struct rig_pair pair = {
		.rig = rig, .client = many_client,
		.max_bytes = rig->parameter, .or_less = true,
	};
	struct rig_end *end = &pair.host.end[0];
	unsigned n_rounds = 0;
	uint64_t begun_ns;

	rig_open(&pair);
	begun_ns = clock_now_ns();
	for (unsigned r = 0; r < MANY_ROUNDS && many_fits(r, begun_ns); r++) {
		rig_tell_number(&pair.host, r);
		many_send(end, many_length(end, r), many_counts[r], r);
		n_rounds = r + 1;
	}
	rig_tell_number(&pair.host, MANY_ROUNDS);
	if (n_rounds < MANY_ROUNDS)
		rig_remark(rig, "%zu at once would take too long here",
			   many_counts[n_rounds]);
	for (unsigned r = 0; r < n_rounds; r++)
		many_receive(end, many_length(end, r), many_counts[r], 7 * r);
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

/* Calls for one and for many take turns, on both sides. */
static void
mixed_client(struct rig_side *side)
{
	struct rig_end *end = &side->end[0];

	for (uint32_t r = 0; r < 20; r++) {
		rig_receive(end, 100, r);
		many_receive(end, 64, 5, r);
		many_receive(end, 100, 1, r);
		rig_receive(end, 64, r);
		rig_receive(end, 64, r + 1);
		rig_receive(end, 64, r + 2);
	}
	rig_await(side, 'q');
}

static void
many_mixed(struct rig *rig)
{
	struct rig_pair pair = {
		.rig = rig, .client = mixed_client, .max_bytes = 100,
	};
	struct rig_end *end = &pair.host.end[0];

	rig_open(&pair);
	for (uint32_t r = 0; r < 20; r++) {
		many_send(end, 100, 1, r);
		for (uint32_t i = 0; i < 5; i++)
			rig_send(end, 64, r + i);
		rig_send(end, 100, r);
		many_send(end, 64, 3, r);
	}
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

/* Sends back as many as came: there is room for them. */
static void
last_many_client(struct rig_side *side)
{
	unsigned n = rig_await_number(side);

	many_receive(&side->end[0], 64, n, 0);
	many_send(&side->end[0], 64, n, 0);
}

/* What was sent before the other side left is all received. A channel may
 * hold one message only: the host finds out how many can wait in it. */
static void
many_closed(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = last_many_client };
	struct rig_end *end = &pair.host.end[0];
	size_t lens[8], got = 0;
	unsigned char *buf = rig_buffer(rig, 8 * many_stride(4096));
	unsigned n;

	rig_open(&pair);
	n = rig_speak(end, 64, LAST_MANY);
	rig_tell_number(&pair.host, n);
	rig_join_client(&pair);
	if (n < LAST_MANY)
		rig_remark(rig, "%u messages of 64 fit", n);
	/* Asked for more than there are, it gives what there is. */
	memset(buf, MANY_FILL, 8 * many_stride(4096));
	for (unsigned i = 0; i < n;)
		i += (unsigned)many_receive_some(end, buf, 64, 8, i);
	rig_expect(end, end->ops->recv_many(end->channel, buf, 4096, 4096, 8,
					    lens, &got),
		   WEIR_EPEER, "recv_many after the other's close");
	rig_close(&pair);
	free(buf);
}

static void
many_too_long(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = rig_client_long };
	struct rig_end *end = &pair.host.end[0];
	size_t lens[4], got = 0;
	unsigned char buf[4 * 1100];

	memset(buf, MANY_FILL, sizeof(buf));
	rig_open(&pair);
	rig_expect(end, end->ops->recv_many(end->channel, buf, 1100, 1024, 4,
					    lens, &got),
		   WEIR_EPROTOCOL, "recv_many of 4096 bytes into 1024");
	for (size_t i = 1024; i < sizeof(buf); i++)
		rig_check(rig, buf[i] == MANY_FILL,
			  "recv_many writes behind the end of a message");
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

/* Waits in recv_many, or in send_many once the channel is full. */
static void
many_canceled(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = rig_client_idle };
	struct rig_end *end = &pair.host.end[0];
	struct interrupt interrupt = {
		.end = end, .delay_ns = 50 * NS_PER_MS,
	};
	unsigned char *buf = rig_buffer(rig, 64 * 4096);
	size_t lens[64], got = 0;
	int status;

	memset(buf, 0, 64 * 4096);
	rig_open(&pair);
	interrupt_start(&interrupt);
	do {
		status = rig->parameter ?
				 end->ops->send_many(end->channel, buf, 4096,
						     4096, 64) :
				 end->ops->recv_many(end->channel, buf, 4096,
						     4096, 64, lens, &got);
	} while (status == WEIR_OK);
	rig_check(rig, interrupt_finish(&interrupt) < RIG_NOTICE_NS,
		  "it took too long to notice the cancel");
	rig_expect(end, status, WEIR_ECANCELED, "a canceled call for many");
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
	free(buf);
}

#define CASE(text, function, number, more_flags)                       \
	{                                                              \
		.name = text, .run = function, .parameter = (number),  \
		.needs = WEIR_CAP_MANY, .modes = BATTERY_BOTH,         \
		.flags = (more_flags),                                 \
	}

const struct battery_case cases_many[] = {
	CASE("many of 64", many_there_and_back, 64, BATTERY_CHOICES),
	CASE("many of 4096", many_there_and_back, 4096, 0),
	CASE("many of 20000", many_there_and_back, 20000, 0),
	CASE("one and many by turns", many_mixed, 0, BATTERY_CHOICES),
	CASE("many, then the end", many_closed, 0, BATTERY_CHOICES),
	CASE("many refuse what is too long", many_too_long, 0, 0),
	CASE("cancel in recv_many", many_canceled, 0, 0),
	CASE("cancel in send_many", many_canceled, 1, 0),
	{ 0 },
};
