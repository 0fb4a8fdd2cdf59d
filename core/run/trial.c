/* SPDX-License-Identifier: Apache-2.0 */
#include "core/run/trial.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/coord/host.h"
#include "core/launch/background.h"
#include "core/launch/launch.h"
#include "core/measure/affinity.h"
#include "core/measure/placement.h"
#include "core/measure/schedule.h"
#include "core/output/stream.h"
#include "core/result/clients.h"
#include "core/run/probe.h"

static const struct plan_cell *
cell_of(const struct trial *trial)
{
	return trial->probe ? &trial->probe->cell :
			      &trial->config->plan->cells[trial->cell];
}

/* Threads that spin on one CPU only take turns at the scheduler's pleasure:
 * between the two sides of a channel such a figure means nothing, and among
 * several channels it means that. */
static int
check_spin(const struct trial *trial, const struct affinity *affinity,
	   struct weir_error *err)
{
	struct strings *warnings =
		&trial->config->result->cells[trial->cell].warnings;
	uint32_t n_threads = 2 * affinity->n_channels;
	char said[256];

	if (!plan_cell_says(cell_of(trial), "wait", "spin"))
		return WEIR_OK;
	if (affinity->shared_cpu)
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				"host and client share CPU %d, where spinning "
				"only keeps the other side from running; use "
				"wait = \"block\" or give cpu.host and "
				"cpu.client a CPU each", affinity->host[0]);
	if (n_threads <= affinity->n_cpus)
		return WEIR_OK;
	snprintf(said, sizeof(said), "%u threads spin on %u CPUs and keep each "
		 "other from running; use wait = \"block\" or \"adaptive\", or "
		 "a concurrency of %u at most", n_threads, affinity->n_cpus,
		 affinity->n_cpus / 2);
	if (!strings_contains(warnings, said))
		strings_add(warnings, said);
	return WEIR_OK;
}

static int
choose_cpus(const struct trial *trial, struct affinity *ret_affinity,
	    struct weir_error *err)
{
	const struct plan_run *run = &trial->config->plan->run;
	const struct plan_axes *axes = &cell_of(trial)->axes;
	struct strings *warnings = &trial->config->result->warnings;
	struct strings said = { 0 };
	int status;

	if (axes->placement != PLAN_AUTO)
		status = placement_choose((enum placement)axes->placement,
					  axes_channels(axes),
					  ret_affinity, err);
	else
		status = affinity_choose(run->cpu_host, run->cpu_client,
					 axes_channels(axes),
					 ret_affinity, &said, err);
	for (size_t i = 0; i < said.n; i++) {
		if (!strings_contains(warnings, said.at[i]))
			strings_add(warnings, said.at[i]);
	}
	strings_fini(&said);
	return status ? status : check_spin(trial, ret_affinity, err);
}

struct outcome {
	const struct plugin *plugin; /* NULL: not to be had */
	struct report host;
	struct report client;
	struct result_stream stream;
	bool comparable_clocks;
	bool client_lost;
	const struct host *shared; /* has several clients; else NULL */
};

/* What the clients of a cell say of themselves, and what the launch of a
 * single one (or NULL) adds to that. */
static int
keep_clients(const struct trial *trial, const struct host *host,
	    const struct launch *launch, struct weir_error *err)
{
	struct result *result = trial->config->result;
	cleanup_free struct facts *facts = NULL;
	uint32_t n = host_n_clients(host);

	if (result->cells[trial->cell].clients)
		return WEIR_OK;
	facts = calloc(n + 1, sizeof(*facts));
	if (!facts)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for the clients");
	for (uint32_t i = 0; i < n; i++)
		facts[i] = *host_client_facts(host, i);
	if (launch)
		launch_add_facts(launch, &facts[0]);
	return result_set_clients(result, trial->cell, facts, n, err);
}

