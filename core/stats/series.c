/* SPDX-License-Identifier: Apache-2.0 */
#include "core/stats/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/rand.h"
#include "core/stats/sticky.h"

#define SEED 1992

struct series *
series_create(void)
{
	struct series *s = malloc(sizeof(*s));

	if (s) {
		memset(s, 0, sizeof(*s));
		series_begin(s, UINT64_MAX);
	}
	return s;
}

struct series *
series_copy(const struct series *from)
{
	struct series *s = malloc(sizeof(*s));

	if (!s)
		return NULL;
	*s = *from;
	s->current = s->count[0];
	s->next_ns = 0;
	return s;
}

void
series_destroy(struct series *s)
{
	free(s);
}

void
series_begin(struct series *s, uint64_t duration_ns)
{
	memset(s->count, 0, sizeof(s->count));
	s->fixed = duration_ns != UINT64_MAX;
	s->start_ns = SERIES_EMPTY;
	s->width_ns = s->fixed ? duration_ns / SERIES_PARTS + 1 :
				 SERIES_WIDTH_NS;
	s->next_ns = 0;
	s->current = s->count[0];
}

static void
add_part(uint32_t *to, const uint32_t *from)
{
	for (uint32_t i = 0; i < SERIES_SLOTS; i++) {
		uint64_t sum = (uint64_t)to[i] + from[i];

		to[i] = sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum;
	}
}

/* Two neighbours become one. */
static void
fold(struct series *s)
{
	for (uint32_t i = 0; i < SERIES_PARTS / 2; i++) {
		if (i)
			memcpy(s->count[i], s->count[2 * i],
			       sizeof(s->count[i]));
		add_part(s->count[i], s->count[2 * i + 1]);
	}
	memset(s->count[SERIES_PARTS / 2], 0,
	       SERIES_PARTS / 2 * sizeof(s->count[0]));
	s->width_ns = sticky_mul(s->width_ns, 2);
}

void
series_advance(struct series *s, uint64_t now_ns)
{
	uint64_t part;

	if (s->start_ns == SERIES_EMPTY)
		s->start_ns = now_ns;
	part = (now_ns - s->start_ns) / s->width_ns;
	while (!s->fixed && part >= SERIES_PARTS) {
		fold(s);
		part = (now_ns - s->start_ns) / s->width_ns;
	}
	/* The last message of a trial may end after it. */
	if (part >= SERIES_PARTS)
		part = SERIES_PARTS - 1;
	s->current = s->count[part];
	s->next_ns = part == SERIES_PARTS - 1 && s->fixed ?
			     UINT64_MAX :
			     sticky_add(s->start_ns,
					sticky_mul(part + 1, s->width_ns));
}

void
series_merge(struct series *to, const struct series *from)
{
	uint64_t width_ns = from->width_ns;

	while (to->width_ns < width_ns)
		fold(to);
	for (uint32_t i = 0; i < SERIES_PARTS; i++) {
		double at = (double)i * (double)width_ns /
			    (double)to->width_ns;

		add_part(to->count[at < SERIES_PARTS ? (uint32_t)at :
						       SERIES_PARTS - 1],
			 from->count[i]);
	}
}

/* How many of them lie in or above a slot. */
static uint64_t
count_from(const uint32_t *counts, uint32_t slot)
{
	uint64_t n = 0;

	for (; slot < SERIES_SLOTS; slot++)
		n += counts[slot];
	return n;
}

/* The slot in which the percentile of all parts lies. */
static uint32_t
slot_of(const struct series *s, double percent)
{
	uint64_t n = 0, beyond = 0;
	uint32_t slot = SERIES_SLOTS;

	for (uint32_t i = 0; i < SERIES_PARTS; i++)
		n += count_from(s->count[i], 0);
	while (slot > 0 && (double)beyond <= (double)n * (1 - percent / 100)) {
		slot--;
		for (uint32_t i = 0; i < SERIES_PARTS; i++)
			beyond += s->count[i][slot];
	}
	return slot;
}

