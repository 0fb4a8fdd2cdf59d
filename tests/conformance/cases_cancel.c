/* SPDX-License-Identifier: Apache-2.0 */
/* Every wait ends soon after a cancel, on both sides. */
#include <stdlib.h>
#include <string.h>

#include <weir/transport.h>

#include "core/base/clock.h"
#include "core/plugin/plugin.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/interrupt.h"
#include "tests/conformance/rig.h"

#define DELAY_NS (50 * NS_PER_MS)

/* ---- calls that wait: each returns its status ------------------------ */

static int
call_recv(struct rig_end *end, unsigned char *buf, size_t len)
{
	size_t got = 0;

	return end->ops->recv(end->channel, buf, len, &got);
}

static int
call_send(struct rig_end *end, unsigned char *buf, size_t len)
{
	return end->ops->send(end->channel, buf, len, 0);
}

static int
call_recv_until(struct rig_end *end, unsigned char *buf, size_t len)
{
	size_t got = 0;

	return end->ops->recv_until(end->channel, buf, len, &got,
				    clock_deadline_ns(RIG_PATIENCE_NS));
}

static int
call_borrow(struct rig_end *end, unsigned char *buf, size_t len)
{
	const void *at = NULL;

	(void)buf;
	return end->ops->borrow(end->channel, &at, &len);
}

static int
call_loan(struct rig_end *end, unsigned char *buf, size_t len)
{
	void *at = NULL;
	int status = end->ops->loan(end->channel, len, &at);

	if (status != WEIR_OK)
		return status;
	memcpy(at, buf, len);
	return end->ops->commit(end->channel, at, len, 0);
}

enum { RECV, SEND, RECV_UNTIL, BORROW, LOAN };

static const struct {
	const char *canceled;
	int (*run)(struct rig_end *end, unsigned char *buf, size_t len);
	bool sends; /* waits once the channel is full, which may take long */
} calls[] = {
	[RECV] = { "a canceled recv", call_recv, false },
	[SEND] = { "a canceled send", call_send, true },
	[RECV_UNTIL] = { "a canceled recv_until", call_recv_until, false },
	[BORROW] = { "a canceled borrow", call_borrow, false },
	[LOAN] = { "a canceled loan", call_loan, true },
};

/* *ret_begun_ns is when the last call of it was made. */
static int
wait_for_ever(struct rig_end *end, unsigned call, size_t len,
	      uint64_t *ret_begun_ns)
{
	unsigned char *buf = rig_buffer(end->rig, len);
	int status;

	memset(buf, 0, len);
	do {
		*ret_begun_ns = clock_now_ns();
		status = calls[call].run(end, buf, len);
	} while (calls[call].sends && status == WEIR_OK);
	free(buf);
	return status;
}

static void
cancel_end(struct rig_end *end, unsigned call, size_t len, uint64_t delay_ns)
{
	struct interrupt interrupt = { .end = end, .delay_ns = delay_ns };
	uint64_t begun_ns = 0;
	uint64_t call_ns;
	uint64_t took_ns;
	int status;

	interrupt_start(&interrupt);
	status = wait_for_ever(end, call, len, &begun_ns);
	call_ns = clock_now_ns() - begun_ns;
	took_ns = interrupt_finish(&interrupt);
	if (took_ns > call_ns)
		took_ns = call_ns;
	rig_expect(end, status, WEIR_ECANCELED, calls[call].canceled);
	rig_check(end->rig, took_ns < RIG_NOTICE_NS,
		  "it took %llu ms to notice the cancel",
		  (unsigned long long)(took_ns / NS_PER_MS));
	rig_remark(end->rig, "after %llu us",
		   (unsigned long long)(took_ns / NS_PER_US));
}

/* In the call whose number is the parameter. */
static void
cancel_host(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = rig_client_idle };

	rig_open(&pair);
	cancel_end(&pair.host.end[0], (unsigned)rig->parameter, 4096,
		   DELAY_NS);
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
	cancel_end(&pair.host.end[0], SEND, (size_t)rig->parameter, DELAY_NS);
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
	cancel_end(end, (unsigned)rig->parameter, 4096, 0);
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

static void
canceled_client(struct rig_side *side)
{
	cancel_end(&side->end[0], (unsigned)side->parameter, 4096, DELAY_NS);
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
	cancel_end(&pair.host.end[0], RECV, 4096, DELAY_NS);
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

#define OPTIONAL(text, call, capability)                               \
	{                                                              \
		.name = text, .run = cancel_host, .parameter = (call), \
		.modes = BATTERY_BOTH, .needs = (capability),          \
		.flags = BATTERY_CHOICES,                              \
	}

const struct battery_case cases_cancel[] = {
	CASE("cancel in recv", cancel_host, RECV, BATTERY_CHOICES),
	CASE("cancel in send", cancel_send, 4096, BATTERY_CHOICES),
	CASE("cancel in send of 1", cancel_send, 1, 0),
	CASE("cancel in send of 4Mi", cancel_send, UINT64_C(4) << 20, 0),
	OPTIONAL("cancel in recv_until", RECV_UNTIL, WEIR_CAP_UNTIL),
	OPTIONAL("cancel in borrow", BORROW, WEIR_CAP_BORROW),
	OPTIONAL("cancel in loan", LOAN, WEIR_CAP_LOAN),
	CASE("cancel before recv", cancel_early, RECV, 0),
	CASE("cancel before send", cancel_early, SEND, 0),
	CASE("cancel in the client's recv", cancel_client, RECV, 0),
	CASE("cancel in the client's send", cancel_client, SEND, 0),
	CASE("cancel on both sides", cancel_both, 0, 0),
	CASE("a slow receiver cancels nothing", cancel_not, 0, 0),
	{ 0 },
};
