/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client's side of the control protocol: serves trial after trial until
 * the host says BYE. The client decides nothing: what to do comes from the
 * host, it only loads plugins by name from its own folders.
 */
#ifndef CORE_COORD_CLIENT_H
#define CORE_COORD_CLIENT_H

#include <stdint.h>

#include <weir/error.h>

#include "core/plugin/registry.h"
#include "core/result/facts.h"
#include "core/result/own.h"

struct client_config {
	struct registry *registry;
	/* What a host of the same process has loaded, from wherever; goes
	 * before the registry's plugin of that name. NULL elsewhere. */
	const struct plugin *plugin;
	const struct facts *facts;
	/* The folder of the control socket, by this side's name for it: the
	 * run's directory is in there. NULL: an inherited socket, and the
	 * directory is what the host says. */
	const char *directory;
	uint64_t silence_timeout_ns;
	struct own *own; /* filled with what this side measures; or NULL */
	/* Becomes readable when the client shall end (a signal), or -1. */
	int stop_fd;
};

/*
 * Serves one host on a connected socket (taken in any case) until BYE
 * (WEIR_OK). EPEER: the host is gone; ETIMEOUT: it is silent; EPROTOCOL: it
 * speaks garbage; ECANCELED: stop_fd. A trial that fails is told to the host
 * and does not end the service.
 */
WEIR_MUST_USE int client_serve(const struct client_config *config, int socket,
			       struct weir_error *err);

#endif
