/* SPDX-License-Identifier: Apache-2.0 */
/* A side that closes, dies or never comes is noticed; nothing stays. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <weir/transport.h>

#include "core/base/clock.h"
#include "core/plugin/plugin.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/interrupt.h"
#include "tests/conformance/leak.h"
#include "tests/conformance/rig.h"

#define LAST_MESSAGES 3u
#define SENDS_MAX 1000000u
/* A wait that should end by itself is canceled after that long. */
#define GIVE_UP_NS (10 * NS_PER_S)

static const struct interrupt give_up = { .delay_ns = GIVE_UP_NS };

/* recv into a buffer of the agreed size. */
static int
receive_any(struct rig_end *end)
{
	size_t cap = (size_t)end->setup.max_message_bytes;
	unsigned char *buf = rig_buffer(end->rig, cap);
	size_t got = 0;
	int status = end->ops->recv(end->channel, buf, cap, &got);

	free(buf);
	return status;
}

/* Sends until that fails. */
static int
send_until_failure(struct rig_end *end, size_t len)
{
	unsigned char *buf = rig_buffer(end->rig, len);
	int status = WEIR_OK;

	memset(buf, 0, len);
	for (unsigned i = 0; i < SENDS_MAX && status == WEIR_OK; i++)
		status = end->ops->send(end->channel, buf, len, 0);
	free(buf);
	return status;
}

static void
expect_end(struct rig_pair *pair)
{
	struct rig_end *end = &pair->host.end[0];
	struct interrupt interrupt = give_up;
	int status;

	interrupt.end = end;
	interrupt_start(&interrupt);
	status = receive_any(end);
	interrupt_finish(&interrupt);
	rig_expect(end, status, WEIR_EPEER, "recv after the other's close");
}

static void
last_words_client(struct rig_side *side)
{
	rig_tell_number(side, rig_speak(&side->end[0], 1000, LAST_MESSAGES));
}

/* The other side's last messages are still received, then its end. */
static void
hear_last_words(struct rig_pair *pair)
{
	unsigned n = rig_await_number(&pair->host);

	rig_join_client(pair);
	if (n < LAST_MESSAGES)
		rig_remark(pair->rig, "%u messages of 1000 fit", n);
	for (unsigned i = 0; i < n; i++)
		rig_receive(&pair->host.end[0], 1000, i);
	expect_end(pair);
	rig_close(pair);
}

static void
end_close_recv(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = last_words_client };

	rig_open(&pair);
	hear_last_words(&pair);
}

static void
last_words_unheard_client(struct rig_side *side)
{
	last_words_client(side);
	rig_await(side, 'c');
}

/* The same where it leaves messages of the host unread. */
static void
end_close_unread(struct rig *rig)
{
	struct rig_pair pair = {
		.rig = rig, .client = last_words_unheard_client,
	};

	rig_open(&pair);
	rig_speak(&pair.host.end[0], 100, 2);
	rig_tell(&pair.host, 'c');
	hear_last_words(&pair);
}

static void
leave_at_once(struct rig_side *side)
{
	(void)side;
}

static void
end_close_send(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = leave_at_once };
	struct rig_end *end = &pair.host.end[0];
	struct interrupt interrupt = give_up;
	int status;

	rig_open(&pair);
	rig_join_client(&pair);
	interrupt.end = end;
	interrupt_start(&interrupt);
	status = send_until_failure(end, 4096);
	interrupt_finish(&interrupt);
	rig_expect(end, status, WEIR_EPEER, "send after the other's close");
	rig_close(&pair);
}

/* The other side closes while this one waits for it. */
static void
close_when_told_client(struct rig_side *side)
{
	rig_await(side, 'c');
}

static void *
tell_later(void *context)
{
	struct rig_side *side = context;
	struct timespec ts = { .tv_nsec = 30 * (long)NS_PER_MS };

	clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
	rig_tell(side, 'c');
	return NULL;
}

static void
end_close_while_waiting(struct rig *rig)
{
	struct rig_pair pair = {
		.rig = rig, .client = close_when_told_client,
	};
	struct rig_end *end = &pair.host.end[0];
	struct interrupt interrupt = give_up;
	pthread_t thread;
	int status;

	rig_open(&pair);
	interrupt.end = end;
	interrupt_start(&interrupt);
	rig_check(rig, pthread_create(&thread, NULL, tell_later,
				      &pair.host) == 0, "can't make a thread");
	status = rig->parameter ? send_until_failure(end, 4096)
				: receive_any(end);
	interrupt_finish(&interrupt);
	pthread_join(thread, NULL);
	rig_expect(end, status, WEIR_EPEER,
		   rig->parameter ? "send while the other closes"
				  : "recv while the other closes");
	rig_close(&pair);
}

