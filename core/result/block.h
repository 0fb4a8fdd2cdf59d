/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The figures of a trial and of a cell: how blocks are made and merged.
 *
 * Accounting across both ends
 *
 * A direction is what one side sends and the other receives. One way there
 * is one; a round trip has two, requests and echoes; over a loopback the
 * host is both ends of one. A receiver sees a message missing by a gap in
 * the sequence, but nothing behind its last receipt; the sender's count
 * shows that, too. So, per direction,
 *
 *	arrived   = received - duplicate            (each message once)
 *	lost      = max(sent - arrived, lost by the receiver's sequence)
 *	duplicate = duplicate by sequence + max(arrived - sent, 0)
 *
 * where max, not a sum, keeps a gap from counting twice: an honest gap is
 * part of sent - arrived. More arrivals than were sent can only be repeats
 * that no sequence told (verify = none). A lost request has no echo, and its
 * gap among the echoes is none of theirs. reordered and corrupt are the
 * receiver's. A block sums lost, duplicate, reordered and corrupt over its
 * directions; sent and received are those of the messages, and one round
 * trip is one message: the initiator's requests and the echoes that it got.
 *
 * Messages, time and latency of a block
 *
 *	round trip        messages  arrived at the initiator
 *	                  elapsed   initiator: started to ended
 *	                  latency   of the initiator
 *	one way           messages  arrived at the receiver
 *	                  elapsed   sender's start to receiver's end
 *	                  latency   of the receiver; from 16 bytes
 *	one way, clocks   elapsed   receiver: first receipt to last, which
 *	that can't be               n - 1 messages filled
 *	compared          latency   none
 */
#ifndef CORE_RESULT_BLOCK_H
#define CORE_RESULT_BLOCK_H

#include "core/result/result.h"

/* A block without figures: NaN and nothing. */
void result_block_init(struct result_block *block);
void result_block_fini(struct result_block *block);

/* Makes an initialised block from what both sides report in one trial. */
WEIR_MUST_USE int result_block_make(struct result_block *block,
				    const struct plan *plan,
				    const struct plan_axes *axes,
				    const struct result_sides *sides,
				    struct weir_error *err);

/* Makes an initialised block of what a client alone knows of its channels:
 * nothing is accounted against the other end, and a one-way sender's messages
 * are those that it sent. */
WEIR_MUST_USE int result_block_make_own(struct result_block *block,
					const struct plan *plan,
					const struct plan_axes *axes,
					const struct report *client,
					bool initiates,
					struct weir_error *err);

/* Why a one-way trial can't say how long a message took, or NULL. */
const char *result_block_no_latency(const struct plan *plan,
				    const struct plan_axes *axes,
				    const struct result_sides *sides);

/* Sets the latency of a block from what was counted; no samples: none. */
WEIR_MUST_USE int result_block_set_latency(struct result_block *block,
					   const struct plan *plan,
					   const struct histogram *latency,
					   struct weir_error *err);

/* Takes the percentiles away whose tails were made of too few clusters. */
void result_block_judge_tail(struct result_block *block);

/* Adds samples, if there are any, to `total`; `scratch` is overwritten. */
WEIR_MUST_USE int result_samples_add(struct histogram *total,
				     struct histogram *scratch,
				     const struct result_samples *samples,
				     struct weir_error *err);

/* result_add_trial of a client's own results; `client` is NULL where it took
 * no part in the traffic. */
WEIR_MUST_USE int result_add_own(struct result *result, size_t cell,
				 uint32_t trial, uint64_t started_ns,
				 const struct report *client, bool initiates,
				 struct weir_error *err);

/* Merges a cell's trials into its initialised block, over_trials, and the
 * share of each client. */
WEIR_MUST_USE int result_block_merge(struct result_cell *cell,
				     const struct plan *plan,
				     struct weir_error *err);

#endif
