/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdicts of a table's cells: a mark in the row, and under the table
 * what it stands for, each kind of reason once and where it is worst.
 */
#ifndef CORE_OUTPUT_VERDICTS_H
#define CORE_OUTPUT_VERDICTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/text.h"
#include "core/result/result.h"

/* "~" for a cell that is noisy, else "". */
const char *output_verdicts_mark(const struct result_cell *cell);

/* Whether any cell has the mark. */
bool output_verdicts_any(const struct result *result);

/* Appends the lines; nothing where all is clean. */
void output_verdicts_add(struct text *to, const struct result *result,
			 bool color);

#endif
