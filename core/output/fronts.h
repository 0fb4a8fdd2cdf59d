/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What less latency costs in CPU: the ways of waiting side by side.
 *
 * Where cells differ in their transport's option `wait` alone, one that no
 * other of them beats or equals in both p50 and CPU time per message (of
 * both sides), and in one of the two strictly, is on their Pareto front:
 * there is a reason to choose it. The others are told which one to take
 * instead.
 */
#ifndef CORE_OUTPUT_FRONTS_H
#define CORE_OUTPUT_FRONTS_H

#include <stdbool.h>

#include "core/base/text.h"
#include "core/result/result.h"

/* Appends the table; nothing where no two cells with figures differ so. */
void output_fronts_add(struct text *to, const struct result *result,
		       bool color);

#endif