/* The client's clock goes into the records of what it receives. */
static int
check_clocks(const struct host_trial *course, bool comparable_clocks,
	     const struct plan_run *run, struct weir_error *err)
{
	bool loopback = course->plugin->ops.capabilities & WEIR_CAP_LOOPBACK;
	bool host_sends = run->initiator == PLAN_HOST_INITIATES;
	bool round_trip = axes_answered(&course->cell->axes);

	if (comparable_clocks || loopback || host_sends == round_trip)
		return WEIR_OK;
	return weir_error_set(err, WEIR_EUNAVAILABLE,
			      "the client, whose clock can't be compared with "
			      "the host's, would have to time this stream; "
			      "stream what the host receives: %s",
			      round_trip ? "round trips that it initiates" :
					   "one way from the client, or round "
					   "trips");
}

/* A thread that sends by schedule can't wait in a send for room which it has
 * to make itself, by receiving. */
static int
check_try(const struct host_trial *course, struct weir_error *err)
{
	const struct plan_axes *axes = &course->cell->axes;

	if (axes->pattern != PLAN_PACED || !axes_answered(axes) ||
	    (course->plugin->ops.capabilities & WEIR_CAP_TRY))
		return WEIR_OK;
	return weir_error_set(err, WEIR_EUNAVAILABLE,
			      "the transport \"%s\" can't send and receive "
			      "without waiting (WEIR_CAP_TRY), which paced "
			      "messages with answers need: use direction = "
			      "\"one_way\"", course->plugin->name);
}

/* What an open loop needs to know besides its cell. */
static void
set_pace(const struct trial *trial, struct host_trial *course)
{
	const struct plan *plan = trial->config->plan;
	uint64_t number = (uint64_t)trial->index * plan->n_cells + trial->cell;

	if (trial->probe)
		number += (uint64_t)trial->probe->number << 32;
	if (course->cell->axes.pattern != PLAN_PACED)
		return;
	course->schedule_seed =
		schedule_seed(trial->config->result->seed, number);
}

/* Runs the trial, and its stream beside it. */
static int
run_course(const struct trial *trial, struct host *host,
	   struct host_trial *course, struct outcome *outcome,
	   struct weir_error *err)
{
	struct output_stream *stream = trial->config->stream;
	int status = WEIR_OK;

	if (stream)
		status = check_clocks(course, outcome->comparable_clocks,
				      &trial->config->plan->run, err);
	if (stream && status == WEIR_OK)
		status = output_stream_begin(stream, course->cell,
					     trial->index, course->affinity,
					     &course->tapes, err);
	if (status)
		return status;
	status = host_run_trial(host, course, &outcome->host,
				&outcome->client, &outcome->client_lost, err);
	if (stream)
		output_stream_end(stream, &outcome->stream);
	return status;
}

/* Runs the trial with the clients of a host. */
static int
with_clients(const struct trial *trial, struct host *host,
	     const struct launch *launch, const struct affinity *affinity,
	     struct outcome *outcome, struct weir_error *err)
{
	struct host_trial course = { .cell = cell_of(trial),
				     .plugin = outcome->plugin,
				     .index = trial->index,
				     .affinity = affinity };
	int status;

	set_pace(trial, &course);
	status = keep_clients(trial, host, launch, err);
	if (status == WEIR_OK)
		status = check_try(&course, err);
	if (status)
		return status;
	outcome->comparable_clocks = host_comparable_clocks(host);
	return run_course(trial, host, &course, outcome, err);
}

/* Meets the client that was launched. */
static int
with_launch(const struct trial *trial, struct host *host,
	    struct launch *launch, int socket, const struct affinity *affinity,
	    struct outcome *outcome, struct weir_error *err)
{
	int status = host_add_client(host, socket, launch_name(launch),
				     launch_exit_fd(launch), err);

	if (status) {
		outcome->client_lost = status != WEIR_ECANCELED;
		return status;
	}
	return with_clients(trial, host, launch, affinity, outcome, err);
}

/* How a client ended explains why it went away, or fell silent; of anything
 * else the failure itself says more. */
static void
say_how(const struct trial *trial, const char *how, int status,
	struct weir_error *err)
{
	size_t used = strlen(err->text);

	if (!how[0])
		return;
	if (status == WEIR_EPEER || status == WEIR_ETIMEOUT)
		snprintf(err->text + used, sizeof(err->text) - used, "; %s",
			 how);
	else if (status)
		log_info("%s: the client: %s", cell_of(trial)->id, how);
	else
		log_warn("%s: the client: %s", cell_of(trial)->id, how);
}

