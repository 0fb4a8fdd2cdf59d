/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/result.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/result/block.h"
#include "core/result/clients.h"

const char *const result_status_names[] = {
	[RESULT_NOT_RUN] = "not_run",
	[RESULT_OK] = "ok",
	[RESULT_FAILED] = "failed",
	[RESULT_REFUSED] = "refused",
};

static bool
create_cells(struct result *result, const struct plan *plan)
{
	size_t repeat = plan->run.repeat > 0 ? (size_t)plan->run.repeat : 0;

	result->cells = calloc(plan->n_cells ? plan->n_cells : 1,
			       sizeof(*result->cells));
	if (!result->cells)
		return false;
	for (size_t i = 0; i < plan->n_cells; i++) {
		struct result_cell *cell = &result->cells[i];

		cell->cell = &plan->cells[i];
		result_block_init(&cell->block);
		cell->trials = calloc(repeat ? repeat : 1,
				      sizeof(*cell->trials));
		if (!cell->trials)
			return false;
		cell->n_trials = repeat;
		for (size_t t = 0; t < repeat; t++)
			cell->trials[t].index = (uint32_t)t;
	}
	return true;
}

struct result *
result_create(const struct plan *plan)
{
	struct result *result = calloc(1, sizeof(*result));

	if (!result)
		return NULL;
	result->plan = plan;
	clock_utc_text(result->started_utc);
	result->started_ns = clock_now_ns();
	if (!create_cells(result, plan)) {
		result_destroy(result);
		return NULL;
	}
	return result;
}

static void
free_shares(struct result_block **shares, size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		result_block_fini(&(*shares)[i]);
	free(*shares);
	*shares = NULL;
	*n = 0;
}

static void
fini_trial(struct result_trial *trial)
{
	result_block_fini(&trial->block);
	free_shares(&trial->shares, &trial->n_shares);
	free(trial->reason);
	trial->reason = NULL;
	free(trial->search);
	trial->search = NULL;
}

/* Forgets what result_finish made. */
static void
reset_cell(struct result_cell *cell)
{
	result_block_fini(&cell->block);
	result_block_init(&cell->block);
	free_shares(&cell->shares, &cell->n_shares);
	free(cell->reason);
	cell->reason = NULL;
	free(cell->over_trials);
	cell->over_trials = NULL;
	cell->fault = WEIR_OK;
	cell->status = RESULT_NOT_RUN;
}

void
result_destroy(struct result *result)
{
	if (!result)
		return;
	for (size_t i = 0; result->cells && i < result->plan->n_cells; i++) {
		struct result_cell *cell = &result->cells[i];

		reset_cell(cell);
		strings_fini(&cell->warnings);
		for (size_t t = 0; t < cell->n_trials; t++)
			fini_trial(&cell->trials[t]);
		free(cell->trials);
	}
	free(result->cells);
	result_free_clients(result);
	floor_fini(&result->floor);
	strings_fini(&result->warnings);
	free(result->stream_error);
	free(result);
}

static int
no_memory(struct weir_error *err)
{
	return weir_error_set(err, WEIR_ENOMEMORY,
			      "no memory for the results");
}

/* The emptied trial, which was not run until now. */
static struct result_trial *
begin_trial(struct result *result, size_t cell, uint32_t trial,
	    uint64_t started_ns)
{
	struct result_trial *t;

	assert(cell < result->plan->n_cells);
	assert(trial < result->cells[cell].n_trials);
	t = &result->cells[cell].trials[trial];
	fini_trial(t);
	t->started_ns = started_ns;
	result_block_init(&t->block);
	return t;
}

static void
warn_once(struct strings *warnings, const char *text)
{
	if (!strings_contains(warnings, text))
		strings_add(warnings, text);
}

static void
warn_without_latency(struct result_cell *cell, const struct plan *plan,
		     const struct result_sides *sides)
{
	const char *why = result_block_no_latency(plan, &cell->cell->axes,
						  sides);
	struct text said = { 0 };

	if (!why)
		return;
	text_addf(&said, "no one-way latency: %s", why);
	warn_once(&cell->warnings, text_get(&said));
	text_fini(&said);
}

