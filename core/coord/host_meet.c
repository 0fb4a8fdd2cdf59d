/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whoever connects is a guest: a client once it has greeted. A guest that
 * goes away, is silent or speaks garbage is dropped, and keeps nobody else
 * from coming: another host's look at the socket is such a one.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/coord/hello.h"
#include "core/coord/host_internal.h"

struct guest {
	struct host_client *client;
	struct meet_peer peer;
	uint64_t greet_by_ns;
};

struct reception {
	struct host *host;
	struct meet *meet;
	struct guest guests[HOST_CLIENTS_MAX];
	uint32_t n;
	const struct host_await *await;
	char refused[256]; /* why the last one was dropped */
};

static void
remove_guest(struct reception *r, uint32_t i)
{
	host_client_free(r->guests[i].client);
	r->n--;
	memmove(&r->guests[i], &r->guests[i + 1],
		(r->n - i) * sizeof(r->guests[0]));
}

static uint32_t
n_greeted(const struct reception *r)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->n; i++)
		n += r->guests[i].client->greeted;
	return n;
}

/* What a guest says before the run: its greeting and nothing else. */
static int
hear_guest(struct reception *r, struct guest *guest, struct weir_error *err)
{
	struct message *message = &r->host->message;
	struct host_client *client = guest->client;
	int fds[MESSAGE_FDS_MAX], status;

	status = control_receive(client->control, message, fds, err);
	if (status == WEIR_EAGAIN && !client->greeted &&
	    clock_now_ns() >= guest->greet_by_ns)
		return weir_error_set(err, WEIR_ETIMEOUT,
				      "%s did not greet in time",
				      control_peer(client->control));
	if (status)
		return status;
	control_close_fds(message, fds);
	if (client->greeted && message->type == MESSAGE_FAIL)
		status = host_take_failure(client, &message->fail, err);
	else if (client->greeted)
		status = weir_error_set(err, WEIR_EPROTOCOL,
					"%s sent \"%s\" before the run",
					control_peer(client->control),
					message_type_names[message->type]);
	else
		status = hello_check(client->control, message, err);
	if (status == WEIR_OK) {
		client->greeted = true;
		client->facts = message->hello.facts;
		log_info("%s is a client", control_peer(client->control));
	}
	message_fini(message);
	return status;
}

/* Told once of one that comes back for the same again and again. */
static void
drop_guest(struct reception *r, uint32_t i, const struct weir_error *why)
{
	if (strncmp(why->text, r->refused, sizeof(r->refused) - 1) != 0)
		log_warn("%s; it was dropped, and the wait for clients goes on",
			 why->text);
	snprintf(r->refused, sizeof(r->refused), "%.255s", why->text);
	remove_guest(r, i);
}

static void
hear_guests(struct reception *r)
{
	struct weir_error why = { 0 };

	for (uint32_t i = 0; i < r->n;) {
		int status = hear_guest(r, &r->guests[i], &why);

		if (status && status != WEIR_EAGAIN)
			drop_guest(r, i, &why);
		else
			i++;
	}
}

/* Everybody who stands at the door. */
static int
let_in(struct reception *r, struct weir_error *err)
{
	struct weir_error why = { 0 };

	while (r->n < HOST_CLIENTS_MAX) {
		struct guest *guest = &r->guests[r->n];
		int socket, status;
		char name[MEET_NAME_BYTES];

		status = meet_take(r->meet, &socket, &guest->peer, err);
		if (status)
			return status == WEIR_EAGAIN ? WEIR_OK : status;
		meet_name_peer(&guest->peer, "a visitor", name);
		status = host_client_make(r->host, socket, name, -1,
					  &guest->client, err);
		if (status)
			return status;
		guest->greet_by_ns = clock_deadline_ns(
			r->host->config->run->silence_timeout_ns);
		r->n++;
		status = hello_send(guest->client->control,
				    r->host->config->facts, &why);
		if (status)
			drop_guest(r, r->n - 1, &why);
	}
	return WEIR_OK;
}

