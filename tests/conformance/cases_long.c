/* SPDX-License-Identifier: Apache-2.0 */
/* What goes wrong once in ten thousand messages, or at the 65536th. */
#include <stdlib.h>

#include <weir/transport.h>

#include "core/base/clock.h"
#include "core/plugin/plugin.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/rig.h"

/* So many, or as many as go in the time; less with other than the default
 * options. */
#define LONG_MESSAGES 70000u
#define LONG_MESSAGES_LESS 5000u
#define LONG_NS (500 * NS_PER_MS)
#define LONG_NS_LESS (100 * NS_PER_MS)
#define LONG_BYTES 20u
#define LONG_LAST_BYTES 21u

/* Three of four have another one behind them. */
static void
long_send(struct rig_end *end, uint32_t i, size_t len)
{
	uint32_t flags = len == LONG_BYTES && i % 4 ? WEIR_SEND_MORE : 0;
	unsigned char buf[LONG_LAST_BYTES];
	void *loan = NULL;

	if (!end->ops->loan || i % 2) {
		rig_fill(buf, len, i);
		rig_expect(end, end->ops->send(end->channel, buf, len,
					       flags), WEIR_OK, "send");
		return;
	}
	rig_expect(end, end->ops->loan(end->channel, len, &loan), WEIR_OK,
		   "loan");
	rig_fill(loan, len, i);
	rig_expect(end, end->ops->commit(end->channel, loan, len, flags),
		   WEIR_OK, "commit");
}

/* Whether it was the last one. */
static bool
long_receive(struct rig_end *end, uint32_t i)
{
	unsigned char buf[4096];
	const void *at = buf;
	bool borrows = end->ops->borrow && i % 3 == 0;
	size_t got = 0;

	if (borrows)
		rig_expect(end, end->ops->borrow(end->channel, &at, &got),
			   WEIR_OK, "borrow");
	else
		rig_expect(end, end->ops->recv(end->channel, buf, sizeof(buf),
					       &got), WEIR_OK, "recv");
	rig_check(end->rig, (got == LONG_BYTES || got == LONG_LAST_BYTES) &&
		  rig_matches(at, got, i),
		  "message %u of a long stream has other content, or is "
		  "another one", i);
	if (borrows)
		rig_expect(end, end->ops->release(end->channel, at), WEIR_OK,
			   "release");
	return got == LONG_LAST_BYTES;
}

static void
long_client(struct rig_side *side)
{
	uint32_t n = 0;

	while (!long_receive(&side->end[0], n))
		n++;
	rig_tell(side, 'd');
	rig_await(side, 'q');
}

static void
long_stream(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = long_client };
	uint32_t most = rig->plain ? LONG_MESSAGES : LONG_MESSAGES_LESS;
	uint64_t deadline;
	uint32_t n = 0;

	rig_open(&pair);
	deadline = clock_deadline_ns(rig->plain ? LONG_NS : LONG_NS_LESS);
	while (n < most && (n % 64 || clock_now_ns() < deadline))
		long_send(&pair.host.end[0], n++, LONG_BYTES);
	long_send(&pair.host.end[0], n, LONG_LAST_BYTES);
	rig_await(&pair.host, 'd');
	if (n < most)
		rig_remark(rig, "%u messages in the time there is", n);
	rig_tell(&pair.host, 'q');
	rig_close(&pair);
}

const struct battery_case cases_long[] = {
	{
		.name = "a long stream",
		.run = long_stream,
		.modes = BATTERY_BOTH,
	},
	{ 0 },
};
