/* SPDX-License-Identifier: Apache-2.0 */
#include "core/coord/client.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/coord/channels.h"
#include "core/coord/client_setup.h"
#include "core/coord/control.h"
#include "core/coord/hello.h"

struct client {
	const struct client_config *config;
	struct control *control;
	struct message message; /* the one in hand */
	int fds[MESSAGE_FDS_MAX];
	/* of the trial in hand */
	struct message_setup setup;
	struct channels channels;
	int arrived; /* the last phase told to the host, or -1 */
};

/* Waits for the next message or, with a crew, for a change of its state:
 * then EAGAIN. */
static int
next_message(struct client *client, struct weir_error *err)
{
	struct pollfd polls[3] = {
		{ .fd = control_fd(client->control), .events = POLLIN },
		{ .fd = client->config->stop_fd, .events = POLLIN },
		{ .fd = -1, .events = POLLIN },
	};
	int status;

	if (client->channels.started)
		polls[2].fd = crew_event_fd(client->channels.crew);
	for (;;) {
		status = control_receive(client->control, &client->message,
					 client->fds, err);
		if (status != WEIR_EAGAIN)
			return status;
		if (poll(polls, 3, clock_poll_timeout_ms(
				control_silence_deadline_ns(
						client->control))) < 0 &&
		    errno != EINTR)
			return weir_error_errno(err, "waiting for the host "
						"failed");
		if (polls[1].revents)
			return weir_error_set(err, WEIR_ECANCELED,
					      "the client was told to end");
		if (polls[2].revents)
			return WEIR_EAGAIN;
	}
}

/* Frees the message in hand, with the descriptors that came with it. */
static void
drop_message(struct client *client)
{
	control_close_fds(&client->message, client->fds);
	message_fini(&client->message);
}

static int
out_of_turn(struct client *client, const char *when, struct weir_error *err)
{
	const char *name = message_type_names[client->message.type];

	drop_message(client);
	return weir_error_set(err, WEIR_EPROTOCOL,
			      "%s sent \"%s\" %s, where it has no place",
			      control_peer(client->control), name, when);
}

static int
send_simple(struct client *client, enum message_type type, uint64_t number,
	    struct weir_error *err)
{
	struct message message = { .type = type };

	if (type == MESSAGE_JOINED)
		message.channel = number;
	else
		message.phase = number;
	return control_send(client->control, &message, NULL, 0, err);
}

static int
prepare(struct client *client, struct weir_error *err)
{
	client->setup = client->message.setup; /* moved */
	client->arrived = -1;
	log_info("trial %s", client->setup.cell);
	return client_set_up(client->config, &client->setup, &client->channels,
			     err);
}

/* The door of a channel, instead of an offer. */
static int
take_door(struct client *client, uint32_t i, struct weir_offer *offer,
	  struct weir_error *err)
{
	if (offer->n_fds != 1)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "the offer came with %u descriptors and "
				      "not with a door", offer->n_fds);
	channels_set_door(&client->channels, i, offer->fds[0]);
	offer->fds[0] = -1;
	return WEIR_OK;
}

/* The offer in hand. A failure of the transport is the trial's; only a
 * broken protocol ends the service. */
static int
join_offer(struct client *client, uint32_t i, struct weir_error *err)
{
	struct message_offer *from = &client->message.offer;
	struct weir_offer offer = { .size = sizeof(offer) };
	uint32_t n = (uint32_t)from->n_fds;
	int gauge = client->setup.gauge && n ? client->fds[--n] : -1;
	int tape = client->setup.notes && n ? client->fds[--n] : -1;
	int status = WEIR_OK;

	offer.n_fds = n < WEIR_OFFER_FDS_MAX ? n : WEIR_OFFER_FDS_MAX;
	for (uint32_t k = 0; k < WEIR_OFFER_FDS_MAX; k++)
		offer.fds[k] = k < n ? client->fds[k] : -1;
	memcpy(offer.address, from->address, sizeof(offer.address));
	if (n > WEIR_OFFER_FDS_MAX) {
		while (n > WEIR_OFFER_FDS_MAX)
			close(client->fds[--n]);
		status = weir_error_set(err, WEIR_EPROTOCOL,
					"the offer came with a descriptor too "
					"many");
	} else if (client->setup.notes) {
		status = channels_set_tape(&client->channels, i, tape, err);
	}
	if (status == WEIR_OK && client->setup.gauge)
		status = channels_open_gauge(&client->channels, i, gauge, err);
	if (tape >= 0)
		close(tape);
	if (gauge >= 0)
		close(gauge);
	if (status == WEIR_OK && from->channel != client->channels.first + i)
		status = weir_error_set(err, WEIR_EPROTOCOL,
					"the offer is for channel %u and not "
					"for %u", (unsigned)from->channel,
					client->channels.first + i);
	else if (status == WEIR_OK && client->channels.lane.connects)
		status = take_door(client, i, &offer, err);
	else if (status == WEIR_OK)
		status = channels_join(&client->channels, i, &offer, err);
	channels_close_fds(&offer);
	return status;
}

static int
tell_result(struct client *client, struct weir_error *err)
{
	struct message message = { .type = MESSAGE_RESULT };
	int status;

	report_init(&message.result);
	channels_evidence(&client->channels, &message.result.evidence);
	status = channels_report(&client->channels, 0, client->channels.n,
				 &message.result, err);
	if (status == WEIR_OK)
		status = control_send(client->control, &message, NULL, 0, err);
	/* Only now: the host waits for it. */
	if (status == WEIR_OK && client->config->own)
		status = own_report(client->config->own, &message.result, err);
	message_fini(&message);
	return status;
}

