/* SPDX-License-Identifier: Apache-2.0 */
#include "core/config/settings.h"

#include "tests/unit/config/fixture.h"

static void
put(struct settings *s, const char *variable)
{
	char copy[128];
	char *const environment[] = { copy, NULL };
	struct weir_error err = { 0 };

	snprintf(copy, sizeof(copy), "%s", variable);
	ck_assert_msg(!settings_put_environment(s, environment, &err), "%s",
		      err.text);
}

START_TEST(two_underscores_are_a_dot)
{
	struct settings s = { 0 };
	const struct setting *one;

	put(&s, "WEIR_MATRIX__SIZE=[64,1Ki]");
	one = settings_get(&s, "matrix.size");
	ck_assert_ptr_nonnull(one);
	ck_assert(one->is_list);
	ck_assert_uint_eq(one->values.n, 2);
	ck_assert_str_eq(one->where, "environment WEIR_MATRIX__SIZE");
	ck_assert_int_eq(one->layer, SETTINGS_ENVIRONMENT);
	settings_fini(&s);
}
END_TEST

START_TEST(one_underscore_stays)
{
	struct settings s = { 0 };

	put(&s, "WEIR_CONNECT_TIMEOUT=3s");
	ck_assert_ptr_nonnull(settings_get(&s, "connect_timeout"));
	put(&s, "WEIR_TRANSPORTS__UDS__WAIT=spin");
	ck_assert_ptr_nonnull(settings_get(&s, "transports.uds.wait"));
	settings_fini(&s);
}
END_TEST

START_TEST(others_are_left_alone)
{
	struct settings s = { 0 };

	put(&s, "WEIR_LOG=debug");
	put(&s, "WEIR_PLUGIN_PATH=/x");
	put(&s, "WEIRD=1");
	put(&s, "weir_repeat=1");
	put(&s, "WEIR_REPEAT");
	ck_assert_uint_eq(s.n, 0);
	settings_fini(&s);
}
END_TEST

START_TEST(reserved_names_are_whole)
{
	struct settings s = { 0 };

	put(&s, "WEIR_LOGS=1");
	ck_assert_ptr_nonnull(settings_get(&s, "logs"));
	settings_fini(&s);
}
END_TEST

START_TEST(fault_names_the_variable)
{
	struct settings s = { 0 };
	struct weir_error err = { 0 };
	char variable[] = "WEIR_MATRIX__SIZE=[1";
	char *const environment[] = { variable, NULL };

	ck_assert_int_eq(settings_put_environment(&s, environment, &err),
			 WEIR_EINVALID);
	ck_assert_ptr_nonnull(strstr(err.text,
				     "environment WEIR_MATRIX__SIZE: "
				     "matrix.size: a list is written"));
	settings_fini(&s);
}
END_TEST

START_TEST(unknown_variable_is_a_problem)
{
	struct fixture_plan p = { 0 };

	put(&p.settings, "WEIR_MATRIX__TRANSPORT=uds");
	put(&p.settings, "WEIR_REPAET=5");
	p.status = plan_make(&p.settings, fixture_plugin, NULL, &p.plan,
			     &p.problems);
	ck_assert_int_eq(p.status, WEIR_EINVALID);
	ck_assert_uint_eq(p.problems.n, 1);
	ck_assert_str_eq(p.problems.at[0],
			 "environment WEIR_REPAET: repaet: unknown key; did "
			 "you mean repeat?");
	fixture_plan_fini(&p);
}
END_TEST

static Suite *
suite(void)
{
	const TTest *const tests[] = {
		two_underscores_are_a_dot, one_underscore_stays,
		others_are_left_alone, reserved_names_are_whole,
		fault_names_the_variable, unknown_variable_is_a_problem,
	};

	return fixture_suite("environment", tests, COUNT(tests));
}

UNIT_MAIN(suite)
