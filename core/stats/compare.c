/* SPDX-License-Identifier: Apache-2.0 */
#include "core/stats/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"

double
compare_block(const double figures[COMPARE_BLOCK], bool starts_with_b)
{
	double logs[COMPARE_BLOCK], outer, inner;

	for (int i = 0; i < COMPARE_BLOCK; i++) {
		if (!(figures[i] > 0) || isinf(figures[i]))
			return NAN;
		logs[i] = log(figures[i]);
	}
	outer = (logs[0] + logs[3]) / 2;
	inner = (logs[1] + logs[2]) / 2;
	return starts_with_b ? outer - inner : inner - outer;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int
compare_size(const void *a, const void *b)
{
	double x = fabs(*(const double *)a), y = fabs(*(const double *)b);

	return (x > y) - (x < y);
}

/* ---- the distribution of a sum of ranks ---- */

/*
 * Each rank is in the sum with one half: chance[s] is that of the sum s. Ranks
 * are whole, because ties are told in halves, and these are doubled.
 */
static void
spread_sums(double *chance, const size_t *doubled_ranks, size_t n)
{
	size_t top = 0;

	chance[0] = 1;
	for (size_t i = 0; i < n; i++) {
		size_t rank = doubled_ranks[i];

		top += rank;
		for (size_t s = top + 1; s-- > 0;)
			chance[s] = (chance[s] +
				     (s >= rank ? chance[s - rank] : 0)) / 2;
	}
}

/* Room for every sum of n doubled ranks, zeroed. */
static double *
make_sums(size_t n)
{
	return calloc(n * (n + 1) + 1, sizeof(double));
}

/* The ranks of values sorted by their size, doubled; the sum of those of
 * positive values. */
static size_t
rank(const double *sorted, size_t n, size_t *ret_doubled)
{
	size_t sum = 0;

	for (size_t i = 0, end; i < n; i = end) {
		for (end = i; end < n; end++)
			if (fabs(sorted[end]) > fabs(sorted[i]))
				break;
		for (size_t k = i; k < end; k++) {
			ret_doubled[k] = i + 1 + end;
			if (sorted[k] > 0)
				sum += ret_doubled[k];
		}
	}
	return sum;
}

/* p of the values, which are sorted by their size; zeros tell nothing. */
static int
test(const double *sorted, size_t n, double *ret_p)
{
	cleanup_free double *chance = NULL;
	cleanup_free size_t *ranks = NULL;
	double below = 0, above = 0;
	size_t sum, zeros = 0;

	while (zeros < n && sorted[zeros] == 0)
		zeros++;
	sorted += zeros;
	n -= zeros;
	chance = make_sums(n);
	ranks = calloc(n + 1, sizeof(*ranks));
	if (!chance || !ranks)
		return WEIR_ENOMEMORY;
	sum = rank(sorted, n, ranks);
	spread_sums(chance, ranks, n);
	for (size_t s = 0; s <= n * (n + 1); s++) {
		if (s <= sum)
			below += chance[s];
		if (s >= sum)
			above += chance[s];
	}
	*ret_p = fmin(1, 2 * fmin(below, above));
	return WEIR_OK;
}

/* ---- estimate and interval ---- */

/* How many Walsh averages to leave out at either end; false: the values are
 * too few for that confidence. */
static int
find_cut(size_t n, double confidence, size_t *ret_cut)
{
	cleanup_free double *chance = make_sums(n);
	cleanup_free size_t *ranks = calloc(n + 1, sizeof(*ranks));
	double outside = 0;
	size_t cut = 0;

	if (!chance || !ranks)
		return WEIR_ENOMEMORY;
	for (size_t i = 0; i < n; i++)
		ranks[i] = 2 * (i + 1);
	spread_sums(chance, ranks, n);
	while (2 * cut <= n * (n + 1) / 2) {
		outside += chance[2 * cut];
		if (2 * outside > 1 - confidence)
			break;
		cut++;
	}
	*ret_cut = cut;
	return WEIR_OK;
}

static int
estimate(const double *values, size_t n, double confidence,
	 struct compare_ratio *r)
{
	size_t n_walsh = n * (n + 1) / 2, at = 0, cut;
	cleanup_free double *walsh = calloc(n_walsh + 1, sizeof(*walsh));

	if (!walsh || find_cut(n, confidence, &cut))
		return WEIR_ENOMEMORY;
	for (size_t i = 0; i < n; i++)
		for (size_t k = i; k < n; k++)
			walsh[at++] = (values[i] + values[k]) / 2;
	qsort(walsh, n_walsh, sizeof(*walsh), compare);
	r->ratio = exp((walsh[(n_walsh - 1) / 2] + walsh[n_walsh / 2]) / 2);
	if (cut) {
		r->low = exp(walsh[cut - 1]);
		r->high = exp(walsh[n_walsh - cut]);
	}
	return WEIR_OK;
}

int
compare_ratios(const double *log_ratios, size_t n, double confidence,
	       struct compare_ratio *ret_ratio)
{
	struct compare_ratio r = { NAN, 0, INFINITY, 1, 0 };
	double values[COMPARE_BLOCKS_MAX];
	int status = WEIR_OK;

	for (size_t i = 0; i < n && r.n < COMPARE_BLOCKS_MAX; i++)
		if (!isnan(log_ratios[i]))
			values[r.n++] = log_ratios[i];
	qsort(values, r.n, sizeof(values[0]), compare_size);
	if (r.n)
		status = test(values, r.n, &r.p);
	if (r.n && !status)
		status = estimate(values, r.n, confidence, &r);
	if (!status)
		*ret_ratio = r;
	return status;
}

/* ---- the family ---- */

int
compare_holm(double *p, size_t n)
{
	cleanup_free double *sorted = calloc(n + 1, sizeof(*sorted));
	cleanup_free double *adjusted = calloc(n + 1, sizeof(*adjusted));
	double most = 0;

	if (!sorted || !adjusted)
		return WEIR_ENOMEMORY;
	memcpy(sorted, p, n * sizeof(*p));
	qsort(sorted, n, sizeof(*sorted), compare);
	for (size_t i = 0; i < n; i++) {
		most = fmax(most, fmin(1, (double)(n - i) * sorted[i]));
		adjusted[i] = most;
	}
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < n - 1 && sorted[k] < p[i])
			k++;
		p[i] = adjusted[k];
	}
	return WEIR_OK;
}
