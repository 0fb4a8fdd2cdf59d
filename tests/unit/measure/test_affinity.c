/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/affinity.h"

#include <sched.h>
#include <string.h>

#include "tests/unit/unit.h"

static struct affinity affinity;
static struct strings warnings;
static struct weir_error err;

/* The n-th CPU that this process may use, or -1. */
static int
allowed(int n)
{
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (affinity_allowed(cpu) && n-- == 0)
			return cpu;
	}
	return -1;
}

static void
only_first_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(allowed(0), &set);
	ck_assert_int_eq(sched_setaffinity(0, sizeof(set), &set), 0);
}

static int
choose(const char *host, const char *client, uint32_t n)
{
	memset(&err, 0, sizeof(err));
	return affinity_choose(host, client, n, &affinity, &warnings, &err);
}

START_TEST(auto_takes_two_cpus)
{
	ck_assert_int_eq(choose("auto", "auto", 1), WEIR_OK);
	ck_assert(affinity_allowed(affinity.host[0]));
	ck_assert(affinity_allowed(affinity.client[0]));
	if (allowed(1) >= 0)
		ck_assert(!affinity.shared_cpu);
}
END_TEST

START_TEST(cpus_are_counted_once)
{
	char one[16];

	snprintf(one, sizeof(one), "%d", allowed(0));
	ck_assert_int_eq(choose(one, one, 3), WEIR_OK);
	ck_assert_uint_eq(affinity.n_cpus, 1);
	if (allowed(1) < 0)
		return;
	ck_assert_int_eq(choose("auto", "auto", 1), WEIR_OK);
	ck_assert_uint_eq(affinity.n_cpus, 2);
	ck_assert_int_eq(choose(one, "none", 1), WEIR_OK);
	ck_assert_uint_ge(affinity.n_cpus, 2);
}
END_TEST

START_TEST(auto_on_one_cpu_shares_it_and_says_so)
{
	only_first_cpu();
	ck_assert_int_eq(choose("auto", "auto", 1), WEIR_OK);
	ck_assert(affinity.shared_cpu);
	ck_assert_int_eq(affinity.host[0], affinity.client[0]);
	ck_assert_uint_eq(warnings.n, 1);
	ck_assert_ptr_nonnull(strstr(warnings.at[0], "share it"));
}
END_TEST

START_TEST(none_pins_nothing)
{
	ck_assert_int_eq(choose("none", "none", 3), WEIR_OK);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(affinity.host[i], AFFINITY_ANY);
		ck_assert_int_eq(affinity.client[i], AFFINITY_ANY);
	}
	ck_assert(!affinity.shared_cpu);
}
END_TEST

START_TEST(channels_take_the_list_in_turn)
{
	char list[32];
	int a = allowed(0), b = allowed(1) < 0 ? a : allowed(1);

	snprintf(list, sizeof(list), "%d,%d", a, b);
	ck_assert_int_eq(choose(list, "none", 3), WEIR_OK);
	ck_assert_int_eq(affinity.host[0], a);
	ck_assert_int_eq(affinity.host[1], b);
	ck_assert_int_eq(affinity.host[2], a);
}
END_TEST

START_TEST(a_cpu_that_is_not_there_is_unavailable)
{
	ck_assert_int_eq(choose("1023", "auto", 1), WEIR_EUNAVAILABLE);
	ck_assert_ptr_nonnull(strstr(err.text, "cpu.host: CPU 1023"));
	ck_assert_ptr_nonnull(strstr(err.text, "the CPUs allowed are"));
	ck_assert_int_eq(choose("auto", "99999", 1), WEIR_EUNAVAILABLE);
	ck_assert_ptr_nonnull(strstr(err.text, "cpu.client: CPU 99999"));
}
END_TEST

START_TEST(nonsense_is_invalid)
{
	static const char *const texts[] = { "x", "0-", "-1", "3-1", "0;1" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_int_eq(choose(texts[i], "auto", 1), WEIR_EINVALID);
}
END_TEST

START_TEST(too_many_channels_are_invalid)
{
	ck_assert_int_eq(choose("auto", "auto", AFFINITY_CHANNELS_MAX + 1),
			 WEIR_EINVALID);
}
END_TEST

START_TEST(the_current_mask_is_the_kernels)
{
	char text[64], want[64];

	only_first_cpu();
	affinity_current(text, sizeof(text));
	snprintf(want, sizeof(want), "%d", allowed(0));
	ck_assert_str_eq(text, want);
}
END_TEST

static void
tidy(void)
{
	strings_fini(&warnings);
}

static Suite *
suite(void)
{
	Suite *s = suite_create("measure/affinity");
	TCase *c = tcase_create("affinity");

	tcase_add_checked_fixture(c, NULL, tidy);
	tcase_add_test(c, auto_takes_two_cpus);
	tcase_add_test(c, auto_on_one_cpu_shares_it_and_says_so);
	tcase_add_test(c, cpus_are_counted_once);
	tcase_add_test(c, none_pins_nothing);
	tcase_add_test(c, channels_take_the_list_in_turn);
	tcase_add_test(c, a_cpu_that_is_not_there_is_unavailable);
	tcase_add_test(c, nonsense_is_invalid);
	tcase_add_test(c, too_many_channels_are_invalid);
	tcase_add_test(c, the_current_mask_is_the_kernels);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
