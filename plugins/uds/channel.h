/* SPDX-License-Identifier: Apache-2.0 */
/* One end of a uds channel. */
#ifndef PLUGINS_UDS_CHANNEL_H
#define PLUGINS_UDS_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include <weir/transport.h>

#include "plugins/common/channel.h"
#include "plugins/common/rendezvous.h"
#include "plugins/common/socket.h"

/* Values of the option `type`. */
#define UDS_STREAM 0u
#define UDS_SEQPACKET 1u
#define UDS_DGRAM 2u

struct uds_options {
	uint32_t type;
	uint32_t wait;
	uint64_t spin_ns;
	uint64_t sndbuf;
	uint64_t rcvbuf;
	uint32_t rendezvous;
	const char *directory;
};

struct uds {
	struct weir_channel channel; /* packets: any type but stream */
	int type;                    /* SOCK_STREAM … */
	const struct uds_options *options;
	struct socket_buffers buffers;
	int fd;
	int alive_fd; /* dgram: hangs up with the other side */

	/* Host with rendezvous = path, until the client is accepted. */
	int listen_fd;
	int directory_fd;
	char name[RENDEZVOUS_NAME_BYTES]; /* "" when there is no file */
};

#endif
