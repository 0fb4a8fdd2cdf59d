/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether B differs from A, told from trials that were run in turn.
 *
 * A machine drifts, so that a figure of now says little about one of an hour
 * ago. Trials are therefore run in blocks of four, A B B A or B A A B by
 * chance, and each block gives one log-ratio: what moves slowly, and a drift
 * that is linear within the block, drops out of it. Of the log-ratios of all
 * blocks Wilcoxon's signed ranks are taken, the estimate of Hodges and Lehmann
 * and the interval that belongs to it (Hollander, Wolfe and Chicken,
 * "Nonparametric Statistical Methods", 3.1 to 3.3): a disturbed block moves
 * none of them far. The order within a block was drawn, so that the test keeps
 * its level whatever the distribution (Fisher, "The Design of Experiments",
 * 21).
 *
 * Several figures of several cells are a family: Holm's step-down method
 * ("A simple sequentially rejective multiple test procedure", 1979) keeps the
 * chance that any of them is called different by mistake.
 *
 * Pure functions, any thread; memory only as long as a call lasts.
 */
#ifndef CORE_STATS_COMPARE_H
#define CORE_STATS_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

#include <weir/error.h>

#define COMPARE_BLOCK 4
#define COMPARE_BLOCKS_MAX 512

/* The log-ratio of B to A of one block, in the order in which its trials were
 * run; starts_with_b: B A A B. NaN where a figure is not above 0. */
double compare_block(const double figures[COMPARE_BLOCK], bool starts_with_b);

/* Ratios of B to A. NaN without a log-ratio; low is 0 and high INFINITY where
 * there are too few for the confidence (below 6 for 0.95). */
struct compare_ratio {
	double ratio;
	double low;
	double high;
	double p; /* two-sided: of no difference; 1 without a log-ratio */
	size_t n; /* log-ratios that are not NaN */
};

/* Of n log-ratios, at most COMPARE_BLOCKS_MAX. p is exact, ties and zeros
 * included (zeros are left out of it, Wilcoxon 1945); the interval has at
 * least that confidence where there are no ties. WEIR_ENOMEMORY. */
WEIR_MUST_USE int compare_ratios(const double *log_ratios, size_t n,
				 double confidence,
				 struct compare_ratio *ret_ratio);

/* Replaces the p of a family by Holm's adjusted ones: those below alpha are
 * different, and the chance that one is so by mistake is at most alpha.
 * WEIR_ENOMEMORY, then they are as before. */
WEIR_MUST_USE int compare_holm(double *p, size_t n);

#endif
