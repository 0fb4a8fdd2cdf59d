/* SPDX-License-Identifier: Apache-2.0 */
#include "core/stats/histogram.h"

#include <string.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static struct histogram *h, *other;

static void
setup(void)
{
	h = histogram_create();
	other = histogram_create();
	ck_assert_ptr_nonnull(h);
	ck_assert_ptr_nonnull(other);
}

static void
teardown(void)
{
	histogram_destroy(h);
	histogram_destroy(other);
}

START_TEST(new_one_is_empty_and_page_aligned)
{
	uint32_t slot;

	ck_assert_uint_eq(h->samples, 0);
	ck_assert_uint_eq(h->saturated, 0);
	ck_assert_uint_eq(h->sum_ns, 0);
	ck_assert_uint_eq(h->max_ns, 0);
	ck_assert_uint_eq(h->min_ns, UINT64_MAX);
	for (slot = 0; slot < HISTOGRAM_SLOTS; slot++)
		ck_assert_uint_eq(h->count[slot], 0);
	ck_assert_uint_eq((uintptr_t)h % (uintptr_t)sysconf(_SC_PAGESIZE), 0);
}
END_TEST

START_TEST(destroy_accepts_null)
{
	histogram_destroy(NULL);
}
END_TEST

START_TEST(small_values_have_a_slot_each)
{
	uint64_t ns;

	for (ns = 0; ns < 2048; ns++) {
		ck_assert_uint_eq(histogram_slot(ns), ns);
		ck_assert(histogram_slot_value_ns((uint32_t)ns) == (double)ns);
	}
}
END_TEST

START_TEST(slots_join_without_gap_or_overlap)
{
	uint32_t slot;

	ck_assert_uint_eq(histogram_slot_low_ns(0), 0);
	for (slot = 0; slot < HISTOGRAM_SLOTS; slot++) {
		uint64_t low = histogram_slot_low_ns(slot);
		uint64_t high = histogram_slot_high_ns(slot);

		ck_assert_uint_le(low, high);
		ck_assert_uint_eq(histogram_slot(low), slot);
		ck_assert_uint_eq(histogram_slot(high), slot);
		if (slot + 1 < HISTOGRAM_SLOTS)
			ck_assert_uint_eq(histogram_slot_low_ns(slot + 1),
					  high + 1);
	}
	ck_assert_uint_eq(histogram_slot_high_ns(HISTOGRAM_SLOTS - 1),
			  (UINT64_C(1) << 42) - 1);
}
END_TEST

START_TEST(middle_is_within_one_part_in_2048)
{
	uint32_t slot;

	for (slot = 1; slot < HISTOGRAM_SLOTS; slot++) {
		double low = (double)histogram_slot_low_ns(slot);
		double high = (double)histogram_slot_high_ns(slot);
		double middle = histogram_slot_value_ns(slot);

		ck_assert(middle - low <= low / 2048);
		ck_assert(high - middle <= low / 2048);
	}
}
END_TEST

/* The sizes that HdrHistogram computes from 1, 3.6e12 and 3. */
START_TEST(layout_is_that_of_hdrhistogram)
{
	ck_assert_uint_eq(HISTOGRAM_SLOTS, 33792);
	ck_assert_uint_eq(histogram_slot(2048), 2048);
	ck_assert_uint_eq(histogram_slot(2049), 2048);
	ck_assert_uint_eq(histogram_slot(4095), 3071);
	ck_assert_uint_eq(histogram_slot(4096), 3072);
	ck_assert_uint_eq(histogram_slot(HISTOGRAM_HIGHEST_NS), 33420);
}
END_TEST

START_TEST(record_keeps_exact_figures)
{
	histogram_record(h, 5001);
	histogram_record(h, 17);
	histogram_record(h, 900000);
	ck_assert_uint_eq(h->samples, 3);
	ck_assert_uint_eq(h->min_ns, 17);
	ck_assert_uint_eq(h->max_ns, 900000);
	ck_assert_uint_eq(h->sum_ns, 905018);
	ck_assert_uint_eq(h->saturated, 0);
	ck_assert_uint_eq(h->count[17], 1);
	ck_assert_uint_eq(h->count[histogram_slot(5001)], 1);
}
END_TEST

