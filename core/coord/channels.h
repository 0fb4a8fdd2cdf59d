/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The channels of one side in one trial: plugin options, set-ups, channels
 * and the crew that drives them. Host and client both make theirs from the
 * SETUP message, so that what one side believes the other does too.
 */
#ifndef CORE_COORD_CHANNELS_H
#define CORE_COORD_CHANNELS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/coord/message.h"
#include "core/measure/crew.h"
#include "core/plugin/plugin.h"
#include "core/result/noise.h"

struct channels {
	const struct plugin *plugin;
	void *options; /* the plugin's struct, filled */
	char *directory;
	const struct weir_services *services;
	struct tsc_scale tsc; /* that they go by, if so */
	struct lane_spec lane;
	enum gauge_mode gauge;
	bool mlockall;
	struct lane_spec busy; /* of the channels beside the measured ones */
	struct crew *crew;
	uint32_t first; /* index in the trial of the first one here */
	uint32_t n;
	struct weir_setup *setups;
	struct weir_channel **at;
	struct tape *tapes;   /* one a channel; zeroed: none */
	struct gauge *gauges; /* likewise */
	struct noise noise; /* around the timed region */
	int *doors; /* one a channel, where its lane connects; else -1 */
	bool started;
};

/* Everything but the channels themselves; setup is checked here against the
 * plugin's option table. cpus has one entry per channel. On failure nothing
 * is left. */
WEIR_MUST_USE int channels_create(const struct message_setup *setup,
				  const struct plugin *plugin, uint32_t side,
				  const int32_t *cpus, const char *directory,
				  struct channels *ret_channels,
				  struct weir_error *err);

/* Channel i (0 … n - 1 here). The offer's descriptors are the caller's to
 * close: those that are not -1 after join. */
WEIR_MUST_USE int channels_offer(struct channels *c, uint32_t i,
				 struct weir_offer *ret_offer,
				 struct weir_error *err);
WEIR_MUST_USE int channels_join(struct channels *c, uint32_t i,
				struct weir_offer *offer,
				struct weir_error *err);
WEIR_MUST_USE int channels_accept(struct channels *c, uint32_t i,
				  uint64_t deadline_ns,
				  struct weir_error *err);

/* Channel i notes its messages on the tape of that descriptor, which stays
 * the caller's; before channels_start. */
WEIR_MUST_USE int channels_set_tape(struct channels *c, uint32_t i, int fd,
				    struct weir_error *err);

/* Takes the door (door.h) of channel i, which its lane makes and closes by
 * itself; before channels_start. */
void channels_set_door(struct channels *c, uint32_t i, int fd);
/* The host's end of channel i's gauge; *ret_fd, the client's, is the caller's
 * to close. -1 where the trial has none. */
WEIR_MUST_USE int channels_make_gauge(struct channels *c, uint32_t i,
				      int *ret_fd, struct weir_error *err);
/* The client's end; the descriptor stays the caller's. */
WEIR_MUST_USE int channels_open_gauge(struct channels *c, uint32_t i, int fd,
				      struct weir_error *err);

/* Starts the measuring threads; every channel is complete. */
WEIR_MUST_USE int channels_start(struct channels *c, struct weir_error *err);

/* Begins to watch the machine: with all lanes at the barrier before the timed
 * region, as nothing is to be done in it. */
void channels_watch(struct channels *c);

/* Ends that, and adds what was seen. */
void channels_evidence(struct channels *c, struct evidence *to);

/* Adds what the crew and the transport's counters say of n channels from
 * the one at `from` on, after LANE_DONE. */
WEIR_MUST_USE int channels_report(struct channels *c, uint32_t from,
				  uint32_t n, struct report *to,
				  struct weir_error *err);

/* Ends the crew, closes the channels, frees everything. Where a transport
 * does not come back from a cancel, its memory is left alone and false is
 * returned: the process should not go on for long. */
WEIR_MUST_USE bool channels_destroy(struct channels *c);

void channels_close_fds(struct weir_offer *offer);

#endif
