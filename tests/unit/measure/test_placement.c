/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/placement.h"

#include <sched.h>
#include <string.h>

#include "tests/unit/unit.h"

static struct affinity affinity;
static struct weir_error err;

START_TEST(one_cpu_is_always_there)
{
	ck_assert_int_eq(placement_choose(PLACEMENT_SAME, 3, &affinity, &err),
			 WEIR_OK);
	ck_assert(affinity.shared_cpu);
	ck_assert_uint_eq(affinity.n_channels, 3);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(affinity.host[i], affinity.client[i]);
		ck_assert(affinity_allowed(affinity.host[i]));
	}
}
END_TEST

/* Each placement is there and keeps its word, or is refused by a sentence that
 * names one that is. */
START_TEST(the_others_are_as_they_say)
{
	enum placement placement = (enum placement)_i;

	if (placement_choose(placement, 2, &affinity, &err)) {
		ck_assert_int_eq(err.status, WEIR_EUNAVAILABLE);
		ck_assert_ptr_nonnull(strstr(err.text, "has same"));
		return;
	}
	ck_assert(!affinity.shared_cpu);
	ck_assert_uint_ge(affinity.n_cpus, 2);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(placement_of(affinity.host[i],
					      affinity.client[i]),
				 (int)placement);
}
END_TEST

START_TEST(on_one_cpu_there_is_nothing_else)
{
	cpu_set_t set;

	ck_assert_int_eq(placement_choose(PLACEMENT_SAME, 1, &affinity, &err),
			 WEIR_OK);
	CPU_ZERO(&set);
	CPU_SET((size_t)affinity.host[0], &set);
	ck_assert_int_eq(sched_setaffinity(0, sizeof(set), &set), 0);
	for (int i = PLACEMENT_SIBLING; i <= PLACEMENT_FAR; i++)
		ck_assert_int_eq(placement_choose((enum placement)i, 1,
						  &affinity, &err),
				 WEIR_EUNAVAILABLE);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("measure/placement");
	TCase *c = tcase_create("placement");

	tcase_add_test(c, one_cpu_is_always_there);
	tcase_add_loop_test(c, the_others_are_as_they_say, PLACEMENT_SIBLING,
			    PLACEMENT_FAR + 1);
	tcase_add_test(c, on_one_cpu_there_is_nothing_else);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
