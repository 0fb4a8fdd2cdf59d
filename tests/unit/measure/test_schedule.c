/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/schedule.h"

#include <math.h>

#include "tests/unit/unit.h"

static struct schedule s;

START_TEST(uniform_is_absolute)
{
	uint64_t first;

	schedule_init(&s, 3, SCHEDULE_UNIFORM, 1);
	first = schedule_due_ns(&s);
	ck_assert_uint_lt(first, 333333334);
	for (int i = 0; i < 300000; i++)
		schedule_step(&s);
	/* A hundred thousand seconds later, thirds of a nanosecond have not
	 * added up to more than 5 ns. */
	ck_assert_uint_le(schedule_due_ns(&s) - first,
			  UINT64_C(100000000000005));
	ck_assert_uint_ge(schedule_due_ns(&s) - first,
			  UINT64_C(99999999999995));
}
END_TEST

START_TEST(phase_is_anywhere_in_the_first_gap)
{
	int early = 0;

	for (uint64_t seed = 0; seed < 1000; seed++) {
		schedule_init(&s, 1000, SCHEDULE_UNIFORM, seed);
		ck_assert_uint_lt(schedule_due_ns(&s), 1000000);
		early += schedule_due_ns(&s) < 500000;
	}
	ck_assert_int_gt(early, 400);
	ck_assert_int_lt(early, 600);
}
END_TEST

START_TEST(seed_decides)
{
	struct schedule other;
	int same = 0;

	schedule_init(&s, 12345, SCHEDULE_POISSON, 7);
	schedule_init(&other, 12345, SCHEDULE_POISSON, 7);
	for (int i = 0; i < 1000; i++) {
		ck_assert_uint_eq(s.due, other.due);
		schedule_step(&s);
		schedule_step(&other);
	}
	schedule_init(&other, 12345, SCHEDULE_POISSON, 8);
	for (int i = 0; i < 1000; i++) {
		same += s.due == other.due;
		schedule_step(&s);
		schedule_step(&other);
	}
	ck_assert_int_eq(same, 0);
	ck_assert_uint_ne(schedule_seed(1, 0), schedule_seed(1, 1));
	ck_assert_uint_ne(schedule_seed(1, 0), schedule_seed(2, 0));
	ck_assert_uint_eq(schedule_seed(3, 4), schedule_seed(3, 4));
}
END_TEST

#define GAPS 1000000

/* Of a fixed seed, so that a failure is a defect: the figures lie within five
 * standard errors of the exponential's, of which chance takes them out once
 * in a million seeds. */
START_TEST(poisson_gaps_are_exponential)
{
	static const double points[] = { 0.01, 0.1, 0.5, 0.6931, 1, 2, 5, 9 };
	uint64_t below[8] = { 0 }, last = 0;
	double sum = 0, squares = 0;

	schedule_init(&s, 1000, SCHEDULE_POISSON, 42);
	for (int i = 0; i < GAPS; i++) {
		double gap = (double)(s.due - last) / (double)s.mean;

		last = s.due;
		sum += gap;
		squares += gap * gap;
		for (size_t k = 0; k < 8; k++)
			below[k] += gap < points[k];
		schedule_step(&s);
	}
	ck_assert_double_eq_tol(sum / GAPS, 1, 5 / sqrt(GAPS));
	ck_assert_double_eq_tol(squares / GAPS, 2, 5 * sqrt(20.0 / GAPS));
	for (size_t k = 0; k < 8; k++) {
		double p = -expm1(-points[k]);

		ck_assert_double_eq_tol((double)below[k] / GAPS, p,
					5 * sqrt(p * (1 - p) / GAPS));
	}
}
END_TEST

/* The waiting time until the k-th event is a sum of independent gaps: what
 * follows a gap does not depend on it. */
START_TEST(poisson_gaps_are_independent)
{
	uint64_t last = 0;
	double before = 1, product = 0;

	schedule_init(&s, 1e6, SCHEDULE_POISSON, 43);
	for (int i = 0; i < GAPS; i++) {
		double gap = (double)(s.due - last) / (double)s.mean;

		last = s.due;
		product += (gap - 1) * (before - 1);
		before = gap;
		schedule_step(&s);
	}
	ck_assert_double_eq_tol(product / GAPS, 0, 5 / sqrt(GAPS));
}
END_TEST

START_TEST(the_end_of_time_is_never_due)
{
	schedule_init(&s, 0.001, SCHEDULE_UNIFORM, 1);
	for (int i = 0; i < 1000; i++)
		schedule_step(&s);
	ck_assert_uint_eq(s.due, SCHEDULE_NEVER);
	schedule_step(&s);
	ck_assert_uint_eq(s.due, SCHEDULE_NEVER);
}
END_TEST

static Suite *
suite(void)
{
	Suite *whole = suite_create("measure/schedule");
	TCase *c = tcase_create("schedule");

	tcase_add_test(c, uniform_is_absolute);
	tcase_add_test(c, phase_is_anywhere_in_the_first_gap);
	tcase_add_test(c, seed_decides);
	tcase_add_test(c, poisson_gaps_are_exponential);
	tcase_add_test(c, poisson_gaps_are_independent);
	tcase_add_test(c, the_end_of_time_is_never_due);
	suite_add_tcase(whole, c);
	return whole;
}

UNIT_MAIN(suite)
