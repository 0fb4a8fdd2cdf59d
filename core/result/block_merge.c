/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many trials to one block.
 */
#include "core/result/block.h"

#include <math.h>
#include <stdlib.h>

#include "core/result/distance.h"

/* The whole of a trial, where a share of it could be meant. */
#define WHOLE SIZE_MAX

/* The same block of each good trial, and room for a figure of each. */
struct good {
	const struct result_block **at;
	double *values;
	size_t n;
};

/* The mean of two figures by their weights; NaN is no figure. */
static double
weigh(double a, double a_weight, double b, double b_weight)
{
	if (isnan(a) || !(a_weight > 0))
		return b;
	if (isnan(b) || !(b_weight > 0))
		return a;
	return (a * a_weight + b * b_weight) / (a_weight + b_weight);
}

static void
add_load(struct result_load *to, const struct result_load *from)
{
	to->messages_per_s = weigh(to->messages_per_s, to->elapsed_ns,
				   from->messages_per_s, from->elapsed_ns);
	to->bytes_per_s = weigh(to->bytes_per_s, to->elapsed_ns,
				from->bytes_per_s, from->elapsed_ns);
	to->messages += from->messages;
	if (isnan(to->elapsed_ns))
		to->elapsed_ns = from->elapsed_ns;
	else if (!isnan(from->elapsed_ns))
		to->elapsed_ns += from->elapsed_ns;
}

/* Adds the figures of one good trial. A rate is weighed by its time, which
 * is the same as messages over the summed time. */
static void
add_figures(struct result_block *to, const struct result_block *from)
{
	double a = (double)to->messages, b = (double)from->messages;

	to->messages_per_s = weigh(to->messages_per_s, to->elapsed_ns,
				   from->messages_per_s, from->elapsed_ns);
	to->bytes_per_s = weigh(to->bytes_per_s, to->elapsed_ns,
				from->bytes_per_s, from->elapsed_ns);
	to->host_cpu_ns_per_message =
		weigh(to->host_cpu_ns_per_message, a,
		      from->host_cpu_ns_per_message, b);
	to->client_cpu_ns_per_message =
		weigh(to->client_cpu_ns_per_message, a,
		      from->client_cpu_ns_per_message, b);
	to->host_switches_per_message =
		weigh(to->host_switches_per_message, a,
		      from->host_switches_per_message, b);
	to->client_switches_per_message =
		weigh(to->client_switches_per_message, a,
		      from->client_switches_per_message, b);
	result_paced_add(to, from);
	add_load(&to->load, &from->load);
	to->messages += from->messages;
	if (isnan(to->elapsed_ns))
		to->elapsed_ns = from->elapsed_ns;
	else if (!isnan(from->elapsed_ns))
		to->elapsed_ns += from->elapsed_ns;
	report_add_counters(&to->host_counters, &from->host_counters);
	report_add_counters(&to->client_counters, &from->client_counters);
	to->one_way_error_ns = fmax(to->one_way_error_ns,
				    from->one_way_error_ns);
	to->clock_steps += from->clock_steps;
	to->clock_backward += from->clock_backward;
	evidence_merge(&to->host_evidence, &from->host_evidence);
	evidence_merge(&to->client_evidence, &from->client_evidence);
	report_add_cpus(to->host_cpus, from->host_cpus);
	report_add_cpus(to->client_cpus, from->client_cpus);
}

/* Nanoseconds of a summary as they were counted. */
static uint64_t
whole_ns(double ns)
{
	return ns < 0x1p64 ? (uint64_t)ns : UINT64_MAX;
}

static struct result_samples
latency_of(const struct result_block *block)
{
	return (struct result_samples){ block->latency, block->histogram,
					block->latency_sum_ns };
}

static struct result_samples
teardown_of(const struct result_block *block)
{
	return block->teardown;
}

static struct result_samples
from_send_of(const struct result_block *block)
{
	return block->paced.from_send;
}

static struct result_samples
send_lag_of(const struct result_block *block)
{
	return block->paced.send_lag;
}

int
result_samples_add(struct histogram *total, struct histogram *scratch,
		   const struct result_samples *samples,
		   struct weir_error *err)
{
	int status;

	if (!samples->histogram)
		return WEIR_OK;
	status = histogram_decode(samples->histogram, scratch, err);
	if (status)
		return status;
	scratch->saturated = samples->summary.saturated;
	scratch->min_ns = whole_ns(samples->summary.min_ns);
	scratch->max_ns = whole_ns(samples->summary.max_ns);
	scratch->sum_ns = samples->sum_ns;
	histogram_merge(total, scratch);
	return WEIR_OK;
}

/* The same samples of all good blocks in `total`. */
static int
add_all(const struct good *good,
	struct result_samples (*part_of)(const struct result_block *block),
	struct histogram *total, struct histogram *scratch,
	struct weir_error *err)
{
	int status = WEIR_OK;

	histogram_reset(total);
	for (size_t i = 0; i < good->n && !status; i++) {
		const struct result_samples part = part_of(good->at[i]);

		status = result_samples_add(total, scratch, &part, err);
	}
	return status;
}

/* Clusters of different trials are different ones. */
static void
add_clusters(struct result_block *to, const struct good *good)
{
	struct result_order *order = &to->order;

	order->known = good->n > 0;
	for (size_t i = 0; i < good->n; i++) {
		const struct result_order *from = &good->at[i]->order;

		order->known = order->known && from->known;
		for (size_t k = 0; k < to->latency.n_percentiles; k++)
			order->clusters[k] += from->clusters[k];
	}
	result_block_judge_tail(to);
}

