/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client against hosts that die, stall, garble and lie.
 */
#include "core/coord/client.h"

#include <stdlib.h>
#include <sys/eventfd.h>

#include "tests/unit/coord/peer.h"

static struct facts facts;
static struct client_config config = { .facts = &facts, .stop_fd = -1,
				       .silence_timeout_ns = PEER_SILENCE_NS };
static struct peer peer;
static struct weir_error err;
static struct message failure; /* what the client told the host */
static bool told;

static int
serve(peer_script_fn *script)
{
	const struct strings none = { 0 };
	int socket = peer_start(&peer, script), status;

	ck_assert_int_eq(registry_create(&none, &config.registry, &err),
			 WEIR_OK);
	status = client_serve(&config, socket, &err);
	peer_join(&peer);
	registry_destroy(config.registry);
	return status;
}

static void
says_bye(struct control *control)
{
	peer_greet(control);
	peer_say(control, MESSAGE_BYE, 0);
	peer_linger(control);
}

START_TEST(bye_is_a_good_end)
{
	ck_assert_int_eq(serve(says_bye), WEIR_OK);
}
END_TEST

static void
vanishes(struct control *control)
{
	peer_greet(control);
}

START_TEST(a_host_that_vanishes)
{
	ck_assert_int_eq(serve(vanishes), WEIR_EPEER);
	ck_assert_ptr_nonnull(strstr(err.text, "the host "));
}
END_TEST

static void
greets_twice(struct control *control)
{
	peer_greet(control);
	peer_greet(control);
	peer_linger(control);
}

START_TEST(a_host_that_greets_twice)
{
	ck_assert_int_eq(serve(greets_twice), WEIR_EPROTOCOL);
	ck_assert_ptr_nonnull(strstr(err.text, "sent \"hello\" between"));
}
END_TEST

static void
sends_a_result(struct control *control)
{
	peer_greet(control);
	peer_say(control, MESSAGE_RESULT, 0);
	peer_linger(control);
}

START_TEST(a_host_that_sends_a_result)
{
	ck_assert_int_eq(serve(sends_a_result), WEIR_EPROTOCOL);
}
END_TEST

static void
ask_for_in(struct control *control, const char *plugin, const char *directory)
{
	struct message message = { .type = MESSAGE_SETUP };

	message.setup.size_bytes = 64;
	message.setup.n_channels = message.setup.n_all_channels = 1;
	memcpy(message.setup.plugin, plugin, strlen(plugin) + 1);
	memcpy(message.setup.directory, directory, strlen(directory) + 1);
	peer_greet(control);
	if (control_send(control, &message, NULL, 0, NULL))
		return;
	told = peer_await(control, MESSAGE_FAIL, &failure);
	peer_say(control, MESSAGE_STOP, 0);
	peer_say(control, MESSAGE_BYE, 0);
	peer_linger(control);
}

static void
ask_for(struct control *control, const char *plugin)
{
	ask_for_in(control, plugin, "");
}

static void
asks_for_nothing_there(struct control *control)
{
	ask_for(control, "nothing-there");
}

START_TEST(a_plugin_that_is_not_there_is_told)
{
	ck_assert_int_eq(serve(asks_for_nothing_there), WEIR_OK);
	ck_assert(told);
	ck_assert_uint_eq(failure.fail.status, WEIR_EUNAVAILABLE);
	ck_assert_ptr_nonnull(strstr(failure.fail.text, "nothing-there"));
}
END_TEST

static void
asks_for_a_path(struct control *control)
{
	ask_for(control, "/tmp/evil");
}

START_TEST(a_path_is_not_loaded)
{
	ck_assert_int_eq(serve(asks_for_a_path), WEIR_OK);
	ck_assert(told);
	ck_assert_uint_eq(failure.fail.status, WEIR_EPROTOCOL);
	ck_assert_ptr_nonnull(strstr(failure.fail.text, "which is a path"));
}
END_TEST

static void
names_a_path(struct control *control)
{
	ask_for_in(control, "nothing-there", "/etc");
}

static void
names_the_parent(struct control *control)
{
	ask_for_in(control, "nothing-there", "..");
}

static void
names_the_folder(struct control *control)
{
	ask_for_in(control, "nothing-there", ".");
}

static uint64_t
answer_to(peer_script_fn *script)
{
	ck_assert_int_eq(serve(script), WEIR_OK);
	ck_assert(told);
	return failure.fail.status;
}

/* Who came to a socket file shares its folder with the host, nothing else. */
START_TEST(a_directory_elsewhere_is_refused)
{
	config.directory = "/tmp";
	ck_assert_uint_eq(answer_to(names_a_path), WEIR_EPROTOCOL);
	ck_assert_ptr_nonnull(strstr(failure.fail.text, "\"/etc\", which is "
				     "not beside the control socket"));
	ck_assert_uint_eq(answer_to(names_the_parent), WEIR_EPROTOCOL);
	ck_assert_uint_eq(answer_to(names_the_folder), WEIR_EUNAVAILABLE);
}
END_TEST

static void
offers_without_setup(struct control *control)
{
	struct message offer = { .type = MESSAGE_OFFER };
	int fd = dup(STDIN_FILENO);

	peer_greet(control);
	offer.offer.n_fds = 1;
	if (control_send(control, &offer, &fd, 1, NULL) == WEIR_OK)
		peer_say(control, MESSAGE_BYE, 0);
	close(fd);
	peer_linger(control);
}

START_TEST(descriptors_that_nobody_asked_for_are_closed)
{
	int before = count_fds();

	ck_assert_int_eq(serve(offers_without_setup), WEIR_OK);
	ck_assert_int_eq(count_fds(), before);
}
END_TEST

static void
stays(struct control *control)
{
	peer_greet(control);
	peer_linger(control);
}

START_TEST(a_stop_ends_the_service)
{
	config.stop_fd = eventfd(1, 0);
	ck_assert_int_eq(serve(stays), WEIR_ECANCELED);
	close(config.stop_fd);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("coord/client");
	TCase *c = tcase_create("client");

	tcase_add_test(c, bye_is_a_good_end);
	tcase_add_test(c, a_host_that_vanishes);
	tcase_add_test(c, a_host_that_greets_twice);
	tcase_add_test(c, a_host_that_sends_a_result);
	tcase_add_test(c, a_plugin_that_is_not_there_is_told);
	tcase_add_test(c, a_path_is_not_loaded);
	tcase_add_test(c, a_directory_elsewhere_is_refused);
	tcase_add_test(c, descriptors_that_nobody_asked_for_are_closed);
	tcase_add_test(c, a_stop_ends_the_service);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
