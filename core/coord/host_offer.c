/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the channels of a trial come about: offered, joined, accepted.
 */
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/coord/host_internal.h"
#include "core/measure/door.h"

/* Of the transport's descriptors, where the client notes, a tape, and a gauge
 * where there is one. */
static int
send_offer(struct host *host, struct host_client *client, uint32_t channel,
	   const struct weir_offer *offer, int tape, int gauge,
	   struct weir_error *err)
{
	struct message message = { .type = MESSAGE_OFFER };
	int fds[MESSAGE_FDS_MAX];
	uint32_t n = offer->n_fds;

	memcpy(fds, offer->fds, n * sizeof(fds[0]));
	if (tape >= 0)
		fds[n++] = tape;
	if (gauge >= 0)
		fds[n++] = gauge;
	message.offer.channel = channel;
	message.offer.n_fds = n;
	memcpy(message.offer.address, offer->address, sizeof(offer->address));
	return host_tell(host, client, &message, fds, n, err);
}

/* Instead of an offer: the lanes make theirs themselves, and hand them over
 * at this door. */
static int
open_door(struct host *host, uint32_t channel, struct weir_offer *ret_offer,
	  struct weir_error *err)
{
	int ends[2];
	int status = door_make(ends, err);

	if (status)
		return status;
	channels_set_door(&host->channels, channel, ends[0]);
	*ret_offer = (struct weir_offer){ .size = sizeof(*ret_offer) };
	memset(ret_offer->fds, -1, sizeof(ret_offer->fds));
	ret_offer->fds[ret_offer->n_fds++] = ends[1];
	return WEIR_OK;
}

static int
offer_one(struct host *host, const struct host_trial *trial,
	  struct host_client *client, uint32_t channel, struct weir_error *err)
{
	bool notes = trial->tapes && lane_notes(&host->channels.lane);
	int tape = trial->tapes && !notes ? trial->tapes[channel] : -1;
	struct weir_offer offer;
	int status = WEIR_OK, gauge;

	if (notes)
		status = channels_set_tape(&host->channels, channel,
					   trial->tapes[channel], err);
	if (status == WEIR_OK)
		status = host->channels.lane.connects ?
				 open_door(host, channel, &offer, err) :
				 channels_offer(&host->channels, channel,
						&offer, err);
	if (status)
		return status;
	status = channels_make_gauge(&host->channels, channel, &gauge, err);
	if (status == WEIR_OK)
		status = send_offer(host, client, channel, &offer, tape, gauge,
				    err);
	if (gauge >= 0)
		close(gauge);
	channels_close_fds(&offer);
	return status;
}

static bool
all_joined(const struct host *host, int crew_phase)
{
	(void)crew_phase;
	for (uint32_t i = 0; i < host->n_clients; i++) {
		if (host->clients[i]->joined < host->clients[i]->n_channels)
			return false;
	}
	return true;
}

int
host_offer_all(struct host *host, const struct host_trial *trial,
	       struct weir_error *err)
{
	const struct plan_run *run = host->config->run;
	int status = WEIR_OK;

	for (uint32_t i = 0; i < host->n_clients; i++) {
		struct host_client *client = host->clients[i];

		for (uint32_t k = 0; k < client->n_channels && !status; k++)
			status = offer_one(host, trial, client,
					   client->first_channel + k, err);
	}
	if (status == WEIR_OK)
		status = host_wait(host, all_joined, run->stall_timeout_ns,
				   err);
	if (host->channels.lane.connects)
		return status;
	for (uint32_t k = 0; k < host->channels.n && !status; k++)
		status = channels_accept(&host->channels, k,
					 clock_deadline_ns(
						run->stall_timeout_ns), err);
	return status;
}
