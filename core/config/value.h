/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VALUE as it stands behind -D KEY= and in the environment: bare text,
 * quoted text, or a list.
 *
 *	VALUE = bare | "quoted" | [ item, item, … ]
 *
 * White space around a value or an item does not count; inside quotes \" and
 * \\ stand for " and \. No types here: the option's row gives them.
 */
#ifndef CORE_CONFIG_VALUE_H
#define CORE_CONFIG_VALUE_H

#include <stdbool.h>

#include <weir/error.h>

#include "core/base/text.h"

/* Parses a VALUE; appends its texts to ret_texts (empty before). */
WEIR_MUST_USE int value_parse(const char *text, struct strings *ret_texts,
			      bool *ret_is_list, struct weir_error *err);

/* Prints texts as a VALUE that parses back to them. */
void value_print(const struct strings *texts, bool is_list,
		 struct text *ret_text);

#endif
