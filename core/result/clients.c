/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "core/result/result.h"

/* Cells of one boundary meet one kind of client. */
static bool
same_client(const struct plan_axes *a, const struct plan_axes *b)
{
	if (a->boundary != b->boundary)
		return false;
	return !a->namespaces || !b->namespaces ||
	       strcmp(a->namespaces, b->namespaces) == 0;
}

int
result_set_client(struct result *result, size_t cell,
		  const struct facts *facts, struct weir_error *err)
{
	const struct plan *plan = result->plan;
	struct facts **grown, *copy;

	for (size_t i = 0; i < plan->n_cells && !result->cells[cell].client;
	     i++) {
		if (same_client(&plan->cells[i].axes, &plan->cells[cell].axes))
			result->cells[cell].client = result->cells[i].client;
	}
	if (result->cells[cell].client)
		return WEIR_OK;
	grown = reallocarray(result->clients, result->n_clients + 1,
			     sizeof(struct facts *));
	if (grown)
		result->clients = grown;
	copy = grown ? malloc(sizeof(*copy)) : NULL;
	if (!copy)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for the results");
	*copy = *facts;
	result->clients[result->n_clients++] = copy;
	result->cells[cell].client = copy;
	if (result->client.n == 0)
		result->client = *facts;
	return WEIR_OK;
}
