/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether more than a share of samples lies above a bound, told by the
 * independent clusters that they came in.
 *
 * What is slow comes in clusters: one stall of 3 ms is hundreds of late
 * messages of an open loop, and one observation. How far the samples above
 * the bound are from being independent is measured by how much their number
 * varies over the parts of a series (Rao and Scott, "A simple method for the
 * analysis of clustered binary data", Biometrics 48, 1992): where it varies
 * d times as much as that of independent ones would, x of them are x / d
 * clusters. Neighbouring parts are not independent either: their covariance
 * counts, by Bartlett's weights up to EXCEED_LAGS (Newey and West,
 * Econometrica 55, 1987).
 *
 * The interval of the share is Byar's for a Poisson count, of the clusters
 * (Breslow and Day, "Statistical Methods in Cancer Research" II, 1987): each
 * end is passed by the true share with EXCEED_ERROR.
 */
#ifndef CORE_STATS_EXCEED_H
#define CORE_STATS_EXCEED_H

#include <stdint.h>

#include "core/stats/histogram.h"
#include "core/stats/series.h"

#define EXCEED_LAGS 6
#define EXCEED_ERROR 0.05

struct exceed {
	uint64_t samples;
	uint64_t above;
	double variance; /* of `above`, as the parts tell it */
};

/* Of a trial: the samples of both, of which the histogram is the exact one
 * and the series has the order. */
void exceed_measure(const struct histogram *h, const struct series *s,
		    uint64_t bound_ns, struct exceed *ret_exceed);

/* The same of counts: of each part its samples, and those above. */
void exceed_count(const uint64_t *samples, const uint64_t *above, size_t n,
		  struct exceed *ret_exceed);

/* Adds another trial. */
void exceed_add(struct exceed *to, const struct exceed *from);

/* How many independent clusters the samples above were. */
double exceed_clusters(const struct exceed *e);

/* The interval of the share of samples above; 0 … 1 without samples. */
struct exceed_interval {
	double low;
	double high;
};
struct exceed_interval exceed_share(const struct exceed *e);

#endif
