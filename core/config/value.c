/* SPDX-License-Identifier: Apache-2.0 */
#include "core/config/value.h"

#include <ctype.h>
#include <string.h>

static const char *
skip_space(const char *p)
{
	while (isspace((unsigned char)*p))
		p++;
	return p;
}

static size_t
trimmed_length(const char *p, const char *end)
{
	while (end > p && isspace((unsigned char)end[-1]))
		end--;
	return (size_t)(end - p);
}

static int
add(struct strings *texts, struct text *item, struct weir_error *err)
{
	strings_add(texts, text_get(item));
	if (item->failed || texts->failed)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a value");
	return WEIR_OK;
}

/* Takes a quoted text at p (on its opening quote); returns what follows the
 * closing one, or NULL where there is none. */
static const char *
take_quoted(const char *p, struct text *item)
{
	for (p++; *p != '"'; p++) {
		if (*p == '\\' && (p[1] == '"' || p[1] == '\\'))
			p++;
		if (!*p)
			return NULL;
		text_add_bytes(item, p, 1);
	}
	return p + 1;
}

/* One item of a list; *p is left on the ',' or ']' behind it. */
static int
parse_item(const char **p, struct strings *texts, struct weir_error *err)
{
	struct text item = { 0 };
	const char *at = skip_space(*p);
	const char *end;
	int status;

	if (*at == '"') {
		end = take_quoted(at, &item);
		if (!end) {
			text_fini(&item);
			return weir_error_set(err, WEIR_EINVALID,
					      "a quote is never closed");
		}
		end = skip_space(end);
	} else {
		end = at + strcspn(at, ",]\"[");
		text_add_bytes(&item, at, trimmed_length(at, end));
		if (end == at && (*end == ',' || *end == ']')) {
			text_fini(&item);
			return weir_error_set(err, WEIR_EINVALID,
					      "an item of the list is empty");
		}
	}
	status = add(texts, &item, err);
	text_fini(&item);
	*p = end;
	return status;
}

static int
parse_list(const char *p, struct strings *texts, struct weir_error *err)
{
	int status;

	p = skip_space(p + 1);
	if (*p != ']') {
		for (;; p++) {
			status = parse_item(&p, texts, err);
			if (status)
				return status;
			if (*p != ',')
				break;
		}
	}
	if (*p == '[')
		return weir_error_set(err, WEIR_EINVALID,
				      "lists can't hold lists");
	if (*p != ']')
		return weir_error_set(
			err, WEIR_EINVALID,
			"a list is written [a,b,c], each item bare or in "
			"quotes");
	if (*skip_space(p + 1))
		return weir_error_set(err, WEIR_EINVALID,
				      "\"%.60s\" follows the list",
				      skip_space(p + 1));
	return WEIR_OK;
}

int
value_parse(const char *text, struct strings *ret_texts, bool *ret_is_list,
	    struct weir_error *err)
{
	const char *p = skip_space(text);
	struct text item = { 0 };
	int status = WEIR_OK;

	*ret_is_list = *p == '[';
	if (*ret_is_list)
		return parse_list(p, ret_texts, err);
	if (*p == '"') {
		p = take_quoted(p, &item);
		if (!p)
			status = weir_error_set(err, WEIR_EINVALID,
						"a quote is never closed");
		else if (*skip_space(p))
			status = weir_error_set(
				err, WEIR_EINVALID,
				"\"%.60s\" follows the closing quote",
				skip_space(p));
	} else {
		text_add_bytes(&item, p, trimmed_length(p, p + strlen(p)));
	}
	if (!status)
		status = add(ret_texts, &item, err);
	text_fini(&item);
	return status;
}

static bool
needs_quotes(const char *s, bool in_list)
{
	size_t n = strlen(s);

	if (in_list && (!n || strpbrk(s, ",[]\"")))
		return true;
	return n && (*s == '[' || *s == '"' || isspace((unsigned char)*s) ||
		     isspace((unsigned char)s[n - 1]));
}

static void
print_one(const char *s, bool in_list, struct text *ret_text)
{
	if (!needs_quotes(s, in_list)) {
		text_add(ret_text, s);
		return;
	}
	text_add(ret_text, "\"");
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			text_add(ret_text, "\\");
		text_add_bytes(ret_text, s, 1);
	}
	text_add(ret_text, "\"");
}

void
value_print(const struct strings *texts, bool is_list, struct text *ret_text)
{
	if (is_list)
		text_add(ret_text, "[");
	for (size_t i = 0; i < texts->n; i++) {
		if (i)
			text_add(ret_text, ",");
		print_one(texts->at[i], is_list, ret_text);
	}
	if (is_list)
		text_add(ret_text, "]");
}
