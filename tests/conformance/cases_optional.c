/* SPDX-License-Identifier: Apache-2.0 */
/* What a transport does only if its capabilities say so. */
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>

#include <weir/transport.h>

#include "core/base/clock.h"
#include "core/plugin/plugin.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/leak.h"
#include "tests/conformance/rig.h"

#define FILL_MESSAGES_MAX 1000000u
#define LARGE_BYTES 300000u
#define LARGE_MESSAGES 5u
#define PATIENCE_NS (20 * NS_PER_S)

/* try_recv and try_send until they have done it. */
static void
try_receive(struct rig_end *end, size_t len, uint32_t seed)
{
	size_t cap = (size_t)end->setup.max_message_bytes;
	unsigned char *buf = rig_buffer(end->rig, cap);
	uint64_t deadline = clock_deadline_ns(PATIENCE_NS);
	size_t got = 0;
	int status;

	while ((status = end->ops->try_recv(end->channel, buf, cap, &got)) ==
	       WEIR_EAGAIN) {
		rig_check(end->rig, clock_now_ns() < deadline,
			  "try_recv never gets message %u", seed);
		sched_yield();
	}
	rig_expect(end, status, WEIR_OK, "try_recv");
	rig_check(end->rig, got == len && rig_matches(buf, len, seed),
		  "message %u of %zu bytes arrives with %zu, or other ones",
		  seed, len, got);
	free(buf);
}

static void
try_transmit(struct rig_end *end, size_t len, uint32_t seed)
{
	unsigned char *buf = rig_buffer(end->rig, len);
	uint64_t deadline = clock_deadline_ns(PATIENCE_NS);
	int status;

	rig_fill(buf, len, seed);
	while ((status = end->ops->try_send(end->channel, buf, len, 0)) ==
	       WEIR_EAGAIN) {
		rig_check(end->rig, clock_now_ns() < deadline,
			  "try_send never sends message %u", seed);
		sched_yield();
	}
	rig_expect(end, status, WEIR_OK, "try_send");
	free(buf);
}

static void
try_empty_client(struct rig_side *side)
{
	rig_await(side, 's');
	rig_send(&side->end[0], 100, 1);
	rig_await(side, 'q');
}

static void
optional_try_empty(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = try_empty_client };
	struct rig_end *end = &pair.host.end[0];
	unsigned char buf[4096];
	size_t got = 0;

	rig_open(&pair);
	for (unsigned i = 0; i < 100; i++)
		rig_expect(end, end->ops->try_recv(end->channel, buf,
						   sizeof(buf), &got),
			   WEIR_EAGAIN, "try_recv where nothing was sent");
	rig_tell(&pair.host, 's');
	try_receive(end, 100, 1);
	rig_expect(end, end->ops->try_recv(end->channel, buf, sizeof(buf),
					   &got),
		   WEIR_EAGAIN, "try_recv after the only message");
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

/* Takes messages until one of a single byte. */
static void
drain_client(struct rig_side *side)
{
	struct rig_end *end = &side->end[0];
	unsigned char *buf = rig_buffer(side->rig, 4096);

	rig_await(side, 'd');
	for (uint32_t i = 0;; i++) {
		size_t got = 0;

		rig_expect(end, end->ops->recv(end->channel, buf, 4096, &got),
			   WEIR_OK, "recv");
		if (got == 1)
			break;
		rig_check(side->rig, got == 4096 && rig_matches(buf, got, i),
			  "message %u has other bytes, or not all of them", i);
	}
	free(buf);
	rig_await(side, 'q');
}

/* Sends message n and those behind it until there is no room. */
static uint32_t
fill_channel(struct rig_end *end, uint32_t n)
{
	unsigned char buf[4096];
	int status;

	do {
		rig_fill(buf, sizeof(buf), n);
		status = end->ops->try_send(end->channel, buf, sizeof(buf), 0);
	} while (status == WEIR_OK && ++n < FILL_MESSAGES_MAX);
	rig_expect(end, status, WEIR_EAGAIN, "try_send into a full channel");
	return n;
}

