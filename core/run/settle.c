/* SPDX-License-Identifier: Apache-2.0 */
#include "core/run/settle.h"

#include <math.h>
#include <stdlib.h>

#include "core/stats/stable.h"

struct settle {
	struct result *result;
	double *values; /* room for those of one cell */
	struct settle_cell {
		bool narrow; /* at the last look; the next trial is fresh */
		bool settled;
	} *cells;
};

struct settle *
settle_create(struct result *result)
{
	const struct plan *plan = result->plan;
	struct settle *settle = calloc(1, sizeof(*settle));

	if (!settle)
		return NULL;
	settle->result = result;
	settle->values = calloc((size_t)plan->run.repeat,
				sizeof(*settle->values));
	settle->cells = calloc(plan->n_cells, sizeof(*settle->cells));
	if (settle->values && settle->cells)
		return settle;
	settle_destroy(settle);
	return NULL;
}

void
settle_destroy(struct settle *settle)
{
	if (!settle)
		return;
	free(settle->values);
	free(settle->cells);
	free(settle);
}

bool
settle_has(const struct settle *settle, size_t cell)
{
	return settle->cells[cell].settled;
}

static double
figure_of(const struct result_trial *trial)
{
	const struct result_block *block = &trial->block;

	if (trial->status != RESULT_OK)
		return NAN;
	return block->latency.samples ?
		       summary_percentile_ns(&block->latency, 50) :
		       block->messages_per_s;
}

/* Those of the first n trials. */
static double *
take_values(const struct settle *settle, size_t cell, size_t n)
{
	for (size_t i = 0; i < n; i++)
		settle->values[i] = figure_of(
			&settle->result->cells[cell].trials[i]);
	return settle->values;
}

void
settle_trial(struct settle *settle, size_t cell, size_t n)
{
	const struct plan_run *run = &settle->result->plan->run;
	struct settle_cell *state = &settle->cells[cell];
	struct result_cell *to = &settle->result->cells[cell];
	size_t max = (size_t)run->repeat;

	if (state->narrow) {
		state->narrow = false;
		state->settled = stable_confirm(
			take_values(settle, cell, n - 1), n - 1,
			figure_of(&to->trials[n - 1]), run->precision);
		if (state->settled) {
			to->stable = true;
			to->n_trials = n; /* no further one is missing */
		}
	} else if (stable_is_look(n, max)) {
		state->narrow = stable_look(take_values(settle, cell, n), n,
					    max, run->precision);
	}
}

void
settle_warn(const struct settle *settle)
{
	const struct plan *plan = settle->result->plan;

	for (size_t i = 0; i < plan->n_cells; i++) {
		struct result_cell *cell = &settle->result->cells[i];

		if (!settle->cells[i].settled && cell->n_trials &&
		    cell->trials[0].status == RESULT_OK)
			strings_addf(&cell->warnings, "not stable: after %zu "
				     "trials the median is not known to %g %%",
				     cell->n_trials,
				     plan->run.precision * 100);
	}
}
