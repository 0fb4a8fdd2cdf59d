/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The group `transports` and the names in matrix.transport: which plugins,
 * with which options.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/config/build.h"
#include "core/config/value.h"

#define GROUP "transports."
#define NAME_BYTES_MAX 64

bool
transports_is_group_name(const char *name, size_t len)
{
	if (!len || len > NAME_BYTES_MAX ||
	    (!isalpha((unsigned char)*name) && *name != '*'))
		return false;
	for (size_t i = 1; i < len; i++)
		if (!isalnum((unsigned char)name[i]) &&
		    !memchr("_-*", name[i], 3))
			return false;
	return true;
}

struct transport *
transports_find(const struct own *own, const char *name, size_t len)
{
	for (size_t i = 0; i < own->n_transports; i++) {
		struct transport *t = &own->transports[i];

		if (strlen(t->name) == len && !memcmp(t->name, name, len))
			return t;
	}
	return NULL;
}

static struct transport *
find_or_add(struct build *b, const char *name, size_t len)
{
	struct own *own = b->own;
	struct transport *t = transports_find(own, name, len);
	struct transport *grown;

	if (t)
		return t;
	grown = reallocarray(own->transports, own->n_transports + 1,
			     sizeof(*t));
	if (!grown) {
		b->no_memory = true;
		return NULL;
	}
	own->transports = grown;
	t = &grown[own->n_transports];
	memset(t, 0, sizeof(*t));
	t->name = strndup(name, len);
	if (!t->name) {
		b->no_memory = true;
		return NULL;
	}
	own->n_transports++;
	return t;
}

/* The NAME of "transports.NAME" and what is behind its dot ("" if nothing);
 * false for other paths. */
static bool
split(const char *path, const char **ret_name, size_t *ret_len,
      const char **ret_option)
{
	if (strncmp(path, GROUP, strlen(GROUP)) != 0)
		return false;
	*ret_name = path + strlen(GROUP);
	*ret_len = strcspn(*ret_name, ".");
	*ret_option = *ret_name + *ret_len;
	*ret_option += **ret_option == '.';
	return true;
}

static void
collect_defined(struct build *b)
{
	const char *name;
	const char *option;
	size_t len;

	for (size_t i = 0; i < b->settings->n; i++) {
		const struct setting *one = &b->settings->at[i];
		struct transport *t;

		if (!split(one->path, &name, &len, &option))
			continue;
		if (!transports_is_group_name(name, len)) {
			problems_add(b, WEIR_EINVALID, one,
				     "%.200s: a transport's name is made of "
				     "letters, digits, \"_\" and \"-\", begins "
				     "with a letter and is not longer than %d",
				     one->path, NAME_BYTES_MAX);
			continue;
		}
		t = find_or_add(b, name, len);
		if (!t)
			return;
		if (!t->first)
			t->first = one;
		if (!strcmp(option, "plugin"))
			t->plugin_from = one;
	}
}

static void
collect_used(struct build *b)
{
	const struct values *axis = plan_axis(b, "transport");

	for (size_t i = 0; axis->from && i < axis->texts.n; i++) {
		const char *name = axis->texts.at[i];
		struct transport *t;

		if (!*name) {
			problems_add(b, WEIR_EINVALID, axis->from,
				     "matrix.transport: an empty name");
			continue;
		}
		t = find_or_add(b, name, strlen(name));
		if (!t)
			return;
		t->used = true;
	}
}

static void
choose_plugin(struct build *b, struct transport *t)
{
	const struct setting *from = t->plugin_from;
	const char *plugin = t->name;

	if (from && from->values.n == 1 && !from->is_list &&
	    *from->values.at[0])
		plugin = from->values.at[0];
	else if (from)
		problems_add(b, WEIR_EINVALID, from,
			     "transports.%.200s.plugin: takes the name of one "
			     "plugin",
			     t->name);
	t->plugin = strdup(plugin);
	b->no_memory |= !t->plugin;
}

static void
load(struct build *b, struct transport *t)
{
	struct weir_error err = { 0 };
	int status;

	if (!t->plugin)
		return;
	status = b->plugin(b->context, t->plugin, &b->plan->run.plugin_path,
			   &t->table, &err);
	t->loaded = !status;
	if (!status || !t->used)
		return;
	problems_add(b, status,
		     t->plugin_from ? t->plugin_from :
				      plan_axis(b, "transport")->from,
		     "transport %.200s: %s", t->name, err.text);
}

/* Lists of a LIST row don't multiply: they become one text. */
static void
join(struct build *b, struct values *values)
{
	struct strings one = { 0 };
	struct text t = { 0 };

	value_print(&values->texts, true, &t);
	strings_add(&one, text_get(&t));
	b->no_memory |= t.failed || one.failed;
	text_fini(&t);
	strings_fini(&values->texts);
	values->texts = one;
}

static void
take_options(struct build *b, struct transport *t)
{
	struct text prefix = { 0 };

	t->options = calloc(t->table.n_rows + 1, sizeof(t->options[0]));
	if (!t->options) {
		b->no_memory = true;
		return;
	}
	text_addf(&prefix, GROUP "%.200s.", t->name);
	for (size_t i = 0; i < t->table.n_rows; i++) {
		const struct weir_option *row = &t->table.rows[i];
		struct text path = { 0 };
		const struct setting *from = NULL;

		text_addf(&path, GROUP "%s.%s", t->name, row->name);
		if (t->first)
			from = settings_get(b->settings, text_get(&path));
		values_take(b, row, from, text_get(&prefix), true,
			    &t->options[i]);
		if (row->flags & WEIR_OPTION_LIST)
			join(b, &t->options[i]);
		b->no_memory |= path.failed;
		text_fini(&path);
	}
	b->no_memory |= prefix.failed;
	text_fini(&prefix);
}

/* Not where a higher layer chose the transports: -m uds is no fault. */
static void
warn_unused(struct build *b, const struct transport *t)
{
	const struct setting *chosen = plan_axis(b, "transport")->from;

	if (t->used || !chosen || chosen->layer > t->first->layer)
		return;
	strings_addf(&b->plan->warnings,
		     "%.400s: transports.%.200s: not used, because "
		     "matrix.transport (%.400s) does not name it",
		     t->first->where, t->name, chosen->where);
}

void
transports_take(struct build *b)
{
	collect_defined(b);
	collect_used(b);
	for (size_t i = 0; i < b->own->n_transports && !b->no_memory; i++) {
		struct transport *t = &b->own->transports[i];

		choose_plugin(b, t);
		load(b, t);
		if (t->loaded)
			take_options(b, t);
		warn_unused(b, t);
	}
}

void
transports_fini(struct own *own)
{
	for (size_t i = 0; i < own->n_transports; i++) {
		struct transport *t = &own->transports[i];

		for (size_t k = 0; t->options && k < t->table.n_rows; k++)
			values_fini(&t->options[k]);
		free(t->options);
		free(t->plugin);
		free(t->name);
	}
	free(own->transports);
}
