/* SPDX-License-Identifier: Apache-2.0 */
/* One end of a pipe channel. */
#ifndef PLUGINS_PIPE_CHANNEL_H
#define PLUGINS_PIPE_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include <weir/transport.h>

#include "plugins/common/channel.h"
#include "plugins/common/rendezvous.h"
#include "plugins/pipe/pages.h"

/* Values of the option `type`. */
#define PIPE_STREAM 0u
#define PIPE_PACKET 1u
#define PIPE_VMSPLICE 2u

/* Indices of the files and of the descriptors in an offer: what the client
 * reads from, what it writes to. */
#define PIPE_DOWN 0
#define PIPE_UP 1

struct pipe_options {
	uint32_t type;
	uint64_t pipe_size;
	uint32_t wait;
	uint64_t spin_ns;
	uint32_t rendezvous;
	const char *directory;
};

struct pipe {
	struct weir_channel channel; /* packets: type = packet */
	struct pages pages;          /* type = vmsplice … */
	const unsigned char *sending; /* … and the message in them */
	const struct pipe_options *options;
	int tx_fd;
	int rx_fd;

	/* Host with rendezvous = path, until the client has joined. */
	int holder_fd;
	int directory_fd;
	char name[RENDEZVOUS_NAME_BYTES];
	bool made[2]; /* this FIFO is there */
};

#endif
