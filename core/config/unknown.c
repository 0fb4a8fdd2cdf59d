/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that no table knows, each with the nearest one that exists.
 */
#include <stdlib.h>
#include <string.h>

#include "core/config/build.h"

#define GROUP "transports."

static const char *const groups[] = {
	"matrix",
	"container",
	"cpu",
	"ipc",
	"output",
	"transports",
};

static const char *
last_part(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot ? dot + 1 : path;
}

static bool
is_group(const char *path)
{
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (!strcmp(path, groups[i]))
			return true;
	return false;
}

/* A group itself, where something else or nothing was written. Returns
 * whether the path was one. */
static bool
report_group(struct build *b, const struct setting *one)
{
	const char *path = one->path;
	const char *name = strncmp(path, GROUP, strlen(GROUP)) ?
				   "" :
				   path + strlen(GROUP);
	bool transport = transports_is_group_name(name, strlen(name));

	if (!is_group(path) && !transport)
		return false;
	if (one->values.n || one->is_list)
		problems_add(b, WEIR_EINVALID, one,
			     "%.200s: is a group: write %.200s: { name = "
			     "value; };",
			     path, last_part(path));
	return true;
}

/* The transport that a path is about, if it was loaded. */
static const struct transport *
transport_of(const struct build *b, const char *path)
{
	const struct transport *t;

	if (strncmp(path, GROUP, strlen(GROUP)) != 0)
		return NULL;
	path += strlen(GROUP);
	t = transports_find(b->own, path, strcspn(path, "."));
	return t && t->loaded ? t : NULL;
}

static void
check_option(struct build *b, const struct setting *one,
	     const struct transport *t)
{
	const char *option = one->path + strlen(GROUP) + strlen(t->name) + 1;
	const char **names;
	const char *near;

	if (!strcmp(option, "plugin") || option_find(&t->table, option))
		return;
	names = calloc(t->table.n_rows + 1, sizeof(*names));
	if (!names) {
		b->no_memory = true;
		return;
	}
	for (size_t i = 0; i < t->table.n_rows; i++)
		names[i] = t->table.rows[i].name;
	names[t->table.n_rows] = "plugin";
	near = option_suggest(option, names, t->table.n_rows + 1);
	if (near)
		problems_add(b, WEIR_EINVALID, one,
			     "%.200s: unknown option of the plugin %.100s; did "
			     "you mean %s?",
			     one->path, t->plugin, near);
	else
		problems_add(b, WEIR_EINVALID, one,
			     "%.200s: unknown option of the plugin %.100s; "
			     "weir describe %.100s lists those it has",
			     one->path, t->plugin, t->plugin);
	free(names);
}

/* All keys with their full paths. */
static void
list_keys(struct strings *ret_keys)
{
	for (size_t i = 0; i < plan_run_table.n_rows; i++)
		strings_add(ret_keys, plan_run_table.rows[i].name);
	for (size_t i = 0; i < plan_axes_table.n_rows; i++)
		strings_addf(ret_keys, "matrix.%s",
			     plan_axes_table.rows[i].name);
}

/* A key said in the wrong group. */
static const char *
find_elsewhere(const struct strings *keys, const char *path)
{
	for (size_t i = 0; i < keys->n; i++)
		if (!strcmp(last_part(keys->at[i]), last_part(path)))
			return keys->at[i];
	return NULL;
}

/* A transport with an option of that name. */
static const struct transport *
suggest_transport(const struct build *b, const char *path)
{
	for (size_t i = 0; i < b->own->n_transports; i++) {
		const struct transport *t = &b->own->transports[i];

		if (t->loaded && option_find(&t->table, last_part(path)))
			return t;
	}
	return NULL;
}

static void
report_key(struct build *b, const struct setting *one,
	   const struct strings *keys)
{
	bool shown = b->problems.n < PROBLEMS_SHOWN;
	const char *near = shown ? find_elsewhere(keys, one->path) : NULL;
	const struct transport *t =
		shown && !near ? suggest_transport(b, one->path) : NULL;

	/* The name itself, wherever, before what is only spelt like it. */
	if (shown && !near && !t)
		near = option_suggest(one->path,
				      (const char *const *)keys->at, keys->n);
	if (near)
		problems_add(b, WEIR_EINVALID, one,
			     "%.200s: unknown key; did you mean %s?", one->path,
			     near);
	else if (t)
		problems_add(b, WEIR_EINVALID, one,
			     "%.200s: unknown key; did you mean "
			     "transports.%.100s.%s?",
			     one->path, t->name, last_part(one->path));
	else
		problems_add(b, WEIR_EINVALID, one, "%.200s: unknown key",
			     one->path);
}

void
unknown_report(struct build *b)
{
	struct strings keys = { 0 };

	list_keys(&keys);
	b->no_memory |= keys.failed;
	for (size_t i = 0; !b->no_memory && i < b->settings->n; i++) {
		const struct setting *one = &b->settings->at[i];
		const struct transport *t = transport_of(b, one->path);

		if (strings_contains(&keys, one->path) || report_group(b, one))
			continue;
		if (!strncmp(one->path, GROUP, strlen(GROUP))) {
			/* Of a plugin that can't be had nothing is known. */
			if (t)
				check_option(b, one, t);
			continue;
		}
		report_key(b, one, &keys);
	}
	strings_fini(&keys);
}