/*
 * A killed client: what its kernel objects tell, the transport passes on;
 * where shared memory tells nothing, the core cancels.
 */
static void
end_killed(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = rig_client_idle };
	struct rig_end *end = &pair.host.end[0];
	struct interrupt interrupt = {
		.end = end,
		.kill_first = &pair,
		.delay_ns = 100 * NS_PER_MS,
	};
	uint64_t took_ns;
	int status;

	rig_open(&pair);
	interrupt_start(&interrupt);
	status = rig->parameter ? send_until_failure(end, 4096)
				: receive_any(end);
	took_ns = interrupt_finish(&interrupt);
	if (status != WEIR_EPEER)
		rig_expect(end, status, WEIR_ECANCELED,
			   "an operation whose other side was killed");
	rig_check(rig, took_ns < RIG_NOTICE_NS + interrupt.delay_ns,
		  "it took %llu ms to notice",
		  (unsigned long long)(took_ns / NS_PER_MS));
	rig_remark(rig, "%s after %llu us", weir_status_text(status),
		   (unsigned long long)(took_ns / NS_PER_US));
	rig_close(&pair);
}

static void
endless_message_client(struct rig_side *side)
{
	rig_tell(side, 's');
	rig_send(&side->end[0], (size_t)side->end[0].setup.max_message_bytes,
		 1);
	rig_await(side, 'q');
}

/* Half a message is no message. */
static void
end_killed_in_message(struct rig *rig)
{
	struct rig_pair pair = {
		.rig = rig,
		.client = endless_message_client,
		.max_bytes = UINT64_C(4) << 20,
	};
	struct rig_end *end = &pair.host.end[0];
	struct interrupt interrupt = { .end = end };
	struct timespec ts = { .tv_nsec = 30 * (long)NS_PER_MS };
	size_t cap = (size_t)pair.max_bytes;
	unsigned char *buf = rig_buffer(rig, cap);
	size_t got = 0;
	int status;

	rig_open(&pair);
	rig_await(&pair.host, 's');
	clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
	rig_kill_client(&pair);
	interrupt.delay_ns = 200 * NS_PER_MS;
	interrupt_start(&interrupt);
	status = end->ops->recv(end->channel, buf, cap, &got);
	interrupt_finish(&interrupt);
	if (status == WEIR_OK)
		rig_check(rig, got == cap && rig_matches(buf, cap, 1),
			  "recv gives %zu bytes of half a message", got);
	else if (status != WEIR_ECANCELED && status != WEIR_EPROTOCOL)
		rig_expect(end, status, WEIR_EPEER,
			   "recv of a message whose sender was killed");
	rig_remark(rig, "%s", weir_status_text(status));
	rig_close(&pair);
	free(buf);
}

static void
end_close_null(struct rig *rig)
{
	rig->plugin->ops.close(NULL);
}

/* The client never joins: closing is enough. */
static void
end_never_joined(struct rig *rig)
{
	struct rig_end end;
	struct weir_offer offer;

	rig_end_init(&end, rig, WEIR_SIDE_HOST, 4096);
	rig_offer(&end, &offer);
	rig_offer_close(&offer);
	rig_close_end(&end);
}

/* accept, with no client: a transport that needs none is done at once. */
static void
accept_alone(struct rig *rig, bool cancel)
{
	struct rig_end end;
	struct interrupt interrupt = {
		.end = &end, .delay_ns = 50 * NS_PER_MS,
	};
	struct weir_offer offer;
	struct weir_error err = { 0 };
	uint64_t wait_ns = cancel ? GIVE_UP_NS : 50 * NS_PER_MS;
	uint64_t begin;
	int status;

	if (!rig->plugin->ops.accept)
		rig_skip(rig, "no accept");
	rig_end_init(&end, rig, WEIR_SIDE_HOST, 4096);
	rig_offer(&end, &offer);
	begin = clock_now_ns();
	if (cancel)
		interrupt_start(&interrupt);
	status = end.ops->accept(end.channel, clock_deadline_ns(wait_ns),
				 &err);
	if (cancel)
		interrupt_finish(&interrupt);
	rig_check(rig, clock_now_ns() - begin < RIG_NOTICE_NS + 50 * NS_PER_MS,
		  "accept comes back too late");
	rig_check(rig, status == WEIR_OK ||
		  status == (cancel ? WEIR_ECANCELED : WEIR_ETIMEOUT),
		  "accept without a client gives \"%s\": %s",
		  weir_status_text(status), err.text);
	rig_check(rig, status == WEIR_OK || err.text[0],
		  "accept fails without a sentence");
	rig_offer_close(&offer);
	rig_close_end(&end);
}

