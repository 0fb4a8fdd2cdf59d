/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/words.h"

#include <string.h>

#define BLANKS " \t\n"

/* One character behind a backslash; the end of the text is none. */
static const char *
take_escaped(const char *p, struct text *word)
{
	if (!*p)
		return NULL;
	text_add_bytes(word, p, 1);
	return p + 1;
}

/* What stands behind an opening quote, up to and with its end; NULL where
 * there is no end. */
static const char *
take_quoted(const char *p, char quote, struct text *word)
{
	while (p && *p != quote) {
		if (!*p)
			return NULL;
		if (quote == '"' && *p == '\\' &&
		    (p[1] == '"' || p[1] == '\\'))
			p++;
		p = take_escaped(p, word);
	}
	return p ? p + 1 : NULL;
}

static const char *
take_word(const char *p, struct text *word)
{
	while (p && *p && !strchr(BLANKS, *p)) {
		if (*p == '\'' || *p == '"')
			p = take_quoted(p + 1, *p, word);
		else if (*p == '\\')
			p = take_escaped(p + 1, word);
		else
			p = take_escaped(p, word);
	}
	return p;
}

int
words_split(const char *text, struct strings *ret_words,
	    struct weir_error *err)
{
	const char *p = text + strspn(text, BLANKS);
	size_t before = ret_words->n;

	while (p && *p) {
		struct text word = { 0 };

		p = take_word(p, &word);
		strings_add(ret_words, text_get(&word));
		ret_words->failed |= word.failed;
		text_fini(&word);
		if (p)
			p += strspn(p, BLANKS);
	}
	if (!p)
		return weir_error_set(err, WEIR_EINVALID,
				      "a quote or a backslash has no end in "
				      "\"%.200s\"", text);
	if (ret_words->failed)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for the words of a command");
	return ret_words->n > before ? WEIR_OK :
		       weir_error_set(err, WEIR_EINVALID, "no command");
}
