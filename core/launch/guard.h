/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guard of a background command; see background.h, which alone uses it.
 */
#ifndef CORE_LAUNCH_GUARD_H
#define CORE_LAUNCH_GUARD_H

#include <stdbool.h>

enum guard_kind {
	GUARD_STARTED, /* the command was executed */
	GUARD_FAILED,  /* it could not be: value is the errno */
	GUARD_ENDED,   /* by itself: value is its wait status */
};

struct guard_note {
	int kind;
	int value;
};

/*
 * What the guard does, right after fork: starts the command, writes notes
 * about it to `notes`, and ends it when `alive` has no writer any more.
 * Nothing but system calls, for the parent may have had threads. talks: what
 * the command prints goes to standard error, else nowhere.
 */
void guard_main(char *const *argv, int alive, int notes, bool talks)
	__attribute__((noreturn));

#endif