/* Full, then the message that did not fit goes on, in the other way. */
static void
optional_try_full(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = drain_client };
	struct rig_end *end = &pair.host.end[0];
	unsigned char buf[4096];
	uint32_t n;

	rig_open(&pair);
	n = fill_channel(end, 0);
	rig_fill(buf, sizeof(buf), n);
	rig_expect(end, end->ops->try_send(end->channel, buf, sizeof(buf), 0),
		   WEIR_EAGAIN, "the same try_send again");
	rig_tell(&pair.host, 'd');
	rig_expect(end, end->ops->send(end->channel, buf, sizeof(buf), 0),
		   WEIR_OK, "send of the message that try_send began");
	rig_remark(rig, "%u messages of 4096 fit", n);
	rig_send(end, 1, 0);
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

/* Messages larger than the capacity, in pieces on both sides. */
static void
try_large_client(struct rig_side *side)
{
	for (uint32_t i = 0; i < LARGE_MESSAGES; i++) {
		try_receive(&side->end[0], LARGE_BYTES, i);
		try_transmit(&side->end[0], LARGE_BYTES - i, 100 + i);
	}
	rig_await(side, 'q');
}

static void
optional_try_large(struct rig *rig)
{
	struct rig_pair pair = {
		.rig = rig,
		.client = try_large_client,
		.max_bytes = LARGE_BYTES,
	};

	rig_open(&pair);
	for (uint32_t i = 0; i < LARGE_MESSAGES; i++) {
		try_transmit(&pair.host.end[0], LARGE_BYTES, i);
		try_receive(&pair.host.end[0], LARGE_BYTES - i, 100 + i);
	}
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

/* try_recv began a message, recv ends it. */
static void
optional_try_then_wait(struct rig *rig)
{
	struct rig_pair pair = {
		.rig = rig,
		.client = rig_client_echo,
		.max_bytes = LARGE_BYTES,
	};
	struct rig_end *end = &pair.host.end[0];
	unsigned char *buf = rig_buffer(rig, LARGE_BYTES);
	size_t got;
	int status;

	rig_open(&pair);
	for (uint32_t i = 0; i < LARGE_MESSAGES; i++) {
		rig_send(end, LARGE_BYTES, i);
		got = 0;
		status = end->ops->try_recv(end->channel, buf, LARGE_BYTES,
					    &got);
		if (status == WEIR_EAGAIN)
			status = end->ops->recv(end->channel, buf,
						LARGE_BYTES, &got);
		rig_expect(end, status, WEIR_OK, "recv after try_recv");
		rig_check(rig, got == LARGE_BYTES && rig_matches(buf, got, i),
			  "message %u arrives with %zu bytes, or other ones",
			  i, got);
	}
	rig_close(&pair);
	free(buf);
}

static void
leave_client(struct rig_side *side)
{
	rig_send(&side->end[0], 100, 1);
}

static void
optional_try_closed(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = leave_client };
	struct rig_end *end = &pair.host.end[0];
	uint64_t deadline = clock_deadline_ns(PATIENCE_NS);
	unsigned char buf[4096];
	size_t got = 0;
	int status;

	rig_open(&pair);
	rig_join_client(&pair);
	try_receive(end, 100, 1);
	do {
		status = end->ops->try_recv(end->channel, buf, sizeof(buf),
					    &got);
	} while (status == WEIR_EAGAIN && clock_now_ns() < deadline);
	rig_expect(end, status, WEIR_EPEER,
		   "try_recv after the other's close");
	rig_close(&pair);
}

static void
optional_try_send_closed(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = leave_client };
	struct rig_end *end = &pair.host.end[0];
	uint64_t deadline = clock_deadline_ns(PATIENCE_NS);
	unsigned char buf[64] = { 0 };
	int status;

	rig_open(&pair);
	rig_join_client(&pair);
	do {
		status = end->ops->try_send(end->channel, buf, sizeof(buf), 0);
	} while ((status == WEIR_EAGAIN || status == WEIR_OK) &&
		 clock_now_ns() < deadline);
	rig_expect(end, status, WEIR_EPEER,
		   "try_send after the other's close");
	rig_close(&pair);
}

