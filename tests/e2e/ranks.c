/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ranks RECORD LAW COMPARISONS: holds what weir reports against the record of
 * the transport `delay`. On stdin are the figures, one a line: "samples N",
 * "min NS", "max NS", "sum NS", and a percentile "99.9 NS" each. Exits with 1,
 * and says why, if one of them can't be.
 *
 * Two comparisons, neither of which a loaded machine can fail:
 *
 * The record. Of each message it has a lower and an upper bound of what weir
 * must have seen (delay.c), and with these bounds the k-th smallest latency
 * lies between the k-th smallest lower and the k-th smallest upper one. That
 * is certain: no chance, no false alarm.
 *
 * The law. Let S be the latencies, D the delays drawn, which are independent
 * and of a known law F, and n their number. As S >= D for each message, the
 * k-th smallest of S is no less than the k-th of D. In the other direction
 * the machine has its part: say that m of the messages have an upper bound of
 * more than D + g. Then the k-th smallest of S is at most g more than the
 * (k + m)-th of D, whatever g is. Where the j-th smallest of D lies is a
 * binomial question:
 *
 *	P(D(j) <= x) = P(at least j of n draws are <= x), by F(x)
 *
 * (David and Nagaraja, "Order Statistics", 2.1). A figure fails if such a
 * probability is below alpha. As m is known from the sample only, it is
 * rounded up to a step of a fixed ladder, and each step of it counts as a
 * comparison. ALPHA, the probability that sound figures fail, is that of all
 * COMPARISONS of the test together, by Bonferroni.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/e2e/delays.h"

#define ALPHA 1e-4
#define ROOM 65536
/* A percentile is the middle of a slot of the histogram, which is within one
 * part in 2048 of each value in it, and of one ns at least. */
#define SLOT (1.0 / 2048)

/* What the harness and the machine may add: any would do. */
static const double gaps_ns[] = { 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6 };
/* Steps of m; above them nothing is compared. */
static const size_t ladder[] = { 0, 2, 5, 10, 20, 50, 100, 200, 500, 1000 };
#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

static double drawn[ROOM], lower[ROOM], upper[ROOM], excess[ROOM];
static size_t n;
static int failures;

static void
read_record(const char *path)
{
	FILE *file = fopen(path, "re");

	while (file && n < ROOM &&
	       fscanf(file, "%lf %lf %lf %*s", &drawn[n], &lower[n],
		      &upper[n]) == 3) {
		excess[n] = upper[n] - drawn[n];
		n++;
	}
	if (!file || n == ROOM) {
		fprintf(stderr, "%s: no such record, or a long one\n", path);
		exit(1);
	}
	fclose(file);
}

static int
ascending(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
fail(const char *what, double value, const char *than, double limit)
{
	printf("%s is %.1f, %s %.1f\n", what, value, than, limit);
	failures++;
}

static void
between(const char *what, double value, double low, double high)
{
	if (value < low)
		fail(what, value, "and the record says no less than", low);
	if (value > high)
		fail(what, value, "and the record says no more than", high);
}

/* P(X <= k) of a binomial X of n and p. */
static double
binomial_up_to(double k, double p)
{
	double sum = 0, log_all = lgamma((double)n + 1);

	if (k < 0)
		return 0;
	if (p <= 0 || k >= (double)n)
		return 1;
	if (p >= 1)
		return 0;
	for (double i = 0; i <= k; i++)
		sum += exp(log_all - lgamma(i + 1) -
			   lgamma((double)n - i + 1) + i * log(p) +
			   ((double)n - i) * log1p(-p));
	return sum < 1 ? sum : 1;
}

/* P(X >= k), as small as it may be. */
static double
binomial_from(double k, double p)
{
	return binomial_up_to((double)n - k, 1 - p);
}

static size_t
step(size_t m)
{
	for (size_t i = 0; i < N_OF(ladder); i++)
		if (m <= ladder[i])
			return ladder[i];
	return n;
}

static void
by_the_law(const char *what, size_t k, double value, int law, double alpha)
{
	double most = value * (1 + 1.5 * SLOT) + 1;
	double least = value * (1 - SLOT) - 1;

	if (binomial_from((double)k, delays_share(law, most)) < alpha)
		fail(what, value, "too low for the law by rank", (double)k);
	for (size_t g = 0; g < N_OF(gaps_ns); g++) {
		size_t m = 0, j;

		for (size_t i = 0; i < n; i++)
			m += excess[i] > gaps_ns[g];
		j = k + step(m);
		if (j > n)
			continue;
		if (binomial_up_to((double)j - 1,
				   delays_share(law, least - gaps_ns[g])) <
		    alpha)
			fail(what, value, "too high for the law by rank",
			     (double)j);
	}
}

static void
percentile(const char *what, double value, int law, double alpha)
{
	uint64_t beyond = (uint64_t)llround((100 - strtod(what, NULL)) * 1e7);
	size_t k = n - (size_t)(n * beyond / 1000000000);

	between(what, value, lower[k - 1] * (1 - SLOT) - 1,
		upper[k - 1] * (1 + SLOT) + 1);
	by_the_law(what, k, value, law, alpha);
}

int
main(int argc, char **argv)
{
	double value, sums[2] = { 0, 0 }, alpha;
	char what[32];
	int law = 0, n_percentiles = 0;

	if (argc != 4)
		return 2;
	read_record(argv[1]);
	while (delays_names[law] && strcmp(delays_names[law], argv[2]) != 0)
		law++;
	if (!delays_names[law] || n == 0)
		return 2;
	alpha = ALPHA / (strtod(argv[3], NULL) * (1 + N_OF(ladder)));
	for (size_t i = 0; i < n; i++) {
		sums[0] += lower[i];
		sums[1] += upper[i];
	}
	qsort(lower, n, sizeof(*lower), ascending);
	qsort(upper, n, sizeof(*upper), ascending);
	while (scanf("%31s %lf", what, &value) == 2) {
		if (strcmp(what, "samples") == 0) {
			between(what, value, (double)n, (double)n);
		} else if (strcmp(what, "min") == 0) {
			between(what, value, lower[0], upper[0]);
		} else if (strcmp(what, "max") == 0) {
			between(what, value, lower[n - 1], upper[n - 1]);
		} else if (strcmp(what, "sum") == 0) {
			between(what, value, sums[0], sums[1]);
		} else {
			percentile(what, value, law, alpha);
			n_percentiles++;
		}
	}
	printf("%d percentiles, of %zu messages\n", n_percentiles, n);
	return failures || n_percentiles < 5;
}
