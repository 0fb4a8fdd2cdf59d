/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pause before each message, outside of every sample.
 *
 * idle        the thread sleeps, and sends as soon as it is awake: cold
 *             caches, a CPU that was given to others or to nobody
 * send_delay  the thread is awake again a while before its time and waits for
 *             that spinning, so that it sends with a warm CPU
 *
 * What a pause itself costs (its CPU time, the switch to sleep) is noted in
 * the lane, so that no message has to pay for it.
 */
#ifndef CORE_MEASURE_PAUSE_H
#define CORE_MEASURE_PAUSE_H

#include <weir/error.h>

#include "core/measure/lane.h"

/* Waits for the pause that the lane's spec has; ECANCELED when told to end.
 * Only on the lane's thread. */
WEIR_MUST_USE int pause_keep(struct lane *lane);

#endif
