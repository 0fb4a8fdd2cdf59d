/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists: between one text, as "[a, b]", and a list of strings.
 */
#include <string.h>

#include "core/base/cleanup.h"
#include "core/option/option.h"
#include "core/option/value.h"

#define OPTION_BLANKS " \t"

/* Reads a quoted element at s (behind its opening quote) into ret_element;
 * returns what follows the closing quote, or NULL where there is none. */
static const char *
option_split_quoted(const char *s, struct text *ret_element)
{
	for (; *s != '"'; s++) {
		if (*s == '\\' && (s[1] == '"' || s[1] == '\\'))
			s++;
		if (*s == '\0')
			return NULL;
		text_add_bytes(ret_element, s, 1);
	}
	return s + 1;
}

/* Adds the element that s begins with to the list; returns what follows it
 * and its blanks, or NULL where it has no form. */
static const char *
option_split_element(const char *s, struct strings *list)
{
	struct text element = { 0 };
	const char *next;
	size_t len;

	s += strspn(s, OPTION_BLANKS);
	if (*s == '"') {
		next = option_split_quoted(s + 1, &element);
	} else {
		len = strcspn(s, ",");
		next = len > 0 ? s + len : NULL;
		while (len > 0 && strchr(OPTION_BLANKS, s[len - 1]))
			len--;
		text_add_bytes(&element, s, len);
	}
	if (next) {
		strings_add(list, text_get(&element));
		list->failed |= element.failed;
		next += strspn(next, OPTION_BLANKS);
	}
	text_fini(&element);
	return next;
}

/* "a, b" without brackets. False where it has no form. */
static bool
option_split_body(const char *s, struct strings *list)
{
	if (s[strspn(s, OPTION_BLANKS)] == '\0')
		return true;
	for (;;) {
		s = option_split_element(s, list);
		if (!s || (*s != ',' && *s != '\0'))
			return false;
		if (*s++ == '\0')
			return true;
	}
}

int
option_split_list(const char *text, struct strings *ret_list,
		  struct weir_error *err)
{
	char excerpt[TEXT_EXCERPT_BYTES];
	const char *begin = text + strspn(text, OPTION_BLANKS);
	size_t len = strlen(begin);
	struct strings list = { 0 };
	cleanup_free char *body = NULL;
	bool well_formed;

	while (len > 0 && strchr(OPTION_BLANKS, begin[len - 1]))
		len--;
	if (len >= 2 && begin[0] == '[' && begin[len - 1] == ']') {
		begin++;
		len -= 2;
	}
	body = strndup(begin, len);
	well_formed = body && option_split_body(body, &list);
	if (!well_formed || list.failed) {
		bool no_memory = !body || list.failed;

		strings_fini(&list);
		if (no_memory)
			return weir_error_set(err, WEIR_ENOMEMORY,
					      "no memory for a list");
		return weir_error_set(err, WEIR_EINVALID,
				      "\"%s\" is not a list: write a,b or "
				      "[a,b], an element with a comma in "
				      "double quotes",
				      text_excerpt(text, excerpt));
	}
	strings_fini(ret_list);
	*ret_list = list;
	return WEIR_OK;
}

/* Quotes what would be taken apart otherwise. */
static void
option_print_element(const char *s, struct text *ret_text)
{
	if (*s != '\0' && !strpbrk(s, ",[]\"\\ \t")) {
		text_add(ret_text, s);
		return;
	}
	text_add(ret_text, "\"");
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			text_add(ret_text, "\\");
		text_add_bytes(ret_text, s, 1);
	}
	text_add(ret_text, "\"");
}

void
option_print_list(const struct strings *list, struct text *ret_text)
{
	text_add(ret_text, "[");
	for (size_t i = 0; i < list->n; i++) {
		if (i > 0)
			text_add(ret_text, ",");
		option_print_element(list->at[i], ret_text);
	}
	text_add(ret_text, "]");
}
