/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cross product: transports, each with its options, by the other axes.
 * The last axis varies fastest.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/config/build.h"

#define AXIS_TRANSPORT 0 /* the first row of plan_axes_table */

static size_t
times(size_t a, size_t b)
{
	return a > PLAN_CELLS_MAX ? a : a * b; /* b <= PLAN_LIST_MAX */
}

static size_t
count_points(const struct values *values, size_t n)
{
	size_t points = 1;

	for (size_t i = 0; i < n; i++)
		points = times(points, values[i].texts.n);
	return points;
}

static struct transport *
transport_at(const struct build *b, size_t i)
{
	const char *name = b->own->axes[AXIS_TRANSPORT].texts.at[i];

	return transports_find(b->own, name, strlen(name));
}

/* ---- the points of the axes behind transport ---- */

#define AXES_MAX 64
#define NO_VALUE SIZE_MAX

/* Depth first. An axis that does not apply where the walk has come to has no
 * value there, and so one branch. */
struct walk {
	struct build *b;
	struct plan_axes at;
	size_t values[AXES_MAX]; /* index in each axis, or NO_VALUE */
	void (*visit)(struct walk *walk);
	size_t n; /* points seen */
	size_t transport;
	size_t options_point;
};

static size_t
member_bytes(const struct weir_option *row)
{
	switch (row->type) {
	case WEIR_OPTION_BOOL:
	case WEIR_OPTION_CHOICE:
		return sizeof(uint32_t);
	case WEIR_OPTION_STRING:
	case WEIR_OPTION_CPUS:
		return sizeof(const char *);
	default:
		return sizeof(uint64_t);
	}
}

static void
walk_axes(struct walk *w, size_t i)
{
	const struct values *axis;
	char *member;

	if (i == plan_axes_table.n_rows) {
		w->n++;
		if (w->visit)
			w->visit(w);
		return;
	}
	axis = &w->b->own->axes[i];
	member = (char *)&w->at + axis->row->offset;
	w->values[i] = NO_VALUE;
	if (!axes_apply(axis->row, &w->at)) {
		memset(member, 0, member_bytes(axis->row));
		walk_axes(w, i + 1);
		return;
	}
	for (size_t k = 0; k < axis->texts.n && w->n <= PLAN_CELLS_MAX; k++) {
		w->values[i] = k;
		memcpy(member,
		       (const char *)&axis->typed[k] + axis->row->offset,
		       member_bytes(axis->row));
		walk_axes(w, i + 1);
	}
}

static size_t
count_cells(struct build *b)
{
	const struct own *own = b->own;
	struct walk walk = { .b = b };
	size_t rest;
	size_t cells = 0;

	assert(plan_axes_table.n_rows <= AXES_MAX);
	walk_axes(&walk, AXIS_TRANSPORT + 1);
	rest = walk.n;

	for (size_t i = 0; i < own->axes[AXIS_TRANSPORT].texts.n; i++) {
		const struct transport *t = transport_at(b, i);
		size_t points = count_points(t->options, t->table.n_rows);

		/* Both factors may be near the limit. */
		if (points > PLAN_CELLS_MAX || rest > PLAN_CELLS_MAX ||
		    points * rest > PLAN_CELLS_MAX)
			return PLAN_CELLS_MAX + 1;
		cells += points * rest;
	}
	return cells;
}

static void
type_axis(struct build *b, struct values *axis)
{
	struct weir_error err = { 0 };

	axis->typed = calloc(axis->texts.n, sizeof(axis->typed[0]));
	if (!axis->typed)
		b->no_memory = true;
	for (size_t i = 0; axis->typed && i < axis->texts.n; i++) {
		const char *text = axis->texts.at[i];
		int status = axes_set_word(axis->row, text, &axis->typed[i]) ?
				     WEIR_OK :
				     option_set(axis->row, text,
						&axis->typed[i], &err);

		if (status)
			problems_add(b, status, axis->from, "%s", err.text);
	}
}

/* Splits a point's number into one index for each list; the last list's
 * varies fastest. */
static size_t
index_of(const struct values *values, size_t n, size_t i, size_t point)
{
	for (size_t k = n - 1; k > i; k--)
		point /= values[k].texts.n;
	return point % values[i].texts.n;
}

/* A text that could be taken for the signs around it stands in quotes, so
 * that no two cells have the same id. */