/* Tells the host at which barrier the crew is; true at the end. */
static int
follow_crew(struct client *client, bool *ret_done, struct weir_error *err)
{
	bool failed;
	int phase = crew_state(client->channels.crew, &failed);

	*ret_done = false;
	if (failed) {
		int status = crew_fault(client->channels.crew, err);

		return status ? status :
				weir_error_set(err, WEIR_ECANCELED,
					       "the trial was canceled");
	}
	if (phase == LANE_DONE) {
		*ret_done = true;
		return tell_result(client, err);
	}
	if (phase <= client->arrived)
		return WEIR_OK;
	client->arrived = phase;
	if (phase == LANE_TIMED)
		channels_watch(&client->channels);
	return send_simple(client, MESSAGE_ARRIVE, (uint64_t)phase, err);
}

/* The next offer joined; after the last one the crew starts. */
static int
take_offer(struct client *client, uint32_t *joined, struct weir_error *err)
{
	int status;

	if (*joined == client->channels.n)
		return out_of_turn(client, "after the last channel", err);
	status = join_offer(client, *joined, err);
	if (status == WEIR_OK)
		status = send_simple(client, MESSAGE_JOINED,
				     client->message.offer.channel, err);
	if (status == WEIR_OK && ++*joined == client->channels.n)
		status = channels_start(&client->channels, err);
	return status;
}

/* One trial, from its SETUP (in hand) to its RESULT. *ret_fatal: the control
 * connection is of no more use. */
static int
run_trial(struct client *client, bool *ret_fatal, struct weir_error *err)
{
	uint32_t joined = 0;
	bool done = false;
	int status;

	*ret_fatal = false;
	status = prepare(client, err);
	while (status == WEIR_OK && !done) {
		status = next_message(client, err);
		if (status == WEIR_EAGAIN) {
			status = follow_crew(client, &done, err);
		} else if (status) {
			*ret_fatal = true;
		} else if (client->message.type == MESSAGE_OFFER) {
			status = take_offer(client, &joined, err);
		} else if (client->message.type == MESSAGE_GO &&
			   client->channels.started) {
			crew_release(client->channels.crew,
				     (enum lane_phase)client->message.phase);
		} else if (client->message.type == MESSAGE_STOP) {
			status = weir_error_set(err, WEIR_ECANCELED,
						"the host ended the trial");
		} else {
			status = out_of_turn(client, "in a trial", err);
		}
	}
	if (!channels_destroy(&client->channels))
		*ret_fatal = true;
	message_setup_fini(&client->setup);
	return status;
}

/* Tells the host why the trial failed here, or, where the host itself ended
 * it, that it has. */
static int
tell_failure(struct client *client, int status, const struct weir_error *why,
	     struct weir_error *err)
{
	struct message message = { .type = MESSAGE_FAIL };

	if (status == WEIR_ECANCELED)
		return send_simple(client, MESSAGE_STOPPED, 0, err);
	message.fail.status = (uint64_t)status;
	snprintf(message.fail.text, sizeof(message.fail.text), "%s",
		 why->text);
	return control_send(client->control, &message, NULL, 0, err);
}

/* The end of the service. A host that was only stopped reads later why. */
static int
give_up(struct client *client, int status, const struct weir_error *why,
	struct weir_error *err)
{
	if (status == WEIR_ETIMEOUT &&
	    tell_failure(client, status, why, NULL))
		log_debug("the host could not be told");
	if (err)
		*err = *why;
	return status;
}

static int
serve(struct client *client, struct weir_error *err)
{
	struct weir_error why = { 0 };
	bool fatal;
	int status;

	for (;;) {
		status = next_message(client, &why);
		if (status)
			return give_up(client, status, &why, err);
		switch (client->message.type) {
		case MESSAGE_BYE:
			return WEIR_OK;
		case MESSAGE_SETUP:
			break;
		case MESSAGE_STOP: /* of a trial that failed here */
			status = send_simple(client, MESSAGE_STOPPED, 0, err);
			if (status)
				return status;
			continue;
		case MESSAGE_OFFER: /* sent before the host knew */
		case MESSAGE_GO:
			drop_message(client);
			continue;
		default:
			return out_of_turn(client, "between trials", err);
		}
		status = run_trial(client, &fatal, &why);
		if (status && client->config->own &&
		    own_fail(client->config->own, &why, err))
			return WEIR_ENOMEMORY;
		if (status && fatal)
			return give_up(client, status, &why, err);
		if (status) {
			log_info("the trial failed: %s", why.text);
			status = tell_failure(client, status, &why, err);
		}
		if (status)
			return status;
	}
}

int
client_serve(const struct client_config *config, int socket,
	     struct weir_error *err)
{
	struct client *client = calloc(1, sizeof(*client));
	int status;

	if (!client) {
		close(socket);
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a client");
	}
	client->config = config;
	status = control_open(socket, "the host", config->silence_timeout_ns,
			      &client->control, err);
	if (status) {
		close(socket);
		free(client);
		return status;
	}
	status = hello_send(client->control, config->facts, err);
	if (status == WEIR_OK)
		status = next_message(client, err);
	if (status == WEIR_OK) {
		status = hello_check(client->control, &client->message, err);
		if (status)
			drop_message(client);
	}
	if (status == WEIR_OK && config->own)
		own_meet(config->own, &client->message.hello.facts);
	if (status == WEIR_OK)
		status = serve(client, err);
	control_close(client->control);
	free(client);
	return status;
}
