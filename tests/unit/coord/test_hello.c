/* SPDX-License-Identifier: Apache-2.0 */
#include "core/coord/hello.h"

#include <string.h>

#include "tests/unit/unit.h"

static struct facts host, client;

static void
set_up(void)
{
	memset(&host, 0, sizeof(host));
	facts_add_text(&host, "boot_id", "a boot");
	facts_add_text(&host, "time_namespace", "time:[1]");
	facts_add_text(&host, "clocksource", "tsc");
	client = host;
}

START_TEST(one_clock_compares)
{
	ck_assert(hello_comparable_clocks(&host, &client));
}
END_TEST

static const char *const parts[] = { "boot_id", "time_namespace",
				     "clocksource" };

START_TEST(two_do_not)
{
	facts_add_text(&client, parts[_i], "another one");
	ck_assert(!hello_comparable_clocks(&host, &client));
}
END_TEST

/* Of one boot there is one source, whoever can't see it. */
START_TEST(a_source_that_is_not_seen_is_the_same)
{
	struct facts blind = { 0 };

	facts_add_text(&blind, "boot_id", "a boot");
	facts_add_text(&blind, "time_namespace", "time:[1]");
	ck_assert(hello_comparable_clocks(&host, &blind));
	facts_add_text(&blind, "boot_id", "another boot");
	ck_assert(!hello_comparable_clocks(&host, &blind));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("coord/hello");
	TCase *t = tcase_create("clocks");

	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_test(t, one_clock_compares);
	tcase_add_loop_test(t, two_do_not, 0, 3);
	tcase_add_test(t, a_source_that_is_not_seen_is_the_same);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite)
