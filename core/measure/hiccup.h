/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hiccup thread: how late does this machine wake a sleeper?
 *
 * It sleeps to one absolute time after the other, HICCUP_EVERY_NS apart, and
 * looks at the clock when it is woken (after Tene's jHiccup, and
 * cyclictest(8)). A machine that is frozen for a while, by its hypervisor or
 * by a long section of the kernel, shows it here whatever the transport does.
 *
 * It keeps off the CPUs that are measured where it may use others: more than
 * those, for the other side measures as many. Where it may not, it runs ahead
 * of the lanes, so that it tells of the machine and not of them; without the
 * right to that (SCHED_FIFO, sched(7)) there is none. There it sleeps for
 * HICCUP_BESIDE_NS: it takes a lane only some 5 us, but lanes that block lose
 * the rhythm in which either side's wake-up hides behind the other's work, and
 * find it again late. Woken every 5 ms, round trips of 64 KiB over a socket
 * took 4 % longer, in some runs 15 %.
 */
#ifndef CORE_MEASURE_HICCUP_H
#define CORE_MEASURE_HICCUP_H

#include <sched.h>

#include "core/measure/evidence.h"

#define HICCUP_EVERY_NS UINT64_C(5000000)
#define HICCUP_BESIDE_NS UINT64_C(50000000) /* on CPUs that are measured */
#define HICCUP_PRIORITY 98 /* above any lane's */
#define HICCUP_LATE_NS UINT64_C(1000000) /* a wake that counts as late */

struct hiccup;

/* Starts the thread; keep_off: the CPUs that are measured. NULL where it
 * can't be had: no evidence is no reason to fail. */
struct hiccup *hiccup_start(const cpu_set_t *keep_off);

/* Ends it, awake or not, and sets the wakes of the evidence; frees. NULL is
 * allowed. */
void hiccup_stop(struct hiccup *hiccup, struct evidence *evidence);

#endif
