/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugins of a process: each is loaded once, when it is first asked for,
 * and stays until the registry is destroyed. Every function but destroy may
 * be called from any thread (at the boundary `thread` host and client share
 * one registry).
 */
#ifndef CORE_PLUGIN_REGISTRY_H
#define CORE_PLUGIN_REGISTRY_H

#include <weir/error.h>

#include "core/base/text.h"

struct plugin;
struct registry;

/*
 * A registry that searches WEIR_PLUGIN_PATH, config_dirs (copied; may be
 * NULL), the compiled-in folder and the build tree: see search.h. The caller
 * destroys it.
 */
WEIR_MUST_USE int registry_create(const struct strings *config_dirs,
				  struct registry **ret_registry,
				  struct weir_error *err);

/*
 * The plugin of that short name, or at that path where there is a slash in
 * it. *ret_plugin is borrowed from the registry. Errors: EINVALID (not a
 * name), EUNAVAILABLE (not found, not loadable, of another ABI, broken),
 * ENOMEMORY.
 */
WEIR_MUST_USE int registry_get(struct registry *registry, const char *name,
			       const struct plugin **ret_plugin,
			       struct weir_error *err);

/* The short names that are to be found, sorted; none is loaded. Check
 * ret_names->failed. */
void registry_list(const struct registry *registry, struct strings *ret_names);

/* The folders searched, in order; borrowed. */
const struct strings *registry_folders(const struct registry *registry);

/* NULL is allowed. No plugin of it may be in use. */
void registry_destroy(struct registry *registry);

#endif
