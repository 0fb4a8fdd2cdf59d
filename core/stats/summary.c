/* SPDX-License-Identifier: Apache-2.0 */
#include "core/stats/summary.h"

#include <math.h>

/*
 * A percentile is taken as a whole number of these, so that p99.9 of 10 000
 * samples has the rank 9990 and not, by the rounding of a product, 9991.
 */
#define PARTS UINT64_C(1000000000)
#define PARTS_PER_PERCENT 1e7

const double summary_standard_percents[] = { 50, 90, 95, 99, 99.9, 99.99 };
const size_t summary_n_standard_percents = sizeof(summary_standard_percents) /
					   sizeof(summary_standard_percents[0]);

/* 0 stands for what no percentile can be. */
static uint64_t
parts_of(double percent)
{
	if (!(percent > 0 && percent < 100))
		return 0;
	return (uint64_t)llround(percent * PARTS_PER_PERCENT);
}

/* The whole samples in so many parts of n: floor(n * parts / PARTS). */
static uint64_t
share(uint64_t n, uint64_t parts)
{
	return n / PARTS * parts + n % PARTS * parts / PARTS;
}

/* The rank of a percentile, 1 … n, or 0 where n can't support it. */
static uint64_t
rank_of(uint64_t n, double percent)
{
	uint64_t parts = parts_of(percent);
	uint64_t above = share(n, PARTS - parts);

	if (above < SUMMARY_SAMPLES_BEYOND ||
	    share(n, parts) < SUMMARY_SAMPLES_BEYOND)
		return 0;
	return n - above;
}

static double
clamp(double value, double low, double high)
{
	return fmin(fmax(value, low), high);
}

/* Weighted moments, one value at a time (West, "Updating mean and variance
 * estimates", 1979): no difference of large sums. */
struct moments {
	double n;
	double mean;
	double squares; /* of the distances from the mean */
};

static void
moments_add(struct moments *m, double value, double n)
{
	double off = value - m->mean;

	m->n += n;
	m->mean += off * n / m->n;
	m->squares += n * off * (value - m->mean);
}

static void
make_empty(const double *percents, size_t n_percents, struct summary *s)
{
	size_t i;

	*s = (struct summary){
		.min_ns = NAN,
		.mean_ns = NAN,
		.stddev_ns = NAN,
		.max_ns = NAN,
		.n_percentiles = n_percents,
	};
	for (i = 0; i < n_percents; i++)
		s->percentiles[i] = (struct summary_percentile){
			.percent = percents[i],
			.value_ns = NAN,
		};
}

/* Gives the value to every percentile whose rank has been reached; returns
 * the first one that is still ahead. */
static size_t
give(struct summary *s, size_t next, uint64_t reached, double value)
{
	for (; next < s->n_percentiles; next++) {
		struct summary_percentile *p = &s->percentiles[next];
		uint64_t rank = rank_of(s->samples, p->percent);

		if (rank > reached)
			break;
		if (rank)
			p->value_ns = value;
	}
	return next;
}

void
summary_make(const struct histogram *h, const double *percents,
	     size_t n_percents, struct summary *ret_summary)
{
	struct summary *s = ret_summary;
	struct moments m = { 0 };
	uint64_t reached = 0;
	size_t next = 0;
	uint32_t slot;

	if (n_percents > SUMMARY_PERCENTILES_MAX)
		n_percents = SUMMARY_PERCENTILES_MAX;
	make_empty(percents, n_percents, s);
	if (!h->samples)
		return;
	s->samples = h->samples;
	s->saturated = h->saturated;
	s->min_ns = (double)h->min_ns;
	s->max_ns = (double)h->max_ns;
	for (slot = 0; slot < HISTOGRAM_SLOTS; slot++) {
		double value;

		if (!h->count[slot])
			continue;
		value = clamp(histogram_slot_value_ns(slot), s->min_ns,
			      s->max_ns);
		moments_add(&m, value, (double)h->count[slot]);
		reached += h->count[slot];
		next = give(s, next, reached, value);
	}
	/* A sum that has stuck says nothing; the slots still do. */
	s->mean_ns = h->sum_ns == UINT64_MAX ?
			     m.mean :
			     clamp((double)h->sum_ns / (double)h->samples,
				   s->min_ns, s->max_ns);
	s->stddev_ns = m.n > 0 ? sqrt(m.squares / m.n) : NAN;
}

double
summary_percentile_ns(const struct summary *s, double percent)
{
	uint64_t parts = parts_of(percent);
	size_t i;

	for (i = 0; i < s->n_percentiles; i++)
		if (parts_of(s->percentiles[i].percent) == parts)
			return s->percentiles[i].value_ns;
	return NAN;
}
