/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host against clients that die, stall, garble and lie at each state.
 */
#include "core/coord/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "core/plugin/plugin.h"
#include "tests/unit/coord/peer.h"

/* ---- a transport that gives a socketpair and is never used for more ---- */

struct weir_channel {
	int fd;
};

static struct peer peer;
static bool offers_late; /* once the client is gone */

static int
pair_offer(const struct weir_setup *setup, struct weir_offer *ret_offer,
	   struct weir_channel **ret_channel, struct weir_error *e)
{
	struct weir_channel *c = malloc(sizeof(*c));
	int ends[2];

	(void)setup;
	if (offers_late)
		peer_join(&peer);
	if (!c || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0)
		return weir_error_errno(e, "no socketpair");
	c->fd = ends[0];
	ret_offer->fds[0] = ends[1];
	ret_offer->n_fds = 1;
	*ret_channel = c;
	return WEIR_OK;
}

static int
pair_join(const struct weir_setup *setup, struct weir_offer *offer,
	  struct weir_channel **ret_channel, struct weir_error *e)
{
	(void)setup, (void)offer, (void)ret_channel;
	return weir_error_set(e, WEIR_EINVALID, "no client here");
}

static int
pair_send(struct weir_channel *c, const void *buf, size_t len, uint32_t flags)
{
	(void)flags;
	return send(c->fd, buf, len, MSG_NOSIGNAL) < 0 ? WEIR_EPEER : WEIR_OK;
}

static int
pair_recv(struct weir_channel *c, void *buf, size_t cap, size_t *ret_len)
{
	ssize_t n = recv(c->fd, buf, cap, 0);

	*ret_len = n > 0 ? (size_t)n : 0;
	return n > 0 ? WEIR_OK : WEIR_EPEER;
}

static void
pair_close(struct weir_channel *c)
{
	close(c->fd);
	free(c);
}

static const struct plugin plugin = {
	.name = (char *)(uintptr_t)"pair",
	.ops = { .offer = pair_offer, .join = pair_join, .send = pair_send,
		 .recv = pair_recv, .close = pair_close },
};

/* ---- the host ---- */

static struct facts facts;
static struct plan_run plan = {
	.repeat = 1, .count = 10, .connect_timeout_ns = PEER_SILENCE_NS,
	.silence_timeout_ns = PEER_SILENCE_NS,
	.stall_timeout_ns = PEER_SILENCE_NS,
};
static struct plan_cell cell = {
	.id = (char *)(uintptr_t)"pair/round_trip/64/process/1",
	.plugin = "pair",
	.axes = { .transport = "pair", .size_bytes = 64, .concurrency = 1 },
};
static struct affinity affinity = { .n_channels = 1, .host = { -1 },
				    .client = { -1 } };
static struct host_config config = { .run = &plan, .facts = &facts,
				     .stop_fd = -1 };
static struct host *host;
static struct weir_error err;
static bool lost;

static int
greet(peer_script_fn *script)
{
	int socket = peer_start(&peer, script);

	ck_assert_int_eq(host_create(&config, &host, &err), WEIR_OK);
	return host_add_client(host, socket, "the client (a test)", -1, &err);
}

static int
trial(peer_script_fn *script)
{
	struct host_trial course = { &cell, 0, &plugin, &affinity, 0, NULL };
	struct report ours, theirs;
	int status;

	ck_assert_msg(greet(script) == WEIR_OK, "%s", err.text);
	status = host_run_trial(host, &course, &ours, &theirs, &lost, &err);
	report_fini(&ours);
	report_fini(&theirs);
	return status;
}

/* The end of every case: nothing hangs, nothing is left. */
static void
end(void)
{
	host_destroy(host);
	if (!offers_late)
		peer_join(&peer);
}

static void
expect(const char *sentence)
{
	ck_assert_msg(strstr(err.text, sentence), "\"%s\" is not in \"%s\"",
		      sentence, err.text);
}

/* ---- before the handshake ---- */

static void
closes_at_once(struct control *control)
{
	(void)control;
}

START_TEST(a_client_that_closes_at_once)
{
	ck_assert_int_eq(greet(closes_at_once), WEIR_EPEER);
	expect("before the handshake: the client (a test) ");
	end();
}
END_TEST

static void
only_beats(struct control *control)
{
	peer_linger(control);
}

START_TEST(a_client_that_never_greets)
{
	plan.connect_timeout_ns = NS_PER_S;
	ck_assert_int_eq(greet(only_beats), WEIR_ETIMEOUT);
	expect("before the handshake: the client is alive but did not do its "
	       "part within 1s");
	end();
}
END_TEST

