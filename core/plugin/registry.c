/* SPDX-License-Identifier: Apache-2.0 */
#include "core/plugin/registry.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/log.h"
#include "core/plugin/load.h"
#include "core/plugin/plugin.h"
#include "core/plugin/search.h"

/* What was asked for, and the answer. A plugin that was reached by two
 * requests (its name and its path) has two, of which one owns it. */
struct registry_entry {
	struct registry_entry *next;
	char *request;
	struct plugin *plugin;
	bool owner;
};

struct registry {
	struct strings folders; /* constant once created */
	pthread_mutex_t lock;   /* of what follows */
	struct registry_entry *entries;
};

int
registry_create(const struct strings *config_dirs,
		struct registry **ret_registry, struct weir_error *err)
{
	struct registry *registry = calloc(1, sizeof(*registry));
	int status;

	if (!registry)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for the plugin registry");
	status = search_default_folders(config_dirs, &registry->folders, err);
	if (status != WEIR_OK) {
		free(registry);
		return status;
	}
	pthread_mutex_init(&registry->lock, NULL);
	*ret_registry = registry;
	return WEIR_OK;
}

void
registry_destroy(struct registry *registry)
{
	struct registry_entry *entry;

	if (!registry)
		return;
	while ((entry = registry->entries)) {
		registry->entries = entry->next;
		if (entry->owner)
			plugin_destroy(entry->plugin);
		free(entry->request);
		free(entry);
	}
	pthread_mutex_destroy(&registry->lock);
	strings_fini(&registry->folders);
	free(registry);
}

static int
registry_add(struct registry *registry, const char *request,
	     struct plugin *plugin, bool owner, struct weir_error *err)
{
	struct registry_entry *entry = calloc(1, sizeof(*entry));
	char *copy = strdup(request);

	if (!entry || !copy) {
		free(entry);
		free(copy);
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for the plugin %s",
				      plugin->path);
	}
	entry->request = copy;
	entry->plugin = plugin;
	entry->owner = owner;
	entry->next = registry->entries;
	registry->entries = entry;
	return WEIR_OK;
}

/* A plugin of that file, loaded by another request, or NULL. */
static struct plugin *
registry_find_path(const struct registry *registry, const char *path)
{
	cleanup_free char *real = realpath(path, NULL);

	if (!real)
		return NULL;
	for (const struct registry_entry *e = registry->entries; e;
	     e = e->next) {
		cleanup_free char *other = realpath(e->plugin->path, NULL);

		if (other && strcmp(real, other) == 0)
			return e->plugin;
	}
	return NULL;
}

static int
registry_load(struct registry *registry, const char *request,
	      struct plugin **ret_plugin, struct weir_error *err)
{
	cleanup_free char *path = NULL;
	cleanup_free char *name = NULL;
	struct plugin *plugin;
	bool owner = false;
	int status = search_find(&registry->folders, request, &path, err);

	if (status != WEIR_OK)
		return status;
	name = search_name_of_path(path);
	if (!name)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for the plugin %s", path);
	plugin = registry_find_path(registry, path);
	if (!plugin || strcmp(plugin->name, name) != 0) {
		status = load_plugin(path, name, &plugin, err);
		if (status != WEIR_OK)
			return status;
		owner = true;
	}
	status = registry_add(registry, request, plugin, owner, err);
	if (status != WEIR_OK) {
		if (owner)
			plugin_destroy(plugin);
		return status;
	}
	log_debug("plugin %s: %s", plugin->name, plugin->path);
	*ret_plugin = plugin;
	return WEIR_OK;
}

int
registry_get(struct registry *registry, const char *name,
	     const struct plugin **ret_plugin, struct weir_error *err)
{
	struct registry_entry *entry;
	struct plugin *plugin = NULL;
	int status = WEIR_OK;

	pthread_mutex_lock(&registry->lock);
	for (entry = registry->entries; entry; entry = entry->next) {
		if (strcmp(entry->request, name) == 0) {
			plugin = entry->plugin;
			break;
		}
	}
	if (!plugin)
		status = registry_load(registry, name, &plugin, err);
	pthread_mutex_unlock(&registry->lock);
	if (status == WEIR_OK)
		*ret_plugin = plugin;
	return status;
}

void
registry_list(const struct registry *registry, struct strings *ret_names)
{
	search_list(&registry->folders, ret_names);
}

const struct strings *
registry_folders(const struct registry *registry)
{
	return &registry->folders;
}