/* WEIR_PLUGIN_PATH, by which a client process learns of the folder of a
 * plugin, can't say every name. */
static int
check_folder(const struct plan_cell *cell, const struct plugin *plugin,
	     struct weir_error *err)
{
	if (cell->axes.boundary == PLAN_THREAD || !strchr(cell->plugin, '/') ||
	    !strchr(plugin->path, ':'))
		return WEIR_OK;
	return weir_error_set(err, WEIR_EUNAVAILABLE,
			      "a client can't be told of \"%s\": the path of "
			      "a plugin may not hold ':'", plugin->path);
}

/* A client of our own, for this trial. */
static int
launch_client(const struct trial *trial, const struct launch_config *config,
	      struct host_config *host_config,
	      const struct affinity *affinity, struct outcome *outcome,
	      struct weir_error *err)
{
	struct host *host = NULL;
	struct launch *launch = NULL;
	char how[LAUNCH_HOW_BYTES];
	int status, socket;

	status = host_create(host_config, &host, err);
	if (status)
		return status;
	status = launch_start(config, &launch, &socket, err);
	if (status == WEIR_OK && launch_directory(launch))
		host_config->directory = launch_directory(launch);
	/* A client in a container finds its directory around its socket. */
	host_config->client_directory = host_config->directory;
	if (status == WEIR_OK && launch_directory(launch))
		host_config->client_directory = ".";
	if (status == WEIR_OK)
		status = with_launch(trial, host, launch, socket, affinity,
				     outcome, err);
	host_destroy(host);
	launch_end(launch, outcome->client_lost, how);
	say_how(trial, how, status, err);
	return status;
}

static int
launched(const struct trial *trial, const struct affinity *affinity,
	 struct outcome *outcome, struct weir_error *err)
{
	const struct run_config *config = trial->config;
	struct host_config host_config = {
		.run = &config->plan->run,
		.facts = &config->result->host,
		.directory = site_directory(trial->site),
		.stop_fd = config->stop_fd,
	};
	struct launch_config launch_config = {
		.site = site_launch(trial->site),
		.namespaces = cell_of(trial)->axes.namespaces,
		.boundary = cell_of(trial)->axes.boundary,
		.run = &config->plan->run,
		.registry = config->registry,
		.plugin = outcome->plugin,
		.facts = &config->result->host,
	};
	int status = check_folder(cell_of(trial), outcome->plugin, err);

	return status ? status :
			launch_client(trial, &launch_config, &host_config,
				      affinity, outcome, err);
}

/* Memory that the other side can truncate, by which it ends this one, is for
 * sides that trust each other: a container is there not to be trusted. */
static int
check_trust(const struct trial *trial, const struct plugin *plugin,
	    struct weir_error *err)
{
	const struct plan_cell *cell = cell_of(trial);

	if (trial->config->plan->run.trust_peer ||
	    (cell->axes.boundary != PLAN_CONTAINER &&
	     cell->axes.boundary != PLAN_EXTERNAL) ||
	    !(plugin->ops.capabilities & WEIR_CAP_UNSEALED) ||
	    !plan_cell_says(cell, "rendezvous", "path"))
		return WEIR_OK;
	return weir_error_set(err, WEIR_EUNAVAILABLE,
			      "with rendezvous = path the memory can't be "
			      "sealed, and the other side of the boundary %s "
			      "could end this one by truncating it: use "
			      "rendezvous = fd, or set trust_peer = true",
			      plan_boundary_names[cell->axes.boundary]);
}

static int
with_host(const struct trial *trial, const struct affinity *affinity,
	  struct outcome *outcome, struct weir_error *err)
{
	struct host *host = site_host(trial->site);
	int status = registry_get(trial->config->registry,
				  cell_of(trial)->plugin, &outcome->plugin,
				  err);

