/* SPDX-License-Identifier: Apache-2.0 */
/*
 * until = stable: which cells have had enough trials (stats/stable.h).
 */
#ifndef CORE_RUN_SETTLE_H
#define CORE_RUN_SETTLE_H

#include <stdbool.h>

#include "core/result/result.h"

struct settle;

/* NULL without memory. Borrows the result. */
struct settle *settle_create(struct result *result);
void settle_destroy(struct settle *settle); /* NULL is allowed */

/* Whether a cell needs no further trial. */
bool settle_has(const struct settle *settle, size_t cell);

/* After the n-th trial of a cell: looks at its p50 (or, where there is no
 * latency, at its messages per second), and lets the cell end here if it is
 * stable and confirmed. */
void settle_trial(struct settle *settle, size_t cell, size_t n);

/* At the end: a warning for each cell that did not become stable. */
void settle_warn(const struct settle *settle);

#endif
