/* SPDX-License-Identifier: Apache-2.0 */
#include "core/run/trial.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/coord/host.h"
#include "core/launch/launch.h"
#include "core/measure/affinity.h"
#include "core/output/stream.h"

static const struct plan_cell *
cell_of(const struct trial *trial)
{
	return &trial->config->plan->cells[trial->cell];
}

/* Two threads that spin on one CPU only take turns at the scheduler's
 * pleasure: such a figure means nothing. */
static int
check_spin(const struct plan_cell *cell, const struct affinity *affinity,
	   struct weir_error *err)
{
	for (size_t i = 0; i < cell->n_options; i++) {
		const struct plan_option *option = &cell->options[i];

		if (affinity->shared_cpu &&
		    strcmp(option->row->name, "wait") == 0 &&
		    strcmp(option->text, "spin") == 0)
			return weir_error_set(err, WEIR_EUNAVAILABLE,
				"host and client share CPU %d, where spinning "
				"only keeps the other side from running; use "
				"wait = \"block\" or give cpu.host and "
				"cpu.client a CPU each", affinity->host[0]);
	}
	return WEIR_OK;
}

static int
choose_cpus(const struct trial *trial, struct affinity *ret_affinity,
	    struct weir_error *err)
{
	const struct plan_run *run = &trial->config->plan->run;
	struct strings *warnings = &trial->config->result->warnings;
	struct strings said = { 0 };
	int status;

	status = affinity_choose(run->cpu_host, run->cpu_client,
				 (uint32_t)cell_of(trial)->axes.concurrency,
				 ret_affinity, &said, err);
	for (size_t i = 0; i < said.n; i++) {
		if (!strings_contains(warnings, said.at[i]))
			strings_add(warnings, said.at[i]);
	}
	strings_fini(&said);
	return status ? status : check_spin(cell_of(trial), ret_affinity, err);
}

struct outcome {
	struct report host;
	struct report client;
	struct result_stream stream;
	bool comparable_clocks;
	bool client_lost;
};

/* What the first client of a cell says of itself, and what its launch (or
 * NULL) adds to that. */
static int
keep_client(const struct trial *trial, const struct host *host,
	    const struct launch *launch, struct weir_error *err)
{
	struct result *result = trial->config->result;
	cleanup_free struct facts *facts = NULL;

	if (result->cells[trial->cell].client)
		return WEIR_OK;
	facts = malloc(sizeof(*facts));
	if (!facts)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a client");
	*facts = *host_client_facts(host, 0);
	if (launch)
		launch_add_facts(launch, facts);
	return result_set_client(result, trial->cell, facts, err);
}

/* The client's clock goes into the records of what it receives. */
static int
check_clocks(const struct host_trial *course, bool comparable_clocks,
	     const struct plan_run *run, struct weir_error *err)
{
	bool loopback = course->plugin->ops.capabilities & WEIR_CAP_LOOPBACK;
	bool host_sends = run->initiator == PLAN_HOST_INITIATES;
	bool round_trip = course->cell->axes.pattern == PLAN_ROUND_TRIP;

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
				     .affinity = affinity };
	int status;

	status = keep_client(trial, host, launch, err);
	if (status)
		return status;
	status = registry_get(trial->config->registry, course.cell->plugin,
			      &course.plugin, err);
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

static void
say_how(const struct trial *trial, const char *how, int status,
	struct weir_error *err)
{
	size_t used = strlen(err->text);

	if (!how[0])
		return;
	if (status)
		snprintf(err->text + used, sizeof(err->text) - used, "; %s",
			 how);
	else
		log_warn("%s: the client: %s", cell_of(trial)->id, how);
}

/* A client of our own, for this trial. */
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
	const struct launch_config launch_config = {
		.site = site_launch(trial->site),
		.namespaces = cell_of(trial)->axes.namespaces,
		.warnings = &config->result->warnings,
		.boundary = cell_of(trial)->axes.boundary,
		.run = &config->plan->run,
		.registry = config->registry,
		.facts = &config->result->host,
	};
	struct host *host = NULL;
	struct launch *launch = NULL;
	char how[LAUNCH_HOW_BYTES];
	int status, socket;

	status = host_create(&host_config, &host, err);
	if (status)
		return status;
	status = launch_start(&launch_config, &launch, &socket, err);
	if (status == WEIR_OK && launch_directory(launch))
		host_config.directory = launch_directory(launch);
	if (status == WEIR_OK)
		status = with_launch(trial, host, launch, socket, affinity,
				     outcome, err);
	host_destroy(host);
	launch_end(launch, outcome->client_lost, how);
	say_how(trial, how, status, err);
	return status;
}

static int
with_host(const struct trial *trial, const struct affinity *affinity,
	  struct outcome *outcome, struct weir_error *err)
{
	/* Clients that somebody else has started stay for the run. */
	if (cell_of(trial)->axes.boundary == PLAN_EXTERNAL)
		return with_clients(trial, site_host(trial->site), NULL,
				    affinity,
				    outcome, err);
	return launched(trial, affinity, outcome, err);
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

static int
keep(const struct trial *trial, uint64_t started_ns, int status,
     const struct outcome *outcome, const struct weir_error *why,
     struct weir_error *err)
{
	const struct run_config *config = trial->config;
	const struct plugin *plugin;
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
	status = registry_get(config->registry, cell_of(trial)->plugin,
			      &plugin, err);
	if (status)
		return status;
	sides.loopback = plugin->ops.capabilities & WEIR_CAP_LOOPBACK;
	return result_add_trial(config->result, trial->cell, trial->index,
				started_ns, &sides, err);
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
		status = with_host(trial, &affinity, &outcome, &why);
	*ret_end = outcome.client_lost || status == WEIR_ECANCELED;
	if (status)
		log_info("%s: %s", cell_of(trial)->id, why.text);
	status = keep(trial, started_ns, status, &outcome, &why, err);
	report_fini(&outcome.host);
	report_fini(&outcome.client);
	return status;
}
