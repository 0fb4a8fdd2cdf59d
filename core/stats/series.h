/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The samples of a trial in the order of time: 64 parts of equal length, each
 * a histogram of its own that is sixteen times coarser than the whole one
 * (64 slots per power of two, 1.6 % wide).
 *
 * One histogram has lost the order in which its samples came, and with it
 * whether a tail was made by many events or by one: neighbours are alike, and
 * a thousand samples of one bad moment are one observation. What depends on
 * that is taken from here. Constant memory whatever the count (540 KiB);
 * where the length of the trial is not known the parts begin short, and pairs
 * of them are made one whenever they are all full. One writer.
 */
#ifndef CORE_STATS_SERIES_H
#define CORE_STATS_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/stats/histogram.h"

#define SERIES_PARTS 64u
#define SERIES_SHIFT 4
#define SERIES_SLOTS (HISTOGRAM_SLOTS >> SERIES_SHIFT)
#define SERIES_WIDTH_NS UINT64_C(1000000) /* at first, without a length */
#define SERIES_EMPTY UINT64_MAX

struct series {
	uint64_t start_ns; /* when the first sample came; SERIES_EMPTY */
	uint64_t width_ns;
	uint64_t next_ns;  /* when the part in hand ends */
	uint32_t *current; /* its counts */
	bool fixed;        /* the length is known */
	uint32_t count[SERIES_PARTS][SERIES_SLOTS]; /* sticks at its limit */
};

/* Empty and touched; NULL without memory. */
struct series *series_create(void);
void series_destroy(struct series *s);

/* A copy; NULL without memory. */
struct series *series_copy(const struct series *from);

/* Empties it: the first part begins with the first sample, and all of them
 * take duration_ns, or as long as it takes (UINT64_MAX). */
void series_begin(struct series *s, uint64_t duration_ns);

/* Out of line: goes on to the part of that time. */
void series_advance(struct series *s, uint64_t now_ns);

/* Counts n samples of one value that were taken at now_ns, which never goes
 * back. */
static inline void
series_record(struct series *s, uint64_t now_ns, uint64_t ns, uint32_t n)
{
	uint32_t *count;

	if (__builtin_expect(now_ns >= s->next_ns, 0))
		series_advance(s, now_ns);
	if (__builtin_expect(ns > HISTOGRAM_HIGHEST_NS, 0))
		ns = HISTOGRAM_HIGHEST_NS;
	count = &s->current[histogram_slot(ns) >> SERIES_SHIFT];
	if (__builtin_expect(__builtin_add_overflow(*count, n, count), 0))
		*count = UINT32_MAX;
}

/* Adds the parts of another channel, or client, of the same trial, whose own
 * are made as long as these, or these as long as those. */
void series_merge(struct series *to, const struct series *from);

/*
 * How many clusters made the tail beyond a percentile: in how many parts a
 * sample lies at or above it, to the width of a slot. What is beyond it in one
 * part counts as one.
 *
 * A percentile above SERIES_TAIL_PERCENT is told with at least
 * SERIES_CLUSTERS of them: with fewer it says more of these moments than of
 * what will be.
 */
#define SERIES_TAIL_PERCENT 90
#define SERIES_CLUSTERS 20
uint32_t series_clusters(const struct series *s, double percent);

struct series_interval {
	double low_ns; /* NaN where the parts are too few */
	double high_ns;
};

/*
 * A 95 % interval of each percentile from within the trial: the parts are
 * resampled in runs of SERIES_RUN neighbours (the moving blocks of Künsch,
 * "The jackknife and the bootstrap for general stationary observations",
 * 1989, on a circle: Politis and Romano, 1992), SERIES_RESAMPLES times, with
 * a fixed seed, and the percentiles of each are sorted (Efron). It says how
 * much the percentile moved while the trial lasted, and nothing of the next
 * trial. With fewer than SERIES_PARTS / 2 parts that hold samples it is NaN.
 * WEIR_ENOMEMORY.
 */
#define SERIES_RUN 4u
#define SERIES_RESAMPLES 200u
WEIR_MUST_USE int series_intervals(const struct series *s,
				   const double *percents, size_t n,
				   struct series_interval *ret_intervals,
				   struct weir_error *err);

/*
 * Text form: base64 of zlib of LEB128 numbers: the width in ns, then for all
 * counts in order the count, or for a run of zeros a 0 and its length.
 * encode: the caller frees. decode is total, bounded before it allocates; what
 * is no series is WEIR_EPROTOCOL, and then s is empty.
 */
WEIR_MUST_USE int series_encode(const struct series *s, char **ret_base64,
				struct weir_error *err);
WEIR_MUST_USE int series_decode(const char *base64, struct series *s,
				struct weir_error *err);

#endif
