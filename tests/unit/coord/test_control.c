/* SPDX-License-Identifier: Apache-2.0 */
#include "core/coord/control.h"

#include <endian.h>

#include "tests/unit/coord/peer.h"

static int sockets[2];
static struct control *control;
static struct message message;
static int fds[MESSAGE_FDS_MAX];
static struct weir_error err;

/* One end is a control channel, the other a bare socket. */
static void
open_pair_for(uint64_t silence_ns)
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	ck_assert_int_eq(control_open(sockets[0], "the peer", silence_ns,
				      &control, &err), WEIR_OK);
}

static void
open_pair(void)
{
	open_pair_for(60 * NS_PER_S);
}

static void
close_pair(void)
{
	control_close(control);
	close(sockets[1]);
}

static void
put(const void *bytes, size_t len)
{
	ck_assert_int_eq(write(sockets[1], bytes, len), (ssize_t)len);
}

static void
put_frame(const char *text)
{
	uint32_t header = htole32((uint32_t)strlen(text));

	put(&header, sizeof(header));
	put(text, strlen(text));
}

/* The next outcome that is not "nothing yet". */
static int
receive(void)
{
	int status;

	while ((status = control_receive(control, &message, fds, &err)) ==
	       WEIR_EAGAIN) {
		struct pollfd p = { sockets[0], POLLIN, 0 };

		poll(&p, 1, clock_poll_timeout_ms(
				    control_silence_deadline_ns(control)));
	}
	return status;
}

START_TEST(a_message_in_pieces_arrives)
{
	const char *text = "{\"type\":\"go\",\"phase\":\"2\"}";
	uint32_t header = htole32((uint32_t)strlen(text));

	open_pair();
	for (size_t i = 0; i < sizeof(header); i++) {
		put((char *)&header + i, 1);
		ck_assert_int_eq(control_receive(control, &message, fds,
						 &err), WEIR_EAGAIN);
	}
	for (size_t i = 0; i + 1 < strlen(text); i++) {
		put(text + i, 1);
		ck_assert_int_eq(control_receive(control, &message, fds,
						 &err), WEIR_EAGAIN);
	}
	put(text + strlen(text) - 1, 1);
	ck_assert_int_eq(receive(), WEIR_OK);
	ck_assert_int_eq(message.type, MESSAGE_GO);
	ck_assert_uint_eq(message.phase, 2);
	close_pair();
}
END_TEST

START_TEST(messages_in_one_piece_come_one_by_one)
{
	open_pair();
	put_frame("{\"type\":\"beat\"}");
	put_frame("{\"type\":\"joined\",\"channel\":\"4\"}");
	put_frame("{\"type\":\"bye\"}");
	ck_assert_int_eq(receive(), WEIR_OK);
	ck_assert_int_eq(message.type, MESSAGE_JOINED);
	ck_assert_int_eq(receive(), WEIR_OK);
	ck_assert_int_eq(message.type, MESSAGE_BYE);
	close_pair();
}
END_TEST

START_TEST(a_long_frame_is_refused_before_memory_is_taken)
{
	uint32_t header = htole32(MESSAGE_BYTES_MAX + 1);

	open_pair();
	put(&header, sizeof(header));
	ck_assert_int_eq(receive(), WEIR_EPROTOCOL);
	ck_assert_ptr_nonnull(strstr(err.text, "the peer announced"));
	close_pair();
}
END_TEST

START_TEST(garbage_is_named)
{
	open_pair();
	put_frame("hello there");
	ck_assert_int_eq(receive(), WEIR_EPROTOCOL);
	ck_assert_ptr_nonnull(strstr(err.text, "the peer: a control message "
					       "of 11 bytes is refused"));
	close_pair();
}
END_TEST

START_TEST(an_end_is_noticed)
{
	open_pair();
	shutdown(sockets[1], SHUT_WR);
	ck_assert_int_eq(receive(), WEIR_EPEER);
	ck_assert_ptr_nonnull(strstr(err.text, "the peer has closed"));
	close_pair();
}
END_TEST

START_TEST(silence_is_noticed)
{
	uint64_t begun_ns;

	open_pair_for(NS_PER_S);
	begun_ns = clock_now_ns();
	ck_assert_int_eq(receive(), WEIR_ETIMEOUT);
	ck_assert_uint_lt(clock_now_ns() - begun_ns, 5 * NS_PER_S);
	ck_assert_ptr_nonnull(strstr(err.text, "the peer has been silent"));
	close_pair();
}
END_TEST

