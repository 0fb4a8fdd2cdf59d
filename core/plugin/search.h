/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where plugins are looked for.
 *
 * A short name ("uds") only ever becomes FOLDER/uds.so; a name with a slash
 * is a path and is taken as it is. The folders, first wins:
 *
 *	1. those of WEIR_PLUGIN_PATH (separated by colons)
 *	2. those of the config key plugin_path
 *	3. the one compiled in (WEIR_PLUGIN_DIR)
 *	4. for a program that was not started from WEIR_BINDIR: plugins/.libs
 *	   beside it, so that a build tree runs without an installation
 */
#ifndef CORE_PLUGIN_SEARCH_H
#define CORE_PLUGIN_SEARCH_H

#include <stdbool.h>

#include <weir/error.h>

#include "core/base/text.h"

#define SEARCH_NAME_BYTES_MAX 64
#define SEARCH_SUFFIX ".so"

/* What the folders are made from; every member borrowed, any may be NULL. */
struct search_sources {
	const char *environment; /* value of WEIR_PLUGIN_PATH */
	const struct strings *config;
	const char *compiled; /* WEIR_PLUGIN_DIR */
	const char *program;  /* path of the running program */
	const char *bindir;   /* WEIR_BINDIR */
};

/* Lower case letters, digits, '_' and '-', 1 to SEARCH_NAME_BYTES_MAX. */
bool search_name_valid(const char *name);

/* The folders in order, each once; empty elements are dropped (an empty one
 * would mean the working directory). Errors: ENOMEMORY. */
WEIR_MUST_USE int search_folders(const struct search_sources *sources,
				 struct strings *ret_folders,
				 struct weir_error *err);

/* search_folders with the sources of this process. */
WEIR_MUST_USE int search_default_folders(const struct strings *config,
					 struct strings *ret_folders,
					 struct weir_error *err);

/*
 * The file of a plugin: *ret_path is freed by the caller. Errors: EINVALID
 * (not a name), EUNAVAILABLE (not there: the sentence has every folder tried
 * and the nearest name), ENOMEMORY.
 */
WEIR_MUST_USE int search_find(const struct strings *folders,
			      const char *request, char **ret_path,
			      struct weir_error *err);

/* The names that search_find would find, sorted, each once. Folders that
 * can't be read are empty. Memory failure: ret_names->failed. */
void search_list(const struct strings *folders, struct strings *ret_names);

/* The name that a path stands for, FOLDER/NAME.so: the caller frees it. NULL
 * where it isn't one (or memory is out). */
char *search_name_of_path(const char *path);

#endif
