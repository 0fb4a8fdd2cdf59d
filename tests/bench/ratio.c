/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/ratio.h"

#include <math.h>
#include <stdlib.h>

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double
ratio_median(double *values, size_t n)
{
	if (n == 0)
		return NAN;
	qsort(values, n, sizeof(*values), compare);
	return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

void
ratio_of(const double *log_ratios, size_t n, struct ratio *ret_ratio)
{
	double m = (double)n, spread, rank;
	size_t n_walsh = n * (n + 1) / 2, at = 0;
	double *walsh = calloc(n_walsh + 1, sizeof(*walsh));

	*ret_ratio = (struct ratio){ NAN, 0, INFINITY };
	if (!walsh)
		abort();
	for (size_t i = 0; i < n; i++) {
		for (size_t j = i; j < n; j++)
			walsh[at++] = (log_ratios[i] + log_ratios[j]) / 2;
	}
	if (n)
		ret_ratio->value = exp(ratio_median(walsh, n_walsh));
	spread = sqrt(m * (m + 1) * (2 * m + 1) / 24);
	rank = floor(m * (m + 1) / 4 - 1.959964 * spread);
	if (rank >= 1) {
		ret_ratio->low = exp(walsh[(size_t)rank - 1]);
		ret_ratio->high = exp(walsh[n_walsh - (size_t)rank]);
	}
	free(walsh);
}
