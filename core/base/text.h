/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing text and a list of strings. Memory failure is sticky: further
 * calls do nothing and text_take / strings.failed report it, so that
 * building a text needs one check at its end.
 */
#ifndef CORE_BASE_TEXT_H
#define CORE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <weir/error.h>

/* Zero-initialise: struct text t = { 0 }. */
struct text {
	char *at; /* NUL-terminated; NULL while empty */
	size_t len;
	size_t cap;
	bool failed;
};

void text_add(struct text *t, const char *s);
void text_add_bytes(struct text *t, const char *s, size_t len);
void text_addf(struct text *t, const char *fmt, ...) WEIR_PRINTF(2, 3);

/* The text so far, never NULL ("" where empty or failed). Borrowed. */
const char *text_get(const struct text *t);

/* Moves the text out: the caller frees it; NULL if memory ran out. */
char *text_take(struct text *t);
void text_fini(struct text *t);

/* Zero-initialise: struct strings l = { 0 }. Owns copies. */
struct strings {
	char **at;
	size_t n;
	bool failed;
};

void strings_add(struct strings *l, const char *s);
void strings_addf(struct strings *l, const char *fmt, ...)
	WEIR_PRINTF(2, 3);
bool strings_contains(const struct strings *l, const char *s);
/* Replaces what is in `to`; a failure of `from` is passed on. */
void strings_copy(struct strings *to, const struct strings *from);
void strings_fini(struct strings *l);

/* Replaces every control character (C0, DEL, and C1 in UTF-8) of the len
 * bytes by '?', so that foreign text can't steer a terminal or forge lines. */
void text_clean(char *s, size_t len);

#define TEXT_EXCERPT_BYTES 64

/* The beginning of a foreign text, cleaned, for quoting in an error; "..."
 * behind it where it was cut. Returns ret_text. */
const char *text_excerpt(const char *s, char ret_text[TEXT_EXCERPT_BYTES]);

#endif
