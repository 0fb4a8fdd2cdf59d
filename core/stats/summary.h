/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a histogram says, in the figures that are printed.
 */
#ifndef CORE_STATS_SUMMARY_H
#define CORE_STATS_SUMMARY_H

#include <stddef.h>
#include <stdint.h>

#include "core/stats/histogram.h"

/*
 * Samples that must lie beyond a percentile before it is given. Of n samples
 * floor(n * (1 - p)) lie above it and floor(n * p) below: both must be as
 * many, so that p50 wants 20, p99 (and p1) 1000 and p99.9 10 000.
 */
#define SUMMARY_SAMPLES_BEYOND 10

struct summary_percentile {
	double percent;  /* 99.9 */
	double value_ns; /* NaN where the samples can't support it */
};

#define SUMMARY_PERCENTILES_MAX 16

struct summary {
	uint64_t samples;
	uint64_t saturated;
	double min_ns; /* all NaN while empty */
	double mean_ns;
	double stddev_ns; /* of the population, from the slots */
	double max_ns;
	size_t n_percentiles;
	struct summary_percentile percentiles[SUMMARY_PERCENTILES_MAX];
};

/* p50, p90, p95, p99, p99.9, p99.99: what every result has. */
extern const double summary_standard_percents[];
extern const size_t summary_n_standard_percents;

/*
 * One pass over the histogram. percents ascend, each in (0, 100), at most
 * SUMMARY_PERCENTILES_MAX of them (more are left out); they are taken to the
 * nearest 1e-7. A percentile is the middle of the slot that holds the sample
 * of rank n - floor(n * (1 - p)), the nearest rank, clamped to the exact
 * minimum and maximum: never below the one before it.
 */
void summary_make(const struct histogram *h, const double *percents,
		  size_t n_percents, struct summary *ret_summary);

/* The value at a percentile; NaN where it can't be told or is not among
 * those that summary_make was given. */
double summary_percentile_ns(const struct summary *s, double percent);

/*
 * Order-statistics interval for the median of n values (sorted here, NaN
 * last: a NaN is no value and is not counted): the narrowest symmetric pair
 * of ranks whose coverage of the population median reaches `confidence`
 * (0.95), from the binomial distribution (David and Nagaraja, "Order
 * Statistics", 7.1). False where n is too small (below 6 for 0.95); then low
 * and high are the extremes and coverage says what they cover. Without a
 * value all are NaN, and nothing is covered.
 */
struct summary_interval {
	double median;
	double low;
	double high;
	double coverage;
};
int summary_median_interval(double *values, size_t n, double confidence,
			    struct summary_interval *ret_interval);

#endif
