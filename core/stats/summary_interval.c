/* SPDX-License-Identifier: Apache-2.0 */
#include "core/stats/summary.h"

#include <math.h>
#include <stdlib.h>

/* NaN last: it is no value. */
static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	if (isnan(x) || isnan(y))
		return isnan(x) - isnan(y);
	return (x > y) - (x < y);
}

/* The median of n sorted values, n > 0. */
static double
median_of(const double *sorted, size_t n)
{
	/* Half of each, lest the sum of two large ones be infinite. */
	return n % 2 ? sorted[n / 2] :
		       sorted[n / 2 - 1] / 2 + sorted[n / 2] / 2;
}

/*
 * The greatest rank r for which ranks r … n + 1 - r cover the median well
 * enough. The median lies outside with twice the probability that fewer than
 * r of n values fall below it; each does with one half. Terms of the binomial
 * are kept as logarithms: 2^-n is 0 as a double from n = 1075 on.
 */
static size_t
rank_of_interval(size_t n, double confidence, double *ret_coverage)
{
	double log_term = (double)n * log(0.5);
	double outside = 2 * exp(log_term);
	size_t r = 1;

	for (;;) {
		double wider = outside;

		log_term += log((double)(n - r + 1) / (double)r);
		outside += 2 * exp(log_term);
		if (2 * (r + 1) > n || 1 - outside < confidence) {
			*ret_coverage = fmax(1 - wider, 0);
			return r;
		}
		r++;
	}
}

int
summary_median_interval(double *values, size_t n, double confidence,
			struct summary_interval *ret_interval)
{
	double coverage;
	size_t r;

	qsort(values, n, sizeof(*values), compare);
	while (n > 0 && isnan(values[n - 1]))
		n--;
	if (n == 0) {
		*ret_interval = (struct summary_interval){ NAN, NAN, NAN, 0 };
		return 0;
	}
	r = rank_of_interval(n, confidence, &coverage);
	*ret_interval = (struct summary_interval){
		.median = median_of(values, n),
		.low = values[r - 1],
		.high = values[n - r],
		.coverage = coverage,
	};
	return coverage >= confidence;
}
