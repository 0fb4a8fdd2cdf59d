/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "core/plugin/plugin.h"
#include "core/plugin/registry.h"
#include "tests/unit/unit.h"

#define N_THREADS 4

static struct registry *registry;
static char modules[512];

/* The test modules come from the configured folders, nothing from the
 * environment. */
static void
registry_setup(void)
{
	const char *build = getenv("top_builddir");
	struct strings config = { 0 };

	ck_assert_int_eq(unsetenv("WEIR_PLUGIN_PATH"), 0);
	snprintf(modules, sizeof(modules), "%s/tests/abi/.libs",
		 build ? build : ".");
	strings_add(&config, modules);
	ck_assert_int_eq(registry_create(&config, &registry, NULL), WEIR_OK);
	strings_fini(&config);
}

static void
registry_teardown(void)
{
	registry_destroy(registry);
}

START_TEST(is_loaded_once)
{
	const struct plugin *first = NULL;
	const struct plugin *second = NULL;

	ck_assert_int_eq(registry_get(registry, "good", &first, NULL),
			 WEIR_OK);
	ck_assert_str_eq(first->name, "good");
	ck_assert_int_eq(registry_get(registry, "good", &second, NULL),
			 WEIR_OK);
	ck_assert_ptr_eq(first, second);
}
END_TEST

START_TEST(name_and_path_are_one_plugin)
{
	const struct plugin *by_path = NULL;
	const struct plugin *by_name = NULL;
	char path[600];

	snprintf(path, sizeof(path), "%s/../.libs/good.so", modules);
	ck_assert_int_eq(registry_get(registry, path, &by_path, NULL),
			 WEIR_OK);
	ck_assert_int_eq(registry_get(registry, "good", &by_name, NULL),
			 WEIR_OK);
	ck_assert_ptr_eq(by_path, by_name);
}
END_TEST

START_TEST(several_plugins)
{
	const struct plugin *good = NULL;
	const struct plugin *old = NULL;

	ck_assert_int_eq(registry_get(registry, "good", &good, NULL),
			 WEIR_OK);
	ck_assert_int_eq(registry_get(registry, "old_1_0", &old, NULL),
			 WEIR_OK);
	ck_assert_ptr_ne(good, old);
	ck_assert_ptr_ne(good->ops.send, old->ops.send);
}
END_TEST

/* Nothing of a failed load stays, and the next try says the same. */
START_TEST(failure_is_repeatable)
{
	const struct plugin *plugin = NULL;
	struct weir_error first;
	struct weir_error second;

	ck_assert_int_eq(registry_get(registry, "wrong_name", &plugin, &first),
			 WEIR_EUNAVAILABLE);
	ck_assert_int_eq(registry_get(registry, "wrong_name", &plugin,
				      &second), WEIR_EUNAVAILABLE);
	ck_assert_str_eq(first.text, second.text);
	ck_assert_ptr_null(plugin);
}
END_TEST

START_TEST(missing_plugin_suggests)
{
	const struct plugin *plugin = NULL;
	struct weir_error err;

	ck_assert_int_eq(registry_get(registry, "goood", &plugin, &err),
			 WEIR_EUNAVAILABLE);
	ck_assert_ptr_nonnull(strstr(err.text, "(did you mean good?)"));
	ck_assert_ptr_nonnull(strstr(err.text, modules));
	ck_assert_ptr_null(plugin);
}
END_TEST

START_TEST(bad_name_is_invalid)
{
	const struct plugin *plugin = NULL;

	ck_assert_int_eq(registry_get(registry, "no good", &plugin, NULL),
			 WEIR_EINVALID);
	ck_assert_int_eq(registry_get(registry, "", &plugin, NULL),
			 WEIR_EINVALID);
}
END_TEST

/* Listing loads nothing, so the broken ones are there too. */
START_TEST(list_has_all_names)
{
	struct strings names = { 0 };

	registry_list(registry, &names);
	ck_assert(!names.failed);
	ck_assert(strings_contains(&names, "good"));
	ck_assert(strings_contains(&names, "wrong_major"));
	for (size_t i = 1; i < names.n; i++)
		ck_assert_int_lt(strcmp(names.at[i - 1], names.at[i]), 0);
	strings_fini(&names);
}
END_TEST

START_TEST(environment_comes_first)
{
	struct strings config = { 0 };
	struct registry *other = NULL;

	ck_assert_int_eq(setenv("WEIR_PLUGIN_PATH", "/env", 1), 0);
	strings_add(&config, "/config");
	ck_assert_int_eq(registry_create(&config, &other, NULL), WEIR_OK);
	ck_assert_uint_ge(registry_folders(other)->n, 3);
	ck_assert_str_eq(registry_folders(other)->at[0], "/env");
	ck_assert_str_eq(registry_folders(other)->at[1], "/config");
	registry_destroy(other);
	strings_fini(&config);
}
END_TEST

static void *
thread_get(void *context)
{
	const struct plugin **ret_plugin = context;

	if (registry_get(registry, "good", ret_plugin, NULL) != WEIR_OK)
		*ret_plugin = NULL;
	return NULL;
}

START_TEST(threads_get_the_same)
{
	const struct plugin *got[N_THREADS] = { NULL };
	pthread_t threads[N_THREADS];

	for (size_t i = 0; i < N_THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, thread_get,
						&got[i]), 0);
	for (size_t i = 0; i < N_THREADS; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	ck_assert_ptr_nonnull(got[0]);
	for (size_t i = 1; i < N_THREADS; i++)
		ck_assert_ptr_eq(got[i], got[0]);
}
END_TEST

START_TEST(destroy_takes_null)
{
	registry_destroy(NULL);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("registry");
	TCase *t = tcase_create("registry");

	tcase_add_checked_fixture(t, registry_setup, registry_teardown);
	tcase_add_test(t, is_loaded_once);
	tcase_add_test(t, name_and_path_are_one_plugin);
	tcase_add_test(t, several_plugins);
	tcase_add_test(t, failure_is_repeatable);
	tcase_add_test(t, missing_plugin_suggests);
	tcase_add_test(t, bad_name_is_invalid);
	tcase_add_test(t, list_has_all_names);
	tcase_add_test(t, environment_comes_first);
	tcase_add_test(t, threads_get_the_same);
	tcase_add_test(t, destroy_takes_null);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite)
