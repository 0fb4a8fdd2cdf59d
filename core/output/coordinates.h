/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a table names a cell: cells of text that several tables share.
 */
#ifndef CORE_OUTPUT_COORDINATES_H
#define CORE_OUTPUT_COORDINATES_H

#include "core/config/plan.h"
#include "core/output/table.h"

/* The transport with those of its options that vary in this plan. */
void output_coordinates_transport(struct output_table *t,
				  const struct plan *plan,
				  const struct plan_cell *cell);

/* The boundary, with its namespaces where they are not all of them. */
#define OUTPUT_BOUNDARY_BYTES 128
void output_coordinates_boundary(const struct plan_axes *axes,
				 char ret_text[OUTPUT_BOUNDARY_BYTES]);

/* Pattern, with the further axes that are not their default, and size, a cell
 * of the table each. */
void output_coordinates_traffic(struct output_table *t,
				const struct plan_cell *cell);

#endif
