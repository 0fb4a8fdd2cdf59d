/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor: what a round trip costs that goes nowhere. The null transport is
 * driven as any other is, by a lane on a thread of its own, so that what the
 * harness adds to each sample of the same run is known: the clock, the calls,
 * the marks on a message and the look at them.
 */
#ifndef CORE_COORD_FLOOR_H
#define CORE_COORD_FLOOR_H

#include <weir/error.h>

#include "core/config/keys.h"
#include "core/measure/report.h"
#include "core/plugin/plugin.h"

#define FLOOR_PLUGIN "null"
#define FLOOR_SIZE_BYTES 64
#define FLOOR_MESSAGES 10000

/*
 * Measures it by the run's clock on one CPU (or AFFINITY_ANY). A few ms, at
 * most a second: ETIMEDOUT. The report is the caller's to fini.
 */
WEIR_MUST_USE int floor_measure(const struct plugin *null,
				const struct plan_run *run, int cpu,
				struct report *ret_report,
				struct weir_error *err);

#endif
