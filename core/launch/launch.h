/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting and reaping the other side: the only place that forks.
 *
 * A launch gives a connected control socket and a way to notice and to
 * enforce the end of what it started. What serves several launches (a
 * container) belongs to the launch_site of the run. Nothing that was started
 * outlives launch_end, or launch_site_destroy.
 */
#ifndef CORE_LAUNCH_LAUNCH_H
#define CORE_LAUNCH_LAUNCH_H

#include <stdbool.h>
#include <stdint.h>

#include <weir/error.h>

#include "core/config/plan.h"
#include "core/plugin/registry.h"
#include "core/result/facts.h"

#define LAUNCH_HOW_BYTES 512

struct launch;
struct launch_site;

/* What the launches of one run share; run is borrowed. stop_fd becomes
 * readable when the run shall end, or is -1. */
WEIR_MUST_USE int launch_site_create(const struct plan_run *run, int stop_fd,
				     struct launch_site **ret_site,
				     struct weir_error *err);

/* Removes what is still there; NULL is allowed. */
void launch_site_destroy(struct launch_site *site);

struct launch_config {
	struct launch_site *site;
	enum plan_boundary boundary;
	const char *namespaces; /* of the cell; NULL elsewhere */
	const struct plan_run *run;
	struct registry *registry;   /* a client in this process shares it */
	const struct facts *facts;   /* likewise */
	/* What this side has loaded for the cell, from wherever: the client's
	 * is of the same folder. NULL: what it finds by itself. */
	const struct plugin *plugin;
};

/* Starts a client; the config is borrowed until launch_end. *ret_socket is
 * the host's end of the control connection, the caller's. What this machine
 * lacks is EUNAVAILABLE. */
WEIR_MUST_USE int launch_start(const struct launch_config *config,
			       struct launch **ret_launch, int *ret_socket,
			       struct weir_error *err);

/* Who it is, for sentences: "the client (pid 12)". Borrowed. */
const char *launch_name(const struct launch *launch);

/* Readable once its process has ended; -1 where it has none. */
int launch_exit_fd(const struct launch *launch);

/* The directory that this client shares with the host, by the host's name
 * for it; NULL where it is the run's own. Borrowed until launch_end. */
const char *launch_directory(const struct launch *launch);

/* What is known of it from outside: of a container its engine, image and
 * name. */
void launch_add_facts(const struct launch *launch, struct facts *to);

/*
 * Waits for its end (its control connection is closed by then), kills it if
 * need be, reaps it and frees the launch; NULL is allowed. A client that was
 * lost gets less time. ret_how says how it ended ("it was killed by signal 9
 * (Killed)"), empty if in order.
 */
void launch_end(struct launch *launch, bool lost,
		char ret_how[LAUNCH_HOW_BYTES]);

#endif