/* As open loop does: requests go out while answers come in. */
static void
optional_try_pipeline(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = rig_client_echo };
	struct rig_end *end = &pair.host.end[0];
	uint64_t deadline = clock_deadline_ns(PATIENCE_NS);
	unsigned char out[256];
	unsigned char in[4096];
	uint32_t sent = 0;
	uint32_t received = 0;

	rig_open(&pair);
	while (received < 500) {
		size_t got = 0;
		int status = WEIR_EAGAIN;

		rig_check(rig, clock_now_ns() < deadline,
			  "no progress after %u and %u", sent, received);
		if (sent < 500 && sent < received + 16) {
			rig_fill(out, sizeof(out), sent);
			status = end->ops->try_send(end->channel, out,
						    sizeof(out), 0);
			if (status != WEIR_EAGAIN)
				rig_expect(end, status, WEIR_OK, "try_send");
			sent += status == WEIR_OK;
		}
		status = end->ops->try_recv(end->channel, in, sizeof(in),
					    &got);
		if (status == WEIR_EAGAIN)
			continue;
		rig_expect(end, status, WEIR_OK, "try_recv");
		rig_check(rig, got == sizeof(out) &&
			  rig_matches(in, got, received),
			  "answer %u has %zu bytes, or other ones", received,
			  got);
		received++;
	}
	rig_close(&pair);
}

#define SHORT_NS (2 * NS_PER_MS)

/* Nothing comes in time, then something does; and at the end the end. */
static void
until_client(struct rig_side *side)
{
	rig_await(side, 's');
	rig_send(&side->end[0], 100, 1);
	rig_await(side, 'q');
}

static int
receive_until(struct rig_end *end, uint64_t deadline_ns, size_t *ret_got)
{
	unsigned char buf[4096];
	int status;

	status = end->ops->recv_until(end->channel, buf, sizeof(buf), ret_got,
				      deadline_ns);
	if (status == WEIR_OK)
		rig_check(end->rig, *ret_got == 100 &&
			  rig_matches(buf, *ret_got, 1),
			  "recv_until gives another message");
	if (status == WEIR_EAGAIN)
		rig_check(end->rig, clock_now_ns() >= deadline_ns,
			  "recv_until gives up before its deadline");
	return status;
}

static void
optional_until(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = until_client };
	struct rig_end *end = &pair.host.end[0];
	size_t got = 0;
	int status;

	rig_open(&pair);
	for (unsigned i = 0; i < 3; i++)
		rig_expect(end, receive_until(end, clock_deadline_ns(SHORT_NS),
					      &got),
			   WEIR_EAGAIN, "recv_until where nothing was sent");
	rig_expect(end, receive_until(end, clock_now_ns(), &got), WEIR_EAGAIN,
		   "recv_until with a deadline that has passed");
	rig_tell(&pair.host, 's');
	rig_expect(end, receive_until(end, clock_deadline_ns(PATIENCE_NS),
				      &got),
		   WEIR_OK, "recv_until of the only message");
	rig_tell(&pair.host, 'q');
	rig_join_client(&pair);
	status = receive_until(end, clock_deadline_ns(PATIENCE_NS), &got);
	rig_expect(end, status, WEIR_EPEER,
		   "recv_until after the other's close");
	rig_close(&pair);
}

/* ---- zero copy ------------------------------------------------------ */

static void
loan_client(struct rig_side *side)
{
	for (uint32_t i = 0; i < 100; i++)
		rig_receive(&side->end[0], rig_some_size(i, 4096), i);
	rig_await(side, 'q');
}

static void
optional_loan(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = loan_client };
	struct rig_end *end = &pair.host.end[0];

	rig_open(&pair);
	for (uint32_t i = 0; i < 100; i++) {
		size_t len = rig_some_size(i, 4096);
		void *buf = NULL;

		/* Every other one shrinks between loan and commit. */
		rig_expect(end, end->ops->loan(end->channel,
					       i % 2 ? len : 4096, &buf),
			   WEIR_OK, "loan");
		rig_check(rig, buf, "loan gives no memory");
		rig_fill(buf, len, i);
		rig_expect(end, end->ops->commit(end->channel, buf, len, 0),
			   WEIR_OK, "commit");
	}
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

