/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The greeting: each side says who it is, and checks who the other is.
 */
#ifndef CORE_COORD_HELLO_H
#define CORE_COORD_HELLO_H

#include "core/coord/control.h"

WEIR_MUST_USE int hello_send(struct control *control,
			     const struct facts *facts,
			     struct weir_error *err);

/* The first message of the other side: HELLO of the same protocol and a
 * compatible ABI. A mismatch says both sides' versions. */
WEIR_MUST_USE int hello_check(const struct control *control,
			      const struct message *message,
			      struct weir_error *err);

/* One CLOCK_MONOTONIC for both: the same boot, time namespace and clock
 * source. */
bool hello_comparable_clocks(const struct facts *a, const struct facts *b);

#endif
