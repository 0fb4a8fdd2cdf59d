/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/pipe/pages.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define MAX 20000u /* bytes of the longest message */
#define MESSAGES 2000u

static int fds[2];
static struct pages pages;

static size_t
length_of(unsigned i)
{
	static const size_t lens[] = { 1, MAX, 4096, 4097, 700, 8192, 12289 };

	return lens[i % (sizeof(lens) / sizeof(*lens))];
}

static void
fill(unsigned char *buf, unsigned i)
{
	memset(buf, (int)(i % 251), length_of(i));
}

static void
reads(unsigned i)
{
	static unsigned char got[MAX], want[MAX];
	size_t len = length_of(i), have = 0;

	fill(want, i);
	while (have < len) {
		ssize_t n = read(fds[0], got + have, len - have);

		ck_assert_msg(n > 0, "message %u ends early", i);
		have += (size_t)n;
	}
	ck_assert_msg(memcmp(got, want, len) == 0,
		      "message %u was written over before it was read", i);
}

/* The reader is as late as it can be: it reads where the pipe has no room. */
static void
runs_full(int pipe_bytes)
{
	static unsigned char message[MAX];
	unsigned n_read = 0;

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_ge(fcntl(fds[1], F_SETPIPE_SZ, pipe_bytes), pipe_bytes);
	ck_assert_int_eq(pages_init(&pages, fds[1], MAX, NULL), WEIR_OK);
	for (unsigned i = 0; i < MESSAGES; i++) {
		size_t len = length_of(i), done = 0;
		const unsigned char *at;

		fill(message, i);
		at = pages_put(&pages, message, len);
		while (done < len) {
			struct iovec iov = {
				.iov_base = (void *)(uintptr_t)(at + done),
				.iov_len = len - done,
			};
			ssize_t n = vmsplice(fds[1], &iov, 1,
					     SPLICE_F_NONBLOCK);

			if (n > 0) {
				done += (size_t)n;
				continue;
			}
			ck_assert_int_eq(errno, EAGAIN);
			if (n_read < i) {
				reads(n_read++);
				continue;
			}
			/* Nothing before it is left: it is longer than the
			 * pipe. */
			ck_assert_int_eq(read(fds[0], message, 4096), 4096);
			ck_assert_uint_eq(message[0], i % 251);
			ck_assert_uint_eq(message[4095], i % 251);
			len -= 4096;
			at += 4096;
			done -= 4096;
		}
		pages_sent(&pages, length_of(i));
		if (len < length_of(i)) {
			ck_assert_int_eq(read(fds[0], message, MAX), len);
			n_read++;
		}
	}
	pages_fini(&pages);
	while (n_read < MESSAGES)
		reads(n_read++);
	close(fds[0]);
	close(fds[1]);
}

START_TEST(what_is_in_the_pipe_is_left_alone)
{
	runs_full(32 * 4096);
}
END_TEST

START_TEST(likewise_in_a_pipe_shorter_than_a_message)
{
	runs_full(4096);
}
END_TEST

/* What can't be sent yet is written to the same place again. */
START_TEST(a_place_is_kept_until_it_is_sent)
{
	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(pages_init(&pages, fds[1], MAX, NULL), WEIR_OK);
	ck_assert_ptr_eq(pages_put(&pages, "a", 1),
			 pages_put(&pages, "b", 1));
	pages_sent(&pages, 1);
	ck_assert_ptr_eq(pages_put(&pages, "c", 1),
			 pages.memory + pages.page_bytes);
	pages_fini(&pages);
	pages_fini(&pages);
	close(fds[0]);
	close(fds[1]);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("pages");
	TCase *c = tcase_create("pages");

	tcase_add_test(c, what_is_in_the_pipe_is_left_alone);
	tcase_add_test(c, likewise_in_a_pipe_shorter_than_a_message);
	tcase_add_test(c, a_place_is_kept_until_it_is_sent);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
