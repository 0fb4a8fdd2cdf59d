/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/tcp/door.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define PATIENCE_NS (UINT64_C(20) * 1000000000)

static unsigned n_warnings;
static uint32_t cancel;
static struct door door;

WEIR_PRINTF(2, 3) static void
count_log(int level, const char *fmt, ...)
{
	(void)fmt;
	n_warnings += level == WEIR_LOG_WARN;
}

static uint64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static const struct weir_services services = {
	.log = count_log, .now_ns = now_ns,
};

static const struct weir_setup setup = {
	.services = &services, .cancel = &cancel,
};

static void
open_door(void)
{
	struct weir_error err = { .status = WEIR_OK };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			0);

	n_warnings = 0;
	ck_assert_msg(door_open(&door, &setup, fd, &err) == WEIR_OK, "%s",
		      err.text);
	ck_assert_uint_ne(door.address.port, 0);
}

/* Somebody who connects and says that much. */
static int
knock(const void *words, size_t n)
{
	const struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(door.address.port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(connect(fd, (const struct sockaddr *)&to,
				 sizeof(to)), 0);
	ck_assert_int_eq(send(fd, words, n, MSG_NOSIGNAL), (ssize_t)n);
	return fd;
}

/* Whom the door lets in is at the other end of fd. */
static void
expect_admitted(int fd)
{
	struct weir_error err = { .status = WEIR_OK };
	int admitted = -1;
	char word = 0;

	ck_assert_msg(door_await(&door, now_ns() + PATIENCE_NS, &admitted,
				 &err) == WEIR_OK, "%s", err.text);
	ck_assert_int_eq(send(fd, "x", 1, MSG_NOSIGNAL), 1);
	ck_assert_int_eq(recv(admitted, &word, 1, 0), 1);
	ck_assert_int_eq(word, 'x');
	close(admitted);
	close(fd);
}

START_TEST(the_token_opens)
{
	open_door();
	expect_admitted(knock(door.address.token, ADDRESS_TOKEN_BYTES));
	ck_assert_int_eq(door.listen_fd, -1);
	ck_assert_uint_eq(n_warnings, 0);
}
END_TEST

START_TEST(strangers_keep_nobody_waiting)
{
	static const char wrong[ADDRESS_TOKEN_BYTES] = "let me in!";
	int strangers[4];

	open_door();
	strangers[0] = knock("", 0);
	strangers[1] = knock(wrong, sizeof(wrong));
	strangers[2] = knock(door.address.token, ADDRESS_TOKEN_BYTES - 1);
	strangers[3] = knock("GET / HTTP/1.0\r\n\r\n", 18);
	expect_admitted(knock(door.address.token, ADDRESS_TOKEN_BYTES));
	ck_assert_uint_eq(n_warnings, 2);
	for (unsigned i = 0; i < 4; i++)
		close(strangers[i]);
}
END_TEST

START_TEST(silent_callers_give_way)
{
	int strangers[DOOR_CALLERS + 4];

	open_door();
	for (unsigned i = 0; i < DOOR_CALLERS + 4; i++)
		strangers[i] = knock("", 0);
	expect_admitted(knock(door.address.token, ADDRESS_TOKEN_BYTES));
	for (unsigned i = 0; i < DOOR_CALLERS + 4; i++)
		close(strangers[i]);
}
END_TEST

START_TEST(a_token_in_two_parts)
{
	int fd;

	open_door();
	fd = knock(door.address.token, 5);
	ck_assert_int_eq(send(fd, door.address.token + 5,
			      ADDRESS_TOKEN_BYTES - 5, MSG_NOSIGNAL),
			 ADDRESS_TOKEN_BYTES - 5);
	expect_admitted(fd);
}
END_TEST

START_TEST(nobody_comes)
{
	int admitted = -1;

	open_door();
	ck_assert_int_eq(door_await(&door, now_ns(), &admitted, NULL),
			 WEIR_ETIMEOUT);
	cancel = 1;
	ck_assert_int_eq(door_await(&door, now_ns() + PATIENCE_NS, &admitted,
				    NULL), WEIR_ECANCELED);
	cancel = 0;
	ck_assert_int_eq(admitted, -1);
	door_close(&door);
	door_close(&door);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("tcp door");
	TCase *tc = tcase_create("door");

	tcase_add_test(tc, the_token_opens);
	tcase_add_test(tc, strangers_keep_nobody_waiting);
	tcase_add_test(tc, silent_callers_give_way);
	tcase_add_test(tc, a_token_in_two_parts);
	tcase_add_test(tc, nobody_comes);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite)