START_TEST(one_hour_is_not_saturated)
{
	histogram_record(h, HISTOGRAM_HIGHEST_NS);
	ck_assert_uint_eq(h->saturated, 0);
	ck_assert_uint_eq(h->max_ns, HISTOGRAM_HIGHEST_NS);
}
END_TEST

START_TEST(above_one_hour_is_counted_in_its_slot_and_saturated)
{
	histogram_record(h, HISTOGRAM_HIGHEST_NS + 1);
	histogram_record(h, UINT64_MAX);
	ck_assert_uint_eq(h->saturated, 2);
	ck_assert_uint_eq(h->samples, 2);
	ck_assert_uint_eq(h->count[histogram_slot(HISTOGRAM_HIGHEST_NS)], 2);
	ck_assert_uint_eq(h->min_ns, HISTOGRAM_HIGHEST_NS + 1);
	ck_assert_uint_eq(h->max_ns, UINT64_MAX);
}
END_TEST

START_TEST(sum_sticks)
{
	histogram_record(h, UINT64_MAX - 10);
	histogram_record(h, 10);
	ck_assert_uint_eq(h->sum_ns, UINT64_MAX);
	histogram_record(h, 1);
	ck_assert_uint_eq(h->sum_ns, UINT64_MAX);
	histogram_record(h, 0);
	ck_assert_uint_eq(h->sum_ns, UINT64_MAX);
	ck_assert_uint_eq(h->samples, 4);
}
END_TEST

START_TEST(reset_empties)
{
	histogram_record(h, UINT64_MAX);
	histogram_record(h, 3);
	histogram_reset(h);
	ck_assert_mem_eq(h, other, sizeof(*h));
}
END_TEST

START_TEST(merge_is_the_record_of_both)
{
	struct histogram *both = histogram_create();
	uint64_t x = 88172645463325252;
	int i;

	ck_assert_ptr_nonnull(both);
	for (i = 0; i < 20000; i++) {
		uint64_t ns;

		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		ns = x >> (20 + x % 44);
		histogram_record(i % 3 ? h : other, ns);
		histogram_record(both, ns);
	}
	histogram_merge(h, other);
	ck_assert_mem_eq(h, both, sizeof(*h));
	histogram_destroy(both);
}
END_TEST

START_TEST(merge_with_an_empty_one_changes_nothing)
{
	struct histogram *before = histogram_create();

	histogram_record(h, 1234);
	histogram_merge(before, h);
	ck_assert_mem_eq(h, before, sizeof(*h));
	histogram_merge(h, other);
	ck_assert_mem_eq(h, before, sizeof(*h));
	histogram_destroy(before);
}
END_TEST

START_TEST(merge_sticks)
{
	h->count[5] = h->samples = UINT64_MAX - 1;
	h->sum_ns = UINT64_MAX - 1;
	other->count[5] = other->samples = 2;
	other->sum_ns = 10;
	histogram_merge(h, other);
	ck_assert_uint_eq(h->count[5], UINT64_MAX);
	ck_assert_uint_eq(h->samples, UINT64_MAX);
	ck_assert_uint_eq(h->sum_ns, UINT64_MAX);
}
END_TEST

/* 5000 and 5001 share the slot 5000 … 5003. */
static void
record_exact_fixture(void)
{
	histogram_record(h, 5000);
	histogram_record(h, 70);
	histogram_record(h, UINT64_C(4000000000000));
}

START_TEST(exact_figures_are_taken)
{
	struct histogram *before = histogram_create();
	struct weir_error err;

	record_exact_fixture();
	histogram_merge(before, h);
	h->min_ns = h->max_ns = h->sum_ns = h->saturated = 0;
	ck_assert_int_eq(histogram_set_exact(h, 1, 70, before->max_ns,
					     before->sum_ns, &err),
			 WEIR_OK);
	ck_assert_mem_eq(h, before, sizeof(*h));
	histogram_destroy(before);
}
END_TEST

