/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a table names a cell: cells of text that several tables share.
 */
#ifndef CORE_OUTPUT_COORDINATES_H
#define CORE_OUTPUT_COORDINATES_H

#include "core/config/plan.h"
#include "core/output/table.h"

/* The columns that tell the cells of a plan apart: transport, pattern and
 * size, and boundary and channels where they are not the same for all. Returns
 * how many columns these are. */
size_t output_coordinates_columns(struct output_table *t,
				  const struct plan *plan);

/* A cell of the table for each of them. */
void output_coordinates_row(struct output_table *t,
			    const struct plan_cell *cell);

/* The boundary, with its namespaces where they are not all of them. */
#define OUTPUT_BOUNDARY_BYTES 128
void output_coordinates_boundary(const struct plan_axes *axes,
				 char ret_text[OUTPUT_BOUNDARY_BYTES]);

#endif
