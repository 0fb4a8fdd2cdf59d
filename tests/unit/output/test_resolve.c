/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include "tests/unit/output/folder.h"
#include "tests/unit/unit.h"

static struct weir_error err;

static void
resolves(const char *path, const char *expected)
{
	char *resolved = NULL;

	ck_assert_msg(!resolve_path(path, &resolved, &err), "%s", err.text);
	ck_assert_str_eq(resolved, expected);
	free(resolved);
}

/* A link in the folder; absolute names are of the folder, too. */
static void
make_link(const char *name, const char *target)
{
	ck_assert_int_eq(symlink(target, folder_path(name)), 0);
}

static void
refused(const char *path, const char *why)
{
	char *resolved = NULL;

	ck_assert_int_eq(resolve_path(path, &resolved, &err), WEIR_ESYSTEM);
	ck_assert_ptr_null(resolved);
	ck_assert_msg(strstr(err.text, why), "not \"%s\": %s", why, err.text);
}

/* False where this user can't make links that are another one's. */
static bool
give_away(const char *name)
{
	return !geteuid() && !lchown(folder_path(name), 12345, 12345);
}

START_TEST(a_path_without_links_stays_as_it_is)
{
	resolves("", "");
	resolves("-", "-");
	resolves("/", "/");
	resolves("a/./b/../c/", "a/./b/../c/");
	resolves("/none/of//this", "/none/of/this");
	resolves("../x", "../x");
	resolves("/dev/null/x", "/dev/null/x");
}
END_TEST

START_TEST(one_file_has_many_names)
{
	char again[4096];

	folder_put("file", "");
	make_link("a", "file");
	snprintf(again, sizeof(again), "%s", folder_path("./none"));
	ck_assert(resolve_is_same(folder_path("file"), folder_path("a")));
	ck_assert(resolve_is_same(folder_path("none"), again));
	ck_assert(resolve_is_same("none", ".//none"));
	ck_assert(!resolve_is_same(folder_path("none"), folder_path("file")));
	ck_assert(!resolve_is_same("none", folder_path("none")));
	ck_assert(!resolve_is_same("/dev/null", "/dev/null"));
	ck_assert(!resolve_is_same("/none/of/this", "/none/of/this"));
}
END_TEST

START_TEST(links_are_replaced)
{
	folder_put("file", "");
	make_link("a", "file");
	make_link("b", "a");
	make_link("c", folder_path("b"));
	resolves(folder_path("a"), folder_path("file"));
	resolves(folder_path("b"), folder_path("file"));
	resolves(folder_path("c"), folder_path("file"));
}
END_TEST

START_TEST(on_the_way_too)
{
	ck_assert_int_eq(mkdir(folder_path("dir"), 0700), 0);
	make_link("up", "dir/..");
	make_link("in", "up/dir");
	resolves(folder_path("in/new/r.json"),
		 folder_path("dir/../dir/new/r.json"));
	ck_assert_int_eq(chdir(folder), 0);
	resolves("in/r", "dir/../dir/r");
	ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

START_TEST(a_link_to_nothing_names_nothing)
{
	make_link("a", "gone");
	resolves(folder_path("a"), folder_path("gone"));
}
END_TEST

START_TEST(a_ring_of_links_is_an_error)
{
	make_link("a", "b");
	make_link("b", "a");
	refused(folder_path("a"), "levels of symbolic links");
}
END_TEST

START_TEST(a_pipe_by_its_descriptor_stays)
{
	char path[64];
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), ends[1]);
	resolves(path, path);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(a_foreign_link_is_refused)
{
	folder_put("file", "");
	make_link("a", "file");
	make_link("b", "a");
	if (!give_away("a"))
		return;
	refused(folder_path("a"), "symbolic link of uid 12345");
	refused(folder_path("b"), "remove it, or name the file itself");
}
END_TEST

START_TEST(on_the_way_it_is_refused_too)
{
	make_link("a", ".");
	if (!give_away("a"))
		return;
	refused(folder_path("a/r.json"), "symbolic link of uid 12345");
}
END_TEST

START_TEST(what_was_exchanged_since_is_not_opened)
{
	int fd;

	ck_assert_int_eq(mkdir(folder_path("dir"), 0700), 0);
	folder_put("dir/file", "");
	make_link("a", "dir");
	make_link("b", "dir/file");
	ck_assert_int_lt(resolve_open(folder_path("b"), O_WRONLY), 0);
	ck_assert_int_eq(errno, ELOOP);
	ck_assert_int_lt(resolve_open(folder_path("a/file"), O_WRONLY), 0);
	ck_assert_int_eq(errno, ELOOP);
	fd = resolve_open(folder_path("dir/file"), O_WRONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	close(fd);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("output/resolve");
	TCase *c = tcase_create("resolve");

	tcase_add_checked_fixture(c, folder_make, folder_remove);
	tcase_add_test(c, a_path_without_links_stays_as_it_is);
	tcase_add_test(c, one_file_has_many_names);
	tcase_add_test(c, links_are_replaced);
	tcase_add_test(c, on_the_way_too);
	tcase_add_test(c, a_link_to_nothing_names_nothing);
	tcase_add_test(c, a_ring_of_links_is_an_error);
	tcase_add_test(c, a_pipe_by_its_descriptor_stays);
	tcase_add_test(c, a_foreign_link_is_refused);
	tcase_add_test(c, on_the_way_it_is_refused_too);
	tcase_add_test(c, what_was_exchanged_since_is_not_opened);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
