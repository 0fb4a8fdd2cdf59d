/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many trials to one block.
 */
#include "core/result/block.h"

#include <math.h>
#include <stdlib.h>

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
	to->messages += from->messages;
	if (isnan(to->elapsed_ns))
		to->elapsed_ns = from->elapsed_ns;
	else if (!isnan(from->elapsed_ns))
		to->elapsed_ns += from->elapsed_ns;
	report_add_counters(&to->host_counters, &from->host_counters);
	report_add_counters(&to->client_counters, &from->client_counters);
	report_add_cpus(to->host_cpus, from->host_cpus);
	report_add_cpus(to->client_cpus, from->client_cpus);
}

/* Nanoseconds of a summary as they were counted. */
static uint64_t
whole_ns(double ns)
{
	return ns < 0x1p64 ? (uint64_t)ns : UINT64_MAX;
}

/* Adds the samples of one block to `total`; `scratch` is overwritten. */
static int
add_samples(struct histogram *total, struct histogram *scratch,
	    const struct result_block *block, struct weir_error *err)
{
	int status = histogram_decode(block->histogram, scratch, err);

	if (status)
		return status;
	scratch->saturated = block->latency.saturated;
	scratch->min_ns = whole_ns(block->latency.min_ns);
	scratch->max_ns = whole_ns(block->latency.max_ns);
	scratch->sum_ns = block->latency_sum_ns;
	histogram_merge(total, scratch);
	return WEIR_OK;
}

static int
merge_latency(struct result_cell *cell, const struct plan *plan,
	      struct weir_error *err)
{
	struct histogram *total = histogram_create();
	struct histogram *scratch = histogram_create();
	int status = WEIR_OK;

	if (!total || !scratch)
		status = weir_error_set(err, WEIR_ENOMEMORY,
					"no memory for a histogram");
	for (size_t i = 0; i < cell->n_trials && !status; i++)
		if (cell->trials[i].status == RESULT_OK &&
		    cell->trials[i].block.histogram)
			status = add_samples(total, scratch,
					     &cell->trials[i].block, err);
	if (!status)
		status = result_block_set_latency(&cell->block, plan, total,
						  err);
	histogram_destroy(scratch);
	histogram_destroy(total);
	return status;
}

static double
first_message(const struct result_block *block, double percent)
{
	(void)percent;
	return block->first_message_ns;
}

static double
percentile(const struct result_block *block, double percent)
{
	return summary_percentile_ns(&block->latency, percent);
}

/* Median and interval of one figure over the good trials that have it;
 * `values` has room for all trials. */
static struct summary_interval
over_trials(const struct result_cell *cell,
	    double (*figure)(const struct result_block *block,
			     double percent),
	    double percent, double *values)
{
	struct summary_interval interval = { NAN, NAN, NAN, NAN };
	size_t n = 0;

	for (size_t i = 0; i < cell->n_trials; i++) {
		const struct result_trial *trial = &cell->trials[i];

		if (trial->status != RESULT_OK)
			continue;
		values[n] = figure(&trial->block, percent);
		n += !isnan(values[n]);
	}
	if (n && !summary_median_interval(values, n, 0.95, &interval)) {
		interval.low = NAN;
		interval.high = NAN;
		interval.coverage = NAN;
	}
	return interval;
}

static int
merge_medians(struct result_cell *cell, size_t n_good, struct weir_error *err)
{
	const struct summary *latency = &cell->block.latency;
	double *values = calloc(cell->n_trials, sizeof(*values));

	if (n_good > 1 && latency->n_percentiles)
		cell->over_trials = calloc(latency->n_percentiles,
					   sizeof(*cell->over_trials));
	if (!values || (n_good > 1 && latency->n_percentiles &&
			!cell->over_trials)) {
		free(values);
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory to merge trials");
	}
	cell->block.first_message_ns =
		over_trials(cell, first_message, 0, values).median;
	for (size_t i = 0; cell->over_trials && i < latency->n_percentiles;
	     i++)
		cell->over_trials[i] =
			over_trials(cell, percentile,
				    latency->percentiles[i].percent, values);
	free(values);
	return WEIR_OK;
}

int
result_block_merge(struct result_cell *cell, const struct plan *plan,
		   struct weir_error *err)
{
	size_t n_good = 0;
	int status;

	for (size_t i = 0; i < cell->n_trials; i++) {
		const struct result_trial *trial = &cell->trials[i];

		if (trial->status != RESULT_NOT_RUN)
			report_add_integrity(&cell->block.integrity,
					     &trial->block.integrity);
		if (trial->status != RESULT_OK)
			continue;
		n_good++;
		add_figures(&cell->block, &trial->block);
	}
	if (!n_good)
		return WEIR_OK;
	status = merge_latency(cell, plan, err);
	return status ? status : merge_medians(cell, n_good, err);
}
