/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reader of a table must know besides it.
 */
#ifndef CORE_OUTPUT_WARNINGS_H
#define CORE_OUTPUT_WARNINGS_H

#include <stdbool.h>

#include "core/base/text.h"
#include "core/result/result.h"

/* Appends every warning of a result, each once, a line each: that the run
 * was cut short, those of the plan, of the run and of its cells. */
void output_warnings_add(struct text *to, const struct result *result,
			 bool color);

#endif
