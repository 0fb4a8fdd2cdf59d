/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/clients.h"

#include <stdlib.h>
#include <string.h>

static bool
same_clients(const struct plan_axes *a, const struct plan_axes *b)
{
	if (a->boundary != b->boundary)
		return false;
	return !a->namespaces || !b->namespaces ||
	       strcmp(a->namespaces, b->namespaces) == 0;
}

/* Those of another cell, or NULL. */
static const struct result_clients *
find_clients(const struct result *result, size_t cell)
{
	const struct plan *plan = result->plan;

	for (size_t i = 0; i < plan->n_cells; i++) {
		if (result->cells[i].clients &&
		    same_clients(&plan->cells[i].axes,
				 &plan->cells[cell].axes))
			return result->cells[i].clients;
	}
	return NULL;
}

int
result_set_clients(struct result *result, size_t cell,
		   const struct facts *facts, size_t n,
		   struct weir_error *err)
{
	struct result_cell *to = &result->cells[cell];
	struct result_clients *clients;

	if (!to->clients)
		to->clients = find_clients(result, cell);
	if (to->clients || !n)
		return WEIR_OK;
	clients = malloc(sizeof(*clients) + n * sizeof(*facts));
	if (!clients)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for the results");
	clients->n = n;
	memcpy(clients->at, facts, n * sizeof(*facts));
	clients->next = result->clients;
	result->clients = clients;
	to->clients = clients;
	if (result->client.n == 0)
		result->client = facts[0];
	return WEIR_OK;
}

void
result_free_clients(struct result *result)
{
	while (result->clients) {
		struct result_clients *next = result->clients->next;

		free(result->clients);
		result->clients = next;
	}
}