static void
wrong_first_word(struct control *control)
{
	peer_say(control, MESSAGE_JOINED, 0);
	peer_linger(control);
}

START_TEST(a_client_that_begins_in_the_middle)
{
	ck_assert_int_eq(greet(wrong_first_word), WEIR_EPROTOCOL);
	expect("sent \"joined\" where it has no place");
	end();
}
END_TEST

static void
other_version(struct control *control)
{
	struct message hello = { .type = MESSAGE_HELLO };

	hello.hello.protocol = 99;
	hello.hello.abi = WEIR_ABI;
	memcpy(hello.hello.tool, "9.9", 4);
	if (control_send(control, &hello, NULL, 0, NULL) == WEIR_OK)
		peer_linger(control);
}

START_TEST(a_client_of_another_protocol)
{
	ck_assert_int_eq(greet(other_version), WEIR_EPROTOCOL);
	expect("is weir 9.9 and speaks control protocol 99");
	expect("install the same version on both sides");
	end();
}
END_TEST

static void
other_abi(struct control *control)
{
	struct message hello = { .type = MESSAGE_HELLO };

	hello.hello.protocol = MESSAGE_PROTOCOL;
	hello.hello.abi = 7u << 16;
	if (control_send(control, &hello, NULL, 0, NULL) == WEIR_OK)
		peer_linger(control);
}

START_TEST(a_client_of_another_abi)
{
	ck_assert_int_eq(greet(other_abi), WEIR_EPROTOCOL);
	expect("with transport ABI 7");
	end();
}
END_TEST

/* ---- in a trial ---- */

static void
fails_on_setup(struct control *control)
{
	struct message message = { .type = MESSAGE_FAIL };

	peer_greet(control);
	if (!peer_await(control, MESSAGE_SETUP, &message))
		return;
	message.type = MESSAGE_FAIL;
	message.fail.status = WEIR_EUNAVAILABLE;
	snprintf(message.fail.text, sizeof(message.fail.text),
		 "no\x1b such plugin");
	if (control_send(control, &message, NULL, 0, NULL) == WEIR_OK &&
	    peer_await(control, MESSAGE_STOP, &message))
		peer_say(control, MESSAGE_STOPPED, 0);
	peer_linger(control);
}

START_TEST(a_failure_there_is_told_here)
{
	ck_assert_int_eq(trial(fails_on_setup), WEIR_EUNAVAILABLE);
	expect("during set-up: the client (a test): no? such plugin");
	ck_assert(!lost);
	end();
}
END_TEST

static void
fails_and_goes(struct control *control)
{
	struct message message;

	peer_greet(control);
	if (!peer_await(control, MESSAGE_SETUP, &message))
		return;
	message_fini(&message);
	message = (struct message){ .type = MESSAGE_FAIL };
	message.fail.status = WEIR_ETIMEOUT;
	snprintf(message.fail.text, sizeof(message.fail.text), "so quiet");
	if (control_send(control, &message, NULL, 0, NULL))
		return;
}

START_TEST(why_a_client_went_is_told_by_who_meets_its_end)
{
	offers_late = true;
	ck_assert_int_eq(trial(fails_and_goes), WEIR_ETIMEOUT);
	expect("during set-up: the client (a test): so quiet");
	ck_assert(lost);
	end();
}
END_TEST

static void
joins_another_channel(struct control *control)
{
	struct message message;

	peer_greet(control);
	if (peer_await(control, MESSAGE_OFFER, &message))
		peer_say(control, MESSAGE_JOINED, 5);
	peer_linger(control);
}

START_TEST(a_client_that_joins_another_channel)
{
	ck_assert_int_eq(trial(joins_another_channel), WEIR_EPROTOCOL);
	ck_assert(lost);
	end();
}
END_TEST

static void
result_too_early(struct control *control)
{
	struct message message;

	peer_greet(control);
	if (peer_await(control, MESSAGE_OFFER, &message))
		peer_say(control, MESSAGE_RESULT, 0);
	peer_linger(control);
}

START_TEST(a_result_out_of_turn)
{
	ck_assert_int_eq(trial(result_too_early), WEIR_EPROTOCOL);
	expect("during set-up: the client (a test) sent \"result\"");
	ck_assert(lost);
	end();
}
END_TEST

static void
dies_after_joining(struct control *control)
{
	struct message message;

	peer_greet(control);
	if (peer_await(control, MESSAGE_OFFER, &message))
		peer_say(control, MESSAGE_JOINED, 0);
}