/* What the accounts of both ends have against a trial; the caller frees.
 * *ret_fault is WEIR_OK where they agree. */
static char *
find_fault(const struct result_block *block, int *ret_fault)
{
	const struct report_integrity *in = &block->integrity;
	const struct {
		uint64_t n;
		const char *what;
	} wrong[] = {
		{ in->lost, "lost" },
		{ in->duplicate, "duplicate" },
		{ in->reordered, "out of order" },
		{ in->corrupt, "corrupt" },
	};
	struct text reason = { 0 };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (wrong[i].n)
			text_addf(&reason, "%s%" PRIu64 " %s",
				  reason.len ? ", " : "", wrong[i].n,
				  wrong[i].what);
	*ret_fault = WEIR_EINTEGRITY;
	if (reason.len) {
		if (in->sent)
			text_addf(&reason, " of %" PRIu64 " messages sent",
				  in->sent);
	} else if (!block->messages) {
		*ret_fault = WEIR_ETIMEOUT;
		text_add(&reason, "no message got through in the timed "
				  "region: give it more time");
	} else {
		*ret_fault = WEIR_OK;
	}
	return text_take(&reason);
}

/* What the accounts of a trial make of it. */
static int
settle(struct result_trial *trial, struct weir_error *err)
{
	trial->reason = find_fault(&trial->block, &trial->fault);
	trial->status = trial->fault ? RESULT_FAILED : RESULT_OK;
	if (trial->fault)
		return trial->reason ? WEIR_OK : no_memory(err);
	free(trial->reason);
	trial->reason = NULL;
	return WEIR_OK;
}

static int
make_shares(struct result_trial *trial, const struct plan *plan,
	    const struct plan_axes *axes, const struct result_sides *sides,
	    struct weir_error *err)
{
	int status = WEIR_OK;

	if (!sides->n_shares)
		return WEIR_OK;
	trial->shares = calloc(sides->n_shares, sizeof(*trial->shares));
	if (!trial->shares)
		return no_memory(err);
	while (trial->n_shares < sides->n_shares && !status) {
		const struct result_share *from =
			&sides->shares[trial->n_shares];
		struct result_block *block = &trial->shares[trial->n_shares++];
		struct result_sides own = *sides;

		own.host = from->host;
		own.client = from->client;
		result_block_init(block);
		status = result_block_make(block, plan, axes, &own, err);
	}
	return status;
}

int
result_add_trial(struct result *result, size_t cell, uint32_t trial,
		 uint64_t started_ns, const struct result_sides *sides,
		 struct weir_error *err)
{
	struct result_cell *c = &result->cells[cell];
	struct result_trial *t =
		begin_trial(result, cell, trial, started_ns);
	int status = result_block_make(&t->block, result->plan,
				       &c->cell->axes, sides, err);

	if (status == WEIR_OK)
		status = make_shares(t, result->plan, &c->cell->axes, sides,
				     err);
	if (status == WEIR_OK)
		status = settle(t, err);
	if (status)
		return status;
	warn_without_latency(c, result->plan, sides);
	return c->warnings.failed ? no_memory(err) : WEIR_OK;
}

int
result_add_own(struct result *result, size_t cell, uint32_t trial,
	       uint64_t started_ns, const struct report *client,
	       bool initiates, struct weir_error *err)
{
	struct result_trial *t =
		begin_trial(result, cell, trial, started_ns);
	int status;

	t->status = RESULT_OK;
	if (!client)
		return WEIR_OK;
	status = result_block_make_own(&t->block, result->plan,
				       &result->cells[cell].cell->axes,
				       client, initiates, err);
	return status ? status : settle(t, err);
}

