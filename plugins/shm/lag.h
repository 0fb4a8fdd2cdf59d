/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader that lags. Once it has caught up with a stream the two sides would
 * meet at each message, or chunk, and the cache lines go to and fro: it is
 * faster to let the sender run ahead for a while. Who answers, or reads a
 * paced stream, never lags.
 *
 * For who reads with lag_ns > 0, on its thread; to be called when nothing is
 * there and all room has been given back.
 */
#ifndef PLUGINS_SHM_LAG_H
#define PLUGINS_SHM_LAG_H

#include "plugins/shm/channel.h"

/* Between messages: waits for lag_ns, or until half of the ring is full, if
 * this is a stream. */
void lag_caught_up(struct weir_channel *c);

/* The same in the middle of a message that flows. */
void lag_within(struct weir_channel *c);

#endif