static int
await_news(const struct reception *r, struct weir_error *err)
{
	struct pollfd polls[HOST_CLIENTS_MAX + 2];
	uint64_t until_ns = clock_deadline_ns(MEET_LOOK_NS);
	nfds_t n = 0;

	if (until_ns > r->await->deadline_ns)
		until_ns = r->await->deadline_ns;
	for (uint32_t i = 0; i < r->n; i++)
		polls[n++] = (struct pollfd){
			.fd = control_fd(r->guests[i].client->control),
			.events = POLLIN };
	polls[n++] = (struct pollfd){
		.fd = r->host->config->stop_fd, .events = POLLIN };
	polls[n++] = (struct pollfd){
		.fd = r->n < HOST_CLIENTS_MAX ? meet_fd(r->meet) : -1,
		.events = POLLIN };
	if (poll(polls, n, clock_poll_timeout_ms(until_ns)) < 0 &&
	    errno != EINTR)
		return weir_error_errno(err, "waiting for clients failed");
	return WEIR_OK;
}

static int
nobody_came(const struct reception *r, struct weir_error *err)
{
	char came[64] = "no client";

	if (n_greeted(r) > 0)
		snprintf(came, sizeof(came), "only %u of %u clients",
			 n_greeted(r), r->await->n);
	return weir_error_set(err, WEIR_ETIMEOUT,
			      "%s came to \"%s\" in time: start `weir client "
			      "--ipc-path` there, or wait longer with "
			      "--connect-timeout%s%s", came,
			      meet_path(r->meet),
			      *r->refused ? "; dropped was: " : "",
			      r->refused);
}

static int
receive_guests(struct reception *r, struct weir_error *err)
{
	uint32_t told = UINT32_MAX;
	int status;

	for (;;) {
		status = meet_check_stop(r->host->config->stop_fd, err);
		if (status == WEIR_OK)
			status = let_in(r, err);
		if (status)
			return status;
		hear_guests(r);
		if (n_greeted(r) != told)
			r->await->tell(r->await->context, n_greeted(r));
		told = n_greeted(r);
		if (told >= r->await->n)
			return WEIR_OK;
		status = meet_check_file(r->meet, err);
		if (status)
			return status;
		if (clock_now_ns() >= r->await->deadline_ns)
			return nobody_came(r, err);
		status = await_news(r, err);
		if (status)
			return status;
	}
}

/* The first n that greeted are the host's clients, in the order in which they
 * came; the others are let go. */
static void
hand_over(struct reception *r)
{
	struct host *host = r->host;
	char name[MEET_NAME_BYTES], who[32];

	for (uint32_t i = 0; i < r->n; i++) {
		struct host_client *client = r->guests[i].client;

		if (!client->greeted || host->n_clients == r->await->n) {
			host_client_free(client);
			continue;
		}
		host->clients[host->n_clients++] = client;
		snprintf(who, sizeof(who), "client %u", host->n_clients);
		meet_name_peer(&r->guests[i].peer, who, name);
		control_set_peer(client->control, name);
	}
	r->n = 0;
}

int
host_await_clients(struct host *host, struct meet *meet,
		   const struct host_await *await, struct weir_error *err)
{
	struct reception *r;
	int status;

	if (await->n > HOST_CLIENTS_MAX)
		return weir_error_set(err, WEIR_EINVALID,
				      "more than %d clients can't be served",
				      HOST_CLIENTS_MAX);
	r = calloc(1, sizeof(*r));
	if (!r)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for clients");
	r->host = host;
	r->meet = meet;
	r->await = await;
	status = receive_guests(r, err);
	if (status == WEIR_OK) {
		hand_over(r);
		host->meet = meet;
	}
	while (r->n > 0)
		remove_guest(r, r->n - 1);
	free(r);
	return status;
}
