/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread that does to a waiting one what the core does: after a while it
 * sets the cancel flag and interrupts the system call that the other may be
 * in, every 5 ms until the other is back. Or it kills the client first, or
 * only interrupts.
 */
#ifndef TESTS_CONFORMANCE_INTERRUPT_H
#define TESTS_CONFORMANCE_INTERRUPT_H

#include <pthread.h>
#include <stdint.h>

#include "tests/conformance/rig.h"

struct interrupt {
	struct rig_end *end; /* whose flag is set */
	bool only_interrupt; /* and it isn't */
	struct rig_pair *kill_first; /* whose client is killed; or NULL */
	uint64_t delay_ns; /* before anything; then once more, after a kill */
	uint64_t period_ns; /* between signals; 0 is 5 ms */

	pthread_t target;
	pthread_t thread;
	uint64_t begun_ns; /* when the flag was set, or the client killed */
	uint32_t done;
};

/* The signal that interrupts; its handler does nothing. */
void interrupt_install(void);

/* The calling thread becomes the target. */
void interrupt_start(struct interrupt *interrupt);

/* The target is back: how long after the flag or the kill, in ns (0 if it was
 * back before that). */
uint64_t interrupt_finish(struct interrupt *interrupt);

#endif
