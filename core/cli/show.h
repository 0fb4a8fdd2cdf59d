/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_CLI_SHOW_H
#define CORE_CLI_SHOW_H

#include <stdio.h>

#include "core/config/plan.h"

/* Prints what a plan will do: its cells, how long it takes, and every
 * setting with where it came from. */
void show_plan(const struct plan *plan, FILE *to);

#endif
