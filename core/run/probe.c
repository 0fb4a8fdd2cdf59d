/* SPDX-License-Identifier: Apache-2.0 */
#include "core/run/probe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/units.h"
#include "core/result/verdict.h"
#include "core/stats/summary.h"

int
probe_init(struct probe *probe, const struct plan_cell *cell,
	   uint64_t bound_ns, struct weir_error *err)
{
	struct plan_option *further;

	*probe = (struct probe){ .cell = *cell, .bound_ns = bound_ns };
	probe->cell.id = NULL;
	further = calloc(cell->n_further + 1, sizeof(*further));
	probe->cell.further = further;
	probe->latency = histogram_create();
	if (further && probe->latency) {
		for (size_t i = 0; i < cell->n_further; i++)
			further[i] = cell->further[i];
		return WEIR_OK;
	}
	probe_fini(probe);
	return weir_error_set(err, WEIR_ENOMEMORY, "no memory for a search");
}

void
probe_fini(struct probe *probe)
{
	free(probe->cell.id);
	free(probe->cell.further);
	histogram_destroy(probe->latency);
	*probe = (struct probe){ 0 };
}

int
probe_step(struct probe *probe, const struct plan_cell *cell, double per_s,
	   struct weir_error *err)
{
	struct plan_option *further = probe->cell.further;
	struct text id = { 0 };

	units_print_rate(per_s, probe->rate);
	probe->cell.axes.rate = per_s;
	for (size_t i = 0; i < probe->cell.n_further; i++)
		if (!strcmp(further[i].row->name, "rate"))
			further[i].text = probe->rate;
	free(probe->cell.id);
	text_addf(&id, "%s@%s", cell->id, probe->rate);
	probe->cell.id = text_take(&id);
	histogram_reset(probe->latency);
	memset(probe->clusters, 0, sizeof(probe->clusters));
	probe->late = 0;
	probe->late_clusters = 0;
	probe->pace = (struct result_paced){ 0 };
	probe->noisy = 0;
	probe->near_ns = probe->far_ns = NAN;
	if (!probe->cell.id)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a step of a search");
	return WEIR_OK;
}

void
probe_take(struct probe *probe, const struct report *host,
	   const struct report *client)
{
	const struct report *taker = host->latency && host->latency->samples ?
					     host : client;

	probe->found = (struct exceed){ 0 };
	if (!taker->latency || !taker->series)
		return;
	exceed_measure(taker->latency, taker->series, probe->bound_ns,
		       &probe->found);
	histogram_merge(probe->latency, taker->latency);
	probe->late += probe->found.above;
	probe->late_clusters += exceed_clusters(&probe->found);
	for (size_t i = 0; i < RESULT_CURVE_PERCENTS; i++)
		probe->clusters[i] += series_clusters(
			taker->series, result_curve_percents[i]);
}

static double
distance_of(const struct result_block *block)
{
	double sum_ns = 0, segments = 0;

	for (int i = 0; i < GAUGE_CLASSES; i++) {
		sum_ns += block->classes[i].distance_sum_ns;
		segments += (double)block->classes[i].segments;
	}
	return sum_ns > 0 ? sum_ns / segments : NAN;
}

void
probe_add(struct probe *probe, const struct result_block *block)
{
	const struct result_paced *pace = &block->paced;
	struct verdict verdict;
	bool noisy = false;

	probe->pace.sent += pace->sent;
	probe->pace.sender.schedule_ns += pace->sender.schedule_ns;
	probe->pace.sender.sending_ns += pace->sender.sending_ns;
	verdict_make(block, &verdict);
	for (size_t i = 0; i < verdict.n && !noisy; i++)
		noisy = verdict.at[i].kind != VERDICT_BY_RATE;
	probe->noisy += noisy;
	probe->near_ns = fmin(probe->near_ns, distance_of(block));
	probe->far_ns = fmax(probe->far_ns, distance_of(block));
}

void
probe_point(const struct probe *probe, struct result_point *ret_point)
{
	struct summary s;

	summary_make(probe->latency, result_curve_percents,
		     RESULT_CURVE_PERCENTS, &s);
	*ret_point = (struct result_point){
		.messages = s.samples,
		.late = probe->late,
		.clusters = probe->late_clusters,
		.reached_per_s = result_paced_reached_per_s(&probe->pace),
		.noisy = probe->noisy,
		.near_ns = probe->near_ns,
		.far_ns = probe->far_ns,
	};
	for (size_t i = 0; i < RESULT_CURVE_PERCENTS; i++) {
		double percent = result_curve_percents[i];
		bool tail = percent > SERIES_TAIL_PERCENT;

		ret_point->latency_ns[i] =
			tail && probe->clusters[i] < SERIES_CLUSTERS ?
				NAN :
				summary_percentile_ns(&s, percent);
	}
}