static void
borrow_client(struct rig_side *side)
{
	struct rig_end *end = &side->end[0];

	for (uint32_t i = 0; i < 100; i++) {
		const void *buf = NULL;
		size_t got = 0;

		rig_expect(end, end->ops->borrow(end->channel, &buf, &got),
			   WEIR_OK, "borrow");
		rig_check(side->rig, got == rig_some_size(i, 4096) &&
			  rig_matches(buf, got, i),
			  "borrowed message %u has %zu bytes, or other ones",
			  i, got);
		rig_expect(end, end->ops->release(end->channel, buf), WEIR_OK,
			   "release");
	}
	rig_await(side, 'q');
}

static void
optional_borrow(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = borrow_client };

	rig_open(&pair);
	for (uint32_t i = 0; i < 100; i++)
		rig_send(&pair.host.end[0], rig_some_size(i, 4096), i);
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

/* Until it is released, a borrowed message stays as it is, however much is
 * sent behind it. */
static void
hold_client(struct rig_side *side)
{
	struct rig_end *end = &side->end[0];
	const void *buf = NULL;
	size_t got = 0;

	rig_await(side, 'b');
	rig_expect(end, end->ops->borrow(end->channel, &buf, &got), WEIR_OK,
		   "borrow");
	rig_tell(side, 'm');
	rig_await(side, 'f');
	rig_check(side->rig, got == 4096 && rig_matches(buf, got, 0),
		  "a borrowed message changes before it is released");
	rig_expect(end, end->ops->release(end->channel, buf), WEIR_OK,
		   "release");
	rig_await(side, 'q');
}

static void
optional_borrow_held(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = hold_client };
	struct rig_end *end = &pair.host.end[0];
	uint32_t n;

	rig_open(&pair);
	n = fill_channel(end, 0);
	rig_tell(&pair.host, 'b');
	rig_await(&pair.host, 'm');
	fill_channel(end, n);
	rig_tell(&pair.host, 'f');
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

/* Messages of a size that others stream, whole and in place on both sides, on
 * one side only, or on neither: a side can't tell what the other does. */
static void
place_send(struct rig_end *end, size_t len, uint32_t seed, bool loan)
{
	void *buf = NULL;

	if (!loan) {
		rig_send(end, len, seed);
		return;
	}
	rig_expect(end, end->ops->loan(end->channel, len, &buf), WEIR_OK,
		   "loan");
	rig_fill(buf, len, seed);
	rig_expect(end, end->ops->commit(end->channel, buf, len, 0), WEIR_OK,
		   "commit");
}

static void
place_receive(struct rig_end *end, size_t len, uint32_t seed, bool borrow)
{
	const void *buf = NULL;
	size_t got = 0;

	if (!borrow) {
		rig_receive(end, len, seed);
		return;
	}
	rig_expect(end, end->ops->borrow(end->channel, &buf, &got), WEIR_OK,
		   "borrow");
	rig_check(end->rig, got == len && rig_matches(buf, got, seed),
		  "borrowed message %u of %zu bytes has %zu, or other ones",
		  seed, len, got);
	rig_expect(end, end->ops->release(end->channel, buf), WEIR_OK,
		   "release");
}

static size_t
place_size(uint32_t i)
{
	return i % 3 ? rig_some_size(i, 200) : LARGE_BYTES - i;
}

static void
place_client(struct rig_side *side)
{
	for (uint32_t i = 0; i < 60; i++) {
		place_receive(&side->end[0], place_size(i), i, i % 4 < 2);
		place_send(&side->end[0], place_size(i + 1), i, i % 2);
	}
	rig_await(side, 'q');
}

