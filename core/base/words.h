/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command line of words, told apart as a shell does, without a shell.
 *
 * Blanks part words. Inside '…' every character stands for itself; inside
 * "…" too, but a backslash before " or \ takes that one literally; outside, a
 * backslash takes the next character literally. Quotes join what they touch:
 * a'b c'd is one word, '' is an empty one. Nothing else has a meaning: no
 * variables, no wildcards, no pipes.
 */
#ifndef CORE_BASE_WORDS_H
#define CORE_BASE_WORDS_H

#include <weir/error.h>

#include "core/base/text.h"

/* Appends the words of a text. WEIR_EINVALID with a sentence where a quote
 * stays open, a backslash is the last character, or there is no word. */
WEIR_MUST_USE int words_split(const char *text, struct strings *ret_words,
			      struct weir_error *err);

#endif
