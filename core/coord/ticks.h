/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock that a trial is timed by, on both sides the same: CLOCK_MONOTONIC,
 * or the time stamp counter by the calibration that the host makes for each
 * trial and tells its clients in SETUP.
 */
#ifndef CORE_COORD_TICKS_H
#define CORE_COORD_TICKS_H

#include "core/base/tsc.h"
#include "core/config/plan.h"
#include "core/coord/setup.h"
#include "core/result/facts.h"

struct weir_services;

/* The host: puts the run's clock into SETUP, whose comparable_clocks is
 * there. EUNAVAILABLE: it is not to be had, and why. */
WEIR_MUST_USE int ticks_fill(const struct plan_run *run,
			     struct message_setup *setup,
			     struct weir_error *err);

/* Each side: services with the clock of SETUP, which hold until those of
 * another trial are asked for. EUNAVAILABLE: not on this side, and why. */
WEIR_MUST_USE int ticks_services(const struct message_setup *setup,
				 const struct weir_services **ret_services,
				 struct weir_error *err);

/* After a trial by the counter, with SETUP's calibration (mult 0: it was not):
 * that is to be no more than 0.1 % and 10 us off. ESYSTEM: it is. */
WEIR_MUST_USE int ticks_check(const struct tsc_scale *scale,
			      struct weir_error *err);

/* Adds what is known of the run's clock to the host's facts, at its begin; and
 * at its end how far the calibration of the begin was off. */
void ticks_begin_facts(const struct plan_run *run, struct facts *facts,
		       struct tsc_scale *ret_scale);
void ticks_end_facts(const struct tsc_scale *scale, struct facts *facts);

#endif