static int
merge_samples(struct result_block *to, const struct good *good,
	      const struct plan *plan, struct weir_error *err)
{
	struct histogram *total = histogram_create();
	struct histogram *scratch = histogram_create();
	int status = WEIR_OK;

	if (!total || !scratch)
		status = weir_error_set(err, WEIR_ENOMEMORY,
					"no memory for a histogram");
	if (!status)
		status = add_all(good, latency_of, total, scratch, err);
	if (!status)
		status = result_block_set_latency(to, plan, total, err);
	add_clusters(to, good);
	if (!status)
		status = add_all(good, teardown_of, total, scratch, err);
	if (!status)
		status = result_samples_set(&to->teardown, plan, total, err);
	if (!status)
		status = add_all(good, from_send_of, total, scratch, err);
	if (!status)
		status = result_samples_set(&to->paced.from_send, plan, total,
					    err);
	if (!status)
		status = add_all(good, send_lag_of, total, scratch, err);
	if (!status)
		status = result_samples_set(&to->paced.send_lag, plan, total,
					    err);
	histogram_destroy(scratch);
	histogram_destroy(total);
	return status;
}

static double
first_message(const struct result_block *block, int class, double percent)
{
	(void)class;
	(void)percent;
	return block->first_message_ns;
}

static double
percentile(const struct result_block *block, int class, double percent)
{
	const struct summary *latency =
		class == DISTANCE_ALL ?
			&block->latency :
			&block->classes[class].latency.summary;

	return summary_percentile_ns(latency, percent);
}

/* Median and interval of one figure over the good trials that have it. */
static struct summary_interval
over_trials(const struct good *good,
	    double (*figure)(const struct result_block *block, int class,
			     double percent),
	    int class, double percent)
{
	struct summary_interval interval = { NAN, NAN, NAN, NAN };
	size_t n = 0;

	for (size_t i = 0; i < good->n; i++) {
		good->values[n] = figure(good->at[i], class, percent);
		n += !isnan(good->values[n]);
	}
	if (n && !summary_median_interval(good->values, n, 0.95, &interval)) {
		interval.low = NAN;
		interval.high = NAN;
		interval.coverage = NAN;
	}
	return interval;
}

static int
no_memory(struct weir_error *err)
{
	return weir_error_set(err, WEIR_ENOMEMORY,
			      "no memory to merge trials");
}

static int
spread_over_trials(struct result_cell *cell, const struct good *good,
		   struct weir_error *err)
{
	const struct summary *latency = &cell->block.latency;

	if (good->n < 2 || !latency->n_percentiles)
		return WEIR_OK;
	cell->over_trials = calloc(latency->n_percentiles,
				   sizeof(*cell->over_trials));
	if (!cell->over_trials)
		return no_memory(err);
	for (size_t i = 0; i < latency->n_percentiles; i++)
		cell->over_trials[i] =
			over_trials(good, percentile, cell->block.class,
				    latency->percentiles[i].percent);
	return WEIR_OK;
}

static const struct result_block *
part_of(const struct result_trial *trial, size_t share)
{
	if (share == WHOLE)
		return &trial->block;
	return share < trial->n_shares ? &trial->shares[share] : NULL;
}

static int
merge(struct result_block *to, const struct result_cell *cell, size_t share,
      struct good *good, const struct plan *plan, struct weir_error *err)
{
	int status;

	good->n = 0;
	for (size_t i = 0; i < cell->n_trials; i++) {
		const struct result_trial *trial = &cell->trials[i];
		const struct result_block *part = part_of(trial, share);

		if (!part || trial->status == RESULT_NOT_RUN)
			continue;
		report_add_integrity(&to->integrity, &part->integrity);
		if (trial->status != RESULT_OK)
			continue;
		good->at[good->n++] = part;
		add_figures(to, part);
	}
	if (!good->n)
		return WEIR_OK;
	status = merge_samples(to, good, plan, err);
	if (!status)
		status = distance_merge(to, good->at, good->n, plan, err);
	to->first_message_ns =
		over_trials(good, first_message, DISTANCE_ALL, 0).median;
	return status;
}

static int
merge_shares(struct result_cell *cell, struct good *good,
	     const struct plan *plan, struct weir_error *err)
{
	size_t n = 0;
	int status = WEIR_OK;

	for (size_t i = 0; i < cell->n_trials; i++)
		if (cell->trials[i].n_shares > n)
			n = cell->trials[i].n_shares;
	if (!n)
		return WEIR_OK;
	cell->shares = calloc(n, sizeof(*cell->shares));
	if (!cell->shares)
		return no_memory(err);
	while (cell->n_shares < n && !status) {
		struct result_block *block = &cell->shares[cell->n_shares];

		result_block_init(block);
		status = merge(block, cell, cell->n_shares++, good, plan, err);
	}
	return status;
}

int
result_block_merge(struct result_cell *cell, const struct plan *plan,
		   struct weir_error *err)
{
	struct good good = {
		.at = calloc(cell->n_trials + 1, sizeof(struct result_block *)),
		.values = calloc(cell->n_trials + 1, sizeof(double)),
	};
	int status;

	if (!good.at || !good.values)
		status = no_memory(err);
	else
		status = merge(&cell->block, cell, WHOLE, &good, plan, err);
	if (status == WEIR_OK)
		status = distance_condition(cell, err);
	if (status == WEIR_OK)
		status = spread_over_trials(cell, &good, err);
	if (status == WEIR_OK)
		status = merge_shares(cell, &good, plan, err);
	free(good.values);
	free(good.at);
	return status;
}
