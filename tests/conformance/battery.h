/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The conformance battery: what every transport has to do, whoever wrote it.
 *
 * A case is a function that is run in a process of its own, with a deadline:
 * a transport that crashes, hangs or leaves something behind fails the case
 * and nothing else. Cases are selected by the capabilities of the plugin,
 * never by its name; a case that is left out says why.
 *
 *	battery.c     runs the cases over the variants of a plugin
 *	rig.c         what cases are made of: two ends, a client, checks
 *	interrupt.c   the thread that cancels, interrupts or kills
 *	leak.c        what a process holds
 *	cases*.c      the cases
 */
#ifndef TESTS_CONFORMANCE_BATTERY_H
#define TESTS_CONFORMANCE_BATTERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <weir/error.h>

struct plugin;
struct rig;

/* Where the client runs. */
#define BATTERY_THREAD 0x1u  /* a thread of the host's process */
#define BATTERY_PROCESS 0x2u /* a process, forked before offer */
#define BATTERY_LATE 0x4u    /* a process, forked after offer */
#define BATTERY_BOTH (BATTERY_THREAD | BATTERY_PROCESS)

/* Flags of a case. */
#define BATTERY_LOOPBACK 0x1u  /* for transports without another side, too */
#define BATTERY_CHOICES 0x2u   /* for every combination of choices */

struct battery_case {
	const char *name;
	void (*run)(struct rig *rig);
	uint64_t parameter; /* as the case likes: a size, a variation */
	uint64_t needs;     /* WEIR_CAP_*: left out where one is missing */
	uint32_t modes;     /* BATTERY_THREAD … */
	uint32_t flags;     /* BATTERY_LOOPBACK … */
};

/* All of them, ended by one without a name. */
extern const struct battery_case *const battery_tables[];

#define BATTERY_PASSED 0
#define BATTERY_FAILED 1
#define BATTERY_SKIPPED 2

/* One case has ended; text is the reason or a remark, and may be empty. */
typedef void battery_report_fn(void *context, int outcome, const char *name,
			       const char *text);

struct battery_plan {
	const struct plugin *plugin;
	const char *only; /* NULL, or what a case's full name must hold */
	bool thorough;    /* every case in every mode, for every variant */
	battery_report_fn *report;
	void *context;
};

/* Runs the battery; WEIR_OK even where cases failed (see the reports).
 * Errors: what keeps it from running at all; ETIMEOUT where so many cases
 * hung that the rest was left out. */
WEIR_MUST_USE int battery_run(const struct battery_plan *plan,
			      struct weir_error *err);

#endif