uint32_t
series_clusters(const struct series *s, double percent)
{
	uint32_t slot = slot_of(s, percent), n = 0;

	for (uint32_t i = 0; i < SERIES_PARTS; i++)
		n += count_from(s->count[i], slot) != 0;
	return n;
}

/* ---- resampling ---- */

/* How many samples of each part lie in or below each slot. */
struct sums {
	uint64_t at[SERIES_PARTS][SERIES_SLOTS];
};

static uint32_t
make_sums(const struct series *s, struct sums *sums)
{
	uint32_t n_full = 0;

	for (uint32_t i = 0; i < SERIES_PARTS; i++) {
		uint64_t sum = 0;

		for (uint32_t k = 0; k < SERIES_SLOTS; k++) {
			sum += s->count[i][k];
			sums->at[i][k] = sum;
		}
		n_full += sum != 0;
	}
	return n_full;
}

static uint64_t
sum_below(const struct sums *sums, const uint32_t *parts, uint32_t slot)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < SERIES_PARTS; i++)
		sum += sums->at[parts[i]][slot];
	return sum;
}

/* The middle of the slot in which the percentile of these parts lies, moved
 * by how far into it the rank is. */
static double
percentile(const struct sums *sums, const uint32_t *parts, double percent)
{
	uint64_t n = sum_below(sums, parts, SERIES_SLOTS - 1), below, in;
	double rank = (double)n * percent / 100, low, high;
	uint32_t from = 0, to = SERIES_SLOTS - 1;

	while (from < to) {
		uint32_t middle = (from + to) / 2;

		if ((double)sum_below(sums, parts, middle) >= rank)
			to = middle;
		else
			from = middle + 1;
	}
	below = from ? sum_below(sums, parts, from - 1) : 0;
	in = sum_below(sums, parts, from) - below;
	low = (double)histogram_slot_low_ns(from << SERIES_SHIFT);
	high = (double)histogram_slot_high_ns(
		((from + 1) << SERIES_SHIFT) - 1);
	if (!in)
		return low;
	return low + (high - low) * (rank - (double)below) / (double)in;
}

static void
draw(struct rand *rand, uint32_t *ret_parts)
{
	for (uint32_t i = 0; i < SERIES_PARTS; i += SERIES_RUN) {
		uint32_t from = (uint32_t)rand_below(rand, SERIES_PARTS);

		for (uint32_t k = 0; k < SERIES_RUN; k++)
			ret_parts[i + k] = (from + k) % SERIES_PARTS;
	}
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
interval(const struct sums *sums, double percent,
	 struct series_interval *ret_interval)
{
	double values[SERIES_RESAMPLES];
	uint32_t parts[SERIES_PARTS];
	struct rand rand;

	rand_init(&rand, SEED);
	for (uint32_t i = 0; i < SERIES_RESAMPLES; i++) {
		draw(&rand, parts);
		values[i] = percentile(sums, parts, percent);
	}
	qsort(values, SERIES_RESAMPLES, sizeof(values[0]), compare);
	ret_interval->low_ns = values[SERIES_RESAMPLES / 40];
	ret_interval->high_ns =
		values[SERIES_RESAMPLES - 1 - SERIES_RESAMPLES / 40];
}

int
series_intervals(const struct series *s, const double *percents, size_t n,
		 struct series_interval *ret_intervals, struct weir_error *err)
{
	cleanup_free struct sums *sums = malloc(sizeof(*sums));
	uint32_t n_full;

	if (!sums)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory to resample a trial");
	n_full = make_sums(s, sums);
	for (size_t i = 0; i < n; i++) {
		ret_intervals[i] = (struct series_interval){ NAN, NAN };
		if (n_full >= SERIES_PARTS / 2)
			interval(sums, percents[i], &ret_intervals[i]);
	}
	return WEIR_OK;
}
