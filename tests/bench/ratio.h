/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ratio of two programs that were measured in pairs, with an interval.
 *
 * Each pair gives one log-ratio; what a pair has in common (the state of the
 * machine) drops out of it. The estimate is that of Hodges and Lehmann, the
 * median of the means of all pairs of log-ratios (Walsh averages), and the
 * interval that of Wilcoxon's signed ranks, so that a pair that was disturbed
 * moves neither far: Hollander, Wolfe and Chicken, "Nonparametric Statistical
 * Methods", 3.2 and 3.3, with the normal approximation for the rank, which is
 * on the safe side (it is exact or one rank too wide for n up to 30).
 */
#ifndef TESTS_BENCH_RATIO_H
#define TESTS_BENCH_RATIO_H

#include <stddef.h>

#define RATIO_PAIRS_MAX 400

struct ratio {
	double value;
	double low, high; /* 95 %; 0 and INFINITY where n < 6 can't tell */
};

/* NaN where n is 0; n is at most RATIO_PAIRS_MAX. */
void ratio_of(const double *log_ratios, size_t n, struct ratio *ret_ratio);

/* The median; sorts. NaN where n is 0. */
double ratio_median(double *values, size_t n);

#endif