static void
optional_place(struct rig *rig)
{
	struct rig_pair pair = {
		.rig = rig, .client = place_client, .max_bytes = LARGE_BYTES,
	};

	rig_open(&pair);
	for (uint32_t i = 0; i < 60; i++) {
		place_send(&pair.host.end[0], place_size(i), i, i % 2);
		place_receive(&pair.host.end[0], place_size(i + 1), i,
			      i % 4 < 2);
	}
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

/* A borrow that nothing is sent for ends like a recv does. */
static void
optional_borrow_end(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = leave_client };
	struct rig_end *end = &pair.host.end[0];
	const void *buf = NULL;
	size_t got = 0;

	rig_open(&pair);
	rig_join_client(&pair);
	place_receive(end, 100, 1, true);
	rig_expect(end, end->ops->borrow(end->channel, &buf, &got),
		   WEIR_EPEER, "borrow after the other's close");
	rig_close(&pair);
}

static void
optional_loan_refused(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = rig_client_idle };
	struct rig_end *end = &pair.host.end[0];
	void *buf = NULL;

	rig_open(&pair);
	rig_expect(end, end->ops->loan(end->channel, 4097, &buf),
		   WEIR_ETOOBIG, "loan of more than was agreed");
	rig_expect(end, end->ops->loan(end->channel, 0, &buf), WEIR_ETOOBIG,
		   "loan of nothing");
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

static void
echo_client(struct rig_side *side)
{
	for (uint32_t i = 0; i < 100; i++) {
		rig_receive(&side->end[0], rig_some_size(i, 4096), i);
		rig_send(&side->end[0], rig_some_size(i, 4096), i);
	}
	rig_await(side, 'q');
}

static void
optional_fixed_fds(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = echo_client };
	struct leak_fds before;
	char opened[64];

	rig_open(&pair);
	leak_take_fds(&before);
	for (uint32_t i = 0; i < 100; i++) {
		rig_send(&pair.host.end[0], rig_some_size(i, 4096), i);
		rig_receive(&pair.host.end[0], rig_some_size(i, 4096), i);
	}
	leak_new_fd(&before, 0, opened, sizeof(opened));
	rig_check(rig, !opened[0], "messages opened descriptor %s", opened);
	for (size_t i = 0; i < before.n; i++)
		rig_check(rig, fcntl(before.at[i], F_GETFD) >= 0,
			  "messages closed descriptor %d", before.at[i]);
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

#define CASE(text, function, capability, more_flags)                 \
	{                                                            \
		.name = text, .run = function, .needs = (capability), \
		.modes = BATTERY_BOTH, .flags = (more_flags),        \
	}

const struct battery_case cases_optional[] = {
	CASE("try_recv on an empty channel", optional_try_empty,
	     WEIR_CAP_TRY, 0),
	CASE("try_send on a full channel", optional_try_full, WEIR_CAP_TRY, 0),
	CASE("try in pieces", optional_try_large,
	     WEIR_CAP_TRY, BATTERY_CHOICES),
	CASE("try, then wait", optional_try_then_wait, WEIR_CAP_TRY, 0),
	CASE("try_recv after the end", optional_try_closed, WEIR_CAP_TRY, 0),
	CASE("try_send after the end", optional_try_send_closed,
	     WEIR_CAP_TRY, 0),
	CASE("send and receive by turns", optional_try_pipeline,
	     WEIR_CAP_TRY, 0),
	CASE("receive until a deadline", optional_until, WEIR_CAP_UNTIL,
	     BATTERY_CHOICES),
	CASE("loan and commit", optional_loan, WEIR_CAP_LOAN, 0),
	CASE("borrow and release", optional_borrow, WEIR_CAP_BORROW, 0),
	CASE("a borrowed message stays", optional_borrow_held,
	     WEIR_CAP_BORROW | WEIR_CAP_TRY, 0),
	CASE("loan refuses what is too long", optional_loan_refused,
	     WEIR_CAP_LOAN, 0),
	CASE("borrow after the end", optional_borrow_end, WEIR_CAP_BORROW, 0),
	CASE("in place, or copied, in turns", optional_place,
	     WEIR_CAP_LOAN | WEIR_CAP_BORROW, BATTERY_CHOICES),
	CASE("messages leave the descriptors alone", optional_fixed_fds,
	     WEIR_CAP_FIXED_FDS, BATTERY_CHOICES),
	{ 0 },
};
