/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command that runs beside a trial: interference on purpose.
 *
 *	weir ──fork──► guard ──fork──► the command, in a process group of
 *	  └─── pipe ─────┘             its own, with what it starts itself
 *
 * The guard is a process that does nothing but wait for its end of the pipe to
 * be closed, be that by background_end or by the death of weir, whatever its
 * cause. Then it ends the group (SIGTERM, after half a second SIGKILL) and
 * everything that has left the group, which as the subreaper it inherits, and
 * reaps all of it. Should the guard itself be killed, the command dies with it
 * (PR_SET_PDEATHSIG).
 *
 * There is no shell: the words of the command are told apart by base/words.h,
 * and the first is looked up in PATH. It runs as an ordinary process, also
 * where weir has a real-time priority; its input is empty, and what it prints
 * is shown (on standard error) with --log-level info and above only.
 */
#ifndef CORE_LAUNCH_BACKGROUND_H
#define CORE_LAUNCH_BACKGROUND_H

#include <weir/error.h>

#define BACKGROUND_HOW_BYTES 128

struct background;

/* Starts a command; returns once it has been executed. "none" and NULL give
 * NULL. What is not to be found or may not be run is EUNAVAILABLE. */
WEIR_MUST_USE int background_start(const char *command,
				   struct background **ret_background,
				   struct weir_error *err);

/* Ends it with all that it started, and frees it; NULL is allowed. ret_how
 * says how it had ended before ("it ended with exit code 1"), and is empty
 * where it was still running. */
void background_end(struct background *background,
		    char ret_how[BACKGROUND_HOW_BYTES]);

#endif