/* Both ends beat: nothing but beats for longer than the silence timeout, which
 * is several beats long, for one may come late. */
START_TEST(beats_keep_it_alive)
{
	struct control *other;
	uint64_t until_ns;

	open_pair_for(3 * NS_PER_S);
	ck_assert_int_eq(control_open(dup(sockets[1]), "b", NS_PER_S, &other,
				      &err), WEIR_OK);
	until_ns = clock_deadline_ns(4 * NS_PER_S);
	while (clock_now_ns() < until_ns) {
		struct pollfd p = { sockets[0], POLLIN, 0 };

		ck_assert_int_eq(control_receive(control, &message, fds,
						 &err), WEIR_EAGAIN);
		poll(&p, 1, clock_poll_timeout_ms(until_ns));
	}
	control_close(other);
	close_pair();
}
END_TEST

START_TEST(descriptors_travel_with_an_offer)
{
	struct control *other;
	struct message offer = { .type = MESSAGE_OFFER };
	int ends[2], before = count_fds();
	char byte = 'x';

	open_pair();
	ck_assert_int_eq(control_open(dup(sockets[1]), "b", NS_PER_S, &other,
				      &err), WEIR_OK);
	ck_assert_int_eq(pipe(ends), 0);
	offer.offer.n_fds = 1;
	ck_assert_int_eq(control_send(other, &offer, &ends[1], 1, &err),
			 WEIR_OK);
	close(ends[1]);
	ck_assert_int_eq(receive(), WEIR_OK);
	ck_assert_int_eq(message.type, MESSAGE_OFFER);
	ck_assert_int_eq(write(fds[0], &byte, 1), 1);
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	close(fds[0]);
	close(ends[0]);
	control_close(other);
	close_pair();
	ck_assert_int_eq(count_fds(), before);
}
END_TEST

START_TEST(an_offer_without_its_descriptors_is_refused)
{
	open_pair();
	put_frame("{\"type\":\"offer\",\"channel\":\"0\",\"n_fds\":\"2\","
		  "\"address\":\"\"}");
	ck_assert_int_eq(receive(), WEIR_EPROTOCOL);
	ck_assert_ptr_nonnull(strstr(err.text, "announced 2 descriptors"));
	close_pair();
}
END_TEST

START_TEST(unclaimed_descriptors_are_closed)
{
	const struct message beat = { .type = MESSAGE_BEAT };
	struct control *other;
	int before = count_fds(), null;

	open_pair();
	ck_assert_int_eq(control_open(dup(sockets[1]), "b", NS_PER_S, &other,
				      &err), WEIR_OK);
	null = dup(STDIN_FILENO);
	ck_assert_int_eq(control_send(other, &beat, &null, 1, &err), WEIR_OK);
	close(null);
	put_frame("{\"type\":\"bye\"}");
	ck_assert_int_eq(receive(), WEIR_OK);
	control_close(other);
	close_pair();
	ck_assert_int_eq(count_fds(), before);
}
END_TEST

START_TEST(sending_to_nobody_is_named)
{
	const struct message bye = { .type = MESSAGE_BYE };

	open_pair();
	shutdown(sockets[1], SHUT_RDWR);
	ck_assert_int_eq(control_send(control, &bye, NULL, 0, &err),
			 WEIR_EPEER);
	ck_assert_ptr_nonnull(strstr(err.text, "the peer is gone"));
	close_pair();
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("coord/control");
	TCase *c = tcase_create("control");

	tcase_add_test(c, a_message_in_pieces_arrives);
	tcase_add_test(c, messages_in_one_piece_come_one_by_one);
	tcase_add_test(c, a_long_frame_is_refused_before_memory_is_taken);
	tcase_add_test(c, garbage_is_named);
	tcase_add_test(c, an_end_is_noticed);
	tcase_add_test(c, silence_is_noticed);
	tcase_add_test(c, beats_keep_it_alive);
	tcase_add_test(c, descriptors_travel_with_an_offer);
	tcase_add_test(c, an_offer_without_its_descriptors_is_refused);
	tcase_add_test(c, unclaimed_descriptors_are_closed);
	tcase_add_test(c, sending_to_nobody_is_named);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
