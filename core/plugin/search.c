/* SPDX-License-Identifier: Apache-2.0 */
#include "core/plugin/search.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/option/option.h"

#define SEARCH_BUILD_FOLDER "plugins/.libs"
#define SEARCH_NAME_RULE                                              \
	"lower case letters, digits, '_' and '-', at most 64 of them"

bool
search_name_valid(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return n > 0 && n <= SEARCH_NAME_BYTES_MAX && name[n] == '\0';
}

/* Adds the first len bytes of a folder, without the slashes at its end. */
static void
search_add_folder(struct strings *folders, const char *folder, size_t len)
{
	struct text t = { 0 };

	while (len > 1 && folder[len - 1] == '/')
		len--;
	if (len == 0)
		return;
	text_add_bytes(&t, folder, len);
	if (t.failed)
		folders->failed = true;
	else if (!strings_contains(folders, text_get(&t)))
		strings_add(folders, text_get(&t));
	text_fini(&t);
}

static void
search_add_colon_list(struct strings *folders, const char *list)
{
	while (list) {
		const char *colon = strchrnul(list, ':');

		search_add_folder(folders, list, (size_t)(colon - list));
		list = *colon ? colon + 1 : NULL;
	}
}

static void
search_add_build_folder(struct strings *folders,
			const struct search_sources *sources)
{
	const char *slash = strrchr(sources->program, '/');
	cleanup_free char *bindir = NULL;
	struct text t = { 0 };

	if (!slash)
		return;
	text_add_bytes(&t, sources->program,
		       (size_t)(slash - sources->program));
	/* The program's path has no symbolic links in it, bindir may. */
	if (sources->bindir) {
		bindir = realpath(sources->bindir, NULL);
		if (strcmp(text_get(&t), bindir ? bindir : sources->bindir) ==
		    0)
			goto done;
	}
	text_add(&t, "/" SEARCH_BUILD_FOLDER);
	if (t.failed)
		folders->failed = true;
	else
		search_add_folder(folders, text_get(&t), t.len);
done:
	text_fini(&t);
}

int
search_folders(const struct search_sources *sources,
	       struct strings *ret_folders, struct weir_error *err)
{
	struct strings folders = { 0 };

	search_add_colon_list(&folders, sources->environment);
	for (size_t i = 0; sources->config && i < sources->config->n; i++)
		search_add_folder(&folders, sources->config->at[i],
				  strlen(sources->config->at[i]));
	if (sources->compiled)
		search_add_folder(&folders, sources->compiled,
				  strlen(sources->compiled));
	if (sources->program)
		search_add_build_folder(&folders, sources);
	if (folders.failed) {
		strings_fini(&folders);
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for the plugin search path");
	}
	*ret_folders = folders;
	return WEIR_OK;
}

int
search_default_folders(const struct strings *config,
		       struct strings *ret_folders, struct weir_error *err)
{
	cleanup_free char *program = realpath("/proc/self/exe", NULL);
	struct search_sources sources = {
		.environment = getenv("WEIR_PLUGIN_PATH"),
		.config = config,
		.compiled = WEIR_PLUGIN_DIR,
		.program = program,
		.bindir = WEIR_BINDIR,
	};

	return search_folders(&sources, ret_folders, err);
}

char *
search_name_of_path(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	size_t n = strlen(base);
	size_t n_suffix = strlen(SEARCH_SUFFIX);
	char *name;

	if (n <= n_suffix || strcmp(base + n - n_suffix, SEARCH_SUFFIX) != 0)
		return NULL;
	name = strndup(base, n - n_suffix);
	if (name && !search_name_valid(name)) {
		free(name);
		return NULL;
	}
	return name;
}

static int
search_find_path(const char *path, char **ret_path, struct weir_error *err)
{
	char excerpt[TEXT_EXCERPT_BYTES];
	cleanup_free char *name = search_name_of_path(path);
	cleanup_free char *copy = strdup(path);
	struct stat st;

	if (!copy)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for the path of a plugin");
	if (!name)
		return weir_error_set(
			err, WEIR_EINVALID,
			"\"%s\" can't be a plugin: the file of a plugin is "
			"called NAME.so, NAME being " SEARCH_NAME_RULE,
			text_excerpt(path, excerpt));
	if (stat(path, &st) < 0)
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "no plugin at %s: %s", path,
				      strerror(errno));
	*ret_path = cleanup_take(copy);
	return WEIR_OK;
}

static int
search_not_found(const struct strings *folders, const char *name,
		 struct weir_error *err)
{
	struct strings names = { 0 };
	struct text tried = { 0 };
	const char *nearest;

	search_list(folders, &names);
	nearest = option_suggest(name, (const char *const *)names.at, names.n);
	for (size_t i = 0; i < folders->n; i++)
		text_addf(&tried, "%s%s", i ? ", " : "", folders->at[i]);
	weir_error_set(err, WEIR_EUNAVAILABLE,
		       "no plugin \"%s\"%s%s%s: no file %s.so in %s; add its "
		       "folder to WEIR_PLUGIN_PATH or plugin_path, or give "
		       "its path", name,
		       nearest ? " (did you mean " : "",
		       nearest ? nearest : "", nearest ? "?)" : "", name,
		       folders->n ? text_get(&tried) : "no folder at all");
	text_fini(&tried);
	strings_fini(&names);
	return WEIR_EUNAVAILABLE;
}

int
search_find(const struct strings *folders, const char *request,
	    char **ret_path, struct weir_error *err)
{
	char excerpt[TEXT_EXCERPT_BYTES];
	struct stat st;

	if (strchr(request, '/'))
		return search_find_path(request, ret_path, err);
	if (!search_name_valid(request))
		return weir_error_set(
			err, WEIR_EINVALID,
			"\"%s\" can't be the name of a plugin: write "
			SEARCH_NAME_RULE ", or a path with a slash in it",
			text_excerpt(request, excerpt));
	for (size_t i = 0; i < folders->n; i++) {
		struct text t = { 0 };
		char *path;

		text_addf(&t, "%s/%s" SEARCH_SUFFIX, folders->at[i], request);
		path = text_take(&t);
		if (!path)
			return weir_error_set(
				err, WEIR_ENOMEMORY,
				"no memory for the path of a plugin");
		if (stat(path, &st) == 0) {
			*ret_path = path;
			return WEIR_OK;
		}
		free(path);
	}
	return search_not_found(folders, request, err);
}

static void
search_list_folder(const char *folder, struct strings *names)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		cleanup_free char *name = search_name_of_path(entry->d_name);
		struct stat st;

		if (name && !strings_contains(names, name) &&
		    fstatat(dirfd(dir), entry->d_name, &st, 0) == 0)
			strings_add(names, name);
	}
	closedir(dir);
}

static int
search_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
search_list(const struct strings *folders, struct strings *ret_names)
{
	struct strings names = { 0 };

	for (size_t i = 0; i < folders->n; i++)
		search_list_folder(folders->at[i], &names);
	if (names.n > 1)
		qsort(names.at, names.n, sizeof(names.at[0]), search_compare);
	*ret_names = names;
}
