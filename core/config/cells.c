/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cross product: transports, each with its options, by the other axes.
 * The last axis varies fastest.
 */
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

/* The points of the axes behind transport: namespaces multiplies with one
 * boundary only. */
static size_t
count_axes(const struct build *b)
{
	const struct values *boundaries = plan_axis(b, "boundary");
	const struct values *namespaces = plan_axis(b, "namespaces");
	const char *name = plan_boundary_names[PLAN_NAMESPACE];
	size_t points = boundaries->texts.n - 1;

	points += strings_contains(&boundaries->texts, name) ?
			  namespaces->texts.n :
			  1;
	for (size_t i = 1; i < plan_axes_table.n_rows; i++) {
		const struct values *axis = &b->own->axes[i];

		if (axis != boundaries && axis != namespaces)
			points = times(points, axis->texts.n);
	}
	return points;
}

static size_t
count_cells(const struct build *b)
{
	const struct own *own = b->own;
	size_t rest = count_axes(b);
	size_t cells = 0;

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
		int status = option_set(axis->row, axis->texts.at[i],
					&axis->typed[i], &err);

		if (status)
			problems_add(b, status, axis->from, "%s", err.text);
	}
}

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
		if (values->texts.n == 1)
			continue;
		add_option_to_id(id, &cell->options[i], first);
		first = false;
	}
	text_add(id, first ? "" : "]");
}

static bool
is_namespaces(const struct weir_option *row)
{
	return row->offset == offsetof(struct plan_axes, namespaces);
}

/* Once its boundary is known: that row comes before. */
static bool
has_namespaces(const struct plan_cell *cell)
{
	return cell->axes.boundary == PLAN_NAMESPACE;
}

static void
take_axes(struct plan_cell *cell, const struct values *axes, size_t transport,
	  size_t point, struct text *id)
{
	for (size_t i = 0; i < plan_axes_table.n_rows; i++) {
		const struct weir_option *row = axes[i].row;
		size_t k = transport;

		if (i != AXIS_TRANSPORT)
			k = index_of(axes + 1, plan_axes_table.n_rows - 1,
				     i - 1, point);
		if (i != AXIS_TRANSPORT &&
		    (!is_namespaces(row) || has_namespaces(cell)))
			text_addf(id, "/%s", axes[i].texts.at[k]);
		memcpy((char *)&cell->axes + row->offset,
		       (const char *)&axes[i].typed[k] + row->offset,
		       member_bytes(row));
	}
	if (!has_namespaces(cell))
		cell->axes.namespaces = NULL;
}

static void
make_cell(struct build *b, size_t transport, size_t options_point,
	  size_t axes_point)
{
	const struct transport *t = transport_at(b, transport);
	struct plan_cell *cell = &b->plan->cells[b->plan->n_cells];
	struct text id = { 0 };

	cell->plugin = t->plugin;
	cell->n_options = t->table.n_rows;
	cell->options = calloc(t->table.n_rows + 1, sizeof(cell->options[0]));
	if (!cell->options) {
		b->no_memory = true;
		return;
	}
	b->plan->n_cells++;
	text_add(&id, t->name);
	take_options(cell, t, options_point, &id);
	take_axes(cell, b->own->axes, transport, axes_point, &id);
	cell->id = text_take(&id);
	b->no_memory |= !cell->id;
}

/* Of the points that differ by namespaces alone, where these do not matter,
 * only the first is a cell. */
static bool
is_cell(const struct build *b, size_t point)
{
	const struct values *axes = b->own->axes;
	size_t n = plan_axes_table.n_rows - 1;
	bool first = true, matter = false;

	for (size_t i = 0; i < n; i++) {
		const struct values *axis = &axes[i + 1];
		size_t k = index_of(axes + 1, n, i, point);

		if (axis == plan_axis(b, "boundary"))
			matter = axis->typed[k].boundary == PLAN_NAMESPACE;
		else if (is_namespaces(axis->row))
			first = k == 0;
	}
	return matter || first;
}

static void
make_cells_of(struct build *b, size_t transport)
{
	const struct transport *t = transport_at(b, transport);
	size_t n_options = count_points(t->options, t->table.n_rows);
	size_t n_axes = count_points(b->own->axes + 1,
				     plan_axes_table.n_rows - 1);

	for (size_t o = 0; o < n_options; o++)
		for (size_t a = 0; a < n_axes && !b->no_memory; a++)
			if (is_cell(b, a))
				make_cell(b, transport, o, a);
}

void
cells_make(struct build *b)
{
	struct own *own = b->own;
	size_t n = count_cells(b);

	if (n > PLAN_CELLS_MAX) {
		problems_add(b, WEIR_EINVALID, own->axes[AXIS_TRANSPORT].from,
			     "matrix: more than %d cells; shorten the lists of "
			     "its axes or of the transports' options",
			     PLAN_CELLS_MAX);
		return;
	}
	b->plan->cells = calloc(n, sizeof(b->plan->cells[0]));
	b->no_memory |= !b->plan->cells;
	for (size_t i = 0; i < plan_axes_table.n_rows && !b->no_memory; i++)
		type_axis(b, &own->axes[i]);
	for (size_t i = 0; i < own->axes[AXIS_TRANSPORT].texts.n; i++)
		if (!b->problems.n && !b->no_memory)
			make_cells_of(b, i);
}
