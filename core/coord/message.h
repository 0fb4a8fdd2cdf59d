/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control protocol: what host and client say to each other.
 *
 * A Unix stream socket carries frames: u32 length (little endian, at most
 * MESSAGE_BYTES_MAX), then that many bytes of JSON, one object with a
 * "type". Descriptors travel as SCM_RIGHTS with the frame's first bytes.
 * Integers that may pass 2^53 are decimal strings.
 *
 *	host                                  client
 *	----                                  ------
 *	HELLO  ────────────────────────────►          who am I: magic, protocol,
 *	       ◄──────────────────────────── HELLO   tool, ABI, facts
 *	  for each trial:
 *	SETUP  ────────────────────────────►          what to do
 *	OFFER × channels (address, fds) ───►          joins each; the fds are
 *	                                              the transport's, a tape, a
 *	                                              gauge: see setup.h
 *	       ◄──────────────────────────── JOINED × channels
 *	       ◄──────────────────────────── ARRIVE first
 *	GO first ──────────────────────────►          … the first message
 *	       ◄──────────────────────────── ARRIVE warm-up
 *	GO warm-up ────────────────────────►          … the warm-up
 *	       ◄──────────────────────────── ARRIVE timed
 *	GO timed ──────────────────────────►          … THE TIMED REGION
 *	       ◄──────────────────────────── RESULT  its report
 *	  at the end:
 *	BYE    ────────────────────────────►
 *
 *	at any time, both ways:  BEAT every 500 ms (silence is noticed)
 *	from the client:         FAIL (the trial failed here, and why)
 *	from the host:           STOP (the trial is over before its end);
 *	                         the client answers STOPPED
 *
 * Under the pattern connect an OFFER holds the client's end of a door
 * (measure/door.h), and JOINED says that it was taken: the lanes make the
 * channels themselves, and hand them over there.
 *
 * Host states:   greeting ► idle ► setting up ► at barrier(phase) ►
 *                running(phase) ► collecting ► idle
 * Client states: greeting ► idle ► joining ► at barrier(phase) ►
 *                running(phase) ► idle
 *
 * After FAIL, or for a reason of its own, the host sends STOP; both sides drop
 * the trial, and what the host hears before STOPPED belongs to it and is
 * dropped, too. Then the two are idle again. A client that gives up a host
 * that is silent says so by FAIL at any time, and goes. Anything else out of
 * turn is EPROTOCOL.
 *
 * Every wait has a deadline:
 *	HELLO of the other side             connect timeout; of who comes by
 *	                                    itself, the silence timeout
 *	JOINED, ARRIVE, RESULT              stall timeout, begun anew by
 *	                                    every message of traffic
 *	silence (no bytes at all)           7/8 of the silence timeout, in
 *	                                    every state
 *	a full socket while sending         silence timeout
 *	STOP to STOPPED                     4 s (the lanes' return: 2 s)
 *
 * The decoder is total: any byte string gives a message or an error, and it
 * allocates only after the length was checked.
 */
#ifndef CORE_COORD_MESSAGE_H
#define CORE_COORD_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <weir/transport.h>

#include "core/coord/setup.h"
#include "core/measure/report.h"
#include "core/result/facts.h"

#define MESSAGE_MAGIC "weir-control"
#define MESSAGE_PROTOCOL 5
#define MESSAGE_BYTES_MAX (UINT32_C(2) << 20)
#define MESSAGE_FDS_MAX (WEIR_OFFER_FDS_MAX + 2) /* its, a tape, a gauge */

enum message_type {
	MESSAGE_HELLO,
	MESSAGE_SETUP,
	MESSAGE_OFFER,
	MESSAGE_JOINED,
	MESSAGE_ARRIVE,
	MESSAGE_GO,
	MESSAGE_RESULT,
	MESSAGE_FAIL,
	MESSAGE_STOP,
	MESSAGE_STOPPED,
	MESSAGE_BEAT,
	MESSAGE_BYE,
	MESSAGE_TYPES
};
extern const char *const message_type_names[MESSAGE_TYPES];

/* Of another protocol, only who speaks it is decoded: the magic, the protocol
 * and the tool are what all of them say. */
struct message_hello {
	uint64_t protocol;
	char tool[MESSAGE_NAME_BYTES]; /* version */
	uint64_t abi; /* WEIR_ABI */
	uint64_t beat_ns; /* how often this side beats */
	struct facts facts;
};

struct message_offer {
	uint64_t channel; /* index in the trial */
	uint64_t n_fds;   /* that came with the frame */
	char address[WEIR_OFFER_ADDRESS_BYTES];
};

struct message_fail {
	uint64_t status; /* WEIR_* */
	char text[MESSAGE_TEXT_BYTES];
};

struct message {
	enum message_type type;
	union {
		struct message_hello hello;
		struct message_setup setup; /* owns its options */
		struct message_offer offer;
		uint64_t channel; /* JOINED */
		uint64_t phase;   /* ARRIVE, GO: enum lane_phase */
		struct report result; /* owns its histogram: report_fini */
		struct message_fail fail; /* FAIL and STOP */
	};
};

/* The JSON of a message; the caller frees. */
WEIR_MUST_USE int message_encode(const struct message *message,
				 char **ret_text, size_t *ret_len,
				 struct weir_error *err);

/* Any len bytes to a message (fully overwritten) or WEIR_EPROTOCOL. */
WEIR_MUST_USE int message_decode(const char *text, size_t len,
				 struct message *ret_message,
				 struct weir_error *err);

/* Frees what a decoded message owns. */
void message_fini(struct message *message);
/* Likewise of a SETUP that was moved out of its message. */
void message_setup_fini(struct message_setup *setup);

#endif
