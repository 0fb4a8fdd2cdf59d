/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the machine does around the timed region of one side: the part of its
 * evidence that is not the lanes' own.
 *
 * Both ends lie outside the timed region, on the coordinating thread; in
 * between there is only the hiccup thread. An end costs well below a
 * millisecond on a small machine, most of it for /proc/interrupts.
 */
#ifndef CORE_RESULT_NOISE_H
#define CORE_RESULT_NOISE_H

#include <sched.h>
#include <stdint.h>

#include "core/measure/evidence.h"
#include "core/measure/hiccup.h"

/* Zero-initialise. */
struct noise {
	cpu_set_t cpus; /* that are watched */
	struct hiccup *hiccup;
	struct noise_look {
		uint64_t at_ns;
		uint64_t idle_ns;
		uint64_t steal_ns;
		uint64_t interrupts;
		uint64_t throttled;
		uint64_t throttled_ns;
		uint64_t lowest_hz;
		uint64_t highest_hz;
	} before;
};

/* Chooses the CPUs of n lanes; a lane that is not pinned (AFFINITY_ANY) has
 * all CPUs that this process may use. */
void noise_watch(struct noise *noise, const int32_t *cpus, uint32_t n);

void noise_begin(struct noise *noise);

/* Adds all but the lanes' part of the evidence. One that did not begin has
 * nothing to say; it may be ended again. */
void noise_end(struct noise *noise, struct evidence *evidence);

#endif
