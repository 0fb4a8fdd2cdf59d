/* SPDX-License-Identifier: Apache-2.0 */
#include "core/stats/histogram.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "core/stats/sticky.h"

#define HALF_BITS (HISTOGRAM_SUB_BUCKET_BITS - 1)

_Static_assert((UINT64_C(1) << (HISTOGRAM_SUB_BUCKET_BITS + HISTOGRAM_BUCKETS -
				1)) > HISTOGRAM_HIGHEST_NS,
	       "the last slot lies above the highest value");
_Static_assert((UINT64_C(1) << (HISTOGRAM_SUB_BUCKET_BITS + HISTOGRAM_BUCKETS -
				2)) <= HISTOGRAM_HIGHEST_NS,
	       "no bucket more than HdrHistogram would have");

/* Pages of its own, since those of the heap may have been touched before. */
static struct histogram *
create(int flags)
{
	struct histogram *h = mmap(NULL, sizeof(*h), PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	if (h == MAP_FAILED)
		return NULL;
	h->min_ns = UINT64_MAX;
	return h;
}

struct histogram *
histogram_create(void)
{
	return create(0);
}

struct histogram *
histogram_create_touched(void)
{
	return create(MAP_POPULATE);
}

void
histogram_destroy(struct histogram *h)
{
	if (h)
		munmap(h, sizeof(*h));
}

/* What is read only stays a page of zeros that the kernel lends. */
void
histogram_reset(struct histogram *h)
{
	for (uint32_t slot = 0; slot < HISTOGRAM_SLOTS; slot++) {
		if (h->count[slot])
			h->count[slot] = 0;
	}
	memset(h, 0, offsetof(struct histogram, count));
	h->min_ns = UINT64_MAX;
}

void
histogram_merge(struct histogram *to, const struct histogram *from)
{
	uint32_t slot;

	for (slot = 0; slot < HISTOGRAM_SLOTS; slot++) {
		if (from->count[slot])
			to->count[slot] = sticky_add(to->count[slot],
						     from->count[slot]);
	}
	to->samples = sticky_add(to->samples, from->samples);
	to->saturated = sticky_add(to->saturated, from->saturated);
	to->sum_ns = sticky_add(to->sum_ns, from->sum_ns);
	if (from->min_ns < to->min_ns)
		to->min_ns = from->min_ns;
	if (from->max_ns > to->max_ns)
		to->max_ns = from->max_ns;
}

/* log2 of how many values share the slot. */
static uint32_t
slot_shift(uint32_t slot)
{
	uint32_t bucket = slot >> HALF_BITS;

	/* The first bucket has both of its halves, each other the upper. */
	return bucket ? bucket - 1 : 0;
}

uint64_t
histogram_slot_low_ns(uint32_t slot)
{
	uint32_t shift = slot_shift(slot);

	return (uint64_t)(slot - (shift << HALF_BITS)) << shift;
}

uint64_t
histogram_slot_high_ns(uint32_t slot)
{
	return histogram_slot_low_ns(slot) +
	       ((UINT64_C(1) << slot_shift(slot)) - 1);
}

double
histogram_slot_value_ns(uint32_t slot)
{
	/* Both are below 2^42: their sum is exact. */
	return (double)(histogram_slot_low_ns(slot) +
			histogram_slot_high_ns(slot)) /
	       2;
}

/* Whether first and last are the outermost slots with a sample. */
static bool
outermost(const struct histogram *h, uint32_t first, uint32_t last)
{
	uint32_t slot;

	if (!h->count[first] || !h->count[last])
		return false;
	for (slot = 0; slot < first; slot++)
		if (h->count[slot])
			return false;
	for (slot = last + 1; slot < HISTOGRAM_SLOTS; slot++)
		if (h->count[slot])
			return false;
	return true;
}

static uint32_t
slot_of_any(uint64_t ns)
{
	return histogram_slot(ns > HISTOGRAM_HIGHEST_NS ? HISTOGRAM_HIGHEST_NS :
							  ns);
}

/* Whether the samples, the saturated ones up to max_ns, can sum to it. */
static bool
sum_fits(const struct histogram *h, uint64_t saturated, uint64_t max_ns,
	 uint64_t sum_ns)
{
	uint64_t low = 0, high = sticky_mul(saturated, max_ns);
	uint32_t slot;

	for (slot = 0; slot < HISTOGRAM_SLOTS; slot++) {
		low = sticky_add(low, sticky_mul(h->count[slot],
						 histogram_slot_low_ns(slot)));
		high = sticky_add(high,
				  sticky_mul(h->count[slot],
					     histogram_slot_high_ns(slot)));
	}
	return sum_ns >= low && sum_ns <= high;
}

int
histogram_set_exact(struct histogram *h, uint64_t saturated, uint64_t min_ns,
		    uint64_t max_ns, uint64_t sum_ns, struct weir_error *err)
{
	const char *wrong = NULL;

	if (!h->samples) {
		if (saturated || min_ns != UINT64_MAX || max_ns || sum_ns)
			wrong = "an empty histogram has none";
	} else if (min_ns > max_ns ||
		   !outermost(h, slot_of_any(min_ns), slot_of_any(max_ns))) {
		wrong = "the minimum or the maximum is in another slot";
	} else if (saturated > h->count[histogram_slot(HISTOGRAM_HIGHEST_NS)] ||
		   (saturated != 0) != (max_ns > HISTOGRAM_HIGHEST_NS)) {
		wrong = "the saturated count is another";
	} else if (!sum_fits(h, saturated, max_ns, sum_ns)) {
		wrong = "the sum is out of reach";
	}
	if (wrong)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "the exact figures of a histogram do "
				      "not agree with its counts: %s",
				      wrong);
	h->saturated = saturated;
	h->min_ns = min_ns;
	h->max_ns = max_ns;
	h->sum_ns = sum_ns;
	return WEIR_OK;
}
