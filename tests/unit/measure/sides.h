/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both sides of a trial in one process: two crews over a small transport made
 * here, a socketpair that can be told to lose, to hang and to fail.
 */
#ifndef TESTS_UNIT_MEASURE_SIDES_H
#define TESTS_UNIT_MEASURE_SIDES_H

#include "core/measure/crew.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/measure/affinity.h"
#include "tests/unit/unit.h"

struct weir_channel {
	int fd;
	const uint32_t *cancel;
	int lose_at; /* the message of that number is not sent; -1: none */
	int fail_at;
	int n_sent;
};

static int
pair_send(struct weir_channel *c, const void *buf, size_t len, uint32_t flags)
{
	int n = c->n_sent++;

	(void)flags;
	if (n == c->lose_at)
		return WEIR_OK;
	if (n == c->fail_at)
		return WEIR_ESYSTEM;
	while (send(c->fd, buf, len, MSG_NOSIGNAL) < 0) {
		if (errno != EINTR)
			return WEIR_EPEER;
		if (__atomic_load_n(c->cancel, __ATOMIC_RELAXED))
			return WEIR_ECANCELED;
	}
	return WEIR_OK;
}

static int
pair_recv(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len)
{
	ssize_t n;

	while ((n = recv(c->fd, buf, cap, 0)) < 0) {
		if (errno != EINTR)
			return WEIR_EPEER;
		if (__atomic_load_n(c->cancel, __ATOMIC_RELAXED))
			return WEIR_ECANCELED;
	}
	*ret_len = (size_t)n;
	return n ? WEIR_OK : WEIR_EPEER;
}

static const struct weir_transport pair_ops = { .send = pair_send,
						.recv = pair_recv };

/* Both sides of a trial over n channels. */
struct side {
	struct lane_spec spec;
	struct crew *crew;
	struct weir_channel channels[4];
	struct report report;
};
static struct side host, client;
static uint32_t n_channels;
static const struct weir_transport *side_ops = &pair_ops;
static struct weir_error err;

static void
make_side(struct side *side, bool initiator)
{
	struct crew_seat seats[4];

	side->spec.ops = side_ops;
	side->spec.now_ns = clock_now_ns;
	side->spec.initiator = initiator;
	for (uint32_t i = 0; i < n_channels; i++)
		seats[i] = (struct crew_seat){ i, AFFINITY_ANY, NULL };
	ck_assert_int_eq(crew_create(&side->spec, seats, n_channels,
				     &side->crew, &err), WEIR_OK);
	for (uint32_t i = 0; i < n_channels; i++) {
		side->channels[i].cancel = crew_lane_cancel(side->crew, i);
		side->channels[i].lose_at = side->channels[i].fail_at = -1;
		crew_set_channel(side->crew, i, &side->channels[i]);
	}
}

static struct lane_spec
usual_spec(enum lane_pattern pattern, size_t size, uint64_t count)
{
	return (struct lane_spec){
		.pattern = pattern,
		.verify = LANE_VERIFY_FULL,
		.touch = TOUCH_HEADER,
		.batch = 1,
		.warm = true,
		.one_way_latency = size >= 16,
		.size = size,
		.warmup = { 10, UINT64_MAX },
		.timed = { count, UINT64_MAX },
	};
}

static void
make_sides_as(const struct lane_spec *spec, uint32_t n)
{
	n_channels = n;
	host.spec = client.spec = *spec;
	make_side(&host, true);
	make_side(&client, false);
	for (uint32_t i = 0; i < n; i++) {
		int fds[2];

		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds),
				 0);
		host.channels[i].fd = fds[0];
		client.channels[i].fd = fds[1];
	}
}

/* Waits for one crew's next event; -2 if a lane has failed. */
static int
wait_beyond(struct side *side, int phase)
{
	uint64_t deadline_ns = clock_deadline_ns(10 * NS_PER_S);

	for (;;) {
		struct pollfd event = { crew_event_fd(side->crew), POLLIN,
					0 };
		bool failed;
		int now = crew_state(side->crew, &failed);

		if (failed)
			return -2;
		if (now > phase)
			return now;
		ck_assert(clock_now_ns() < deadline_ns);
		poll(&event, 1, clock_poll_timeout_ms(deadline_ns));
	}
}

static void
start_both(void)
{
	ck_assert_int_eq(crew_start(host.crew, &err), WEIR_OK);
	ck_assert_int_eq(crew_start(client.crew, &err), WEIR_OK);
}

/* Takes both through all phases; what the host's crew came to. */
static int
run_both(void)
{
	int phase = -1;

	start_both();
	while ((phase = wait_beyond(&host, phase)) >= 0 && phase < LANE_DONE)
		crew_release(host.crew, (enum lane_phase)phase);
	return phase;
}

static void
collect_both(void)
{
	ck_assert_int_eq(wait_beyond(&client, LANE_TIMED), LANE_DONE);
	report_init(&host.report);
	report_init(&client.report);
	for (uint32_t i = 0; i < n_channels; i++) {
		ck_assert_int_eq(crew_report(host.crew, i, &host.report, &err),
				 WEIR_OK);
		ck_assert_int_eq(crew_report(client.crew, i, &client.report,
					     &err), WEIR_OK);
	}
}

static void
end_both(void)
{
	ck_assert(crew_cancel(host.crew));
	ck_assert(crew_cancel(client.crew));
	crew_destroy(host.crew);
	crew_destroy(client.crew);
	for (uint32_t i = 0; i < n_channels; i++) {
		close(host.channels[i].fd);
		close(client.channels[i].fd);
	}
	report_fini(&host.report);
	report_fini(&client.report);
}

#endif
