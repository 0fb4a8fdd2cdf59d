/* SPDX-License-Identifier: Apache-2.0 */
#include "core/coord/client_setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/log.h"
#include "core/measure/affinity.h"
#include "core/plugin/plugin.h"

/* A CPU that this side may not use is left out: the real mask is in the
 * report, and a pinned thread that can't start would fail the trial. */
static void
allow_cpus(struct message_setup *setup)
{
	for (uint64_t i = 0; i < setup->n_channels; i++) {
		if (setup->cpus[i] == AFFINITY_ANY ||
		    affinity_allowed(setup->cpus[i]))
			continue;
		log_warn("CPU %d is not allowed on this side; channel %u is "
			 "not pinned", setup->cpus[i],
			 (unsigned)(setup->first_channel + i));
		setup->cpus[i] = AFFINITY_ANY;
	}
}

/* The name becomes part of a path only inside the registry, which takes
 * short names and nothing else from here. */
static int
find_plugin(const struct client_config *config, const char *name,
	    const struct plugin **ret_plugin, struct weir_error *err)
{
	if (strchr(name, '/'))
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "the host asked for the plugin \"%s\", "
				      "which is a path", name);
	if (!config->plugin || strcmp(config->plugin->name, name) != 0)
		return registry_get(config->registry, name, ret_plugin, err);
	*ret_plugin = config->plugin;
	return WEIR_OK;
}

static void
record_axes(const struct message_setup *setup, struct plan_cell *cell)
{
	for (uint64_t i = 0; i < setup->n_further; i++)
		cell->further[cell->n_further++] = (struct plan_option){
			.row = option_find(&plan_axes_table,
					   setup->further[i].name),
			.text = setup->further[i].text,
		};
}

static void
record_options(const struct message_setup *setup, const struct plugin *plugin,
	       struct plan_cell *cell)
{
	for (uint64_t i = 0; i < setup->n_options; i++) {
		const struct weir_option *row = option_find(
			&plugin->options, setup->options[i].name);

		if (row)
			cell->options[cell->n_options++] =
				(struct plan_option){
					.row = row,
					.text = setup->options[i].text,
				};
	}
}

/* The trial in hand goes into the client's own results, also where its
 * plugin is not to be had (NULL). */
static int
record_trial(struct own *own, struct message_setup *setup,
	     const struct plugin *plugin, struct weir_error *err)
{
	struct plan_option options[MESSAGE_OPTIONS_MAX];
	struct plan_option further[MESSAGE_AXES_MAX];
	struct own_trial trial = {
		.cell.id = setup->cell,
		.cell.plugin = setup->plugin,
		.cell.options = options,
		.cell.further = further,
		.cell.axes = setup->axes,
		.index = (uint32_t)setup->trial,
		.initiates = setup->client_initiates,
	};

	if (!own)
		return WEIR_OK;
	trial.cell.axes.transport = setup->transport;
	record_axes(setup, &trial.cell);
	if (plugin) {
		record_options(setup, plugin, &trial.cell);
		trial.loopback = plugin->ops.capabilities & WEIR_CAP_LOOPBACK;
	}
	return own_begin(own, &trial, err);
}

/* The run's directory, which the host calls `name`, by this side's name for
 * it; the caller frees. */
static int
find_directory(const char *folder, const char *name, char **ret_path,
	       struct weir_error *err)
{
	char *path = NULL;

	if (folder && (strchr(name, '/') || strcmp(name, "..") == 0))
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "the host named the directory \"%.200s\","
				      " which is not beside the control socket",
				      name);
	if (!folder || !*name)
		path = strdup(name);
	else if (strcmp(name, ".") == 0)
		path = strdup(folder);
	else if (asprintf(&path, "%s/%s", folder, name) < 0)
		path = NULL;
	if (!path)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a path");
	*ret_path = path;
	return WEIR_OK;
}

int
client_set_up(const struct client_config *config, struct message_setup *setup,
	      struct channels *ret_channels, struct weir_error *err)
{
	cleanup_free char *directory = NULL;
	const struct plugin *plugin = NULL;
	int status, recorded;

	status = find_directory(config->directory, setup->directory,
				&directory, err);
	if (status == WEIR_OK)
		status = find_plugin(config, setup->plugin, &plugin, err);
	recorded = record_trial(config->own, setup, plugin,
				status ? NULL : err);
	if (status || recorded)
		return status ? status : recorded;
	allow_cpus(setup);
	return channels_create(setup, plugin, WEIR_SIDE_CLIENT, setup->cpus,
			       directory, ret_channels, err);
}
