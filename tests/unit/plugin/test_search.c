/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/plugin/search.h"
#include "tests/unit/unit.h"

static char scratch[256];
static struct strings folders; /* scratch/a and scratch/b */

static const char *
scratch_path(const char *rest)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", scratch, rest);
	return path;
}

static void
scratch_touch(const char *rest)
{
	int fd = open(scratch_path(rest), O_WRONLY | O_CREAT | O_EXCL, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(close(fd), 0);
}

static const char *const scratch_files[] = {
	"a/uds.so", "a/pipe.so", "b/uds.so", "b/shm.so",
};

static void
scratch_setup(void)
{
	snprintf(scratch, sizeof(scratch), "%s/weir-search-XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(scratch));
	ck_assert_int_eq(mkdir(scratch_path("a"), 0700), 0);
	ck_assert_int_eq(mkdir(scratch_path("b"), 0700), 0);
	for (size_t i = 0; i < 4; i++)
		scratch_touch(scratch_files[i]);
	strings_add(&folders, scratch_path("a"));
	strings_add(&folders, scratch_path("b"));
}

static void
scratch_teardown(void)
{
	strings_fini(&folders);
	for (size_t i = 0; i < 4; i++)
		unlink(scratch_path(scratch_files[i]));
	ck_assert_int_eq(rmdir(scratch_path("a")), 0);
	ck_assert_int_eq(rmdir(scratch_path("b")), 0);
	ck_assert_int_eq(rmdir(scratch), 0);
}

/* The folders that those sources make, joined by spaces. */
static void
assert_folders(const struct search_sources *sources, const char *expected)
{
	struct strings made = { 0 };
	struct text joined = { 0 };

	ck_assert_int_eq(search_folders(sources, &made, NULL), WEIR_OK);
	for (size_t i = 0; i < made.n; i++)
		text_addf(&joined, "%s%s", i ? " " : "", made.at[i]);
	ck_assert_str_eq(text_get(&joined), expected);
	text_fini(&joined);
	strings_fini(&made);
}

START_TEST(valid_names)
{
	char longest[SEARCH_NAME_BYTES_MAX + 2];

	ck_assert(search_name_valid("uds"));
	ck_assert(search_name_valid("my_ring-2"));
	ck_assert(!search_name_valid(""));
	ck_assert(!search_name_valid("Uds"));
	ck_assert(!search_name_valid("a.b"));
	ck_assert(!search_name_valid(".."));
	ck_assert(!search_name_valid("a/b"));
	ck_assert(!search_name_valid("a b"));
	ck_assert(!search_name_valid("a\n"));
	ck_assert(!search_name_valid("\xc3\xbc"));
	memset(longest, 'x', sizeof(longest));
	longest[SEARCH_NAME_BYTES_MAX] = '\0';
	ck_assert(search_name_valid(longest));
	longest[SEARCH_NAME_BYTES_MAX] = 'x';
	longest[SEARCH_NAME_BYTES_MAX + 1] = '\0';
	ck_assert(!search_name_valid(longest));
}
END_TEST

START_TEST(order_of_folders)
{
	struct strings config = { 0 };
	struct search_sources sources = {
		.environment = "/env1:/env2",
		.config = &config,
		.compiled = "/usr/lib/weir",
		.program = "/src/weir/weir",
		.bindir = "/usr/bin",
	};

	strings_add(&config, "conf1");
	strings_add(&config, "/conf2");
	assert_folders(&sources, "/env1 /env2 conf1 /conf2 /usr/lib/weir "
				 "/src/weir/plugins/.libs");
	strings_fini(&config);
}
END_TEST

START_TEST(no_sources_no_folders)
{
	struct search_sources sources = { 0 };

	assert_folders(&sources, "");
}
END_TEST

/* An empty element would be the working directory: a module that lies there
 * by chance is not to be run. */
START_TEST(empty_elements_are_dropped)
{
	struct search_sources sources = { .environment = ":/a::/b:" };

	assert_folders(&sources, "/a /b");
	sources.environment = "";
	assert_folders(&sources, "");
	sources.environment = ":";
	assert_folders(&sources, "");
}
END_TEST

START_TEST(folders_come_once)
{
	struct search_sources sources = {
		.environment = "/a:/b/:/a//:/b",
		.compiled = "/b",
	};

	assert_folders(&sources, "/a /b");
}
END_TEST

START_TEST(root_stays_root)
{
	struct search_sources sources = { .environment = "/" };

	assert_folders(&sources, "/");
}
END_TEST

START_TEST(installed_program_has_no_build_folder)
{
	struct search_sources sources = {
		.compiled = "/opt/lib/weir",
		.program = "/opt/no-such-folder/bin/weir",
		.bindir = "/opt/no-such-folder/bin",
	};

	assert_folders(&sources, "/opt/lib/weir");
}
END_TEST

/* bindir may be reached through a link, the program's path never is. */
START_TEST(bindir_is_compared_without_links)
{
	char *program;
	struct text path = { 0 };
	struct search_sources sources = { .compiled = "/c" };

	program = realpath(scratch_path("a"), NULL);
	ck_assert_ptr_nonnull(program);
	text_addf(&path, "%s/weir", program);
	sources.program = text_get(&path);
	ck_assert_int_eq(symlink("a", scratch_path("link")), 0);
	sources.bindir = scratch_path("link");
	assert_folders(&sources, "/c");
	ck_assert_int_eq(unlink(scratch_path("link")), 0);
	text_fini(&path);
	free(program);
}
END_TEST

START_TEST(first_folder_wins)
{
	char *path = NULL;

	ck_assert_int_eq(search_find(&folders, "uds", &path, NULL), WEIR_OK);
	ck_assert_str_eq(path, scratch_path("a/uds.so"));
	free(path);
	ck_assert_int_eq(search_find(&folders, "shm", &path, NULL), WEIR_OK);
	ck_assert_str_eq(path, scratch_path("b/shm.so"));
	free(path);
}
END_TEST

START_TEST(slash_means_a_path)
{
	char *path = NULL;
	char *request = strdup(scratch_path("b/uds.so"));

	ck_assert_int_eq(search_find(&folders, request, &path, NULL),
			 WEIR_OK);
	ck_assert_str_eq(path, request);
	free(path);
	free(request);
}
END_TEST

/* A path is not searched for, and not completed either. */
START_TEST(path_is_taken_as_it_is)
{
	char *path = NULL;
	struct weir_error err;

	ck_assert_int_eq(search_find(&folders, "./uds.so", &path, &err),
			 WEIR_EUNAVAILABLE);
	ck_assert_str_eq(err.text, "no plugin at ./uds.so: No such file or "
				   "directory");
	ck_assert_int_eq(search_find(&folders, scratch_path("a/uds"), &path,
				     &err), WEIR_EINVALID);
	ck_assert_ptr_nonnull(strstr(err.text, "is called NAME.so"));
	ck_assert_ptr_null(path);
}
END_TEST

START_TEST(missing_plugin_lists_folders_and_nearest_name)
{
	char *path = NULL;
	char expected[1024];
	struct weir_error err;

	snprintf(expected, sizeof(expected),
		 "no plugin \"udss\" (did you mean uds?): no file udss.so in "
		 "%s/a, %s/b; add its folder to WEIR_PLUGIN_PATH or "
		 "plugin_path, or give its path", scratch, scratch);
	ck_assert_int_eq(search_find(&folders, "udss", &path, &err),
			 WEIR_EUNAVAILABLE);
	ck_assert_str_eq(err.text, expected);
	ck_assert_ptr_null(path);
}
END_TEST

START_TEST(missing_plugin_without_folders)
{
	struct strings none = { 0 };
	char *path = NULL;
	struct weir_error err;

	ck_assert_int_eq(search_find(&none, "uds", &path, &err),
			 WEIR_EUNAVAILABLE);
	ck_assert_str_eq(err.text, "no plugin \"uds\": no file uds.so in no "
				   "folder at all; add its folder to "
				   "WEIR_PLUGIN_PATH or plugin_path, or give "
				   "its path");
}
END_TEST

START_TEST(bad_name_is_refused)
{
	static const char *const bad[] = { "", "UDS", "..", "a b", "uds.so",
					   "\033[2J" };
	char *path = NULL;
	struct weir_error err;

	ck_assert_int_eq(search_find(&folders, bad[_i], &path, &err),
			 WEIR_EINVALID);
	ck_assert_ptr_null(strchr(err.text, '\033'));
	ck_assert_ptr_null(path);
}
END_TEST

START_TEST(list_is_sorted_and_unique)
{
	struct strings names = { 0 };

	scratch_touch("a/README");
	scratch_touch("a/Bad.so");
	scratch_touch("a/.so");
	ck_assert_int_eq(symlink("nowhere", scratch_path("a/gone.so")), 0);
	strings_add(&folders, scratch_path("no-such-folder"));
	search_list(&folders, &names);
	ck_assert(!names.failed);
	ck_assert_uint_eq(names.n, 3);
	ck_assert_str_eq(names.at[0], "pipe");
	ck_assert_str_eq(names.at[1], "shm");
	ck_assert_str_eq(names.at[2], "uds");
	strings_fini(&names);
	unlink(scratch_path("a/README"));
	unlink(scratch_path("a/Bad.so"));
	unlink(scratch_path("a/.so"));
	unlink(scratch_path("a/gone.so"));
}
END_TEST

START_TEST(name_of_path)
{
	static const char *const none[] = { "/x/uds", "/x/.so", "/x/",
					    "/x/Uds.so", "/x/uds.so.1", "" };
	char *name = search_name_of_path("/x/uds.so");

	ck_assert_str_eq(name, "uds");
	free(name);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_ptr_null(search_name_of_path(none[i]));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("search");
	TCase *t = tcase_create("search");

	tcase_add_checked_fixture(t, scratch_setup, scratch_teardown);
	tcase_add_test(t, valid_names);
	tcase_add_test(t, order_of_folders);
	tcase_add_test(t, no_sources_no_folders);
	tcase_add_test(t, empty_elements_are_dropped);
	tcase_add_test(t, folders_come_once);
	tcase_add_test(t, root_stays_root);
	tcase_add_test(t, installed_program_has_no_build_folder);
	tcase_add_test(t, bindir_is_compared_without_links);
	tcase_add_test(t, first_folder_wins);
	tcase_add_test(t, slash_means_a_path);
	tcase_add_test(t, path_is_taken_as_it_is);
	tcase_add_test(t, missing_plugin_lists_folders_and_nearest_name);
	tcase_add_test(t, missing_plugin_without_folders);
	tcase_add_loop_test(t, bad_name_is_refused, 0, 6);
	tcase_add_test(t, list_is_sorted_and_unique);
	tcase_add_test(t, name_of_path);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite)
