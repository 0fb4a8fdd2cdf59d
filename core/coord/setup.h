/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SETUP: what the host tells a client of a trial.
 */
#ifndef CORE_COORD_SETUP_H
#define CORE_COORD_SETUP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/tsc.h"
#include "core/config/axes.h"

#define MESSAGE_TEXT_BYTES 1024
#define MESSAGE_NAME_BYTES 64
#define MESSAGE_OPTIONS_MAX 64
#define MESSAGE_AXES_MAX 32
#define MESSAGE_CHANNELS_MAX 1024

struct message_option {
	char name[MESSAGE_NAME_BYTES];
	char text[MESSAGE_TEXT_BYTES];
};

struct message_setup {
	char cell[MESSAGE_TEXT_BYTES]; /* id */
	char transport[MESSAGE_TEXT_BYTES];
	uint64_t boundary; /* enum plan_boundary */
	uint64_t trial;    /* index of the repeat */
	char plugin[MESSAGE_NAME_BYTES];
	char directory[MESSAGE_TEXT_BYTES]; /* path, or name at the socket */
	uint64_t pattern; /* enum plan_pattern */
	uint64_t verify;  /* enum lane_verify */
	uint64_t size_bytes;
	bool client_initiates;
	bool include_first;
	bool comparable_clocks;
	uint64_t clock; /* enum plan_clock; and what the counter goes by */
	struct tsc_scale tsc;
	bool notes; /* behind the transport's descriptors of each OFFER comes a
		     * tape for it */
	uint64_t gauge; /* enum gauge_mode; unless none, behind that a gauge */
	uint64_t realtime; /* priority of SCHED_FIFO; 0: none */
	bool mlockall;
	uint64_t warmup_count; /* UINT64_MAX: no limit; both 0: no warm-up */
	uint64_t warmup_ns;
	uint64_t count;
	uint64_t duration_ns;
	uint64_t deadline_ns;     /* of a message; 0: none */
	uint64_t schedule_seed;   /* of an open loop */
	uint64_t first_channel; /* of this client's share */
	uint64_t n_all_channels; /* of the trial */
	uint64_t n_channels;     /* of this client */
	int32_t cpus[MESSAGE_CHANNELS_MAX];
	uint64_t n_options;
	struct message_option *options; /* owned: message_setup_fini */
	/* The further axes of the cell, by name; in `axes` all of them typed,
	 * but for those that are texts. */
	uint64_t n_further;
	struct message_option *further; /* owned, too */
	struct plan_axes axes;
};

#endif
