/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/table.h"

#include <string.h>

#include "core/base/units.h"
#include "core/result/utf8.h"

#define GAP 2 /* blanks between columns */

void
output_style_add(struct text *t, bool color, enum output_style style,
		 const char *s)
{
	static const char *const codes[] = {
		[OUTPUT_BOLD] = "\033[1m",  [OUTPUT_DIM] = "\033[2m",
		[OUTPUT_GOOD] = "\033[32m", [OUTPUT_WARN] = "\033[33m",
		[OUTPUT_BAD] = "\033[31m",
	};

	if (!color || style == OUTPUT_PLAIN || !*s) {
		text_add(t, s);
		return;
	}
	text_add(t, codes[style]);
	text_add(t, s);
	text_add(t, "\033[0m");
}

void
output_table_column(struct output_table *t, const char *group,
		    const char *title, bool right)
{
	if (t->n_columns == OUTPUT_TABLE_COLUMNS_MAX)
		return;
	t->groups[t->n_columns] = group;
	t->right[t->n_columns] = right;
	t->n_columns++;
	strings_add(&t->titles, title);
}

void
output_table_cell(struct output_table *t, const char *text)
{
	if (t->cells.n < (t->notes.n + 1) * t->n_columns)
		strings_add(&t->cells, text);
}

void
output_table_ns(struct output_table *t, double ns)
{
	char text[UNITS_TEXT_BYTES];

	units_scale_ns(ns, text);
	output_table_cell(t, text);
}

void
output_table_rate(struct output_table *t, double per_s)
{
	char text[UNITS_TEXT_BYTES];

	units_scale_rate(per_s, text);
	output_table_cell(t, text);
}

void
output_table_end_row(struct output_table *t, const char *note)
{
	while (!t->cells.failed &&
	       t->cells.n < (t->notes.n + 1) * t->n_columns)
		strings_add(&t->cells, "");
	strings_add(&t->notes, note ? note : "");
}

static void
add_times(struct text *to, const char *s, size_t n)
{
	while (n--)
		text_add(to, s);
}

/* Adds blanks up to the column that is due, then the cell; the blanks behind
 * a cell wait in *due, so that no line ends in any. */
static void
add_cell(struct text *to, const char *s, size_t width, bool right,
	 size_t *due, bool color, enum output_style style)
{
	size_t used = utf8_width(s), pad = width > used ? width - used : 0;

	if (!used) {
		*due += width + GAP;
		return;
	}
	add_times(to, " ", *due + (right ? pad : 0));
	output_style_add(to, color, style, s);
	*due = GAP + (right ? 0 : pad);
}

static size_t
group_end(const struct output_table *t, size_t first)
{
	size_t end = first + 1;

	while (end < t->n_columns && t->groups[first] && t->groups[end] &&
	       !strcmp(t->groups[first], t->groups[end]))
		end++;
	return end;
}

static size_t
span(const size_t *widths, size_t first, size_t end)
{
	size_t n = (end - first - 1) * GAP;

	while (first < end)
		n += widths[first++];
	return n;
}

/* As wide as the widest cell; the last column of a group makes room for its
 * title and a stroke on each side of it. */
static void
measure(const struct output_table *t, size_t *widths)
{
	for (size_t c = 0; c < t->n_columns; c++)
		widths[c] = utf8_width(t->titles.at[c]);
	for (size_t i = 0; i < t->cells.n; i++) {
		size_t width = utf8_width(t->cells.at[i]);

		if (width > widths[i % t->n_columns])
			widths[i % t->n_columns] = width;
	}
	for (size_t c = 0, end; c < t->n_columns; c = end) {
		size_t need, has;

		end = group_end(t, c);
		if (!t->groups[c])
			continue;
		need = utf8_width(t->groups[c]) + 4;
		has = span(widths, c, end);
		if (has < need)
			widths[end - 1] += need - has;
	}
}

static void
render_groups(const struct output_table *t, const size_t *widths, bool color,
	      struct text *to)
{
	struct text line = { 0 };
	size_t due = 0;

	for (size_t c = 0, end; c < t->n_columns; c = end) {
		size_t width, strokes;

		end = group_end(t, c);
		width = span(widths, c, end);
		if (!t->groups[c]) {
			due += width + GAP;
			continue;
		}
		strokes = width - utf8_width(t->groups[c]) - 2;
		add_times(&line, " ", due);
		add_times(&line, "─", strokes / 2);
		text_addf(&line, " %s ", t->groups[c]);
		add_times(&line, "─", strokes - strokes / 2);
		due = GAP;
	}
	if (line.failed)
		to->failed = true;
	else if (line.len) {
		output_style_add(to, color, OUTPUT_DIM, line.at);
		text_add(to, "\n");
	}
	text_fini(&line);
}

static void
render_row(const struct output_table *t, size_t row, const size_t *widths,
	   bool color, struct text *to)
{
	const char *note = t->notes.at[row];
	size_t n = t->n_columns, due = 0;
	char *const *cells = t->cells.at + row * t->n_columns;

	while (*note && n && !*cells[n - 1])
		n--;
	for (size_t c = 0; c < n; c++)
		add_cell(to, cells[c], widths[c], t->right[c], &due, color,
			 OUTPUT_PLAIN);
	if (*note)
		add_cell(to, note, 0, false, &due, color, t->note_style);
	text_add(to, "\n");
}

void
output_table_render(const struct output_table *t, bool color,
		    struct text *to)
{
	size_t widths[OUTPUT_TABLE_COLUMNS_MAX] = { 0 }, due = 0;

	if (t->titles.failed || t->cells.failed || t->notes.failed) {
		to->failed = true;
		return;
	}
	measure(t, widths);
	render_groups(t, widths, color, to);
	for (size_t c = 0; c < t->n_columns; c++)
		add_cell(to, t->titles.at[c], widths[c], t->right[c], &due,
			 color, OUTPUT_BOLD);
	text_add(to, "\n");
	for (size_t row = 0; row < t->notes.n; row++)
		render_row(t, row, widths, color, to);
}

void
output_table_fini(struct output_table *t)
{
	strings_fini(&t->titles);
	strings_fini(&t->cells);
	strings_fini(&t->notes);
}
