/* SPDX-License-Identifier: Apache-2.0 */
#include "core/coord/host.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/units.h"
#include "core/coord/hello.h"
#include "core/coord/host_internal.h"

/* How long a failed lane's message may be outrun by the client's own word
 * about the same fault, which says more. */
#define EXPLAIN_NS (250 * NS_PER_MS)

int
host_create(const struct host_config *config, struct host **ret_host,
	    struct weir_error *err)
{
	struct host *host = calloc(1, sizeof(*host));

	if (!host)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for the host");
	host->config = config;
	host->stage = "before the handshake";
	*ret_host = host;
	return WEIR_OK;
}

uint32_t
host_n_clients(const struct host *host)
{
	return host->n_clients;
}

const struct facts *
host_client_facts(const struct host *host, uint32_t i)
{
	return &host->clients[i]->facts;
}

const struct report *
host_share(const struct host *host, uint32_t i)
{
	return &host->clients[i]->own;
}

const struct report *
host_client_report(const struct host *host, uint32_t i)
{
	return &host->clients[i]->report;
}

bool
host_comparable_clocks(const struct host *host)
{
	for (uint32_t i = 0; i < host->n_clients; i++) {
		if (!hello_comparable_clocks(host->config->facts,
					     &host->clients[i]->facts))
			return false;
	}
	return true;
}

/* ---- what a client says ---- */

/* The sentence of another side goes to a terminal and a file. */
static void
make_printable(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
	}
}

int
host_take_failure(struct host_client *client, struct message_fail *fail,
		  struct weir_error *err)
{
	int status = (int)fail->status;

	if (status <= WEIR_OK || status > WEIR_EINTEGRITY ||
	    status == WEIR_EAGAIN)
		status = WEIR_EPROTOCOL;
	make_printable(fail->text);
	return weir_error_set(err, status, "%s: %s",
			      control_peer(client->control), fail->text);
}

static int
take_message(struct host *host, struct host_client *client,
	     struct weir_error *err)
{
	struct message *message = &host->message;

	if (client->stopping) {
		client->stopping = message->type != MESSAGE_STOPPED;
		message_fini(message);
		return WEIR_OK;
	}
	switch (message->type) {
	case MESSAGE_HELLO:
		if (client->greeted)
			break;
		client->greeted = true;
		client->facts = message->hello.facts;
		return hello_check(client->control, message, err);
	case MESSAGE_JOINED:
		if (!client->greeted || client->joined == client->n_channels ||
		    message->channel != client->first_channel + client->joined)
			break;
		client->joined++;
		return WEIR_OK;
	case MESSAGE_ARRIVE:
		if (!client->greeted || client->joined < client->n_channels ||
		    (int)message->phase <= client->arrived)
			break;
		client->arrived = (int)message->phase;
		return WEIR_OK;
	case MESSAGE_RESULT:
		if (client->arrived != LANE_TIMED || client->has_result)
			break;
		client->has_result = true;
		client->report = message->result; /* moved */
		make_printable(client->report.cpus);
		return WEIR_OK;
	case MESSAGE_FAIL:
		if (!client->has_result)
			return host_take_failure(client, &message->fail, err);
		/* Of the trial there was nothing left to fail: it goes, and
		 * its end is met next. */
		make_printable(message->fail.text);
		log_info("%s: %s", control_peer(client->control),
			 message->fail.text);
		return WEIR_OK;
	default:
		break;
	}
	message_fini(message);
	client->lost = true;
	return weir_error_set(err, WEIR_EPROTOCOL,
			      "%s sent \"%s\" where it has no place",
			      control_peer(client->control),
			      message_type_names[message->type]);
}

/* Everything that has come from a client. EAGAIN: no more for now. */
static int
hear(struct host *host, struct host_client *client, bool *ret_heard,
     struct weir_error *err)
{
	int fds[MESSAGE_FDS_MAX];
	int status;

	for (;;) {
		status = control_receive(client->control, &host->message, fds,
					 err);
		if (status == WEIR_EAGAIN)
			return WEIR_OK;
		if (status) {
			client->lost = true;
			return status;
		}
		*ret_heard = true;
		control_close_fds(&host->message, fds);
		status = take_message(host, client, err);
		if (status)
			return status;
	}
}

int
host_tell(struct host *host, struct host_client *client,
	  const struct message *message, const int *fds, uint32_t n_fds,
	  struct weir_error *err)
{
	int status = control_send(client->control, message, fds, n_fds, err);
	struct weir_error why = { 0 };
	bool heard;
	int theirs;

	if (status == WEIR_OK)
		return WEIR_OK;
	theirs = status == WEIR_EPEER ? hear(host, client, &heard, &why) :
					WEIR_OK;
	client->lost = true;
	if (theirs == WEIR_OK || theirs == WEIR_EPEER)
		return status;
	if (err)
		*err = why;
	return theirs;
}

static int
hear_all(struct host *host, bool *ret_heard, struct weir_error *err)
{
	for (uint32_t i = 0; i < host->n_clients; i++) {
		int status = hear(host, host->clients[i], ret_heard, err);

		if (status)
			return status;
	}
	return WEIR_OK;
}

/* ---- waiting ---- */

static int
check_stop(const struct host *host, struct weir_error *err)
{
	struct pollfd stop = { .fd = host->config->stop_fd,
			       .events = POLLIN };

	if (poll(&stop, 1, 0) > 0)
		return weir_error_set(err, WEIR_ECANCELED,
				      "the run was interrupted");
	return WEIR_OK;
}

