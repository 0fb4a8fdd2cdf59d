/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The effective config: every value with its origin, and a libconfig text
 * that makes the same plan again, whatever the defaults may become.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/config/build.h"
#include "core/config/value.h"

#define BARE_DIGITS_MAX 9 /* surely fit 32 bits */

struct printing {
	struct build *b;
	struct text text;
	char group[512]; /* "transports.uds.", of the last line */
};

/* ------------------------------------------------------------------ */
/* libconfig's form of a value.                                        */

static bool
stands_bare(const char *s)
{
	size_t n = strspn(s, "0123456789");

	if (!strcmp(s, "true") || !strcmp(s, "false"))
		return true;
	return n && !s[n] && n <= BARE_DIGITS_MAX && (*s != '0' || n == 1);
}

static void
add_quoted(struct text *t, const char *s)
{
	text_add(t, "\"");
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			text_addf(t, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			text_addf(t, "\\x%02x", c);
		else
			text_add_bytes(t, s, 1);
	}
	text_add(t, "\"");
}

/* An array must be of one type: bare if all can be, else all in quotes. */
static void
add_value(struct text *t, const struct strings *texts, bool is_list)
{
	bool bare = true;

	for (size_t i = 0; i < texts->n; i++)
		bare &= stands_bare(texts->at[i]) &&
			(!is_list || isdigit((unsigned char)*texts->at[i]));
	text_add(t, is_list ? "[" : "");
	for (size_t i = 0; i < texts->n; i++) {
		text_add(t, i ? ", " : "");
		if (bare)
			text_add(t, texts->at[i]);
		else
			add_quoted(t, texts->at[i]);
	}
	text_add(t, is_list ? "]" : "");
}

/* ------------------------------------------------------------------ */
/* Groups: closed and opened as the path changes.                      */

static void
indent(struct text *t, const char *group, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (group[i] == '.')
			text_add(t, "\t");
}

/* What two paths share, in whole parts: up to behind a dot. */
static size_t
shared(const char *a, const char *b)
{
	size_t len = 0;

	for (size_t i = 0; a[i] && a[i] == b[i]; i++)
		if (a[i] == '.')
			len = i + 1;
	return len;
}

static void
enter_group(struct printing *p, const char *path)
{
	size_t keep = shared(p->group, path);
	const char *dot = strrchr(path, '.');
	size_t want = dot ? (size_t)(dot + 1 - path) : 0;
	size_t at = strlen(p->group);

	while (at > keep) {
		at--;
		while (at > keep && p->group[at - 1] != '.')
			at--;
		indent(&p->text, p->group, at);
		text_add(&p->text, "};\n");
	}
	for (at = keep; at < want;) {
		size_t len = strcspn(path + at, ".");

		indent(&p->text, path, at);
		text_add_bytes(&p->text, path + at, len);
		text_add(&p->text, ": {\n");
		at += len + 1;
	}
	if (want >= sizeof(p->group)) {
		p->b->no_memory = true;
		want = 0;
	}
	memcpy(p->group, path, want);
	p->group[want] = '\0';
}

/* ------------------------------------------------------------------ */

static void
add(struct printing *p, const char *path, const struct strings *texts,
    bool is_list, const struct setting *from)
{
	struct plan *plan = p->b->plan;
	struct plan_value *one;
	struct plan_value *grown;
	struct text value = { 0 };

	grown = reallocarray(plan->values, plan->n_values + 1, sizeof(*one));
	if (!grown) {
		p->b->no_memory = true;
		return;
	}
	plan->values = grown;
	one = &grown[plan->n_values++];
	value_print(texts, is_list, &value);
	one->path = strdup(path);
	one->text = text_take(&value);
	one->origin = strdup(from ? from->where : "default");
	p->b->no_memory |= !one->path || !one->text || !one->origin;

	enter_group(p, path);
	indent(&p->text, p->group, strlen(p->group));
	text_addf(&p->text, "%s = ", path + strlen(p->group));
	add_value(&p->text, texts, is_list);
	text_add(&p->text, ";\n");
}

