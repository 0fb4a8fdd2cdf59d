/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's side of the control protocol: greets clients and drives trials
 * with them. Several clients share the channels of a trial in equal parts.
 */
#ifndef CORE_COORD_HOST_H
#define CORE_COORD_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include <weir/error.h>

#include "core/config/plan.h"
#include "core/measure/affinity.h"
#include "core/measure/report.h"
#include "core/plugin/plugin.h"
#include "core/result/facts.h"

#define HOST_CLIENTS_MAX 64

struct host;

struct host_config {
	const struct plan_run *run;
	const struct facts *facts;
	/* The run's private directory, or NULL. */
	const char *directory;
	/* The same for the clients, as SETUP says it (message.h), or NULL. */
	const char *client_directory;
	/* Becomes readable when the run shall end (a signal), or -1. */
	int stop_fd;
};

/* A host without clients; config and what it points to are borrowed. */
WEIR_MUST_USE int host_create(const struct host_config *config,
			      struct host **ret_host, struct weir_error *err);

/*
 * Greets a client on a connected socket (taken in any case). `name` is for
 * sentences ("the client (pid 12)"); exit_fd (borrowed, or -1) becomes
 * readable when the client's process ends. Waits up to the connect timeout.
 */
WEIR_MUST_USE int host_add_client(struct host *host, int socket,
				  const char *name, int exit_fd,
				  struct weir_error *err);

struct meet;

/*
 * Waits for n clients that come to the socket by themselves. Who connects and
 * does not greet well (goes away, is silent for the silence timeout, speaks
 * garbage, is of another version) is dropped with a warning, and keeps nobody
 * else from coming. ETIMEOUT: they did not come in time; ECANCELED; EPEER:
 * the socket file was removed. The meet is borrowed until the last trial:
 * should its file be removed during one, that is told.
 */
struct host_await {
	uint32_t n;
	uint64_t deadline_ns;
	/* Told how many have come, at the begin and at every change. */
	void (*tell)(void *context, uint32_t n_come);
	void *context;
};
WEIR_MUST_USE int host_await_clients(struct host *host, struct meet *meet,
				     const struct host_await *await,
				     struct weir_error *err);

uint32_t host_n_clients(const struct host *host);
const struct facts *host_client_facts(const struct host *host, uint32_t i);
/* One CLOCK_MONOTONIC for all sides, by boot and time namespace. */
bool host_comparable_clocks(const struct host *host);

struct host_trial {
	const struct plan_cell *cell;
	uint32_t index; /* of the repeat */
	const struct plugin *plugin;
	const struct affinity *affinity;
	uint64_t schedule_seed; /* of an open loop */
	/* A tape for each channel, where a stream is wanted; else NULL. The
	 * lanes of the side that takes the latencies note on them. */
	const int *tapes;
};

/*
 * Runs one trial with all clients. On success the reports (initialised here,
 * report_fini by the caller in any case) hold what both sides measured, all
 * clients merged. The status says whose fault a failure is: what the
 * transport or its options refuse comes as it is (ETOOBIG, EUNAVAILABLE,
 * EINVALID, ENOMEMORY …); a client that died, stopped or lied is EPEER,
 * ETIMEOUT or EPROTOCOL with *ret_client_lost set; stop_fd is ECANCELED.
 * After any other failure the clients are idle again, ready for a trial.
 */
WEIR_MUST_USE int host_run_trial(struct host *host,
				 const struct host_trial *trial,
				 struct report *ret_host,
				 struct report *ret_clients,
				 bool *ret_client_lost,
				 struct weir_error *err);

/*
 * After a good trial with several clients: what both sides measured on the
 * channels of client i (of a single one it is what host_run_trial returned).
 * Borrowed, until the next trial or the end of the clients.
 */
const struct report *host_share(const struct host *host, uint32_t i);
const struct report *host_client_report(const struct host *host, uint32_t i);

/* Says BYE where the clients are well, and closes their connections. */
void host_drop_clients(struct host *host);

/* NULL is allowed. */
void host_destroy(struct host *host);

#endif
