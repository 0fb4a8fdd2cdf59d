/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "tests/unit/output/folder.h"
#include "tests/unit/unit.h"

static struct weir_error err;

static struct output_file *
opened(const char *path)
{
	struct output_file *file = NULL;

	ck_assert_msg(!output_file_open(path, &file, &err), "%s", err.text);
	ck_assert_ptr_nonnull(file);
	return file;
}

static void
put(struct output_file *file, const char *text)
{
	ck_assert_msg(!output_file_write(file, text, strlen(text), &err),
		      "%s", err.text);
}

static void
commit(struct output_file *file)
{
	ck_assert_msg(!output_file_commit(file, &err), "%s", err.text);
}

static void
cannot_open(const char *path, const char *why)
{
	struct output_file *file = NULL;

	ck_assert_int_eq(output_file_open(path, &file, &err), WEIR_ESYSTEM);
	ck_assert_ptr_null(file);
	ck_assert_msg(strstr(err.text, path) && strstr(err.text, why),
		      "not \"%s\": %s", why, err.text);
}

static int
is_visible(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

/* How many names there are, hidden ones too. */
static int
count_names(void)
{
	struct dirent **names;
	int n = scandir(folder, &names, is_visible, NULL);

	ck_assert_int_ge(n, 0);
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return n;
}

START_TEST(a_file_appears_whole_at_commit)
{
	struct output_file *file = opened(folder_path("r.json"));

	put(file, "one ");
	put(file, "two");
	ck_assert_int_ne(access(folder_path("r.json"), F_OK), 0);
	commit(file);
	folder_holds("r.json", "one two");
	ck_assert_int_eq(count_names(), 1);
}
END_TEST

START_TEST(the_old_file_stays_until_then)
{
	struct output_file *file;

	folder_put("r.json", "old");
	file = opened(folder_path("r.json"));
	put(file, "new");
	folder_holds("r.json", "old");
	commit(file);
	folder_holds("r.json", "new");
}
END_TEST

START_TEST(discarded_leaves_nothing)
{
	struct output_file *file = opened(folder_path("r.json"));

	put(file, "x");
	output_file_discard(file);
	output_file_discard(NULL);
	ck_assert_int_eq(count_names(), 0);
}
END_TEST

START_TEST(the_umask_decides_on_the_mode)
{
	struct stat st;

	umask(027);
	commit(opened(folder_path("r.json")));
	ck_assert_int_eq(stat(folder_path("r.json"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0640);
}
END_TEST

START_TEST(missing_directories_are_made)
{
	struct output_file *file = opened(folder_path("a/b/r.json"));

	put(file, "x");
	commit(file);
	folder_holds("a/b/r.json", "x");
}
END_TEST

START_TEST(a_relative_name_is_of_the_working_directory)
{
	ck_assert_int_eq(chdir(folder), 0);
	commit(opened("r.json"));
	folder_holds("r.json", "");
	ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

START_TEST(a_symbolic_link_stays_one)
{
	struct output_file *file;
	struct stat st;

	folder_put("target", "old");
	ck_assert_int_eq(symlink("target", folder_path("link")), 0);
	file = opened(folder_path("link"));
	put(file, "new");
	commit(file);
	ck_assert_int_eq(lstat(folder_path("link"), &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
	folder_holds("target", "new");
	ck_assert_int_eq(count_names(), 2);
}
END_TEST

START_TEST(a_symbolic_link_to_nothing_is_refused)
{
	ck_assert_int_eq(symlink("gone", folder_path("link")), 0);
	cannot_open(folder_path("link"), "link to nothing");
}
END_TEST

START_TEST(what_names_a_directory_is_refused)
{
	cannot_open(folder, "is a directory");
	cannot_open(folder_path("new/"), "names a directory");
	cannot_open(folder_path("new/.."), "names a directory");
	cannot_open("", "empty");
}
END_TEST

START_TEST(a_file_is_no_directory)
{
	cannot_open("/dev/null/x", "Not a directory");
	folder_put("f", "");
	cannot_open(folder_path("f/r.json"), "Not a directory");
}
END_TEST

START_TEST(an_unwritable_directory_is_found_at_once)
{
	if (!geteuid())
		return; /* nothing is unwritable to root */
	ck_assert_int_eq(chmod(folder, 0500), 0);
	cannot_open(folder_path("r.json"), "Permission denied");
	ck_assert_int_eq(chmod(folder, 0700), 0);
}
END_TEST

START_TEST(the_longest_name_fits_and_one_more_does_not)
{
	char name[NAME_MAX + 2];

	memset(name, 'n', sizeof(name));
	name[NAME_MAX + 1] = '\0';
	cannot_open(folder_path(name), "too long");
	name[NAME_MAX] = '\0';
	commit(opened(folder_path(name)));
	folder_holds(name, "");
}
END_TEST

START_TEST(a_full_disk_is_an_error)
{
	struct output_file *file = opened("/dev/full");
	int status = output_file_write(file, "x", 1, &err);

	if (status)
		output_file_discard(file);
	else
		status = output_file_commit(file, &err);
	ck_assert_int_eq(status, WEIR_ESYSTEM);
	ck_assert_ptr_nonnull(strstr(err.text, "/dev/full"));
	ck_assert_ptr_nonnull(strstr(err.text, "No space left"));
}
END_TEST

START_TEST(a_device_is_written_in_place)
{
	struct output_file *file = opened("/dev/null");
	struct stat st;

	put(file, "x");
	commit(file);
	ck_assert_int_eq(stat("/dev/null", &st), 0);
	ck_assert(S_ISCHR(st.st_mode));
}
END_TEST

START_TEST(a_fifo_needs_a_reader)
{
	struct output_file *file;
	char got[8];
	int fd;

	ck_assert_int_eq(mkfifo(folder_path("fifo"), 0600), 0);
	cannot_open(folder_path("fifo"), "read it?");
	fd = open(folder_path("fifo"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	file = opened(folder_path("fifo"));
	put(file, "piped");
	commit(file);
	ck_assert_int_eq(read(fd, got, sizeof(got)), 5);
	close(fd);
	ck_assert_int_eq(count_names(), 1);
}
END_TEST

/* Standard output becomes a file of the folder while the target is written. */
static void
write_with_stdout(const char *target)
{
	int saved = dup(STDOUT_FILENO);
	int fd = open(folder_path("out"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	struct output_file *file;

	ck_assert_int_ge(dup2(fd, STDOUT_FILENO), 0);
	close(fd);
	file = opened(target);
	put(file, "here");
	commit(file);
	ck_assert_int_eq(write(STDOUT_FILENO, " too", 4), 4);
	ck_assert_int_ge(dup2(saved, STDOUT_FILENO), 0);
	close(saved);
	folder_holds("out", "here too");
	ck_assert_int_eq(count_names(), 1);
}

START_TEST(a_dash_is_standard_output)
{
	write_with_stdout("-");
}
END_TEST

START_TEST(standard_output_by_name_is_not_renamed_over)
{
	write_with_stdout("/dev/stdout");
	folder_remove();
	ck_assert_int_eq(mkdir(folder, 0700), 0);
	write_with_stdout(folder_path("out"));
}
END_TEST

START_TEST(a_vanished_directory_is_told_at_commit)
{
	struct output_file *file = opened(folder_path("a/r.json"));

	ck_assert_int_eq(rename(folder_path("a"), folder_path("b")), 0);
	put(file, "x");
	commit(file);
	folder_holds("b/r.json", "x");
	file = opened(folder_path("a/r.json"));
	ck_assert_int_eq(mkdir(folder_path("a/r.json"), 0700), 0);
	ck_assert_int_eq(output_file_commit(file, &err), WEIR_ESYSTEM);
	ck_assert_ptr_nonnull(strstr(err.text, "a/r.json"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("output/file");
	TCase *c = tcase_create("file");

	tcase_add_checked_fixture(c, folder_make, folder_remove);
	tcase_add_test(c, a_file_appears_whole_at_commit);
	tcase_add_test(c, the_old_file_stays_until_then);
	tcase_add_test(c, discarded_leaves_nothing);
	tcase_add_test(c, the_umask_decides_on_the_mode);
	tcase_add_test(c, missing_directories_are_made);
	tcase_add_test(c, a_relative_name_is_of_the_working_directory);
	tcase_add_test(c, a_symbolic_link_stays_one);
	tcase_add_test(c, a_symbolic_link_to_nothing_is_refused);
	tcase_add_test(c, what_names_a_directory_is_refused);
	tcase_add_test(c, a_file_is_no_directory);
	tcase_add_test(c, an_unwritable_directory_is_found_at_once);
	tcase_add_test(c, the_longest_name_fits_and_one_more_does_not);
	tcase_add_test(c, a_full_disk_is_an_error);
	tcase_add_test(c, a_device_is_written_in_place);
	tcase_add_test(c, a_fifo_needs_a_reader);
	tcase_add_test(c, a_dash_is_standard_output);
	tcase_add_test(c, standard_output_by_name_is_not_renamed_over);
	tcase_add_test(c, a_vanished_directory_is_told_at_commit);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
