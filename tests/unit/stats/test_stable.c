/* SPDX-License-Identifier: Apache-2.0 */
#include "core/stats/stable.h"

#include <math.h>

#include "core/base/rand.h"
#include "tests/unit/unit.h"

START_TEST(looks_are_at_doublings)
{
	static const size_t looks[] = { 10, 20, 40, 80, 160 };
	size_t next = 0;

	for (size_t n = 0; n <= 200; n++) {
		bool look = next < 5 && n == looks[next];

		ck_assert_int_eq(stable_is_look(n, 200), look);
		next += look;
	}
	ck_assert(!stable_is_look(10, 9));
	ck_assert(!stable_is_look(20, 19));
}
END_TEST

START_TEST(a_narrow_interval_is_stable)
{
	double close[20], wide[20], none[20];

	for (int i = 0; i < 20; i++) {
		close[i] = 1000 + i;
		wide[i] = 1000 + 50 * i;
		none[i] = i ? 1000 : NAN;
	}
	ck_assert(stable_look(close, 20, 20, 0.01));
	ck_assert(!stable_look(close, 20, 20, 0.001));
	ck_assert(!stable_look(wide, 20, 20, 0.05));
	ck_assert(!stable_look(none, 20, 20, 0.05));
}
END_TEST

/* The more looks there may be, the less error each of them has. */
START_TEST(the_error_is_split)
{
	double values[10];

	/* Ranks 2 and 9 cover 97.9 %, 1 and 10 99.8 %. */
	for (int i = 0; i < 10; i++)
		values[i] = i == 0 ? 500 : i == 9 ? 2000 : 1000;
	ck_assert(stable_look(values, 10, 20, 0.01));
	for (int i = 0; i < 10; i++)
		values[i] = i == 0 ? 500 : i == 9 ? 2000 : 1000;
	ck_assert(!stable_look(values, 10, 80, 0.01));
}
END_TEST

START_TEST(a_fresh_one_has_to_agree)
{
	const double values[] = { 100, 110, 105 };

	ck_assert(stable_confirm(values, 3, 100, 0.05));
	ck_assert(stable_confirm(values, 3, 96, 0.05));
	ck_assert(stable_confirm(values, 3, 115, 0.05));
	ck_assert(!stable_confirm(values, 3, 94, 0.05));
	ck_assert(!stable_confirm(values, 3, 116, 0.05));
	ck_assert(!stable_confirm(values, 3, NAN, 0.05));
}
END_TEST

/* Of runs that are called stable, the true median lies as near as is said
 * nearly always: figures of 5 % noise, by a fixed seed. */
START_TEST(what_is_called_stable_is_so)
{
	const int n_runs = 2000;
	int stable = 0, wrong = 0;
	struct rand rand;

	rand_init(&rand, 11);
	for (int r = 0; r < n_runs; r++) {
		double values[160], sorted[160];

		for (size_t n = 0; n < 160; n++) {
			values[n] = 1000 + 100 * (rand_double(&rand) +
						  rand_double(&rand) - 1);
			if (!stable_is_look(n + 1, 160))
				continue;
			for (size_t i = 0; i <= n; i++)
				sorted[i] = values[i];
			if (!stable_look(sorted, n + 1, 160, 0.02))
				continue;
			stable++;
			wrong += sorted[n / 2] > 1020 || sorted[n / 2] < 980;
			break;
		}
	}
	ck_assert_int_gt(stable, n_runs / 2);
	ck_assert_int_le(wrong, stable / 20);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("stats/stable");
	TCase *c = tcase_create("stable");

	tcase_add_test(c, looks_are_at_doublings);
	tcase_add_test(c, a_narrow_interval_is_stable);
	tcase_add_test(c, the_error_is_split);
	tcase_add_test(c, a_fresh_one_has_to_agree);
	tcase_add_test(c, what_is_called_stable_is_so);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
