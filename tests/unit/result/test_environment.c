/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/facts.h"

#include <string.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static struct facts f;

static void
set_up(void)
{
	memset(&f, 0xff, sizeof(f));
	facts_gather(&f);
}

static double
number(const char *key)
{
	const struct fact *fact = facts_get(&f, key);

	ck_assert_msg(fact != NULL, "%s is missing", key);
	ck_assert_int_eq(fact->kind, FACTS_NUMBER);
	return fact->number;
}

START_TEST(what_every_linux_has_is_there)
{
	static const char *const keys[] = {
		"kernel", "machine", "mitigations", "container",
		"pid_namespace", "user_namespace", "mount_namespace",
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct fact *fact = facts_get(&f, keys[i]);

		if (!fact && !strcmp(keys[i], "mitigations") &&
		    access("/sys/devices/system/cpu/vulnerabilities", R_OK))
			continue;
		ck_assert_msg(fact != NULL, "%s is missing", keys[i]);
		ck_assert_int_eq(fact->kind, FACTS_TEXT);
		ck_assert_msg(*fact->text, "%s is empty", keys[i]);
	}
}
END_TEST

START_TEST(numbers_are_of_this_process_and_machine)
{
	ck_assert_double_eq(number("pid"), getpid());
	ck_assert_double_eq(number("uid"), geteuid());
	ck_assert_double_eq(number("page_bytes"), sysconf(_SC_PAGESIZE));
	ck_assert_double_gt(number("memory_bytes"), 1e6);
	ck_assert_double_le(number("memory_available_bytes"),
			    number("memory_bytes"));
	ck_assert_double_gt(number("clock_cost_ns"), 0);
	ck_assert_double_gt(number("clock_resolution_ns"), 0);
}
END_TEST

START_TEST(the_topology_adds_up)
{
	if (!facts_get(&f, "sockets"))
		return; /* no sysfs here */
	ck_assert_double_ge(number("sockets") * number("cores_per_socket") *
				    number("threads_per_core"), 1);
}
END_TEST

START_TEST(limits_are_positive_where_there_are_any)
{
	if (facts_get(&f, "cgroup_cpu_limit"))
		ck_assert_double_gt(number("cgroup_cpu_limit"), 0);
	if (facts_get(&f, "cgroup_memory_limit_bytes"))
		ck_assert_double_gt(number("cgroup_memory_limit_bytes"), 0);
}
END_TEST

START_TEST(no_fact_is_dropped)
{
	ck_assert_uint_lt(f.n, FACTS_MAX);
}
END_TEST

START_TEST(the_variable_of_an_engine_is_believed)
{
	const char *name;

	ck_assert_int_eq(setenv("container", "lxc", 1), 0);
	facts_gather(&f);
	name = facts_get(&f, "container")->text;
	ck_assert(!strcmp(name, "lxc") || !access("/.dockerenv", F_OK) ||
		  !access("/run/.containerenv", F_OK));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("result/environment");
	TCase *c = tcase_create("environment");

	tcase_add_checked_fixture(c, set_up, NULL);
	tcase_add_test(c, what_every_linux_has_is_there);
	tcase_add_test(c, numbers_are_of_this_process_and_machine);
	tcase_add_test(c, the_topology_adds_up);
	tcase_add_test(c, limits_are_positive_where_there_are_any);
	tcase_add_test(c, no_fact_is_dropped);
	tcase_add_test(c, the_variable_of_an_engine_is_believed);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
