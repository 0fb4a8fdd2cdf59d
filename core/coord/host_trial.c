/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The course of a trial as the host drives it.
 */
#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/coord/host.h"
#include "core/coord/host_internal.h"
#include "core/coord/ticks.h"
#include "core/measure/door.h"

#define STOP_NS (4 * NS_PER_S)
#define LAST_MARK_NS (250 * NS_PER_MS)

static const char *const running_stage[] = {
	[LANE_FIRST] = "at the barrier before the first message",
	[LANE_WARMUP] = "in the warm-up",
	[LANE_TIMED] = "in the timed region",
};

static int
copy_text(char *to, size_t cap, const char *from, const char *what,
	  struct weir_error *err)
{
	if (strlen(from) >= cap)
		return weir_error_set(err, WEIR_EINVALID,
				      "%s is longer than %zu bytes: \"%.40s…\"",
				      what, cap - 1, from);
	memcpy(to, from, strlen(from) + 1);
	return WEIR_OK;
}

static int
copy_options(struct message_option *to, const struct plan_option *from,
	     size_t n, struct weir_error *err)
{
	int status = WEIR_OK;

	for (size_t i = 0; i < n && !status; i++) {
		status = copy_text(to[i].name, sizeof(to[i].name),
				   from[i].row->name, "an option's name", err);
		if (status == WEIR_OK)
			status = copy_text(to[i].text, sizeof(to[i].text),
					   from[i].text, from[i].row->name,
					   err);
	}
	return status;
}

static int
fill_options(struct message_setup *setup, const struct plan_cell *cell,
	     struct weir_error *err)
{
	int status;

	if (cell->n_options > MESSAGE_OPTIONS_MAX)
		return weir_error_set(err, WEIR_EINVALID,
				      "the transport has %zu options, more "
				      "than %d", cell->n_options,
				      MESSAGE_OPTIONS_MAX);
	assert(cell->n_further <= MESSAGE_AXES_MAX);
	setup->n_options = cell->n_options;
	setup->n_further = cell->n_further;
	setup->axes = cell->axes;
	status = copy_options(setup->options, cell->options, cell->n_options,
			      err);
	return status ? status :
			copy_options(setup->further, cell->further,
				     cell->n_further, err);
}

static uint64_t
limit(uint64_t value)
{
	return value ? value : UINT64_MAX;
}

/* What all sides of the trial have in common. */
static int
fill_setup(const struct host *host, const struct host_trial *trial,
	   struct message_setup *setup, struct weir_error *err)
{
	const struct plan_run *run = host->config->run;
	const struct plan_cell *cell = trial->cell;
	int status;

	memset(setup, 0, sizeof(*setup));
	snprintf(setup->cell, sizeof(setup->cell), "%s", cell->id);
	snprintf(setup->transport, sizeof(setup->transport), "%s",
		 cell->axes.transport);
	setup->boundary = cell->axes.boundary;
	setup->trial = trial->index;
	/* A plugin that was named by its path here goes by its name there. */
	status = copy_text(setup->plugin, sizeof(setup->plugin),
			   trial->plugin->name, "a plugin's name", err);
	if (status == WEIR_OK && host->config->client_directory)
		status = copy_text(setup->directory, sizeof(setup->directory),
				   host->config->client_directory,
				   "the run's directory", err);
	if (status == WEIR_OK)
		status = fill_options(setup, cell, err);
	setup->pattern = cell->axes.pattern;
	setup->verify = run->verify;
	setup->size_bytes = cell->axes.size_bytes;
	setup->client_initiates = run->initiator == PLAN_CLIENT_INITIATES;
	setup->include_first = run->include_first_message;
	setup->realtime = (uint64_t)run->realtime;
	setup->mlockall = run->mlockall;
	setup->comparable_clocks = host_comparable_clocks(host);
	if (status == WEIR_OK)
		status = ticks_fill(run, setup, err);
	if (run->warmup_ns || run->warmup_count) {
		setup->warmup_count = limit((uint64_t)run->warmup_count);
		setup->warmup_ns = limit(run->warmup_ns);
	}
	setup->count = limit((uint64_t)run->count);
	setup->duration_ns = limit(run->duration_ns);
	setup->deadline_ns = run->deadline_ns;
	setup->schedule_seed = trial->schedule_seed;
	setup->n_all_channels = axes_channels(&cell->axes);
	return status;
}

/* Spinning on a CPU that others need for their part only keeps them off it. */
static enum gauge_mode
choose_gauge(const struct host_trial *trial)
{
	const struct affinity *affinity = trial->affinity;

	if (trial->plugin->ops.capabilities & WEIR_CAP_LOOPBACK ||
	    trial->cell->axes.pattern == PLAN_CONNECT)
		return GAUGE_NONE;
	return affinity->shared_cpu ||
	       2 * affinity->n_channels > affinity->n_cpus ? GAUGE_YIELD :
							     GAUGE_SPIN;
}

static int
send_setups(struct host *host, const struct host_trial *trial,
	    struct weir_error *err)
{
	struct message *message = &host->message;
	uint32_t all = axes_channels(&trial->cell->axes), first = 0;

