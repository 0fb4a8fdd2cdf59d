/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings: everything that was said, as text, with where it was said.
 *
 * Each source (built-in defaults < config file < environment < command
 * line) puts settings; a higher layer's setting of a path replaces a lower
 * one's, a later one of the same layer an earlier one's (the file excepted:
 * there a duplicate key is an error). Nothing is typed or checked here: that
 * is done once, against the option tables, in plan.h.
 */
#ifndef CORE_CONFIG_SETTINGS_H
#define CORE_CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include <weir/error.h>

#include "core/base/text.h"

enum settings_layer {
	SETTINGS_DEFAULT,
	SETTINGS_FILE,
	SETTINGS_ENVIRONMENT,
	SETTINGS_COMMAND_LINE,
};

struct setting {
	char *path;            /* "matrix.size", "transports.uds.wait" */
	struct strings values; /* one, unless is_list; none: an empty group */
	bool is_list;
	enum settings_layer layer;
	/* "quickstart.cfg:12", "environment WEIR_REPEAT", "command line -D
	 * repeat=5" or what the caller says ("--duration") */
	char *where;
};

/* Zero-initialise. Owns everything in it. */
struct settings {
	struct setting *at; /* in the order in which they were said */
	size_t n;
	char *file; /* the config file's path as given, or NULL */
};

/* Copies its arguments in. Applies the layer rule, and the rule that `count`
 * and `duration` (and `warmup` and `warmup_count`) remove each other across
 * layers. */
WEIR_MUST_USE int settings_put(struct settings *s, enum settings_layer layer,
			       const char *path, const struct strings *values,
			       bool is_list, const char *where,
			       struct weir_error *err);

/* The setting of that path, or NULL. */
const struct setting *settings_get(const struct settings *s, const char *path);

/* VALUE of -D and of the environment: bare text, optional quotes, or
 * [a,b,c]; puts it at a path. */
WEIR_MUST_USE int settings_put_text(struct settings *s,
				    enum settings_layer layer, const char *path,
				    const char *value, const char *where,
				    struct weir_error *err);

/* "path=value" as given to -D. */
WEIR_MUST_USE int settings_put_override(struct settings *s,
					const char *assignment,
					struct weir_error *err);

/* Every WEIR_<PATH> of the environment ('__' is '.'), but the reserved
 * WEIR_LOG and WEIR_PLUGIN_PATH. */
WEIR_MUST_USE int settings_put_environment(struct settings *s,
					   char *const *environment,
					   struct weir_error *err);

/* Reads a libconfig file: see file.c for what is refused. Errors are
 * WEIR_EINVALID with "file:line: sentence". */
WEIR_MUST_USE int settings_put_file(struct settings *s, const char *path,
				    struct weir_error *err);

void settings_fini(struct settings *s);

#endif
