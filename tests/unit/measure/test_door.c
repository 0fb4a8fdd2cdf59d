/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/door.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static uint32_t cancel;
static struct weir_error fault;
static struct door host, client;

static void
set_up(void)
{
	int fds[2];

	ck_assert_int_eq(door_make(fds, &fault), WEIR_OK);
	host = (struct door){ fds[0], &cancel, &fault };
	client = (struct door){ fds[1], &cancel, &fault };
	cancel = 0;
}

static void
tear_down(void)
{
	close(host.fd);
	close(client.fd);
}

static uint32_t
n_open(void)
{
	uint32_t n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void
make_offer(struct weir_offer *offer, uint32_t n_fds)
{
	memset(offer, 0, sizeof(*offer));
	memset(offer->fds, -1, sizeof(offer->fds));
	memcpy(offer->address, "here", 5);
	for (uint32_t i = 0; i < n_fds; i++)
		offer->fds[i] = host.fd;
	offer->n_fds = n_fds;
}

START_TEST(an_offer_passes_with_all_its_descriptors)
{
	struct weir_offer sent, got;
	enum door_kind kind;
	uint64_t value;

	make_offer(&sent, (uint32_t)_i);
	ck_assert_int_eq(door_send(&host, DOOR_OFFER, 7, &sent), WEIR_OK);
	ck_assert_int_eq(door_receive(&client, &kind, &value, &got), WEIR_OK);
	ck_assert_int_eq(kind, DOOR_OFFER);
	ck_assert_uint_eq(value, 7);
	ck_assert_uint_eq(got.n_fds, (uint32_t)_i);
	ck_assert_str_eq(got.address, "here");
	for (int i = 0; i < WEIR_OFFER_FDS_MAX; i++) {
		ck_assert(i < _i ? got.fds[i] > 0 : got.fds[i] == -1);
		if (i < _i)
			ck_assert_int_eq(fcntl(got.fds[i], F_GETFD),
					 FD_CLOEXEC);
		if (i < _i)
			close(got.fds[i]);
	}
}
END_TEST

START_TEST(a_value_passes)
{
	uint64_t value;

	ck_assert_int_eq(door_send(&client, DOOR_END, 1ull << 60, NULL),
			 WEIR_OK);
	ck_assert_int_eq(door_expect(&host, DOOR_END, &value), WEIR_OK);
	ck_assert_uint_eq(value, 1ull << 60);
	ck_assert_int_eq(door_send(&client, DOOR_END, 0, NULL), WEIR_OK);
	ck_assert_int_eq(door_expect(&host, DOOR_JOINED, &value),
			 WEIR_EPROTOCOL);
}
END_TEST

/* Nothing that comes from a liar leaves a descriptor open. */
START_TEST(a_lie_is_refused)
{
	struct weir_offer sent, got;
	unsigned char bytes[512];
	uint32_t before = n_open();
	enum door_kind kind;
	uint64_t value;

	for (size_t len = 1; len <= sizeof(bytes); len++) {
		memset(bytes, 0x11, sizeof(bytes));
		ck_assert(send(host.fd, bytes, len, 0) == (ssize_t)len);
		ck_assert_int_eq(door_receive(&client, &kind, &value, &got),
				 WEIR_EPROTOCOL);
	}
	/* An offer, or descriptors, where none may be. */
	make_offer(&sent, 3);
	ck_assert_int_eq(door_send(&client, DOOR_OFFER, 0, &sent), WEIR_OK);
	ck_assert_int_eq(door_expect(&host, DOOR_JOINED, &value),
			 WEIR_EPROTOCOL);
	make_offer(&sent, 0);
	ck_assert_int_eq(door_send(&client, DOOR_OFFER, 0, &sent), WEIR_OK);
	ck_assert_int_eq(door_expect(&host, DOOR_JOINED, &value),
			 WEIR_EPROTOCOL);
	/* An address without an end. */
	memset(sent.address, 'x', sizeof(sent.address));
	ck_assert_int_eq(door_send(&host, DOOR_OFFER, 0, &sent), WEIR_OK);
	ck_assert_int_eq(door_receive(&client, &kind, &value, &got),
			 WEIR_EPROTOCOL);
	ck_assert_uint_eq(n_open(), before);
}
END_TEST

START_TEST(who_has_gone_is_missed)
{
	uint64_t value;

	close(client.fd);
	ck_assert_int_eq(door_expect(&host, DOOR_JOINED, &value), WEIR_EPEER);
	ck_assert_int_eq(door_send(&host, DOOR_CLOSE, 0, NULL), WEIR_EPEER);
	client.fd = dup(host.fd);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("measure/door");
	TCase *c = tcase_create("door");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_loop_test(c, an_offer_passes_with_all_its_descriptors, 0,
			    WEIR_OFFER_FDS_MAX + 1);
	tcase_add_test(c, a_value_passes);
	tcase_add_test(c, a_lie_is_refused);
	tcase_add_test(c, who_has_gone_is_missed);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
