/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The course of a trial as the host drives it.
 */
#include <poll.h>

#include "core/base/clock.h"
#include "core/coord/host_internal.h"
#include "core/coord/ticks.h"

#define STOP_NS (4 * NS_PER_S)
#define LAST_MARK_NS (250 * NS_PER_MS)

static const char *const running_stage[] = {
	[LANE_FIRST] = "at the barrier before the first message",
	[LANE_WARMUP] = "in the warm-up",
	[LANE_TIMED] = "in the timed region",
};

/* Everybody is at the barrier before the phase that is to come. */
static bool
all_arrived(const struct host *host, int phase)
{
	for (uint32_t i = 0; i < host->n_clients; i++) {
		if (host->clients[i]->arrived < phase)
			return false;
	}
	return true;
}

static bool
at_first(const struct host *host, int phase)
{
	return phase >= LANE_FIRST && all_arrived(host, LANE_FIRST);
}

static bool
at_warmup(const struct host *host, int phase)
{
	return phase >= LANE_WARMUP && all_arrived(host, LANE_WARMUP);
}

static bool
at_timed(const struct host *host, int phase)
{
	return phase >= LANE_TIMED && all_arrived(host, LANE_TIMED);
}

static bool
host_is_done(const struct host *host, int phase)
{
	(void)host;
	return phase == LANE_DONE;
}

static bool
all_reported(const struct host *host, int phase)
{
	(void)phase;
	for (uint32_t i = 0; i < host->n_clients; i++) {
		if (!host->clients[i]->has_result)
			return false;
	}
	return true;
}

static int
go(struct host *host, enum lane_phase phase, struct weir_error *err)
{
	const struct message message = { .type = MESSAGE_GO,
					 .phase = phase };

	for (uint32_t i = 0; i < host->n_clients; i++) {
		int status = host_tell(host, host->clients[i], &message, NULL,
				       0, err);

		if (status)
			return status;
	}
	host->stage = running_stage[phase];
	crew_release(host->channels.crew, phase);
	return WEIR_OK;
}

/* A client's lanes may come to the end, and it die, before the lanes here have
 * seen the answer to their last mark. */
static bool
come_to_the_end(struct host *host)
{
	struct pollfd event = { .fd = crew_event_fd(host->channels.crew),
				.events = POLLIN };
	uint64_t deadline_ns = clock_deadline_ns(LAST_MARK_NS);
	bool failed;

	for (;;) {
		int phase = crew_state(host->channels.crew, &failed);
		int timeout_ms = clock_poll_timeout_ms(deadline_ns);

		if (failed || phase == LANE_DONE || timeout_ms == 0)
			return !failed && phase == LANE_DONE;
		poll(&event, 1, timeout_ms);
	}
}

static int
run_phases(struct host *host, struct weir_error *err)
{
	uint64_t idle_ns = host->config->run->stall_timeout_ns;
	int status;

	host->stage = "at the barrier before the first message";
	status = host_wait(host, at_first, idle_ns, err);
	if (status == WEIR_OK)
		status = go(host, LANE_FIRST, err);
	if (status == WEIR_OK && host->channels.lane.warm) {
		status = host_wait(host, at_warmup, idle_ns, err);
		if (status == WEIR_OK)
			status = go(host, LANE_WARMUP, err);
	}
	if (status == WEIR_OK)
		status = host_wait(host, at_timed, idle_ns, err);
	if (status == WEIR_OK) {
		channels_watch(&host->channels);
		status = go(host, LANE_TIMED, err);
	}
	if (status == WEIR_OK)
		status = host_wait(host, host_is_done, idle_ns, err);
	/* Its end is met again by the next wait, and named there. */
	if (status == WEIR_EPEER && come_to_the_end(host))
		status = WEIR_OK;
	if (status)
		return status;
	host->stage = "while the client sent its results";
	return host_wait(host, all_reported, idle_ns, err);
}

/* What each of several clients has measured is asked for again. */
static int
add(const struct host *host, struct report *to, struct report *from,
    struct weir_error *err)
{
	return host->n_clients > 1 ? report_merge(to, from, err) :
				     report_take(to, from, err);
}

