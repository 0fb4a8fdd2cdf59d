/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/plugin/plugin.h"
#include "core/plugin/verify.h"

/* The keys beside the options in a config's group of a transport. */
static const char *const verify_reserved[] = { "plugin" };

/* What the option engine allows in core's tables, but not in a plugin's. */
static const char *
verify_row_fault(const struct weir_option *row)
{
	for (size_t i = 0;
	     i < sizeof(verify_reserved) / sizeof(verify_reserved[0]); i++) {
		if (strcmp(row->name, verify_reserved[i]) == 0)
			return "a name that the config uses itself";
	}
	if (strchr(row->name, '.'))
		return "a dot in its name";
	/* Its member would be a struct of the core. */
	if (row->flags & WEIR_OPTION_LIST)
		return "the flag WEIR_OPTION_LIST, which is the core's own";
	return NULL;
}

static bool
verify_has_path(const struct option_table *table)
{
	const struct weir_option *row = option_find(table, "rendezvous");

	if (!row || row->type != WEIR_OPTION_CHOICE)
		return false;
	for (size_t i = 0; row->choices[i]; i++) {
		if (strcmp(row->choices[i], "path") == 0)
			return true;
	}
	return false;
}

static int
verify_path(const struct plugin *plugin, struct weir_error *err)
{
	bool claimed = (plugin->ops.capabilities & WEIR_CAP_PATH) != 0;
	bool present = verify_has_path(&plugin->options);

	if (claimed && !present)
		return weir_error_set(
			err, WEIR_EUNAVAILABLE,
			"%s: member options has no rendezvous with the choice "
			"path, though capabilities has WEIR_CAP_PATH",
			plugin->path);
	if (!claimed && present)
		return weir_error_set(
			err, WEIR_EUNAVAILABLE,
			"%s: member options has a rendezvous with the choice "
			"path, but capabilities lacks WEIR_CAP_PATH",
			plugin->path);
	return WEIR_OK;
}

/* Puts the file before what the option engine says of the table. */
static int
verify_blame(const struct plugin *plugin, int status, struct weir_error *err)
{
	weir_error_prefix(err, "%s: member options: ", plugin->path);
	if (status == WEIR_ENOMEMORY)
		return status;
	if (err)
		err->status = WEIR_EUNAVAILABLE;
	return WEIR_EUNAVAILABLE;
}

int
verify_options(const struct plugin *plugin, struct weir_error *err)
{
	const struct option_table *table = &plugin->options;
	cleanup_free void *values = NULL;
	int status = option_check_table(table, err);

	if (status != WEIR_OK)
		return verify_blame(plugin, status, err);
	for (size_t i = 0; i < table->n_rows; i++) {
		const char *fault = verify_row_fault(&table->rows[i]);

		if (fault)
			return weir_error_set(
				err, WEIR_EUNAVAILABLE,
				"%s: member options: row %zu, \"%s\", has %s",
				plugin->path, i, table->rows[i].name, fault);
	}
	values = malloc(table->struct_bytes ? table->struct_bytes : 1);
	if (!values)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for the options of %s",
				      plugin->path);
	status = option_defaults(table, values, err);
	if (status != WEIR_OK)
		return verify_blame(plugin, status, err);
	option_fini(table, values);
	return verify_path(plugin, err);
}