/* Sleeps until something happens; *ret_dead is a client whose process has
 * ended, or NULL. */
static int
sleep_until(const struct host *host, uint64_t deadline_ns,
	    struct host_client **ret_dead, struct weir_error *err)
{
	struct pollfd polls[2 * HOST_CLIENTS_MAX + 2];
	nfds_t n = 0;

	for (uint32_t i = 0; i < host->n_clients; i++) {
		struct host_client *client = host->clients[i];
		uint64_t silence_ns =
			control_silence_deadline_ns(client->control);

		if (silence_ns < deadline_ns)
			deadline_ns = silence_ns;
		polls[n++] = (struct pollfd){
			.fd = control_fd(client->control), .events = POLLIN };
		polls[n++] = (struct pollfd){
			.fd = client->exit_fd, .events = POLLIN };
	}
	polls[n++] = (struct pollfd){
		.fd = host->config->stop_fd, .events = POLLIN };
	polls[n++] = (struct pollfd){
		.fd = host->channels.started ?
			crew_event_fd(host->channels.crew) : -1,
		.events = POLLIN };
	if (poll(polls, n, clock_poll_timeout_ms(deadline_ns)) < 0 &&
	    errno != EINTR)
		return weir_error_errno(err, "waiting for the client failed");
	*ret_dead = NULL;
	for (uint32_t i = 0; i < host->n_clients; i++) {
		/* What it said before it died is heard first. */
		if (polls[2 * i + 1].revents && !polls[2 * i].revents)
			*ret_dead = host->clients[i];
	}
	return WEIR_OK;
}

static int
dead(struct host_client *client, struct weir_error *err)
{
	client->lost = true;
	return weir_error_set(err, WEIR_EPEER, "%s has died",
			      control_peer(client->control));
}

/* The host's own lanes have failed. If that is because the other side went
 * away, what the client has to say about it comes first. */
static int
explain_crew_fault(struct host *host, struct weir_error *err)
{
	uint64_t deadline_ns = clock_deadline_ns(EXPLAIN_NS);
	struct weir_error own = { 0 };
	struct host_client *gone;
	bool heard;
	int status = crew_fault(host->channels.crew, &own);

	while (status == WEIR_EPEER && clock_now_ns() < deadline_ns) {
		int theirs = hear_all(host, &heard, err);

		if (theirs)
			return theirs;
		theirs = sleep_until(host, deadline_ns, &gone, err);
		if (theirs)
			return theirs;
		if (gone)
			return dead(gone, err);
	}
	if (err)
		*err = own;
	return status;
}

static int
nothing_moves(const struct host *host, uint64_t idle_ns,
	      struct weir_error *err)
{
	char text[UNITS_TEXT_BYTES];

	units_print_duration(idle_ns, text);
	if (!host->channels.started)
		return weir_error_set(err, WEIR_ETIMEOUT,
				      "the client is alive but did not do its "
				      "part within %s", text);
	return weir_error_set(err, WEIR_ETIMEOUT,
			      "no message moved for %s though both sides are "
			      "alive: the transport hangs (stall_timeout is "
			      "%s)", text, text);
}

/* One look at everybody. *ret_phase: where the crew is; *ret_moved: there
 * was news. */
static int
look(struct host *host, int *ret_phase, bool *ret_moved, uint64_t *progress,
     struct weir_error *err)
{
	int status = hear_all(host, ret_moved, err);
	bool failed = false;

	*ret_phase = -1;
	if (host->channels.started) {
		uint64_t now = crew_progress(host->channels.crew);

		*ret_phase = crew_state(host->channels.crew, &failed);
		if (now != *progress)
			*ret_moved = true;
		*progress = now;
	}
	if (status)
		return status;
	return failed ? explain_crew_fault(host, err) : WEIR_OK;
}

/* Nobody else can come any more, which those who are here need not mind. */
static void
look_at_meet(struct host *host)
{
	struct weir_error why = { 0 };

	if (!host->meet || clock_now_ns() < host->look_ns)
		return;
	host->look_ns = clock_deadline_ns(CONTROL_BEAT_NS);
	if (meet_check_file(host->meet, &why) == WEIR_OK)
		return;
	log_warn("%s; the run goes on with the clients that have come",
		 why.text);
	host->meet = NULL;
}

int
host_wait(struct host *host, host_ready_fn *ready, uint64_t idle_ns,
	  struct weir_error *err)
{
	uint64_t deadline_ns = clock_deadline_ns(idle_ns), progress = 0;
	struct host_client *gone = NULL;
	int status, phase = -1;
	uint64_t looked_ns;
	bool moved;

	for (;;) {
		moved = false;
		looked_ns = clock_now_ns();
		look_at_meet(host);
		status = check_stop(host, err);
		if (status == WEIR_OK)
			status = look(host, &phase, &moved, &progress, err);
		/* What a client said before it died still counts; its end is
		 * met again by the next wait, and named there. */
		if (status == WEIR_EPEER && ready(host, phase))
			return WEIR_OK;
		if (status)
			return status;
		if (ready(host, phase))
			return WEIR_OK;
		if (gone)
			return dead(gone, err);
		if (moved)
			deadline_ns = clock_deadline_ns(idle_ns);
		else if (looked_ns >= deadline_ns)
			return nothing_moves(host, idle_ns, err);
		status = sleep_until(host, deadline_ns, &gone, err);
		if (status)
			return status;
	}
}
