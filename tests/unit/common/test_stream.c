/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/common/stream.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugins/common/direct.h"
#include "plugins/common/socket.h"
#include "tests/unit/unit.h"

#define MAX 64u
#define ROOM (4 * MAX)

static uint32_t cancel;
static struct weir_error fault;
static struct weir_setup setup = { .cancel = &cancel, .fault = &fault };
static struct stream a, b;
static int fds[2];

static void
open_streams(uint64_t max_bytes)
{
	setup.max_message_bytes = max_bytes;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	for (int i = 0; i < 2; i++) {
		const struct stream_setup how = {
			.tx_fd = fds[i],
			.rx_fd = fds[i],
			.tx_call = socket_stream_send,
			.rx_call = socket_stream_recv,
			.wait = WAIT_BLOCK,
		};

		ck_assert_int_eq(stream_init(i ? &b : &a, &setup, &how, NULL),
				 WEIR_OK);
	}
}

static void
close_streams(void)
{
	stream_fini(&a);
	stream_fini(&b);
	close(fds[0]);
	close(fds[1]);
}

static void
fill(unsigned char *buf, size_t len, unsigned seed)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = (unsigned char)(seed * 31 + i);
}

static void
mark(unsigned char *buf)
{
	const uint64_t le = htole64(STREAM_MARK);

	memcpy(buf, &le, sizeof(le));
}

/* By turns as a transport does that waits, and in general. */
static unsigned turn;

static void
sends(size_t len, const unsigned char *buf)
{
	int rc = turn++ % 2 ? stream_send(&a, buf, len, 0) :
			      direct_stream_send(&a, buf, len,
						 socket_stream_send);

	ck_assert_int_eq(rc, WEIR_OK);
}

static void
receives(size_t len, const unsigned char *want, size_t cap)
{
	unsigned char buf[ROOM];
	size_t got = 0;
	int rc = turn++ % 2 ? stream_recv(&b, buf, cap, &got, 0) :
			      direct_stream_recv(&b, buf, cap, &got,
						 socket_stream_recv);

	ck_assert_msg(rc == WEIR_OK, "%s", fault.text);
	ck_assert_uint_eq(got, len);
	ck_assert_mem_eq(buf, want, len);
}

/* What is in the stream, as bytes. */
static size_t
taps(unsigned char *buf)
{
	ssize_t n = recv(fds[1], buf, ROOM, MSG_DONTWAIT);

	return n > 0 ? (size_t)n : 0;
}

START_TEST(agreed_length_travels_as_it_is)
{
	unsigned char out[MAX], in[ROOM];

	open_streams(MAX);
	fill(out, MAX, 1);
	sends(MAX, out);
	ck_assert_uint_eq(taps(in), MAX);
	ck_assert_mem_eq(in, out, MAX);
	close_streams();
}
END_TEST

START_TEST(others_have_a_header)
{
	unsigned char out[MAX], in[ROOM];

	open_streams(MAX);
	fill(out, MAX, 1);
	sends(MAX - 1, out);
	ck_assert_uint_eq(taps(in), STREAM_HEADER_BYTES + MAX - 1);
	mark(out);
	sends(MAX, out);
	ck_assert_uint_eq(taps(in), STREAM_HEADER_BYTES + MAX);
	close_streams();
}
END_TEST

/* Of all lengths and beginnings, many in the stream at a time, into buffers
 * with and without room for more. */
START_TEST(every_mixture_keeps_its_boundaries)
{
	static const size_t caps[] = { MAX, ROOM };
	unsigned char out[2 * MAX][MAX];

	open_streams(MAX);
	for (size_t step = 0; step < 8; step++) {
		size_t n = 0;

		for (size_t len = 1; len <= MAX; len += 1 + step) {
			for (unsigned i = 0; i < 2; i++, n++) {
				fill(out[n], MAX, (unsigned)n);
				if (i && len >= STREAM_MARK_BYTES)
					mark(out[n]);
				sends(n % 3 ? len : MAX, out[n]);
			}
		}
		n = 0;
		for (size_t len = 1; len <= MAX; len += 1 + step) {
			for (unsigned i = 0; i < 2; i++, n++)
				receives(n % 3 ? len : MAX, out[n],
					 caps[step % 2]);
		}
	}
	close_streams();
}
END_TEST