int
result_add_failure(struct result *result, size_t cell, uint32_t trial,
		   uint64_t started_ns, enum result_status status,
		   const struct weir_error *why)
{
	struct result_trial *t =
		begin_trial(result, cell, trial, started_ns);

	assert(status == RESULT_FAILED || status == RESULT_REFUSED);
	t->status = status;
	t->fault = why->status;
	t->reason = strdup(why->text[0] ? why->text :
					  weir_status_text(why->status));
	return t->reason ? WEIR_OK : WEIR_ENOMEMORY;
}

void
result_empty_trial(struct result *result, size_t cell, uint32_t trial,
		   enum result_status status)
{
	const struct result_trial *now = &result->cells[cell].trials[trial];

	begin_trial(result, cell, trial, now->started_ns)->status = status;
}

static size_t
count_trials(const struct result_cell *cell, enum result_status status)
{
	size_t n = 0;

	for (size_t i = 0; i < cell->n_trials; i++)
		n += cell->trials[i].status == status;
	return n;
}

/* Sets status, fault and reason; see struct result_cell. */
static int
judge(struct result_cell *cell, struct weir_error *err)
{
	static const enum result_status order[] = {
		RESULT_FAILED, RESULT_REFUSED, RESULT_OK,
	};
	const struct result_trial *trial = cell->trials;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]) &&
			   cell->status == RESULT_NOT_RUN; i++)
		if (count_trials(cell, order[i]))
			cell->status = order[i];
	if (cell->status == RESULT_NOT_RUN || cell->status == RESULT_OK)
		return WEIR_OK;
	while (trial->status != cell->status)
		trial++;
	cell->fault = trial->fault;
	cell->reason = strdup(trial->reason ? trial->reason :
					      weir_status_text(trial->fault));
	return cell->reason ? WEIR_OK : no_memory(err);
}

/* Whether a trial was not run, or broke off before it gave figures. */
static bool
has_gap(const struct result_cell *cell)
{
	if (cell->status == RESULT_REFUSED)
		return false;
	for (size_t i = 0; i < cell->n_trials; i++) {
		const struct result_trial *trial = &cell->trials[i];

		if (trial->status == RESULT_NOT_RUN ||
		    (trial->status == RESULT_FAILED &&
		     trial->fault != WEIR_EINTEGRITY))
			return true;
	}
	return false;
}

int
result_finish(struct result *result, struct weir_error *err)
{
	int status = WEIR_OK;

	result->complete = true;
	for (size_t i = 0; i < result->plan->n_cells && !status; i++) {
		struct result_cell *cell = &result->cells[i];

		reset_cell(cell);
		status = judge(cell, err);
		if (!status)
			status = result_block_merge(cell, result->plan, err);
		if (!status)
			result_paced_warn(cell);
		if (has_gap(cell))
			result->complete = false;
	}
	return status;
}

bool
result_has_trials(const struct result *result)
{
	for (size_t i = 0; i < result->plan->n_cells; i++) {
		const struct result_cell *cell = &result->cells[i];

		for (size_t t = 0; t < cell->n_trials; t++)
			if (cell->trials[t].status != RESULT_NOT_RUN ||
			    cell->trials[t].search)
				return true;
	}
	return false;
}

/* Whether trials are missing that nothing has decided. */
static bool
was_cut_short(const struct result_cell *cell)
{
	return (cell->status == RESULT_OK ||
		cell->status == RESULT_NOT_RUN) &&
	       count_trials(cell, RESULT_NOT_RUN);
}

int
result_exit_code(const struct result *result)
{
	bool failed = result->stream_error, damaged = false, refused = false;

	for (size_t i = 0; i < result->plan->n_cells; i++) {
		const struct result_cell *cell = &result->cells[i];

		if (was_cut_short(cell))
			failed = true;
		for (size_t t = 0; t < cell->n_trials; t++) {
			const struct result_trial *trial = &cell->trials[t];

			if (trial->status == RESULT_REFUSED)
				refused = true;
			else if (trial->status != RESULT_FAILED)
				continue;
			else if (trial->fault == WEIR_EINTEGRITY)
				damaged = true;
			else
				failed = true;
		}
	}
	return failed ? 1 : damaged ? 4 : refused ? 3 : 0;
}
