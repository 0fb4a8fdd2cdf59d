/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers as they stand in a config file, and as text.
 */
#ifndef CORE_CONFIG_NUMBER_H
#define CORE_CONFIG_NUMBER_H

#include <weir/error.h>

#include "core/base/text.h"

/*
 * Takes the number at p by libconfig's rules; *ret_end is behind it. Refuses
 * what libconfig would wrap or cut without a word, and a number that goes on
 * as a word ("1Ki"). The error is a sentence without its place.
 */
WEIR_MUST_USE int number_take(const char *p, const char **ret_end,
			      struct weir_error *err);

/* The shortest decimal text that reads back to the same double. */
void number_print(double value, struct text *ret_text);

#endif
