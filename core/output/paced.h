/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of open loops and of deadlines.
 */
#ifndef CORE_OUTPUT_PACED_H
#define CORE_OUTPUT_PACED_H

#include <stdbool.h>

#include "core/base/text.h"
#include "core/result/result.h"

/* Appends, for the cells that are paced, the rates, the latencies from the
 * actual sending and how late that was; for those that have a deadline, its
 * misses. Nothing where there is no such cell. */
void output_paced_add(struct text *to, const struct result *result,
		      bool color);

#endif
