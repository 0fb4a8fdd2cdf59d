/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The crew: the measuring threads of one side of a trial, one per lane.
 *
 * The coordinating thread (which never measures) creates the crew, releases
 * each phase, and waits on one descriptor for what happens. It can end the
 * crew at any time: crew_cancel is bounded by what the transport promises
 * (WEIR_ECANCELED within 100 ms).
 *
 *	lane thread          prepare ► arrive(first) ► run ► arrive(warm-up) …
 *	coordinating thread            release(first)        release(warm-up) …
 *
 * A responder does not wait for the release: having arrived, it goes
 * straight into its first receive, so that nothing is lost between the two.
 */
#ifndef CORE_MEASURE_CREW_H
#define CORE_MEASURE_CREW_H

#include <stdbool.h>
#include <stdint.h>

#include "core/measure/lane.h"

struct crew;

/* What a lane needs of its side: the channel stays the caller's. `cancel`
 * and `fault` of the weir_setup that it was made with are those of the lane:
 * see crew_lane_cancel and crew_lane_fault. */
struct crew_seat {
	uint32_t index; /* of the channel in the trial */
	int cpu;        /* or AFFINITY_ANY */
	const struct lane_spec *spec; /* NULL: the crew's; else it differs
				       * in what a single lane does only */
};

/* A crew of n seats without threads; spec is copied, as lanes that can't be
 * ended outlive whoever gave it. */
WEIR_MUST_USE int crew_create(const struct lane_spec *spec,
			      const struct crew_seat *seats, uint32_t n,
			      struct crew **ret_crew, struct weir_error *err);

/* For the weir_setup of seat i's channel. Live as long as the crew. */
const uint32_t *crew_lane_cancel(const struct crew *crew, uint32_t i);
struct weir_error *crew_lane_fault(struct crew *crew, uint32_t i);

/* Gives seat i its channel, before crew_start. */
void crew_set_channel(struct crew *crew, uint32_t i,
		      struct weir_channel *channel);

/* Likewise the tape on which it notes its messages; borrowed. */
struct tape;
void crew_set_tape(struct crew *crew, uint32_t i, struct tape *tape);

/* Likewise, under spec->connects and instead of a channel, what channels are
 * made of and the door (door.h) where that is handed over; borrowed. */
void crew_set_door(struct crew *crew, uint32_t i,
		   const struct weir_setup *setup, int door);
/* Likewise the gauge on which it meets the other side's lane. */
struct gauge;
void crew_set_gauge(struct crew *crew, uint32_t i, struct gauge *gauge);

/* Starts the threads, each on its CPU from its first instruction. */
WEIR_MUST_USE int crew_start(struct crew *crew, struct weir_error *err);

/* Readable when something has happened; crew_state clears it. */
int crew_event_fd(const struct crew *crew);

/* The phase at whose barrier every lane has arrived (LANE_DONE at the end),
 * or -1: not all of them there yet. *ret_failed: a lane has failed. */
int crew_state(struct crew *crew, bool *ret_failed);

/* Lets the lanes run a phase. */
void crew_release(struct crew *crew, enum lane_phase phase);

/* Sum of what the lanes have moved: changes while anything moves. */
uint64_t crew_progress(const struct crew *crew);

/* The first failure: its status, and its sentence in err. */
int crew_fault(struct crew *crew, struct weir_error *err);

/* Ends every lane and waits for it: sets the cancel flags, then interrupts
 * blocked system calls every 5 ms until the lanes are back. False if one is
 * not back within two seconds: the transport hangs, and neither the crew nor
 * its channels may be touched again. */
bool crew_cancel(struct crew *crew);

/* Takes the report of one lane into another, once, after LANE_DONE. */
WEIR_MUST_USE int crew_report(struct crew *crew, uint32_t i,
			      struct report *to, struct weir_error *err);

/* Joins the threads (all done, failed or canceled) and frees the crew; NULL
 * is allowed. */
void crew_destroy(struct crew *crew);

#endif
