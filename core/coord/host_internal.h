/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between host.c (waiting), host_clients.c and host_meet.c (how clients come
 * and go), and host_trial.c (the course of a trial) with host_setup.c (what
 * it is) and host_offer.c (its channels).
 */
#ifndef CORE_COORD_HOST_INTERNAL_H
#define CORE_COORD_HOST_INTERNAL_H

#include "core/coord/channels.h"
#include "core/coord/control.h"
#include "core/coord/host.h"
#include "core/coord/meet.h"

struct host_client {
	struct control *control;
	int exit_fd;
	struct facts facts;
	bool greeted;
	bool lost; /* dead, silent or lying: no BYE for it */
	/* in the trial in hand */
	uint32_t first_channel; /* its share */
	uint32_t n_channels;
	uint32_t joined;
	int arrived; /* at whose barrier, or -1 */
	bool has_result;
	bool stopping; /* what it says is dropped until STOPPED */
	struct report report;
	struct report own; /* the host's, of the client's channels */
};

struct host {
	const struct host_config *config;
	struct host_client *clients[HOST_CLIENTS_MAX];
	uint32_t n_clients;
	struct message message; /* the last one that came */
	const struct meet *meet; /* where they came, or NULL; borrowed */
	uint64_t look_ns;        /* when its file is looked at again */
	/* of the trial in hand */
	struct channels channels;
	const char *stage; /* "during set-up", for sentences */
};

/*
 * Waits until ready(host): takes what the clients say, watches the crew, the
 * clients' ends, the stop descriptor and the clock. Without any message or
 * progress for idle_ns it is ETIMEOUT.
 */
typedef bool host_ready_fn(const struct host *host, int crew_phase);
WEIR_MUST_USE int host_wait(struct host *host, host_ready_fn *ready,
			    uint64_t idle_ns, struct weir_error *err);

/* Sends a message to a client; where it can't be, the client is lost, and
 * what it had said before it went comes first. */
WEIR_MUST_USE int host_tell(struct host *host, struct host_client *client,
			    const struct message *message, const int *fds,
			    uint32_t n_fds, struct weir_error *err);

/* What a client says by FAIL, as an error. */
WEIR_MUST_USE int host_take_failure(struct host_client *client,
				    struct message_fail *fail,
				    struct weir_error *err);

/* A client that has not greeted; takes the socket in any case. */
WEIR_MUST_USE int host_client_make(const struct host *host, int socket,
				   const char *name, int exit_fd,
				   struct host_client **ret_client,
				   struct weir_error *err);
void host_client_free(struct host_client *client);

/*
 * What all sides of the trial have in common, but for the share of each; it
 * owns options also on failure. EINVALID: the cell has more or longer ones
 * than a message holds.
 */
WEIR_MUST_USE int host_setup_fill(const struct host *host,
				  const struct host_trial *trial,
				  struct message_setup *setup,
				  struct weir_error *err);

/* Sends that, which is in the message, to each client with its share of the
 * channels. EINVALID: there are fewer channels than clients. */
WEIR_MUST_USE int host_setup_send(struct host *host,
				  const struct host_trial *trial,
				  struct message *message,
				  struct weir_error *err);

/* Offers every channel to the client whose it is, waits until all of them
 * have joined, and accepts. */
WEIR_MUST_USE int host_offer_all(struct host *host,
				 const struct host_trial *trial,
				 struct weir_error *err);

#endif
