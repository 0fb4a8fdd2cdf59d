/* SPDX-License-Identifier: Apache-2.0 */
/* What a client makes of a host's SETUP. */
#ifndef CORE_COORD_CLIENT_SETUP_H
#define CORE_COORD_CLIENT_SETUP_H

#include "core/coord/channels.h"
#include "core/coord/client.h"
#include "core/coord/message.h"

/*
 * Finds the plugin and the directory, begins the trial in the client's own
 * results, and makes the channels, which borrow the setup. CPUs that this side
 * may not use are taken out of the setup. Errors: EPROTOCOL where the host
 * names what is none of its affairs; EUNAVAILABLE; ENOMEMORY.
 */
WEIR_MUST_USE int client_set_up(const struct client_config *config,
				struct message_setup *setup,
				struct channels *ret_channels,
				struct weir_error *err);

#endif
