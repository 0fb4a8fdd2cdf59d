/* SPDX-License-Identifier: Apache-2.0 */
#include "core/coord/floor.h"

#include <poll.h>
#include <stdlib.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/coord/channels.h"
#include "core/coord/ticks.h"

#define WARM_MESSAGES 1000
#define DEADLINE_NS NS_PER_S

static int
fill_setup(const struct plan_run *run, struct message_setup *setup,
	   struct weir_error *err)
{
	setup->axes.pattern = PLAN_ROUND_TRIP;
	setup->axes.size_bytes = setup->size_bytes = FLOOR_SIZE_BYTES;
	setup->axes.boundary = setup->boundary = PLAN_THREAD;
	setup->axes.concurrency = 1;
	setup->verify = run->verify;
	setup->comparable_clocks = true;
	setup->warmup_count = WARM_MESSAGES;
	setup->warmup_ns = UINT64_MAX;
	setup->count = FLOOR_MESSAGES;
	setup->duration_ns = UINT64_MAX;
	setup->n_all_channels = setup->n_channels = 1;
	return ticks_fill(run, setup, err);
}

/* Nothing travels, so that one side is both ends. */
static int
run_phases(struct channels *c, struct weir_error *err)
{
	struct pollfd event = { .fd = crew_event_fd(c->crew),
				.events = POLLIN };
	uint64_t deadline_ns = clock_deadline_ns(DEADLINE_NS);
	bool failed = false;
	int phase;

	while (clock_now_ns() < deadline_ns) {
		phase = crew_state(c->crew, &failed);
		if (failed)
			return crew_fault(c->crew, err);
		if (phase == LANE_DONE)
			return WEIR_OK;
		if (phase >= 0)
			crew_release(c->crew, (enum lane_phase)phase);
		poll(&event, 1, clock_poll_timeout_ms(deadline_ns));
	}
	return weir_error_set(err, WEIR_ETIMEOUT,
			      "the floor took more than a second");
}

static int
run_channel(struct channels *c, struct report *ret_report,
	    struct weir_error *err)
{
	struct weir_offer offer;
	int status = channels_offer(c, 0, &offer, err);

	if (status)
		return status;
	channels_close_fds(&offer);
	status = channels_accept(c, 0, clock_deadline_ns(DEADLINE_NS), err);
	if (status == WEIR_OK)
		status = channels_start(c, err);
	if (status == WEIR_OK)
		status = run_phases(c, err);
	if (status == WEIR_OK)
		status = channels_report(c, 0, 1, ret_report, err);
	return status;
}

int
floor_measure(const struct plugin *null, const struct plan_run *run, int cpu,
	      struct report *ret_report, struct weir_error *err)
{
	cleanup_free struct message_setup *setup = calloc(1, sizeof(*setup));
	int32_t cpus[1] = { cpu };
	struct channels channels;
	int status;

	report_init(ret_report);
	if (!setup)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for the floor");
	status = fill_setup(run, setup, err);
	if (status == WEIR_OK)
		status = channels_create(setup, null, WEIR_SIDE_HOST, cpus,
					 NULL, &channels, err);
	if (status)
		return status;
	status = run_channel(&channels, ret_report, err);
	if (!channels_destroy(&channels) && status == WEIR_OK)
		status = weir_error_set(err, WEIR_ETIMEOUT,
					"the floor does not end");
	return status;
}
