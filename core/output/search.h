/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What searches found, and the curves of latency against rate that they went
 * along.
 */
#ifndef CORE_OUTPUT_SEARCH_H
#define CORE_OUTPUT_SEARCH_H

#include <stdbool.h>

#include "core/base/text.h"
#include "core/result/result.h"

/* Appends, for each cell whose rate was searched for, a sentence, and the
 * curve of its first good search by ascending rates. Nothing where there is
 * no such cell. */
void output_search_add(struct text *to, const struct result *result,
		       bool color);

#endif
