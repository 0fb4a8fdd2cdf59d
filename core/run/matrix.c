/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "core/base/log.h"
#include "core/base/rand.h"
#include "core/coord/floor.h"
#include "core/measure/affinity.h"
#include "core/coord/ticks.h"
#include "core/output/progress.h"
#include "core/run/knee.h"
#include "core/run/run.h"
#include "core/run/settle.h"
#include "core/run/site.h"
#include "core/run/trial.h"

/* One trial, or a search. */
static int
run_trial(const struct trial *trial, struct output_progress *progress,
	  size_t done, bool *ret_end, struct weir_error *err)
{
	const struct plan_cell *cell = &trial->config->plan->cells[trial->cell];

	if (axes_search(&cell->axes))
		return knee_run(trial, progress, done, ret_end, err);
	output_progress_step(progress, done, cell->id);
	return trial_run(trial, ret_end, err);
}

static int
run_block(const struct run_config *config, struct site *site,
	  struct settle *settle, uint32_t index, const size_t *order,
	  struct output_progress *progress, bool *ret_end,
	  struct weir_error *err)
{
	const struct plan *plan = config->plan;

	for (size_t i = 0; i < plan->n_cells && !*ret_end; i++) {
		struct trial trial = { .config = config, .site = site,
				       .cell = order[i], .index = index };
		int status;

		if (settle && settle_has(settle, order[i]))
			continue;
		status = run_trial(&trial, progress,
				   index * plan->n_cells + i, ret_end, err);
		if (status)
			return status;
		site_sweep(site, &config->result->warnings);
		if (settle)
			settle_trial(settle, order[i], index + 1);
	}
	return WEIR_OK;
}

static int
run_blocks(const struct run_config *config, struct site *site,
	   struct weir_error *err)
{
	const struct plan *plan = config->plan;
	uint32_t repeat = (uint32_t)plan->run.repeat;
	size_t *order = calloc(plan->n_cells, sizeof(*order));
	bool stable = plan->run.until == PLAN_UNTIL_STABLE;
	struct settle *settle = stable ? settle_create(config->result) : NULL;
	struct output_progress progress;
	int status = WEIR_OK;
	bool end = false;
	struct rand rand;

	if (!order || (stable && !settle)) {
		free(order);
		settle_destroy(settle);
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for %zu cells",
				      plan->n_cells);
	}
	/* A seed from the kernel can be given back as `seed` in a config. */
	config->result->seed = plan->run.seed ? (uint64_t)plan->run.seed :
						rand_seed() >> 1 | 1;
	rand_init(&rand, config->result->seed);
	output_progress_start(&progress, config->quiet,
			      plan->n_cells * repeat);
	for (uint32_t i = 0; i < repeat && !end && !status; i++) {
		rand_permutation(&rand, order, plan->n_cells);
		status = run_block(config, site, settle, i, order, &progress,
				   &end, err);
	}
	output_progress_end(&progress);
	if (settle && !end)
		settle_warn(settle);
	settle_destroy(settle);
	free(order);
	return status;
}

/* What the harness adds to each sample, by the transport that is nothing else;
 * a run without it is as good. */
static void
measure_floor(const struct run_config *config)
{
	const struct plan_run *run = &config->plan->run;
	struct affinity affinity;
	struct strings said = { 0 };
	struct weir_error why = { 0 };
	const struct plugin *null;
	struct report report;
	int status, cpu = AFFINITY_ANY;

	if (affinity_choose(run->cpu_host, run->cpu_client, 1, &affinity,
			    &said, &why) == WEIR_OK)
		cpu = affinity.host[0];
	strings_fini(&said);
	status = registry_get(config->registry, FLOOR_PLUGIN, &null, &why);
	if (status == WEIR_OK) {
		status = floor_measure(null, run, cpu, &report, &why);
		if (status == WEIR_OK)
			status = floor_set(&config->result->floor,
					   FLOOR_PLUGIN, FLOOR_SIZE_BYTES,
					   config->plan, report.latency,
					   &why);
		report_fini(&report);
	}
	if (status)
		log_info("the floor is not known: %s", why.text);
}

int
run_plan(const struct run_config *config, struct weir_error *err)
{
	struct facts *facts = &config->result->host;
	struct site *site = NULL;
	struct tsc_scale scale;
	int status, finished;

	facts_gather(facts);
	measure_floor(config);
	ticks_begin_facts(&config->plan->run, facts, &scale);
	status = site_open(config, &site, err);
	if (status == WEIR_OK)
		status = site_meet(site, err);
	if (status == WEIR_OK)
		status = run_blocks(config, site, err);
	site_close(site);
	ticks_end_facts(&scale, facts);
	finished = result_finish(config->result, status ? NULL : err);
	return status ? status : finished;
}