static void
add_one(struct printing *p, const char *path, const char *value,
	const struct setting *from)
{
	struct strings texts = { 0 };

	strings_add(&texts, value);
	p->b->no_memory |= texts.failed;
	if (!texts.failed)
		add(p, path, &texts, false, from);
	strings_fini(&texts);
}

/* Of two ways to say one thing the one that is not in force stays out, for
 * both in one file exclude each other; so does what was said of a search that
 * a higher layer took away. */
static bool
in_force(const struct build *b, const char *name, const struct setting *from)
{
	const struct plan_run *run = &b->plan->run;

	if (!strncmp(name, "slo.", 4) || !strncmp(name, "search.", 7))
		return !from || !rules_search_is_gone(b, from);
	if (!strcmp(name, "count"))
		return run->count != 0;
	if (!strcmp(name, "duration"))
		return run->count == 0;
	if (!strcmp(name, "warmup_count"))
		return run->warmup_count != 0;
	if (!strcmp(name, "warmup"))
		return run->warmup_count == 0;
	return true;
}

static void
add_run(struct printing *p, bool grouped)
{
	const struct plan_run *run = &p->b->plan->run;

	for (size_t i = 0; i < plan_run_table.n_rows; i++) {
		const struct weir_option *row = &plan_run_table.rows[i];
		const struct setting *from = settings_get(p->b->settings,
							  row->name);
		struct text value = { 0 };

		if (grouped != (strchr(row->name, '.') != NULL) ||
		    !in_force(p->b, row->name, from))
			continue;
		if (row->flags & WEIR_OPTION_LIST) {
			add(p, row->name,
			    (const struct strings *)((const char *)run +
						     row->offset),
			    true, from);
			continue;
		}
		option_print(row, run, &value);
		add_one(p, row->name, text_get(&value), from);
		p->b->no_memory |= value.failed;
		text_fini(&value);
	}
}

static void
add_values(struct printing *p, const char *group, const struct values *values)
{
	struct text path = { 0 };

	text_addf(&path, "%s%s", group, values->row->name);
	if (values->row->flags & WEIR_OPTION_LIST) {
		struct strings texts = { 0 };

		if (option_split_list(values->texts.at[0], &texts, NULL))
			p->b->no_memory = true;
		add(p, text_get(&path), &texts, true, values->from);
		strings_fini(&texts);
	} else {
		add(p, text_get(&path), &values->texts, values->texts.n > 1,
		    values->from);
	}
	p->b->no_memory |= path.failed;
	text_fini(&path);
}

/* A name that no group can have belongs to a plugin with its defaults. */
static void
add_transport(struct printing *p, const struct transport *t)
{
	struct text group = { 0 };
	struct text path = { 0 };

	if (!transports_is_group_name(t->name, strlen(t->name)))
		return;
	text_addf(&group, "transports.%s.", t->name);
	text_addf(&path, "%splugin", text_get(&group));
	add_one(p, text_get(&path), t->plugin, t->plugin_from);
	for (size_t i = 0; i < t->table.n_rows; i++)
		add_values(p, text_get(&group), &t->options[i]);
	p->b->no_memory |= group.failed || path.failed;
	text_fini(&group);
	text_fini(&path);
}

void
print_plan(struct build *b)
{
	struct printing p = { .b = b };
	const struct own *own = b->own;
	const struct strings *names = &plan_axis(b, "transport")->texts;

	add_run(&p, false);
	for (size_t i = 0; i < plan_axes_table.n_rows; i++)
		add_values(&p, "matrix.", &own->axes[i]);
	add_run(&p, true);
	for (size_t i = 0; i < names->n; i++)
		add_transport(&p, transports_find(own, names->at[i],
						  strlen(names->at[i])));
	enter_group(&p, "");
	b->plan->text = text_take(&p.text);
	b->no_memory |= !b->plan->text;
}