START_TEST(a_client_that_dies_at_the_barrier)
{
	ck_assert_int_eq(trial(dies_after_joining), WEIR_EPEER);
	expect("the client (a test) has closed");
	ck_assert(lost);
	end();
}
END_TEST

static void
never_joins(struct control *control)
{
	peer_greet(control);
	peer_linger(control);
}

START_TEST(a_client_that_never_joins)
{
	plan.stall_timeout_ns = NS_PER_S;
	ck_assert_int_eq(trial(never_joins), WEIR_ETIMEOUT);
	expect("during set-up: the client is alive but did not do its part");
	end();
}
END_TEST

static void
never_arrives(struct control *control)
{
	struct message message;

	peer_greet(control);
	if (peer_await(control, MESSAGE_OFFER, &message))
		peer_say(control, MESSAGE_JOINED, 0);
	peer_linger(control);
}

START_TEST(a_client_that_never_arrives)
{
	plan.stall_timeout_ns = NS_PER_S;
	ck_assert_int_eq(trial(never_arrives), WEIR_ETIMEOUT);
	expect("no message moved for 1s though both sides are alive");
	end();
}
END_TEST

static void
speaks_garbage(struct control *control)
{
	static const char garbage[] = "\xff\xff\xff\xff garbage";
	struct message message;

	peer_greet(control);
	if (peer_await(control, MESSAGE_SETUP, &message) &&
	    write(control_fd(control), garbage, sizeof(garbage)) < 0)
		return;
	peer_linger(control);
}

START_TEST(a_client_that_speaks_garbage)
{
	ck_assert_int_eq(trial(speaks_garbage), WEIR_EPROTOCOL);
	expect("it does not speak weir's protocol");
	ck_assert(lost);
	end();
}
END_TEST

static void
makes_an_offer(struct control *control)
{
	struct message offer = { .type = MESSAGE_OFFER };
	int fd = dup(STDIN_FILENO);

	offer.offer.n_fds = 1;
	if (control_send(control, &offer, &fd, 1, NULL) == WEIR_OK)
		peer_linger(control);
	close(fd);
}

START_TEST(a_client_that_sends_descriptors)
{
	int before = count_fds();

	ck_assert_int_eq(greet(makes_an_offer), WEIR_EPROTOCOL);
	end();
	ck_assert_int_eq(count_fds(), before);
}
END_TEST

START_TEST(a_stop_ends_the_wait)
{
	config.stop_fd = eventfd(1, 0);
	ck_assert_int_eq(greet(only_beats), WEIR_ECANCELED);
	expect("the run was interrupted");
	end();
	close(config.stop_fd);
}
END_TEST

START_TEST(too_few_channels_for_the_clients)
{
	struct host_trial course = { &cell, 0, &plugin, &affinity, 0, NULL };
	struct report ours, theirs;
	struct peer second;
	int socket;

	ck_assert_int_eq(greet(never_joins), WEIR_OK);
	socket = peer_start(&second, never_joins);
	ck_assert_int_eq(host_add_client(host, socket, "another", -1, &err),
			 WEIR_OK);
	ck_assert_int_eq(host_run_trial(host, &course, &ours, &theirs, &lost,
					&err), WEIR_EINVALID);
	expect("1 channels can't be shared by 2 clients");
	end();
	peer_join(&second);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("coord/host");
	TCase *c = tcase_create("host");

	tcase_add_test(c, a_client_that_closes_at_once);
	tcase_add_test(c, a_client_that_never_greets);
	tcase_add_test(c, a_client_that_begins_in_the_middle);
	tcase_add_test(c, a_client_of_another_protocol);
	tcase_add_test(c, a_client_of_another_abi);
	tcase_add_test(c, a_failure_there_is_told_here);
	tcase_add_test(c, why_a_client_went_is_told_by_who_meets_its_end);
	tcase_add_test(c, a_client_that_joins_another_channel);
	tcase_add_test(c, a_result_out_of_turn);
	tcase_add_test(c, a_client_that_dies_at_the_barrier);
	tcase_add_test(c, a_client_that_never_joins);
	tcase_add_test(c, a_client_that_never_arrives);
	tcase_add_test(c, a_client_that_speaks_garbage);
	tcase_add_test(c, a_client_that_sends_descriptors);
	tcase_add_test(c, a_stop_ends_the_wait);
	tcase_add_test(c, too_few_channels_for_the_clients);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
