/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/own.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/result/block.h"

struct own {
	struct plan plan; /* grows; its cells' texts are in `texts` */
	struct strings texts;
	struct result *result;
	size_t n_trials;
	bool met;
	/* the trial in hand */
	bool begun;
	size_t cell;
	uint32_t slot; /* in the cell's trials */
	uint64_t started_ns;
	bool initiates;
	bool loopback;
};

static int
no_memory(struct weir_error *err)
{
	return weir_error_set(err, WEIR_ENOMEMORY,
			      "no memory for the client's results");
}

struct own *
own_create(const struct facts *client)
{
	struct own *own = calloc(1, sizeof(*own));

	if (!own)
		return NULL;
	own->result = result_create(&own->plan);
	if (!own->result) {
		free(own);
		return NULL;
	}
	own->result->of_client = true;
	own->result->client = *client;
	return own;
}

void
own_destroy(struct own *own)
{
	if (!own)
		return;
	result_destroy(own->result);
	for (size_t i = 0; i < own->plan.n_cells; i++) {
		free(own->plan.cells[i].options);
		free(own->plan.cells[i].further);
	}
	free(own->plan.cells);
	strings_fini(&own->texts);
	free(own);
}

void
own_meet(struct own *own, const struct facts *host)
{
	own->met = true;
	own->result->host = *host;
	clock_utc_text(own->result->started_utc);
	own->result->started_ns = clock_now_ns();
}

bool
own_has_met(const struct own *own)
{
	return own->met;
}

/* A copy that lives as long as the results; "" without memory, which
 * own->texts.failed remembers. */
static char *
keep_text(struct own *own, const char *text)
{
	static char nothing[] = "";

	strings_add(&own->texts, text);
	return own->texts.failed ? nothing : own->texts.at[own->texts.n - 1];
}

static void
keep_options(struct own *own, struct plan_option *to,
	     const struct plan_option *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		to[i].row = from[i].row;
		to[i].text = keep_text(own, from[i].text);
	}
}

/* The copy of a cell. The first failure leaves it as it can be freed. */
static int
copy_cell(struct own *own, struct plan_cell *to, const struct plan_cell *from,
	  struct weir_error *err)
{
	struct plan_option *options =
		calloc(from->n_options + 1, sizeof(*options));
	struct plan_option *further =
		calloc(from->n_further + 1, sizeof(*further));

	if (!options || !further)
		goto fail;
	*to = *from;
	to->options = options;
	to->further = further;
	to->id = keep_text(own, from->id);
	to->plugin = keep_text(own, from->plugin);
	to->axes.transport = keep_text(own, from->axes.transport);
	if (from->axes.namespaces)
		to->axes.namespaces = keep_text(own, from->axes.namespaces);
	keep_options(own, options, from->options, from->n_options);
	keep_options(own, further, from->further, from->n_further);
	if (!own->texts.failed)
		return WEIR_OK;
fail:
	free(options);
	free(further);
	return no_memory(err);
}

/* Lists have room for a power of two: whether one of n is full. */
static bool
is_full(size_t n)
{
	return (n & (n - 1)) == 0;
}

/* Twice the room for cells. */
static int
grow_cells(struct own *own, struct weir_error *err)
{
	size_t n = own->plan.n_cells, room = n ? 2 * n : 1;
	struct plan_cell *cells =
		reallocarray(own->plan.cells, room, sizeof(*cells));
	struct result_cell *results;

	if (!cells)
		return no_memory(err);
	own->plan.cells = cells;
	for (size_t i = 0; i < n; i++)
		own->result->cells[i].cell = &cells[i];
	results = reallocarray(own->result->cells, room, sizeof(*results));
	if (!results)
		return no_memory(err);
	own->result->cells = results;
	return WEIR_OK;
}

static int
add_cell(struct own *own, const struct plan_cell *cell,
	 struct weir_error *err)
{
	size_t n = own->plan.n_cells;
	struct result_cell *result;
	int status = is_full(n) ? grow_cells(own, err) : WEIR_OK;

	if (status == WEIR_OK)
		status = copy_cell(own, &own->plan.cells[n], cell, err);
	if (status)
		return status;
	result = &own->result->cells[n];
	memset(result, 0, sizeof(*result));
	result_block_init(&result->block);
	result->cell = &own->plan.cells[n];
	own->plan.n_cells++;
	return WEIR_OK;
}

/* The cell of that id, or the number of cells. */
static size_t
find_cell(const struct own *own, const char *id)
{
	size_t i = 0;

	while (i < own->plan.n_cells &&
	       strcmp(own->plan.cells[i].id, id) != 0)
		i++;
	return i;
}

static int
add_trial(struct own *own, uint32_t index, struct weir_error *err)
{
	struct result_cell *cell = &own->result->cells[own->cell];
	size_t n = cell->n_trials;
	struct result_trial *trials;

	if (is_full(n)) {
		trials = reallocarray(cell->trials, n ? 2 * n : 1,
				      sizeof(*trials));
		if (!trials)
			return no_memory(err);
		cell->trials = trials;
	}
	memset(&cell->trials[n], 0, sizeof(*cell->trials));
	cell->trials[n].index = index;
	own->slot = (uint32_t)n;
	cell->n_trials++;
	return WEIR_OK;
}

int
own_begin(struct own *own, const struct own_trial *trial,
	  struct weir_error *err)
{
	int status = WEIR_OK;

	own->begun = false;
	if (own->n_trials == OWN_TRIALS_MAX) {
		strings_addf(&own->result->warnings,
			     "only the first %d trials are in these results",
			     OWN_TRIALS_MAX);
		own->n_trials++;
	}
	if (own->n_trials > OWN_TRIALS_MAX)
		return WEIR_OK;
	own->n_trials++;
	own->cell = find_cell(own, trial->cell.id);
	if (own->cell == own->plan.n_cells)
		status = add_cell(own, &trial->cell, err);
	if (status == WEIR_OK)
		status = add_trial(own, trial->index, err);
	if (status)
		return status;
	own->started_ns = clock_now_ns() - own->result->started_ns;
	own->initiates = trial->initiates;
	own->loopback = trial->loopback;
	own->begun = true;
	return WEIR_OK;
}

int
own_report(struct own *own, const struct report *report,
	   struct weir_error *err)
{
	if (!own->begun)
		return WEIR_OK;
	return result_add_own(own->result, own->cell, own->slot,
			      own->started_ns,
			      own->loopback ? NULL : report, own->initiates,
			      err);
}

int
own_fail(struct own *own, const struct weir_error *why, struct weir_error *err)
{
	if (!own->begun)
		return WEIR_OK;
	if (result_add_failure(own->result, own->cell, own->slot,
			       own->started_ns, RESULT_FAILED, why))
		return no_memory(err);
	return WEIR_OK;
}

int
own_finish(struct own *own, bool complete, bool interrupted,
	   const struct result **ret_result, struct weir_error *err)
{
	int status = result_finish(own->result, err);

	if (status)
		return status;
	own->result->complete &= complete;
	own->result->interrupted = interrupted;
	*ret_result = own->result;
	return WEIR_OK;
}