static void
end_accept_deadline(struct rig *rig)
{
	accept_alone(rig, false);
}

static void
end_accept_canceled(struct rig *rig)
{
	accept_alone(rig, true);
}

struct held {
	struct leak_fds fds;
	int n_mappings;
	int n_shm;
	int n_files;
};

static void
take_held(const struct rig *rig, struct held *ret_held)
{
	leak_take_fds(&ret_held->fds);
	ret_held->n_mappings = leak_count_mappings();
	ret_held->n_shm = leak_count_entries("/dev/shm", "weir");
	ret_held->n_files = leak_count_entries(rig->directory, "");
}

static void
open_once(struct rig *rig)
{
	struct rig_pair pair = {
		.rig = rig, .client = rig_client_echo, .max_bytes = 100000,
		.or_less = true,
	};

	rig_open(&pair);
	rig_send(&pair.host.end[0], pair.max_bytes, 1);
	rig_receive(&pair.host.end[0], pair.max_bytes, 1);
	rig_close(&pair);
}

static void
end_reopen(struct rig *rig)
{
	struct held before;
	struct held after;
	char leaked[512];

	open_once(rig); /* what is made once for all */
	take_held(rig, &before);
	for (uint64_t i = 0; i < rig->parameter; i++)
		open_once(rig);
	take_held(rig, &after);
	leak_new_fd(&before.fds, 0, leaked, sizeof(leaked));
	rig_check(rig, !leaked[0], "descriptor %s is left open", leaked);
	rig_check(rig, after.n_mappings <= before.n_mappings,
		  "%d mappings of files became %d", before.n_mappings,
		  after.n_mappings);
	rig_check(rig, after.n_shm <= before.n_shm,
		  "%d objects in /dev/shm became %d", before.n_shm,
		  after.n_shm);
	rig_check(rig, after.n_files <= before.n_files,
		  "%d files in the directory became %d", before.n_files,
		  after.n_files);
}

#define CASE(text, function, number, mask)                           \
	{                                                            \
		.name = text, .run = function, .parameter = (number), \
		.modes = (mask),                                     \
	}

const struct battery_case cases_end[] = {
	CASE("last words, then the end", end_close_recv, 0, BATTERY_BOTH),
	CASE("last words of one who did not listen", end_close_unread, 0,
	     BATTERY_BOTH),
	CASE("send to one who has closed", end_close_send, 0, BATTERY_BOTH),
	CASE("closes while we receive", end_close_while_waiting, 0,
	     BATTERY_BOTH),
	CASE("closes while we send", end_close_while_waiting, 1,
	     BATTERY_BOTH),
	CASE("killed while we receive", end_killed, 0, BATTERY_PROCESS),
	CASE("killed while we send", end_killed, 1, BATTERY_PROCESS),
	CASE("killed in the middle of a message", end_killed_in_message, 0,
	     BATTERY_PROCESS),
	{
		.name = "close takes NULL",
		.run = end_close_null,
		.modes = BATTERY_THREAD,
		.flags = BATTERY_LOOPBACK,
	},
	{
		.name = "an offer that nobody takes",
		.run = end_never_joined,
		.modes = BATTERY_THREAD,
		.flags = BATTERY_LOOPBACK,
	},
	CASE("accept has a deadline", end_accept_deadline, 0, BATTERY_THREAD),
	CASE("accept is canceled", end_accept_canceled, 0, BATTERY_THREAD),
	CASE("open and close 64 times", end_reopen, 64, BATTERY_THREAD),
	CASE("open and close 4 times", end_reopen, 4, BATTERY_PROCESS),
	{ 0 },
};