static void
add_option_to_id(struct text *id, const struct plan_option *option, bool first)
{
	bool quotes = strpbrk(option->text, ",[]\"") != NULL;

	text_addf(id, "%s%s=", first ? "[" : ",", option->row->name);
	text_add(id, quotes ? "\"" : "");
	for (const char *p = option->text; *p; p++) {
		if (quotes && (*p == '"' || *p == '\\'))
			text_add(id, "\\");
		text_add_bytes(id, p, 1);
	}
	text_add(id, quotes ? "\"" : "");
}

static void
take_options(struct plan_cell *cell, const struct transport *t, size_t point,
	     struct text *id)
{
	bool first = true;

	for (size_t i = 0; i < t->table.n_rows; i++) {
		const struct values *values = &t->options[i];
		size_t k = index_of(t->options, t->table.n_rows, i, point);

		cell->options[i].row = values->row;
		cell->options[i].text = values->texts.at[k];
		cell->options[i].varies = values->texts.n > 1;
		if (!cell->options[i].varies)
			continue;
		add_option_to_id(id, &cell->options[i], first);
		first = false;
	}
	text_add(id, first ? "" : "]");
}

/* The first axes are in an id by their place, the others by their name and
 * only where they are not the default. */
static void
add_axis_to_id(struct text *id, const struct weir_option *row,
	       const char *text)
{
	if (axes_in_place(row))
		text_addf(id, "/%s", text);
	else if (strcmp(text, row->default_text) != 0)
		text_addf(id, "/%s=%s", row->name, text);
}

static void
take_axes(struct plan_cell *cell, const struct walk *w, struct text *id)
{
	const struct values *axes = w->b->own->axes;

	cell->axes = w->at;
	cell->axes.transport =
		axes[AXIS_TRANSPORT].typed[w->transport].transport;
	for (size_t i = AXIS_TRANSPORT + 1; i < plan_axes_table.n_rows; i++) {
		const char *text;

		if (w->values[i] == NO_VALUE)
			continue;
		text = axes[i].texts.at[w->values[i]];
		add_axis_to_id(id, axes[i].row, text);
		if (!axes_in_place(axes[i].row))
			cell->further[cell->n_further++] =
				(struct plan_option){
					.row = axes[i].row, .text = text,
					.varies = axes[i].texts.n > 1,
				};
	}
}

static void
make_cell(struct walk *w)
{
	struct build *b = w->b;
	const struct transport *t = transport_at(b, w->transport);
	struct plan_cell *cell = &b->plan->cells[b->plan->n_cells];
	struct text id = { 0 };

	if (b->no_memory)
		return;
	cell->plugin = t->plugin;
	cell->n_options = t->table.n_rows;
	cell->options = calloc(t->table.n_rows + 1, sizeof(cell->options[0]));
	cell->further = calloc(plan_axes_table.n_rows,
			       sizeof(cell->further[0]));
	b->plan->n_cells++;
	if (!cell->options || !cell->further) {
		b->no_memory = true;
		return;
	}
	text_add(&id, t->name);
	take_options(cell, t, w->options_point, &id);
	take_axes(cell, w, &id);
	cell->id = text_take(&id);
	b->no_memory |= !cell->id;
}

static void
make_cells_of(struct build *b, size_t transport)
{
	const struct transport *t = transport_at(b, transport);
	size_t n_options = count_points(t->options, t->table.n_rows);

	for (size_t o = 0; o < n_options && !b->no_memory; o++) {
		struct walk walk = { .b = b,
				     .visit = make_cell,
				     .transport = transport,
				     .options_point = o };

		walk_axes(&walk, AXIS_TRANSPORT + 1);
	}
}

void
cells_make(struct build *b)
{
	struct own *own = b->own;
	size_t n = 0;

	for (size_t i = 0; i < plan_axes_table.n_rows && !b->no_memory; i++)
		type_axis(b, &own->axes[i]);
	if (!b->no_memory)
		n = count_cells(b);
	if (n > PLAN_CELLS_MAX) {
		problems_add(b, WEIR_EINVALID, own->axes[AXIS_TRANSPORT].from,
			     "matrix: more than %d cells; shorten the lists of "
			     "its axes or of the transports' options",
			     PLAN_CELLS_MAX);
		return;
	}
	b->plan->cells = calloc(n + 1, sizeof(b->plan->cells[0]));
	b->no_memory |= !b->plan->cells;
	for (size_t i = 0; i < own->axes[AXIS_TRANSPORT].texts.n; i++)
		if (!b->problems.n && !b->no_memory)
			make_cells_of(b, i);
}
