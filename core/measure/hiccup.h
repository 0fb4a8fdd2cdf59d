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
 * of the lanes, so that it tells of the machine and not of them, and costs a
 * lane some 5 us every HICCUP_EVERY_NS, 0.1 %; without the right to that
 * (SCHED_FIFO, sched(7)) there is none.
 */
#ifndef CORE_MEASURE_HICCUP_H
#define CORE_MEASURE_HICCUP_H

#include <sched.h>

#include "core/measure/evidence.h"

#define HICCUP_EVERY_NS UINT64_C(5000000)
#define HICCUP_PRIORITY 98 /* above any lane's */
#define HICCUP_LATE_NS UINT64_C(1000000) /* a wake that counts as late */

struct hiccup;

/* Starts the thread; keep_off: the CPUs that are measured. NULL where it
 * can't be had: no evidence is no reason to fail. */
struct hiccup *hiccup_start(const cpu_set_t *keep_off);

/* Ends it, which takes no longer than one sleep, and sets the wakes of the
 * evidence; frees. NULL is allowed. */
void hiccup_stop(struct hiccup *hiccup, struct evidence *evidence);

#endif
