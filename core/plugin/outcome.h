/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a transport's operation came to. A transport may be wrong about that:
 * fail without a word, return what is no status, or succeed without a
 * channel. Behind these functions a failure has a known status and a
 * sentence, and a success what it promises.
 */
#ifndef CORE_PLUGIN_OUTCOME_H
#define CORE_PLUGIN_OUTCOME_H

#include <weir/transport.h>

/* The status, or WEIR_ESYSTEM in place of one that status.h does not have.
 * Any thread. */
int outcome_status(int status);

/*
 * Of an operation ("offer", …) that makes or completes a channel: the status
 * to go on with. `err` was zero when the operation was called; it is written
 * where the transport has not.
 */
int outcome_check(const char *transport, const char *operation, int status,
		  const struct weir_channel *channel, struct weir_error *err);

#endif
