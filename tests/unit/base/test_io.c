/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/io.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "tests/unit/unit.h"

#define N_FDS_MAX 16

static char folder[64];
static int home = -1;
static int pair[2];

/* A folder of their own for all tests, which is also the working directory:
 * made and removed by the process that runs them, so that a test that fails
 * leaves nothing behind. */
static void
make_folder(void)
{
	home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(home, 0);
	snprintf(folder, sizeof(folder), "/tmp/weir-test-io-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

static void
remove_folder(void)
{
	/* What the tests leave there, deepest first. */
	static const char *const left[] = {
		"file", "fifo", "a/b/c", "a/b", "a",
	};

	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		remove(left[i]);
	ck_assert_int_eq(fchdir(home), 0);
	close(home);
	ck_assert_int_eq(rmdir(folder), 0);
}

static void
connect_pair(void)
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
				    pair),
			 0);
}

static void
close_pair(void)
{
	close(pair[0]);
	close(pair[1]);
}

/* The exit status of a child of this test; -1 if it was killed. */
static int
wait_for(pid_t child)
{
	int status;

	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static unsigned
count_open_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	ck_assert_ptr_nonnull(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void
put_file(const char *text, size_t len)
{
	int fd = open("file", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(io_write_all(fd, text, len, "file", NULL), WEIR_OK);
	close(fd);
}

START_TEST(written_file_reads_back)
{
	char *text = NULL;
	size_t len = 0;

	put_file("one\0two\n", 8);
	ck_assert_int_eq(io_read_file("file", 8, &text, &len, NULL), WEIR_OK);
	ck_assert_uint_eq(len, 8);
	ck_assert_int_eq(memcmp(text, "one\0two\n", 9), 0);
	free(text);
}
END_TEST

START_TEST(empty_file_reads_as_empty)
{
	char *text = NULL;
	size_t len = 99;

	put_file("", 0);
	ck_assert_int_eq(io_read_file("file", 0, &text, &len, NULL), WEIR_OK);
	ck_assert_uint_eq(len, 0);
	ck_assert_str_eq(text, "");
	free(text);
}
END_TEST

START_TEST(file_that_hides_its_size_is_read)
{
	char *text = NULL;
	size_t len = 0;

	ck_assert_int_eq(io_read_file("/proc/self/status", 1 << 20, &text, &len,
				      NULL),
			 WEIR_OK);
	ck_assert_uint_gt(len, 100);
	ck_assert_uint_eq(strlen(text), len);
	free(text);
}
END_TEST

static const struct {
	const char *path;
	const char *says;
} unreadable[] = {
	{ "missing", "missing: cannot be read: No such file or directory" },
	{ "/", "/: is a directory, not a file" },
	{ "fifo", "fifo: is not a regular file" },
	{ "/dev/null", "/dev/null: is not a regular file" },
	{ "file", "file: is larger than 4 bytes" },
	{ "/proc/self/status", "/proc/self/status: is larger than 4 bytes" },
};

START_TEST(unreadable_file_is_refused)
{
	struct weir_error err = { 0 };
	unsigned before;
	char *text = NULL;
	size_t len = 99;

	put_file("12345", 5);
	remove("fifo");
	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	before = count_open_fds();
	ck_assert_int_eq(io_read_file(unreadable[_i].path, 4, &text, &len,
				      &err),
			 WEIR_EINVALID);
	ck_assert_ptr_eq(strstr(err.text, unreadable[_i].says), err.text);
	ck_assert_ptr_null(text);
	ck_assert_uint_eq(len, 99);
	ck_assert_uint_eq(count_open_fds(), before);
}
END_TEST

START_TEST(small_file_loses_its_newline)
{
	char buf[16];

	put_file("4096\n", 5);
	ck_assert_int_eq(io_read_small("file", buf, sizeof(buf)), 4);
	ck_assert_str_eq(buf, "4096");
	ck_assert_int_eq(io_read_small("file", buf, 3), 2);
	ck_assert_str_eq(buf, "40");
}
END_TEST

START_TEST(small_file_that_is_missing_is_empty)
{
	char buf[4] = "old";

	ck_assert_int_eq(io_read_small("missing", buf, sizeof(buf)), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_str_eq(buf, "");
	ck_assert_int_eq(io_read_small(".", buf, sizeof(buf)), -1);
	ck_assert_str_eq(buf, "");
}
END_TEST

START_TEST(full_disk_is_an_error)
{
	struct weir_error err = { 0 };
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(io_write_all(fd, "x", 1, "results file r", &err),
			 WEIR_ESYSTEM);
	ck_assert_str_eq(err.text, "cannot write results file r: "
				   "No space left on device");
	close(fd);
}
END_TEST

START_TEST(write_to_a_dead_socket_raises_no_signal)
{
	struct weir_error err = { 0 };

	signal(SIGPIPE, SIG_DFL);
	close(pair[1]);
	ck_assert_int_eq(io_write_all(pair[0], "x", 1, "it", &err),
			 WEIR_ESYSTEM);
	ck_assert_str_eq(err.text, "cannot write it: Broken pipe");
}
END_TEST

START_TEST(write_waits_for_a_full_pipe)
{
	static char data[1 << 20];
	static char back[1 << 20];
	size_t got = 0;
	int ends[2];
	pid_t child;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7);
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_eq(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	child = fork();
	if (child == 0) {
		close(ends[0]);
		_exit(io_write_all(ends[1], data, sizeof(data), "pipe", NULL));
	}
	close(ends[1]);
	while (got < sizeof(back)) {
		ssize_t n = read(ends[0], back + got, sizeof(back) - got);

		ck_assert_int_gt(n, 0);
		got += (size_t)n;
	}
	ck_assert_int_eq(memcmp(data, back, sizeof(data)), 0);
	close(ends[0]);
	ck_assert_int_eq(wait_for(child), WEIR_OK);
}
END_TEST

START_TEST(directories_are_made_with_parents)
{
	struct stat st;

	ck_assert_int_eq(io_make_directories("a//b/c/", NULL), WEIR_OK);
	ck_assert_int_eq(stat("a/b/c", &st), 0);
	ck_assert(S_ISDIR(st.st_mode));
	ck_assert_int_eq(io_make_directories("a/b/c", NULL), WEIR_OK);
	ck_assert_int_eq(io_make_directories("/", NULL), WEIR_OK);
	ck_assert_int_eq(io_make_directories(".", NULL), WEIR_OK);
	ck_assert_int_eq(io_make_directories(folder, NULL), WEIR_OK);
}
END_TEST

START_TEST(directory_under_a_file_is_refused)
{
	struct weir_error err = { 0 };

	put_file("x", 1);
	ck_assert_int_eq(io_make_directories("file", &err), WEIR_ESYSTEM);
	ck_assert_str_eq(err.text, "cannot make the directory file: "
				   "Not a directory");
	ck_assert_int_eq(io_make_directories("file/d", &err), WEIR_ESYSTEM);
	ck_assert_int_eq(io_make_directories("", &err), WEIR_EINVALID);
}
END_TEST

/* Sends n descriptors of /dev/null with 3 bytes over the pair. */
static void
send_fds(unsigned n)
{
	int fds[N_FDS_MAX];

	for (unsigned i = 0; i < n; i++) {
		fds[i] = open("/dev/null", O_RDONLY);
		ck_assert_int_ge(fds[i], 0);
	}
	ck_assert_int_eq(io_send_fds(pair[0], "abc", 3, fds, n,
				     clock_deadline_ns(NS_PER_S), NULL),
			 WEIR_OK);
	for (unsigned i = 0; i < n; i++)
		close(fds[i]);
}

START_TEST(descriptors_arrive_behind_earlier_ones)
{
	int fds[N_FDS_MAX] = { 100, 101 };
	unsigned n_fds = 2;
	char buf[8];
	size_t len = 0;

	send_fds(14);
	ck_assert_int_eq(io_receive_fds(pair[1], buf, sizeof(buf), &len, fds,
					16, &n_fds, NULL),
			 WEIR_OK);
	ck_assert_uint_eq(len, 3);
	ck_assert_int_eq(memcmp(buf, "abc", 3), 0);
	ck_assert_uint_eq(n_fds, 16);
	ck_assert_int_eq(fds[1], 101);
	for (unsigned i = 2; i < n_fds; i++) {
		ck_assert_int_eq(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
		close(fds[i]);
	}
}
END_TEST

START_TEST(bytes_alone_arrive)
{
	unsigned n_fds = 0;
	char buf[2];
	size_t len = 0;

	send_fds(0);
	ck_assert_int_eq(io_receive_fds(pair[1], buf, 2, &len, NULL, 0, &n_fds,
					NULL),
			 WEIR_OK);
	ck_assert_uint_eq(len, 2);
	ck_assert_int_eq(io_receive_fds(pair[1], buf, 2, &len, NULL, 0, &n_fds,
					NULL),
			 WEIR_OK);
	ck_assert_uint_eq(len, 1);
	ck_assert_int_eq(buf[0], 'c');
	ck_assert_uint_eq(n_fds, 0);
}
END_TEST

START_TEST(too_many_descriptors_are_closed)
{
	struct weir_error err = { 0 };
	unsigned before = count_open_fds();
	int fds[4] = { -1, -1, -1, -1 };
	unsigned n_fds = 1;
	char buf[8];
	size_t len = 99;

	send_fds(4);
	ck_assert_int_eq(io_receive_fds(pair[1], buf, sizeof(buf), &len, fds, 4,
					&n_fds, &err),
			 WEIR_EPROTOCOL);
	ck_assert_ptr_nonnull(
		strstr(err.text, "4 descriptors where 3 are allowed"));
	ck_assert_uint_eq(n_fds, 1);
	ck_assert_uint_eq(len, 99);
	ck_assert_uint_eq(count_open_fds(), before);
}
END_TEST

START_TEST(descriptors_that_the_limit_cuts_off_are_closed)
{
	struct weir_error err = { 0 };
	struct rlimit limit;
	struct rlimit low;
	int fds[4] = { -1, -1, -1, -1 };
	unsigned before;
	unsigned n_fds = 0;
	char buf[8];
	size_t len = 0;
	int lowest;

	send_fds(4);
	before = count_open_fds();
	lowest = dup(0);
	close(lowest);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	low = limit;
	low.rlim_cur = (rlim_t)lowest + 2;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &low), 0);
	ck_assert_int_eq(io_receive_fds(pair[1], buf, sizeof(buf), &len, fds, 4,
					&n_fds, &err),
			 WEIR_EPROTOCOL);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "limit of open files"));
	ck_assert_uint_eq(n_fds, 0);
	ck_assert_uint_eq(count_open_fds(), before);
}
END_TEST

START_TEST(nothing_there_is_eagain)
{
	unsigned n_fds = 0;
	size_t len = 99;
	char buf[8];

	ck_assert_int_eq(io_receive_fds(pair[1], buf, sizeof(buf), &len, NULL,
					0, &n_fds, NULL),
			 WEIR_EAGAIN);
	ck_assert_uint_eq(len, 99);
}
END_TEST

START_TEST(end_of_stream_is_length_0)
{
	unsigned n_fds = 0;
	size_t len = 99;
	char buf[8];

	shutdown(pair[0], SHUT_WR);
	ck_assert_int_eq(io_receive_fds(pair[1], buf, sizeof(buf), &len, NULL,
					0, &n_fds, NULL),
			 WEIR_OK);
	ck_assert_uint_eq(len, 0);
}
END_TEST

START_TEST(closed_other_side_is_epeer)
{
	struct weir_error err = { 0 };
	unsigned n_fds = 0;
	char buf[8];
	size_t len;

	signal(SIGPIPE, SIG_DFL);
	/* What it has not read when it closes makes a reset of its end. */
	send_fds(0);
	close(pair[1]);
	ck_assert_int_eq(io_send_fds(pair[0], "x", 1, NULL, 0, CLOCK_NEVER,
				     &err),
			 WEIR_EPEER);
	ck_assert_ptr_nonnull(strstr(err.text, "closed"));
	ck_assert_int_eq(io_receive_fds(pair[0], buf, sizeof(buf), &len, NULL,
					0, &n_fds, NULL),
			 WEIR_EPEER);
}
END_TEST

START_TEST(send_to_a_full_socket_ends_at_the_deadline)
{
	static const char data[1 << 20];
	uint64_t deadline = clock_deadline_ns(20 * NS_PER_MS);

	ck_assert_int_eq(io_send_fds(pair[0], data, sizeof(data), NULL, 0,
				     deadline, NULL),
			 WEIR_ETIMEOUT);
	ck_assert_uint_ge(clock_now_ns(), deadline);
}
END_TEST

START_TEST(long_message_passes_with_its_descriptor_once)
{
	static char data[1 << 20];
	unsigned n_fds = 0;
	size_t total = 0;
	int fds[4];
	pid_t child = fork();

	if (child == 0) {
		close(pair[1]);
		_exit(io_send_fds(pair[0], data, sizeof(data), pair, 1,
				  clock_deadline_ns(10 * NS_PER_S), NULL));
	}
	while (total < sizeof(data)) {
		size_t len = 0;
		int status = io_receive_fds(pair[1], data, sizeof(data), &len,
					    fds, 4, &n_fds, NULL);

		if (status == WEIR_EAGAIN)
			continue;
		ck_assert_int_eq(status, WEIR_OK);
		total += len;
	}
	ck_assert_uint_eq(n_fds, 1);
	close(fds[0]);
	ck_assert_int_eq(wait_for(child), WEIR_OK);
}
END_TEST

START_TEST(unusable_arguments_are_refused)
{
	struct weir_error err = { 0 };
	int fds[2] = { 0, -1 };
	unsigned n_fds = 0;
	size_t len;

	ck_assert_int_eq(io_send_fds(pair[0], "", 0, fds, 1, 0, &err),
			 WEIR_EINVALID);
	ck_assert_int_eq(io_send_fds(pair[0], "x", 1, fds, IO_FDS_MAX + 1, 0,
				     &err),
			 WEIR_EINVALID);
	ck_assert_int_eq(io_send_fds(pair[0], "x", 1, fds, 2, 0, &err),
			 WEIR_ESYSTEM);
	ck_assert_int_eq(io_receive_fds(pair[1], NULL, 0, &len, fds, 2, &n_fds,
					&err),
			 WEIR_EINVALID);
	ck_assert_int_eq(io_send_fds(pair[0], "", 0, NULL, 0, 0, &err),
			 WEIR_OK);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base/io");
	TCase *c = tcase_create("io");

	tcase_add_unchecked_fixture(c, make_folder, remove_folder);
	tcase_add_checked_fixture(c, connect_pair, close_pair);
	tcase_add_test(c, written_file_reads_back);
	tcase_add_test(c, empty_file_reads_as_empty);
	tcase_add_test(c, file_that_hides_its_size_is_read);
	tcase_add_loop_test(c, unreadable_file_is_refused, 0,
			    sizeof(unreadable) / sizeof(unreadable[0]));
	tcase_add_test(c, small_file_loses_its_newline);
	tcase_add_test(c, small_file_that_is_missing_is_empty);
	tcase_add_test(c, full_disk_is_an_error);
	tcase_add_test(c, write_to_a_dead_socket_raises_no_signal);
	tcase_add_test(c, write_waits_for_a_full_pipe);
	tcase_add_test(c, directories_are_made_with_parents);
	tcase_add_test(c, directory_under_a_file_is_refused);
	tcase_add_test(c, descriptors_arrive_behind_earlier_ones);
	tcase_add_test(c, bytes_alone_arrive);
	tcase_add_test(c, too_many_descriptors_are_closed);
	tcase_add_test(c, descriptors_that_the_limit_cuts_off_are_closed);
	tcase_add_test(c, nothing_there_is_eagain);
	tcase_add_test(c, end_of_stream_is_length_0);
	tcase_add_test(c, closed_other_side_is_epeer);
	tcase_add_test(c, send_to_a_full_socket_ends_at_the_deadline);
	tcase_add_test(c, long_message_passes_with_its_descriptor_once);
	tcase_add_test(c, unusable_arguments_are_refused);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
