/* SPDX-License-Identifier: Apache-2.0 */
#include "core/run/knee.h"

#include <stdlib.h>

#include "core/base/cleanup.h"
#include "core/run/probe.h"

static struct search_rules
rules_of(const struct plan_run *run)
{
	return (struct search_rules){
		.from_per_s = run->search_from,
		.to_per_s = run->search_to,
		.precision = run->precision,
		.share = 1 - run->slo_percentile / 100,
		.steps = (uint32_t)run->search_steps,
	};
}

static struct result_trial *
result_of(const struct trial *trial)
{
	return &trial->config->result->cells[trial->cell].trials[trial->index];
}

/* A probe that has no latencies decides nothing, nor do those behind it. */
static int
refuse(const struct trial *trial, struct weir_error *err)
{
	struct weir_error why = { 0 };

	weir_error_set(&why, WEIR_EUNAVAILABLE,
		       "a search goes by latencies, and these messages have "
		       "none: see the warnings, or set direction = "
		       "\"round_trip\"");
	if (!result_add_failure(trial->config->result, trial->cell,
				trial->index, result_of(trial)->started_ns,
				RESULT_REFUSED, &why))
		return WEIR_OK;
	return weir_error_set(err, WEIR_ENOMEMORY,
			      "no memory for the result of a search");
}

/* One probe. The trial's status is then the probe's. */
static int
run_probe(const struct trial *trial, struct result_search *search,
	  bool *ret_end, struct weir_error *err)
{
	struct search *course = &search->course;
	const struct result_trial *t = result_of(trial);
	int status;

	result_empty_trial(trial->config->result, trial->cell, trial->index,
			   RESULT_NOT_RUN);
	status = trial_run(trial, ret_end, err);
	if (status || t->status != RESULT_OK)
		return status;
	if (!trial->probe->found.samples)
		return refuse(trial, err);
	probe_add(trial->probe, &t->block);
	search_probe(course, &trial->probe->found,
		     result_paced_is_reached(&t->block.paced));
	probe_point(trial->probe, &search->points[course->n_steps - 1]);
	return WEIR_OK;
}

static int
run_course(const struct trial *trial, const struct plan_cell *cell,
	   struct result_search *search, struct output_progress *progress,
	   size_t done, bool *ret_end, struct weir_error *err)
{
	size_t n_steps = 0;
	int status = WEIR_OK;
	double per_s;

	while (search_next(&search->course, &per_s)) {
		if (*ret_end)
			return WEIR_OK;
		if (search->course.n_steps > n_steps)
			status = probe_step(trial->probe, cell, per_s, err);
		if (status)
			return status;
		n_steps = search->course.n_steps;
		trial->probe->number++;
		output_progress_step(progress, done, trial->probe->cell.id);
		status = run_probe(trial, search, ret_end, err);
		if (status || result_of(trial)->status != RESULT_OK)
			return status;
		site_sweep(trial->site, &trial->config->result->warnings);
	}
	search->complete = true;
	return WEIR_OK;
}

int
knee_run(const struct trial *trial, struct output_progress *progress,
	 size_t done, bool *ret_end, struct weir_error *err)
{
	const struct plan *plan = trial->config->plan;
	const struct plan_cell *cell = &plan->cells[trial->cell];
	const struct search_rules rules = rules_of(&plan->run);
	cleanup_free struct result_search *search = calloc(1, sizeof(*search));
	struct trial own = *trial;
	struct probe probe;
	int status;

	if (!search)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a search");
	status = probe_init(&probe, cell, plan->run.slo_below_ns, err);
	if (status)
		return status;
	own.probe = &probe;
	search_init(&search->course, &rules);
	status = run_course(&own, cell, search, progress, done, ret_end, err);
	probe_fini(&probe);
	if (status)
		return status;
	/* One that was cut short has no figures, but what it has tried. */
	if (!search->complete && result_of(trial)->status == RESULT_OK)
		result_empty_trial(trial->config->result, trial->cell,
				   trial->index, RESULT_NOT_RUN);
	search_cut(&search->course);
	if (!search->course.n_steps)
		return WEIR_OK;
	search_result_get(&search->course, &search->found);
	return result_search_add(trial->config->result, trial->cell,
				 trial->index, search, err);
}
