/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of what each boundary costs.
 */
#ifndef CORE_OUTPUT_BOUNDARIES_H
#define CORE_OUTPUT_BOUNDARIES_H

#include <stdbool.h>

#include "core/base/text.h"
#include "core/result/result.h"

/* Appends an empty line, a title that names the boundary which the others
 * are compared with, and a row for each cell at another one; nothing where
 * all cells have the same boundary. */
void output_boundaries_add(struct text *to, const struct result *result,
			   bool color);

#endif