/* Half of a message, then what the general way makes of it. */
START_TEST(direct_goes_on_from_a_part)
{
	unsigned char out[MAX], in[MAX];
	size_t got = 0;

	open_streams(MAX);
	for (unsigned i = 0; i < 2; i++) {
		fill(out, MAX, i);
		ck_assert_int_eq(send(fds[0], out, MAX / 2, 0), MAX / 2);
		ck_assert_int_eq(stream_recv(&b, in, MAX, &got, WAIT_TRY),
				 WEIR_EAGAIN);
		ck_assert_int_eq(send(fds[0], out + MAX / 2, MAX / 2, 0),
				 MAX / 2);
		ck_assert_int_eq(direct_stream_recv(&b, in, MAX, &got,
						    socket_stream_recv),
				 WEIR_OK);
		ck_assert_uint_eq(got, MAX);
		ck_assert_mem_eq(in, out, MAX);
	}
	shutdown(fds[0], SHUT_WR);
	ck_assert_int_eq(direct_stream_recv(&b, in, MAX, &got,
					    socket_stream_recv), WEIR_EPEER);
	close_streams();
}
END_TEST

/* Byte by byte, so that every state is left and come back to. */
START_TEST(pieces_become_messages)
{
	static const size_t lens[] = { MAX, 3, MAX, MAX, 1, MAX - 1 };
	unsigned char out[MAX], bytes[ROOM], in[MAX];

	open_streams(MAX);
	for (unsigned m = 0; m < 6; m++) {
		size_t n, got = 0;

		fill(out, MAX, m);
		if (m == 3)
			mark(out);
		sends(lens[m], out);
		n = taps(bytes);
		for (size_t i = 0; i < n; i++) {
			ck_assert_int_eq(stream_recv(&b, in, MAX, &got,
						     WAIT_TRY), WEIR_EAGAIN);
			ck_assert_int_eq(send(fds[0], bytes + i, 1, 0), 1);
		}
		ck_assert_int_eq(stream_recv(&b, in, MAX, &got, WAIT_TRY),
				 WEIR_OK);
		ck_assert_uint_eq(got, lens[m]);
		ck_assert_mem_eq(in, out, got);
	}
	close_streams();
}
END_TEST

START_TEST(tiny_channels_have_headers_only)
{
	unsigned char out[ROOM], in[ROOM];
	size_t got;

	for (size_t max = 1; max < STREAM_PLAIN_MIN; max++) {
		open_streams(max);
		for (unsigned i = 0; i < 5; i++) {
			fill(out, max, i);
			sends(max, out);
		}
		for (unsigned i = 0; i < 5; i++) {
			fill(out, max, i);
			receives(max, out, max);
		}
		ck_assert_int_eq(send(fds[0], "no mark", 7, 0), 7);
		ck_assert_int_eq(stream_recv(&b, in, max, &got, 0),
				 WEIR_EPROTOCOL);
		close_streams();
	}
}
END_TEST

START_TEST(a_length_is_believed_within_the_buffer)
{
	static const uint32_t lies[] = { 0, MAX + 1, UINT32_MAX };
	unsigned char header[STREAM_HEADER_BYTES], in[ROOM];
	size_t got;

	for (unsigned i = 0; i < 3; i++) {
		uint32_t le = htole32(lies[i]);

		open_streams(MAX);
		mark(header);
		memcpy(header + STREAM_MARK_BYTES, &le, sizeof(le));
		ck_assert_int_eq(send(fds[0], header, sizeof(header), 0),
				 sizeof(header));
		ck_assert_int_eq(stream_recv(&b, in, ROOM, &got, 0),
				 WEIR_EPROTOCOL);
		close_streams();
	}
}
END_TEST

START_TEST(what_a_buffer_has_no_room_for_is_refused)
{
	unsigned char out[MAX], in[ROOM];
	size_t got;

	open_streams(MAX);
	fill(out, MAX, 0);
	sends(MAX, out);
	ck_assert_int_eq(stream_recv(&b, in, MAX - 1, &got, 0),
			 WEIR_EPROTOCOL);
	close_streams();
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("stream");
	TCase *c = tcase_create("stream");

	tcase_add_test(c, agreed_length_travels_as_it_is);
	tcase_add_test(c, others_have_a_header);
	tcase_add_test(c, every_mixture_keeps_its_boundaries);
	tcase_add_test(c, direct_goes_on_from_a_part);
	tcase_add_test(c, pieces_become_messages);
	tcase_add_test(c, tiny_channels_have_headers_only);
	tcase_add_test(c, a_length_is_believed_within_the_buffer);
	tcase_add_test(c, what_a_buffer_has_no_room_for_is_refused);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
