/* SPDX-License-Identifier: Apache-2.0 */
#include "core/stats/stable.h"

#include <math.h>

#include "core/stats/summary.h"

/* Looks from the first one to the last that max trials allow. */
static size_t
count_looks(size_t max)
{
	size_t n = 0;

	for (size_t at = STABLE_MIN; at <= max; at *= 2)
		n++;
	return n;
}

bool
stable_is_look(size_t n, size_t max)
{
	for (size_t at = STABLE_MIN; at <= max; at *= 2)
		if (at == n)
			return true;
	return false;
}

bool
stable_look(double *values, size_t n, size_t max, double precision)
{
	double confidence = 1 - STABLE_ERROR / (double)count_looks(max);
	struct summary_interval interval;

	for (size_t i = 0; i < n; i++)
		if (!(values[i] > 0))
			return false;
	if (!summary_median_interval(values, n, confidence, &interval))
		return false;
	return interval.high <= interval.median * (1 + precision) &&
	       interval.low >= interval.median * (1 - precision);
}

bool
stable_confirm(const double *values, size_t n, double fresh, double precision)
{
	double low = INFINITY, high = 0;

	for (size_t i = 0; i < n; i++) {
		low = fmin(low, values[i]);
		high = fmax(high, values[i]);
	}
	return fresh >= low * (1 - precision) &&
	       fresh <= high * (1 + precision);
}