static const struct {
	uint64_t saturated, min_ns, max_ns, sum_ns;
} lies[] = {
	{ 2, 70, 4000000000000, 4000000005070 }, /* saturated */
	{ 0, 70, 4000000000000, 4000000005070 },
	{ UINT64_MAX, 70, 4000000000000, 4000000005070 },
	{ 1, 71, 4000000000000, 4000000005070 }, /* min: another slot */
	{ 1, UINT64_MAX, 0, 4000000005070 },
	{ 1, 70, 5000, 4000000005070 }, /* max */
	{ 1, 70, 3500000000000, 4000000005070 },
	{ 1, 70, 4000000000000, 5070 }, /* sum */
	{ 1, 70, 4000000000000, UINT64_MAX },
	{ 1, 70, 4000000000000, 0 },
};

START_TEST(exact_figures_that_cannot_be_are_refused)
{
	struct weir_error err;
	struct histogram *before = histogram_create();

	record_exact_fixture();
	histogram_merge(before, h);
	ck_assert_int_eq(histogram_set_exact(h, lies[_i].saturated,
					     lies[_i].min_ns, lies[_i].max_ns,
					     lies[_i].sum_ns, &err),
			 WEIR_EPROTOCOL);
	ck_assert_ptr_nonnull(strstr(err.text, "do not agree"));
	ck_assert_mem_eq(h, before, sizeof(*h));
	histogram_destroy(before);
}
END_TEST

START_TEST(empty_one_has_no_exact_figures)
{
	ck_assert_int_eq(histogram_set_exact(h, 0, UINT64_MAX, 0, 0, NULL),
			 WEIR_OK);
	ck_assert_int_eq(histogram_set_exact(h, 0, 0, 0, 0, NULL),
			 WEIR_EPROTOCOL);
	ck_assert_int_eq(histogram_set_exact(h, 0, UINT64_MAX, 0, 1, NULL),
			 WEIR_EPROTOCOL);
	ck_assert_int_eq(histogram_set_exact(h, 1, UINT64_MAX, 0, 0, NULL),
			 WEIR_EPROTOCOL);
}
END_TEST

START_TEST(a_stuck_sum_is_exact_enough)
{
	histogram_record(h, UINT64_MAX);
	histogram_record(h, UINT64_MAX);
	ck_assert_int_eq(histogram_set_exact(h, 2, UINT64_MAX, UINT64_MAX,
					     UINT64_MAX, NULL),
			 WEIR_OK);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("histogram");
	TCase *c = tcase_create("histogram");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, new_one_is_empty_and_page_aligned);
	tcase_add_test(c, destroy_accepts_null);
	tcase_add_test(c, small_values_have_a_slot_each);
	tcase_add_test(c, slots_join_without_gap_or_overlap);
	tcase_add_test(c, middle_is_within_one_part_in_2048);
	tcase_add_test(c, layout_is_that_of_hdrhistogram);
	tcase_add_test(c, record_keeps_exact_figures);
	tcase_add_test(c, one_hour_is_not_saturated);
	tcase_add_test(c, above_one_hour_is_counted_in_its_slot_and_saturated);
	tcase_add_test(c, sum_sticks);
	tcase_add_test(c, reset_empties);
	tcase_add_test(c, merge_is_the_record_of_both);
	tcase_add_test(c, merge_with_an_empty_one_changes_nothing);
	tcase_add_test(c, merge_sticks);
	tcase_add_test(c, exact_figures_are_taken);
	tcase_add_loop_test(c, exact_figures_that_cannot_be_are_refused, 0,
			    (int)(sizeof(lies) / sizeof(lies[0])));
	tcase_add_test(c, empty_one_has_no_exact_figures);
	tcase_add_test(c, a_stuck_sum_is_exact_enough);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
