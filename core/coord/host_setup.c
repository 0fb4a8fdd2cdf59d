/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What SETUP tells the clients of a trial, and each one's share of it.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/coord/host_internal.h"
#include "core/coord/ticks.h"

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
copy_options(const struct plan_option *from, size_t n,
	     struct message_option **ret_to, struct weir_error *err)
{
	struct message_option *to = calloc(n + 1, sizeof(*to));
	int status = WEIR_OK;

	if (!to)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a trial's options");
	*ret_to = to;
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
	status = copy_options(cell->options, cell->n_options, &setup->options,
			      err);
	return status ? status :
			copy_options(cell->further, cell->n_further,
				     &setup->further, err);
}

static uint64_t
limit(uint64_t value)
{
	return value ? value : UINT64_MAX;
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

int
host_setup_fill(const struct host *host, const struct host_trial *trial,
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
	setup->gauge = choose_gauge(trial);
	return status;
}

int
host_setup_send(struct host *host, const struct host_trial *trial,
		struct message *message, struct weir_error *err)
{
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
		message->setup.first_channel = first;
		message->setup.n_channels = n;
		for (uint32_t k = 0; k < n; k++)
			message->setup.cpus[k] =
				trial->affinity->client[first + k];
		status = host_tell(host, client, message, NULL, 0, err);
		if (status)
			return status;
		first += n;
	}
	return WEIR_OK;
}
