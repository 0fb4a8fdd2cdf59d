/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who takes part in the cells of a run. Cells of one boundary meet the same
 * clients, or the same kind of them, and share one set.
 */
#ifndef CORE_RESULT_CLIENTS_H
#define CORE_RESULT_CLIENTS_H

#include "core/result/result.h"

/* What clients say of themselves, in the order of their channels. */
struct result_clients {
	struct result_clients *next;
	size_t n;
	struct facts at[];
};

/* Keeps the clients of a cell, of the first ones met: those of a cell of the
 * same boundary and namespaces stay. Copies. */
WEIR_MUST_USE int result_set_clients(struct result *result, size_t cell,
				     const struct facts *facts, size_t n,
				     struct weir_error *err);

void result_free_clients(struct result *result);

#endif
