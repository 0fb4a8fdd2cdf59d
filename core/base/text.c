/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_FIRST_CAP 64

/* Makes room for `more` bytes and the NUL behind them. */
static bool
text_reserve(struct text *t, size_t more)
{
	size_t need;
	size_t cap;
	char *at;

	if (t->failed)
		return false;
	if (__builtin_add_overflow(t->len, more, &need) ||
	    __builtin_add_overflow(need, 1, &need)) {
		t->failed = true;
		return false;
	}
	if (need <= t->cap)
		return true;
	cap = t->cap < TEXT_FIRST_CAP ? TEXT_FIRST_CAP : t->cap;
	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	at = realloc(t->at, cap);
	if (!at) {
		t->failed = true;
		return false;
	}
	t->at = at;
	t->cap = cap;
	return true;
}

void
text_add(struct text *t, const char *s)
{
	text_add_bytes(t, s, strlen(s));
}

void
text_add_bytes(struct text *t, const char *s, size_t len)
{
	if (!text_reserve(t, len))
		return;
	if (len > 0)
		memcpy(t->at + t->len, s, len);
	t->len += len;
	t->at[t->len] = '\0';
}

WEIR_PRINTF(2, 0)
static void text_addv(struct text *t, const char *fmt, va_list ap)
{
	va_list again;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0) {
		t->failed = true;
		return;
	}
	if (!text_reserve(t, (size_t)len))
		return;
	vsnprintf(t->at + t->len, (size_t)len + 1, fmt, ap);
	t->len += (size_t)len;
}

void
text_addf(struct text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_addv(t, fmt, ap);
	va_end(ap);
}

const char *
text_get(const struct text *t)
{
	return t->at && !t->failed ? t->at : "";
}

char *
text_take(struct text *t)
{
	char *taken = NULL;

	text_add_bytes(t, "", 0); /* an empty text is "" */
	if (!t->failed) {
		taken = t->at;
		t->at = NULL;
	}
	text_fini(t);
	return taken;
}

void
text_fini(struct text *t)
{
	free(t->at);
	*t = (struct text){ 0 };
}

/* Appends a string that the list then owns; NULL is a failed allocation. */
static void
strings_add_own(struct strings *l, char *s)
{
	/* Room doubles whenever the count is a power of two. */
	if (s && !l->failed && (l->n & (l->n - 1)) == 0) {
		size_t cap = l->n ? l->n * 2 : 1;
		char **at = reallocarray(l->at, cap, sizeof(*at));

		if (at)
			l->at = at;
		else
			l->failed = true;
	}
	if (!s || l->failed) {
		l->failed = true;
		free(s);
		return;
	}
	l->at[l->n++] = s;
}

void
strings_add(struct strings *l, const char *s)
{
	strings_add_own(l, strdup(s));
}

void
strings_addf(struct strings *l, const char *fmt, ...)
{
	struct text t = { 0 };
	va_list ap;

	va_start(ap, fmt);
	text_addv(&t, fmt, ap);
	va_end(ap);
	strings_add_own(l, text_take(&t));
}

bool
strings_contains(const struct strings *l, const char *s)
{
	for (size_t i = 0; i < l->n; i++) {
		if (strcmp(l->at[i], s) == 0)
			return true;
	}
	return false;
}

void
strings_copy(struct strings *to, const struct strings *from)
{
	struct strings copy = { .failed = from->failed };

	for (size_t i = 0; i < from->n && !copy.failed; i++)
		strings_add(&copy, from->at[i]);
	strings_fini(to);
	*to = copy;
}

void
strings_fini(struct strings *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->at[i]);
	free(l->at);
	*l = (struct strings){ 0 };
}

void
text_clean(char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		unsigned char next = i + 1 < len ? (unsigned char)s[i + 1] : 0;

		if (c < 0x20 || c == 0x7f) {
			s[i] = '?';
		} else if (c == 0xc2 && next >= 0x80 && next < 0xa0) {
			s[i++] = '?';
			s[i] = '?';
		}
	}
}

const char *
text_excerpt(const char *s, char ret_text[TEXT_EXCERPT_BYTES])
{
	static const char cut[] = "...";
	size_t len = strnlen(s, TEXT_EXCERPT_BYTES);

	if (len < TEXT_EXCERPT_BYTES) {
		memcpy(ret_text, s, len + 1);
	} else {
		len = TEXT_EXCERPT_BYTES - sizeof(cut);
		/* Not in the middle of a UTF-8 sequence. */
		while (len > 0 && ((unsigned char)s[len] & 0xc0) == 0x80)
			len--;
		memcpy(ret_text, s, len);
		memcpy(ret_text + len, cut, sizeof(cut));
	}
	text_clean(ret_text, len);
	return ret_text;
}