	if (all < host->n_clients)
		return weir_error_set(err, WEIR_EINVALID,
				      "%u channels can't be shared by %u "
				      "clients: let concurrency be at least "
				      "the number of clients", all,
				      host->n_clients);
	for (uint32_t i = 0; i < host->n_clients; i++) {
		struct host_client *client = host->clients[i];
		uint32_t n = (all - first) / (host->n_clients - i);
		int status;

		client->first_channel = first;
		client->n_channels = n;
		client->joined = 0;
		client->arrived = -1;
		client->has_result = false;
		report_fini(&client->report);
		report_fini(&client->own);
		message->type = MESSAGE_SETUP;
		message->setup.first_channel = first;
		message->setup.n_channels = n;
		for (uint32_t k = 0; k < n; k++)
			message->setup.cpus[k] =
				trial->affinity->client[first + k];
		status = control_send(client->control, message, NULL, 0, err);
		if (status) {
			client->lost = true;
			return status;
		}
		first += n;
	}
	return WEIR_OK;
}

/* Of the transport's descriptors, where the client notes, a tape, and a gauge
 * where there is one. */
static int
send_offer(struct host_client *client, uint32_t channel,
	   const struct weir_offer *offer, int tape, int gauge,
	   struct weir_error *err)
{
	struct message message = { .type = MESSAGE_OFFER };
	int fds[MESSAGE_FDS_MAX], status;
	uint32_t n = offer->n_fds;

	memcpy(fds, offer->fds, n * sizeof(fds[0]));
	if (tape >= 0)
		fds[n++] = tape;
	if (gauge >= 0)
		fds[n++] = gauge;
	message.offer.channel = channel;
	message.offer.n_fds = n;
	memcpy(message.offer.address, offer->address, sizeof(offer->address));
	status = control_send(client->control, &message, fds, n, err);
	if (status)
		client->lost = true;
	return status;
}

/* Instead of an offer: the lanes make theirs themselves, and hand them over
 * at this door. */
static int
open_door(struct host *host, uint32_t channel, struct weir_offer *ret_offer,
	  struct weir_error *err)
{
	int ends[2];
	int status = door_make(ends, err);

	if (status)
		return status;
	channels_set_door(&host->channels, channel, ends[0]);
	*ret_offer = (struct weir_offer){ .size = sizeof(*ret_offer) };
	memset(ret_offer->fds, -1, sizeof(ret_offer->fds));
	ret_offer->fds[ret_offer->n_fds++] = ends[1];
	return WEIR_OK;
}

static int
offer_one(struct host *host, const struct host_trial *trial,
	  struct host_client *client, uint32_t channel, struct weir_error *err)
{
	bool notes = trial->tapes && lane_notes(&host->channels.lane);
	int tape = trial->tapes && !notes ? trial->tapes[channel] : -1;
	struct weir_offer offer;
	int status = WEIR_OK, gauge;

	if (notes)
		status = channels_set_tape(&host->channels, channel,
					   trial->tapes[channel], err);
	if (status == WEIR_OK)
		status = host->channels.lane.connects ?
				 open_door(host, channel, &offer, err) :
				 channels_offer(&host->channels, channel,
						&offer, err);
	if (status)
		return status;
	status = channels_make_gauge(&host->channels, channel, &gauge, err);
	if (status == WEIR_OK)
		status = send_offer(client, channel, &offer, tape, gauge, err);
	if (gauge >= 0)
		close(gauge);
	channels_close_fds(&offer);
	return status;
}

static bool
all_joined(const struct host *host, int crew_phase)
{
	(void)crew_phase;
	for (uint32_t i = 0; i < host->n_clients; i++) {
		if (host->clients[i]->joined < host->clients[i]->n_channels)
			return false;
	}
	return true;
}

static int
set_up_channels(struct host *host, const struct host_trial *trial,
		struct weir_error *err)
{
	const struct plan_run *run = host->config->run;
	int status = WEIR_OK;

	for (uint32_t i = 0; i < host->n_clients; i++) {
		struct host_client *client = host->clients[i];

		for (uint32_t k = 0; k < client->n_channels && !status; k++)
			status = offer_one(host, trial, client,
					   client->first_channel + k, err);
	}
	if (status == WEIR_OK)
		status = host_wait(host, all_joined, run->stall_timeout_ns,
				   err);
	if (host->channels.lane.connects)
		return status;
	for (uint32_t k = 0; k < host->channels.n && !status; k++)
		status = channels_accept(&host->channels, k,
					 clock_deadline_ns(
						run->stall_timeout_ns), err);
	return status;
}

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
		int status = control_send(host->clients[i]->control, &message,
					  NULL, 0, err);

		if (status) {
			host->clients[i]->lost = true;
			return status;
		}
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

static int
run_trial(struct host *host, const struct host_trial *trial,
	  struct report *ret_host, struct report *ret_clients,
	  struct weir_error *err)
{
	struct message_setup *setup = &host->message.setup;
	int status;

	host->stage = "during set-up";
	status = fill_setup(host, trial, setup, err);
	if (status)
		return status;
	setup->n_channels = setup->n_all_channels;
	setup->gauge = choose_gauge(trial);
	status = channels_create(setup, trial->plugin, WEIR_SIDE_HOST,
				 trial->affinity->host,
				 host->config->directory, &host->channels,
				 err);
	if (status)
		return status;
	/* Its lane knows by now which side notes. */
	setup->notes = trial->tapes && !lane_notes(&host->channels.lane);
	status = send_setups(host, trial, err);
	if (status == WEIR_OK)
		status = set_up_channels(host, trial, err);
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
