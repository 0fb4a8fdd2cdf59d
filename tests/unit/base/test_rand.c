/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/rand.h"

#include <string.h>

#include "tests/unit/unit.h"

START_TEST(state_comes_from_splitmix64)
{
	struct rand r;

	rand_init(&r, 0);
	ck_assert(r.s[0] == UINT64_C(0xe220a8397b1dcdaf));
	ck_assert(r.s[1] == UINT64_C(0x6e789e6aa1b965f4));
	ck_assert(r.s[2] == UINT64_C(0x06c45d188009454f));
	ck_assert(r.s[3] == UINT64_C(0xf88bb8a8724c81ec));
}
END_TEST

START_TEST(numbers_are_those_of_xoshiro256)
{
	static const uint64_t expected[] = {
		11520,
		0,
		1509978240,
		1215971899390074240,
	};
	struct rand r = { { 1, 2, 3, 4 } };

	for (size_t i = 0; i < 4; i++)
		ck_assert_uint_eq(rand_next(&r), expected[i]);
}
END_TEST

START_TEST(same_seed_same_numbers)
{
	struct rand a;
	struct rand b;
	struct rand c;

	rand_init(&a, 42);
	rand_init(&b, 42);
	rand_init(&c, 43);
	for (int i = 0; i < 100; i++) {
		uint64_t x = rand_next(&a);

		ck_assert_uint_eq(x, rand_next(&b));
		ck_assert_uint_ne(x, rand_next(&c));
	}
}
END_TEST

START_TEST(below_stays_below_and_reaches_all)
{
	unsigned seen[7] = { 0 };
	struct rand r;

	rand_init(&r, 1);
	for (int i = 0; i < 7000; i++) {
		uint64_t x = rand_below(&r, 7);

		ck_assert_uint_lt(x, 7);
		seen[x]++;
	}
	/* 1000 each; 800 is seven standard deviations away. */
	for (int i = 0; i < 7; i++)
		ck_assert_uint_gt(seen[i], 800);
}
END_TEST

START_TEST(below_takes_the_extremes)
{
	struct rand r;

	rand_init(&r, 2);
	for (int i = 0; i < 100; i++) {
		ck_assert_uint_eq(rand_below(&r, 1), 0);
		ck_assert_uint_lt(rand_below(&r, UINT64_MAX), UINT64_MAX);
		ck_assert_uint_le(rand_below(&r, (UINT64_C(1) << 63) + 1),
				  UINT64_C(1) << 63);
	}
}
END_TEST

START_TEST(double_is_in_the_unit_interval)
{
	double sum = 0;
	struct rand r;

	rand_init(&r, 3);
	for (int i = 0; i < 10000; i++) {
		double x = rand_double(&r);

		ck_assert(x >= 0 && x < 1);
		sum += x;
	}
	ck_assert(sum > 4800 && sum < 5200);
}
END_TEST

START_TEST(permutation_has_each_index_once)
{
	size_t order[50];
	struct rand r;

	rand_init(&r, 4);
	for (size_t n = 0; n <= 50; n++) {
		char seen[50] = { 0 };

		rand_permutation(&r, order, n);
		for (size_t i = 0; i < n; i++) {
			ck_assert_uint_lt(order[i], n);
			ck_assert(!seen[order[i]]);
			seen[order[i]] = 1;
		}
	}
}
END_TEST

START_TEST(permutations_are_equally_likely)
{
	unsigned seen[27] = { 0 };
	size_t order[3];
	struct rand r;

	rand_init(&r, 5);
	for (int i = 0; i < 6000; i++) {
		rand_permutation(&r, order, 3);
		seen[order[0] * 9 + order[1] * 3 + order[2]]++;
	}
	for (size_t i = 0; i < 27; i++)
		ck_assert(seen[i] == 0 || (seen[i] > 800 && seen[i] < 1200));
}
END_TEST

START_TEST(seeds_differ)
{
	ck_assert(rand_seed() != rand_seed());
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base/rand");
	TCase *c = tcase_create("rand");

	tcase_add_test(c, state_comes_from_splitmix64);
	tcase_add_test(c, numbers_are_those_of_xoshiro256);
	tcase_add_test(c, same_seed_same_numbers);
	tcase_add_test(c, below_stays_below_and_reaches_all);
	tcase_add_test(c, below_takes_the_extremes);
	tcase_add_test(c, double_is_in_the_unit_interval);
	tcase_add_test(c, permutation_has_each_index_once);
	tcase_add_test(c, permutations_are_equally_likely);
	tcase_add_test(c, seeds_differ);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