	if (status == WEIR_OK)
		status = check_trust(trial, outcome->plugin, err);
	if (status)
		return status;
	if (cell_of(trial)->axes.boundary != PLAN_EXTERNAL)
		return launched(trial, affinity, outcome, err);
	/* Clients that somebody else has started stay for the run. */
	if (host_n_clients(host) > 1)
		outcome->shared = host;
	return with_clients(trial, host, NULL, affinity, outcome, err);
}

/* A fault that lies in what was asked of this transport or machine, and not
 * in the course of the trial. */
static enum result_status
status_of_fault(int status)
{
	switch (status) {
	case WEIR_EINVALID:
	case WEIR_EUNAVAILABLE:
	case WEIR_ETOOBIG:
		return RESULT_REFUSED;
	default:
		return RESULT_FAILED;
	}
}

/* What was measured with each of several clients. */
static void
find_shares(const struct host *host, struct result_share *shares,
	    struct result_sides *sides)
{
	sides->n_shares = host ? host_n_clients(host) : 0;
	sides->shares = shares;
	for (uint32_t i = 0; i < sides->n_shares; i++) {
		shares[i].host = host_share(host, i);
		shares[i].client = host_client_report(host, i);
	}
}

static int
keep(const struct trial *trial, uint64_t started_ns, int status,
     const struct outcome *outcome, const struct weir_error *why,
     struct weir_error *err)
{
	const struct run_config *config = trial->config;
	struct result_share shares[HOST_CLIENTS_MAX];
	struct result_sides sides = {
		.host = &outcome->host,
		.client = &outcome->client,
		.comparable_clocks = outcome->comparable_clocks,
	};

	started_ns -= config->result->started_ns;
	stream_add(config->result, trial->cell, trial->index,
		   &outcome->stream);
	if (status == WEIR_ECANCELED)
		return WEIR_OK; /* as if it had never begun */
	if (status && result_add_failure(config->result, trial->cell,
					 trial->index, started_ns,
					 status_of_fault(status), why))
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for the result of %s",
				      cell_of(trial)->id);
	if (status)
		return WEIR_OK;
	if (trial->probe)
		probe_take(trial->probe, &outcome->host, &outcome->client);
	find_shares(outcome->shared, shares, &sides);
	sides.loopback = outcome->plugin->ops.capabilities & WEIR_CAP_LOOPBACK;
	return result_add_trial(config->result, trial->cell, trial->index,
				started_ns, &sides, err);
}

/* What was to disturb the trial did not do so to its end. */
static void
note_background(const struct trial *trial, const char *how)
{
	struct strings *warnings =
		&trial->config->result->cells[trial->cell].warnings;
	char said[BACKGROUND_HOW_BYTES + 128];

	snprintf(said, sizeof(said), "the command in the background did not "
		 "last for the whole trial: %s", how);
	if (*how && !strings_contains(warnings, said))
		strings_add(warnings, said);
}

/* Whatever comes of the trial, its background ends with it. */
static int
beside_background(const struct trial *trial, const struct affinity *affinity,
		  struct outcome *outcome, struct weir_error *err)
{
	struct background *background;
	char how[BACKGROUND_HOW_BYTES];
	int status = background_start(cell_of(trial)->axes.background,
				      &background, err);

	if (status)
		return status;
	status = with_host(trial, affinity, outcome, err);
	background_end(background, how);
	if (status == WEIR_OK)
		note_background(trial, how);
	return status;
}

int
trial_run(const struct trial *trial, bool *ret_end, struct weir_error *err)
{
	struct weir_error why = { 0 };
	uint64_t started_ns = clock_now_ns();
	struct affinity affinity;
	struct outcome outcome = { 0 };
	int status;

	report_init(&outcome.host);
	report_init(&outcome.client);
	status = choose_cpus(trial, &affinity, &why);
	if (status == WEIR_OK)
		status = beside_background(trial, &affinity, &outcome, &why);
	*ret_end = outcome.client_lost || status == WEIR_ECANCELED;
	if (status)
		log_info("%s: %s", cell_of(trial)->id, why.text);
	status = keep(trial, started_ns, status, &outcome, &why, err);
	report_fini(&outcome.host);
	report_fini(&outcome.client);
	return status;
}
