/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of text for a terminal: columns as wide as their widest cell in
 * code points, headers, groups of columns under a common title.
 */
#ifndef CORE_OUTPUT_TABLE_H
#define CORE_OUTPUT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/text.h"

#define OUTPUT_TABLE_COLUMNS_MAX 32

enum output_style {
	OUTPUT_PLAIN,
	OUTPUT_BOLD,
	OUTPUT_DIM,
	OUTPUT_GOOD,
	OUTPUT_WARN,
	OUTPUT_BAD,
};

/* Appends s, in that style where color is true. */
void output_style_add(struct text *t, bool color, enum output_style style,
		      const char *s);

/* Zero-initialise. First the columns, then the rows. */
struct output_table {
	size_t n_columns;
	bool right[OUTPUT_TABLE_COLUMNS_MAX]; /* aligned to the right */
	const char *groups[OUTPUT_TABLE_COLUMNS_MAX]; /* borrowed */
	struct strings titles;
	struct strings cells; /* row by row; "" behind a note's cells */
	struct strings notes; /* one a row, "" for none */
	enum output_style note_style; /* of all notes */
};

/* Adds a column; group NULL for none. Beyond the limit: left out. */
void output_table_column(struct output_table *t, const char *group,
			 const char *title, bool right);

/* Adds the next cell of the current row; a cell too many is left out. */
void output_table_cell(struct output_table *t, const char *text);

/* The same for a figure, scaled as in units.h. */
void output_table_ns(struct output_table *t, double ns);
void output_table_rate(struct output_table *t, double per_s);

/* Ends the row: cells not given are empty; a note (may be NULL) runs on from
 * the first of them. */
void output_table_end_row(struct output_table *t, const char *note);

/* Appends the whole table to a text; a memory failure makes it failed. */
void output_table_render(const struct output_table *t, bool color,
			 struct text *to);
void output_table_fini(struct output_table *t);

#endif
