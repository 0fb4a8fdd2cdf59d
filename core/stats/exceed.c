/* SPDX-License-Identifier: Apache-2.0 */
#include "core/stats/exceed.h"

#include <math.h>

#define Z 1.6448536269514722 /* of EXCEED_ERROR on one side */

/* The variance of a sum of the residuals, which need not be independent. */
static double
variance_of(const double *residuals, size_t n)
{
	double variance = 0;

	for (size_t lag = 0; lag <= EXCEED_LAGS; lag++) {
		double weight = 1 - (double)lag / (EXCEED_LAGS + 1), sum = 0;

		for (size_t i = lag; i < n; i++)
			sum += residuals[i] * residuals[i - lag];
		variance += (lag ? 2 : 1) * weight * sum;
	}
	return variance;
}

void
exceed_count(const uint64_t *samples, const uint64_t *above, size_t n,
	     struct exceed *ret_exceed)
{
	double residuals[SERIES_PARTS], share;
	size_t parts = n < SERIES_PARTS ? n : SERIES_PARTS, full = 0;

	*ret_exceed = (struct exceed){ 0 };
	for (size_t i = 0; i < parts; i++) {
		ret_exceed->samples += samples[i];
		ret_exceed->above += above[i];
		full += samples[i] != 0;
	}
	if (full < 2)
		return;
	share = (double)ret_exceed->above / (double)ret_exceed->samples;
	for (size_t i = 0; i < parts; i++)
		residuals[i] = (double)above[i] - share * (double)samples[i];
	/* The residuals sum to zero, which takes that much off. */
	ret_exceed->variance =
		variance_of(residuals, parts) * (double)full /
		(full > EXCEED_LAGS + 1 ? (double)(full - EXCEED_LAGS - 1) : 1);
}

void
exceed_measure(const struct histogram *h, const struct series *s,
	       uint64_t bound_ns, struct exceed *ret_exceed)
{
	uint64_t samples[SERIES_PARTS] = { 0 }, above[SERIES_PARTS] = { 0 };
	uint32_t slot = bound_ns < HISTOGRAM_HIGHEST_NS ?
				histogram_slot(bound_ns) :
				HISTOGRAM_SLOTS - 1;
	uint64_t exact = 0;

	for (uint32_t i = slot + 1; i < HISTOGRAM_SLOTS; i++)
		exact += h->count[i];
	/* The coarse slot of the bound counts as above it: none are missed. */
	for (uint32_t i = 0; i < SERIES_PARTS; i++)
		for (uint32_t k = 0; k < SERIES_SLOTS; k++) {
			samples[i] += s->count[i][k];
			if (k >= slot >> SERIES_SHIFT)
				above[i] += s->count[i][k];
		}
	exceed_count(samples, above, SERIES_PARTS, ret_exceed);
	if (ret_exceed->above)
		ret_exceed->variance *= (double)exact /
					(double)ret_exceed->above;
	ret_exceed->samples = h->samples;
	ret_exceed->above = exact;
}

void
exceed_add(struct exceed *to, const struct exceed *from)
{
	to->samples += from->samples;
	to->above += from->above;
	to->variance += from->variance;
}

/* How many samples a cluster has. */
static double
cluster_size(const struct exceed *e)
{
	double size = e->above ? e->variance / (double)e->above : 1;

	return size > 1 ? size : 1;
}

double
exceed_clusters(const struct exceed *e)
{
	return (double)e->above / cluster_size(e);
}

/* Byar's limit of a mean of which k were counted. */
static double
limit(double k, double z)
{
	double root = 1 - 1 / (9 * k) + z / (3 * sqrt(k));

	return root > 0 ? k * root * root * root : 0;
}

struct exceed_interval
exceed_share(const struct exceed *e)
{
	double k = exceed_clusters(e);
	double scale = cluster_size(e) / (double)e->samples;

	if (!e->samples)
		return (struct exceed_interval){ 0, 1 };
	return (struct exceed_interval){
		k > 0 ? limit(k, -Z) * scale : 0,
		fmin(limit(k + 1, Z) * scale, 1),
	};
}