static int
collect(struct host *host, struct report *to_host, struct report *to_clients,
	struct weir_error *err)
{
	int status = WEIR_OK;

	channels_evidence(&host->channels, &to_host->evidence);
	for (uint32_t i = 0; i < host->n_clients && !status; i++) {
		struct host_client *client = host->clients[i];

		status = channels_report(&host->channels,
					 client->first_channel,
					 client->n_channels, &client->own,
					 err);
		if (status == WEIR_OK)
			status = add(host, to_host, &client->own, err);
		if (status == WEIR_OK)
			status = add(host, to_clients, &client->report, err);
	}
	return status;
}

/* The channels of this side, and what the clients need to know to make
 * theirs. */
static int
set_up(struct host *host, const struct host_trial *trial,
       struct weir_error *err)
{
	struct message message = { .type = MESSAGE_SETUP };
	struct message_setup *setup = &message.setup;
	int status = host_setup_fill(host, trial, setup, err);

	setup->n_channels = setup->n_all_channels;
	if (status == WEIR_OK)
		status = channels_create(setup, trial->plugin, WEIR_SIDE_HOST,
					 trial->affinity->host,
					 host->config->directory,
					 &host->channels, err);
	if (status == WEIR_OK) {
		/* Its lane knows by now which side notes. */
		setup->notes = trial->tapes &&
			       !lane_notes(&host->channels.lane);
		status = host_setup_send(host, trial, &message, err);
	}
	message_fini(&message);
	return status;
}

static int
run_trial(struct host *host, const struct host_trial *trial,
	  struct report *ret_host, struct report *ret_clients,
	  struct weir_error *err)
{
	int status;

	host->stage = "during set-up";
	status = set_up(host, trial, err);
	if (status == WEIR_OK)
		status = host_offer_all(host, trial, err);
	if (status == WEIR_OK)
		status = channels_start(&host->channels, err);
	if (status == WEIR_OK)
		status = run_phases(host, err);
	if (status == WEIR_OK)
		status = collect(host, ret_host, ret_clients, err);
	if (status == WEIR_OK)
		status = ticks_check(&host->channels.tsc, err);
	return status;
}

static bool
all_stopped(const struct host *host, int crew_phase)
{
	(void)crew_phase;
	for (uint32_t i = 0; i < host->n_clients; i++) {
		if (host->clients[i]->stopping && !host->clients[i]->lost)
			return false;
	}
	return true;
}

/* Ends a trial that failed, here and there, and brings the clients back to
 * idle. What can't be brought back is lost. */
static void
stop_trial(struct host *host, int status)
{
	struct message message = { .type = MESSAGE_STOP };
	struct weir_error why;

	message.fail.status = (uint64_t)status;
	for (uint32_t i = 0; i < host->n_clients; i++) {
		struct host_client *client = host->clients[i];

		client->stopping = !client->lost;
		if (!client->lost &&
		    control_send(client->control, &message, NULL, 0, NULL))
			client->lost = true;
	}
	if (status != WEIR_ECANCELED &&
	    host_wait(host, all_stopped, STOP_NS, &why) == WEIR_OK)
		return;
	for (uint32_t i = 0; i < host->n_clients; i++)
		host->clients[i]->lost |= host->clients[i]->stopping;
}

int
host_run_trial(struct host *host, const struct host_trial *trial,
	       struct report *ret_host, struct report *ret_clients,
	       bool *ret_client_lost, struct weir_error *err)
{
	int status;

	report_init(ret_host);
	report_init(ret_clients);
	status = run_trial(host, trial, ret_host, ret_clients, err);
	if (status)
		weir_error_prefix(err, "%s: ", host->stage);
	if (!channels_destroy(&host->channels) && status == WEIR_OK)
		status = weir_error_set(err, WEIR_ETIMEOUT,
					"the transport did not return from "
					"a cancel");
	if (status)
		stop_trial(host, status);
	*ret_client_lost = false;
	for (uint32_t i = 0; i < host->n_clients; i++)
		*ret_client_lost |= status && host->clients[i]->lost;
	return status;
}
