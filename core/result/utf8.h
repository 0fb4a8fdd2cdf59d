/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text from outside (file names, the other side's sentences) made fit for a
 * file or a terminal.
 */
#ifndef CORE_RESULT_UTF8_H
#define CORE_RESULT_UTF8_H

#include <stddef.h>

#include "core/base/text.h"

/* Appends s; each byte that is no valid UTF-8 becomes U+FFFD. */
void utf8_add(struct text *t, const char *s);

/* The same for a terminal: control characters become U+FFFD, too, white
 * space a blank, so that nobody else's text can move the cursor. */
void utf8_add_printable(struct text *t, const char *s);

/* Code points in a valid text: its width, but for wide and combining ones. */
size_t utf8_width(const char *s);

#endif
