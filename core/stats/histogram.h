/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log-linear histogram in which every sample counts.
 *
 * The layout is that of HdrHistogram with lowest discernible value 1 ns,
 * highest trackable 1 h and 3 significant digits (Tene, "HdrHistogram"): 2048
 * slots of 1 ns, then 1024 per power of two, so the middle of a slot is
 * within 1 part in 2048 of each value in it. Values above one hour are
 * counted in the slot of one hour and in `saturated`. Memory is bounded
 * whatever the count. One writer.
 */
#ifndef CORE_STATS_HISTOGRAM_H
#define CORE_STATS_HISTOGRAM_H

#include <stdint.h>

#include <weir/error.h>

#define HISTOGRAM_SUB_BUCKET_BITS 11 /* 2048 sub-buckets */
#define HISTOGRAM_HIGHEST_NS UINT64_C(3600000000000)
#define HISTOGRAM_BUCKETS 32 /* 2^(11 + 31) ns > 1 h */
#define HISTOGRAM_SLOTS \
	((HISTOGRAM_BUCKETS + 1u) << (HISTOGRAM_SUB_BUCKET_BITS - 1))

/* Samples that the text form carries at most: exact as a double, and a
 * thousand such histograms merge without a carry. */
#define HISTOGRAM_SAMPLES_MAX (UINT64_C(1) << 53)

struct histogram {
	uint64_t samples;
	uint64_t saturated; /* of them, above HISTOGRAM_HIGHEST_NS */
	uint64_t min_ns;    /* exact; UINT64_MAX while empty */
	uint64_t max_ns;    /* exact */
	uint64_t sum_ns;    /* exact; sticks at UINT64_MAX */
	uint64_t count[HISTOGRAM_SLOTS];
};

/* The slot of a value up to HISTOGRAM_HIGHEST_NS. */
static inline uint32_t
histogram_slot(uint64_t ns)
{
	uint32_t bucket = 63u -
			  (uint32_t)__builtin_clzll(
				  ns | ((1u << HISTOGRAM_SUB_BUCKET_BITS) - 1));

	bucket -= HISTOGRAM_SUB_BUCKET_BITS - 1;
	return (bucket << (HISTOGRAM_SUB_BUCKET_BITS - 1)) +
	       (uint32_t)(ns >> bucket);
}

/* Counts one sample. A few ns; no branch but the predicted ones. */
static inline void
histogram_record(struct histogram *h, uint64_t ns)
{
	uint64_t slot_ns = ns;

	if (__builtin_expect(ns > HISTOGRAM_HIGHEST_NS, 0)) {
		slot_ns = HISTOGRAM_HIGHEST_NS;
		h->saturated++;
	}
	h->count[histogram_slot(slot_ns)]++;
	h->samples++;
	if (__builtin_expect(__builtin_add_overflow(h->sum_ns, ns, &h->sum_ns),
			     0))
		h->sum_ns = UINT64_MAX;
	if (ns < h->min_ns)
		h->min_ns = ns;
	if (ns > h->max_ns)
		h->max_ns = ns;
}

/* Counts n samples of one value. */
static inline void
histogram_record_many(struct histogram *h, uint64_t ns, uint64_t n)
{
	uint64_t slot_ns = ns, sum_ns;

	if (__builtin_expect(ns > HISTOGRAM_HIGHEST_NS, 0)) {
		slot_ns = HISTOGRAM_HIGHEST_NS;
		h->saturated += n;
	}
	h->count[histogram_slot(slot_ns)] += n;
	h->samples += n;
	if (__builtin_expect(__builtin_mul_overflow(ns, n, &sum_ns) ||
			     __builtin_add_overflow(h->sum_ns, sum_ns,
						    &h->sum_ns), 0))
		h->sum_ns = UINT64_MAX;
	if (ns < h->min_ns)
		h->min_ns = ns;
	if (ns > h->max_ns)
		h->max_ns = ns;
}

/*
 * A new empty histogram; NULL without memory. Its pages come with the samples,
 * so that one which is kept takes what it holds: most have a few octaves.
 * Touched: all of them are there, for who counts while the clock runs.
 */
struct histogram *histogram_create(void);
struct histogram *histogram_create_touched(void);
void histogram_destroy(struct histogram *h);
void histogram_reset(struct histogram *h);

/* Adds every sample of `from` to `to`. Sums and counts stick at UINT64_MAX. */
void histogram_merge(struct histogram *to, const struct histogram *from);

/* The lowest and the highest value that share this slot, and the middle of
 * them, in ns. slot < HISTOGRAM_SLOTS. */
uint64_t histogram_slot_low_ns(uint32_t slot);
uint64_t histogram_slot_high_ns(uint32_t slot);
double histogram_slot_value_ns(uint32_t slot);

/*
 * Text form: base64 of HdrHistogram's V2 compressed encoding (zlib of
 * zigzag LEB128 counts), so that other tools read it; saturated, min, max
 * and sum are not in it and travel beside it (histogram_set_exact).
 *
 * encode: the caller frees. More than HISTOGRAM_SAMPLES_MAX samples are
 * refused (WEIR_EINVALID).
 *
 * decode is total: any text gives a histogram (the caller's, replaced) or
 * WEIR_EPROTOCOL, then h is as it was; memory use is bounded before it
 * allocates. saturated, min, max and sum are what the slots tell: min and
 * max are the outer ends of the outermost slots, the sum is that of the
 * slots' middles.
 */
WEIR_MUST_USE int histogram_encode(const struct histogram *h, char **ret_base64,
				   struct weir_error *err);
WEIR_MUST_USE int histogram_decode(const char *base64, struct histogram *h,
				   struct weir_error *err);

/*
 * Puts the exact figures that travelled beside the text form into a decoded
 * histogram. Figures that no samples in these slots can have are refused
 * (WEIR_EPROTOCOL, h is as it was).
 */
WEIR_MUST_USE int histogram_set_exact(struct histogram *h, uint64_t saturated,
				      uint64_t min_ns, uint64_t max_ns,
				      uint64_t sum_ns, struct weir_error *err);

#endif
