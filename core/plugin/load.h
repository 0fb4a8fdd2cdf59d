/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a file to a plugin: dlopen, then verify.
 *
 * A module is never unloaded. A process sees a handful of them; in return,
 * option texts and operation pointers stay valid until the end, and the
 * stacks of sanitizers, Valgrind and profilers keep their names.
 */
#ifndef CORE_PLUGIN_LOAD_H
#define CORE_PLUGIN_LOAD_H

#include <weir/error.h>

struct plugin;

/*
 * Loads the module at path (which must hold a slash) as the plugin `name`.
 * The caller destroys *ret_plugin. Errors: EUNAVAILABLE for everything that
 * is wrong with the file or its contents (the sentence begins with the
 * path), ENOMEMORY.
 */
WEIR_MUST_USE int load_plugin(const char *path, const char *name,
			      struct plugin **ret_plugin,
			      struct weir_error *err);

#endif
