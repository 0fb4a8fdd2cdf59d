/* SPDX-License-Identifier: Apache-2.0 */
/* Every wait ends soon after a cancel, on both sides. */
#include <stdlib.h>

#include <weir/transport.h>

#include "core/base/clock.h"
#include "core/plugin/plugin.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/interrupt.h"
#include "tests/conformance/rig.h"

#define DELAY_NS (50 * NS_PER_MS)

/* Waits in recv, or in send once the channel is full, which may take long;
 * *ret_begun_ns is when the last call of it was made. */
static int
wait_for_ever(struct rig_end *end, bool sending, size_t len,
	      uint64_t *ret_begun_ns)
{
	unsigned char *buf = rig_buffer(end->rig, len);
	size_t got = 0;
	int status;

	memset(buf, 0, len);
	do {
		*ret_begun_ns = clock_now_ns();
		status = sending
				 ? end->ops->send(end->channel, buf, len, 0)
				 : end->ops->recv(end->channel, buf, len, &got);
	} while (sending && status == WEIR_OK);
	free(buf);
	return status;
}

static void
cancel_end(struct rig_end *end, bool sending, size_t len, uint64_t delay_ns)
{
	struct interrupt interrupt = { .end = end, .delay_ns = delay_ns };
	uint64_t begun_ns = 0;
	uint64_t call_ns;
	uint64_t took_ns;
	int status;

	interrupt_start(&interrupt);
	status = wait_for_ever(end, sending, len, &begun_ns);
	call_ns = clock_now_ns() - begun_ns;
	took_ns = interrupt_finish(&interrupt);
	if (took_ns > call_ns)
		took_ns = call_ns;
	rig_expect(end, status, WEIR_ECANCELED,
		   sending ? "a canceled send" : "a canceled recv");
	rig_check(end->rig, took_ns < RIG_NOTICE_NS,
		  "it took %llu ms to notice the cancel",
		  (unsigned long long)(took_ns / NS_PER_MS));
	rig_remark(end->rig, "after %llu us",
		   (unsigned long long)(took_ns / NS_PER_US));
}

static void
cancel_recv(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = rig_client_idle };

	rig_open(&pair);
	cancel_end(&pair.host.end[0], false, 4096, DELAY_NS);
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

static void
cancel_send(struct rig *rig)
{
	struct rig_pair pair = {
		.rig = rig,
		.client = rig_client_idle,
		.max_bytes = rig->parameter,
	};

	rig_open(&pair);
	cancel_end(&pair.host.end[0], true, (size_t)rig->parameter, DELAY_NS);
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

/* The flag is up before the wait begins. */
static void
cancel_early(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = rig_client_idle };
	struct rig_end *end = &pair.host.end[0];

	rig_open(&pair);
	__atomic_store_n(&end->cancel, 1, __ATOMIC_RELAXED);
	cancel_end(end, rig->parameter != 0, 4096, 0);
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

static void
canceled_client(struct rig_side *side)
{
	cancel_end(&side->end[0], side->parameter != 0, 4096, DELAY_NS);
	rig_tell(side, 'd');
	rig_await(side, 'q');
}

static void
cancel_client(struct rig *rig)
{
	struct rig_pair pair = {
		.rig = rig,
		.client = canceled_client,
		.parameter = rig->parameter,
	};

	rig_open(&pair);
	rig_await(&pair.host, 'd');
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

/* Both sides wait for each other and are canceled at the same time. */
static void
cancel_both(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = canceled_client };

	rig_open(&pair);
	cancel_end(&pair.host.end[0], false, 4096, DELAY_NS);
	rig_await(&pair.host, 'd');
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

/* A client that takes one message in 20 ms: the sender sleeps and wakes. */
static void
slow_client(struct rig_side *side)
{
	struct timespec ts = { .tv_nsec = 20 * (long)NS_PER_MS };
	uint64_t max = side->end[0].setup.max_message_bytes;

	for (uint32_t i = 0; i < 10; i++) {
		clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
		rig_receive(&side->end[0], max, i);
	}
	rig_await(side, 'q');
}

static void
cancel_not(struct rig *rig)
{
	struct rig_pair pair = {
		.rig = rig, .client = slow_client, .max_bytes = 100000,
		.or_less = true,
	};

	rig_open(&pair);
	for (uint32_t i = 0; i < 10; i++)
		rig_send(&pair.host.end[0], pair.max_bytes, i);
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

#define CASE(text, function, number, more_flags)                       \
	{                                                              \
		.name = text, .run = function, .parameter = (number),  \
		.modes = BATTERY_BOTH, .flags = (more_flags),          \
	}

const struct battery_case cases_cancel[] = {
	CASE("cancel in recv", cancel_recv, 0, BATTERY_CHOICES),
	CASE("cancel in send", cancel_send, 4096, BATTERY_CHOICES),
	CASE("cancel in send of 1", cancel_send, 1, 0),
	CASE("cancel in send of 4Mi", cancel_send, UINT64_C(4) << 20, 0),
	CASE("cancel before recv", cancel_early, 0, 0),
	CASE("cancel before send", cancel_early, 1, 0),
	CASE("cancel in the client's recv", cancel_client, 0, 0),
	CASE("cancel in the client's send", cancel_client, 1, 0),
	CASE("cancel on both sides", cancel_both, 0, 0),
	CASE("a slow receiver cancels nothing", cancel_not, 0, 0),
	{ 0 },
};
