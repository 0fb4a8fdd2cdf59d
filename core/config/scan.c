/* SPDX-License-Identifier: Apache-2.0 */
#include "core/config/scan.h"

#include "core/config/number.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The file being scanned. */
struct cursor {
	struct scan *s;
	const char *file;
	size_t file_index;
	char *p;
	char *copied; /* the text before it is in the joined text */
	unsigned line;
	bool line_begins; /* only white space so far on this line */
	scan_include_fn *include;
	void *context;
	struct weir_error *err;
};

WEIR_PRINTF(3, 4) static int
fail(struct cursor *c, unsigned line, const char *fmt, ...)
{
	char sentence[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	return weir_error_set(c->err, WEIR_EINVALID, "%.400s:%u: %s", c->file,
			      line, sentence);
}

static int
no_memory(struct cursor *c)
{
	return weir_error_set(c->err, WEIR_ENOMEMORY,
			      "no memory to read %.400s", c->file);
}

/* The last line of the joined text belongs to the cursor's line. */
static void
own_last_line(struct cursor *c)
{
	c->s->lines[c->s->n_lines - 1].file = c->file_index;
	c->s->lines[c->s->n_lines - 1].number = c->line;
}

static int
begin_line(struct cursor *c)
{
	struct scan *s = c->s;

	if (!(s->n_lines & (s->n_lines + 1))) { /* full at 0, 1, 3, 7, … */
		void *grown = realloc(s->lines, 2 * (s->n_lines + 1) *
							sizeof(s->lines[0]));

		if (!grown)
			return no_memory(c);
		s->lines = grown;
	}
	s->n_lines++;
	own_last_line(c);
	return WEIR_OK;
}

static void
copy_up_to_here(struct cursor *c)
{
	text_add_bytes(&c->s->joined, c->copied, (size_t)(c->p - c->copied));
	c->copied = c->p;
}

static int
newline(struct cursor *c)
{
	c->p++;
	c->line++;
	c->line_begins = true;
	return begin_line(c);
}

static int
comment(struct cursor *c)
{
	unsigned opened = c->line;
	int status;

	if (c->p[0] == '#' || c->p[1] == '/') {
		c->p += strcspn(c->p, "\n");
		return WEIR_OK;
	}
	for (c->p += 2; c->p[0] != '*' || c->p[1] != '/';) {
		if (!*c->p)
			return fail(c, opened,
				    "the comment that begins here is never "
				    "closed by */");
		if (*c->p != '\n') {
			c->p++;
			continue;
		}
		status = newline(c);
		if (status)
			return status;
	}
	c->p += 2;
	return WEIR_OK;
}

static int
string(struct cursor *c)
{
	char *begin = c->p;

	for (c->p++; *c->p != '"'; c->p++) {
		if (!*c->p || *c->p == '\n')
			return fail(c, c->line,
				    "the text that begins at %.*s has no "
				    "closing quote on its line",
				    c->p - begin < 40 ? (int)(c->p - begin) :
							40,
				    begin);
		if (*c->p != '\\' || !c->p[1] || c->p[1] == '\n')
			continue;
		c->p++;
		if (tolower((unsigned char)*c->p) == 'x' &&
		    !strncmp(c->p + 1, "00", 2))
			return fail(c, c->line,
				    "\\x00 would end the text it stands in");
	}
	c->p++;
	if (c->s->open && c->s->last == SCAN_STRING)
		return fail(c, c->line, "a comma is missing before %.*s",
			    (int)(c->p - begin < 60 ? c->p - begin : 60),
			    begin);
	c->s->last = SCAN_STRING;
	return WEIR_OK;
}

static int
include(struct cursor *c)
{
	unsigned line = c->line;
	size_t blank;
	char *path;
	int status;

	if (!c->line_begins || strncmp(c->p, "@include", 8))
		return fail(c, line,
			    "\"@\" only begins a line that says @include "
			    "\"file\"");
	copy_up_to_here(c);
	c->p += 8;
	c->p += strspn(c->p, " \t");
	path = c->p + 1;
	if (*c->p != '"' || !path[blank = strcspn(path, "\"\\\n")] ||
	    path[blank] != '"' || !blank)
		return fail(c, line,
			    "write @include \"file\", the file in quotes and "
			    "without backslashes");
	path[blank] = '\0';
	c->p = path + blank + 1;
	c->p += strspn(c->p, " \t\r;");
	if (*c->p && *c->p != '\n' && *c->p != '#' && strncmp(c->p, "//", 2))
		return fail(c, line,
			    "nothing may follow @include \"%.200s\" "
			    "on its line",
			    path);
	c->p += strcspn(c->p, "\n");
	status = c->include(c->context, c->s, path, c->file, line, c->err);
	if (status)
		return status;
	/* The included text need not end with a newline. */
	text_add(&c->s->joined, "\n");
	c->copied = c->p;
	return begin_line(c);
}

static bool
is_name(char ch)
{
	return isalnum((unsigned char)ch) || ch == '_' || ch == '-' ||
	       ch == '*';
}

static int
word(struct cursor *c)
{
	char *begin = c->p;
	int len;

	while (is_name(*c->p))
		c->p++;
	len = (int)(c->p - begin);
	if ((c->s->last == SCAN_EQUALS || c->s->open) &&
	    !(len == 4 && !strncasecmp(begin, "true", 4)) &&
	    !(len == 5 && !strncasecmp(begin, "false", 5)))
		return fail(c, c->line,
			    "%.*s is a text and goes in quotes: "
			    "\"%.*s\"",
			    len < 60 ? len : 60, begin, len < 60 ? len : 60,
			    begin);
	c->s->last = SCAN_OTHER;
	return WEIR_OK;
}

static int
number(struct cursor *c)
{
	struct weir_error cause = { 0 };
	const char *end = c->p;

	if (number_take(c->p, &end, &cause))
		return fail(c, c->line, "%.400s", cause.text);
	c->p += end - c->p;
	c->s->last = SCAN_OTHER;
	return WEIR_OK;
}

static int
open_list(struct cursor *c)
{
	if (c->s->open)
		return fail(c, c->line, "a list can't hold another list");
	c->s->open = *c->p;
	*c->p++ = '(';
	c->s->last = SCAN_OTHER;
	return WEIR_OK;
}

static int
close_list(struct cursor *c)
{
	char wanted = c->s->open == '(' ? ')' : ']';

	if (c->s->open && *c->p != wanted)
		return fail(c, c->line,
			    "the list opened by \"%c\" is closed "
			    "by \"%c\"",
			    c->s->open, *c->p);
	if (c->s->open && c->s->last == SCAN_COMMA)
		return fail(c, c->line, "the comma before \"%c\" has to go",
			    *c->p);
	if (c->s->open)
		*c->p = ')';
	c->p++;
	c->s->open = 0;
	c->s->last = SCAN_OTHER;
	return WEIR_OK;
}

static int
sign(struct cursor *c)
{
	struct scan *s = c->s;
	char ch = *c->p;

	if (ch == '{' && s->open)
		return fail(c, c->line, "a list can't hold a group");
	if (ch == '{' && ++s->depth > SCAN_GROUPS_MAX)
		return fail(c, c->line, "groups are nested deeper than %d",
			    SCAN_GROUPS_MAX);
	if (ch == '}' && s->depth)
		s->depth--;
	if ((ch == '=' || ch == ':') && ++s->n_settings > SCAN_SETTINGS_MAX)
		return fail(c, c->line, "more than %d settings",
			    SCAN_SETTINGS_MAX);
	s->last = ch == '=' || ch == ':' ? SCAN_EQUALS :
		  ch == ','              ? SCAN_COMMA :
					   SCAN_OTHER;
	c->p++;
	return WEIR_OK;
}

static int
token(struct cursor *c)
{
	char ch = *c->p;
	char next = c->p[1];

	if (ch == '\n')
		return newline(c);
	if (isspace((unsigned char)ch)) {
		c->p++;
		return WEIR_OK;
	}
	if (ch == '@')
		return include(c);
	c->line_begins = false;
	if (ch == '#' || (ch == '/' && (next == '/' || next == '*')))
		return comment(c);
	if (ch == '"')
		return string(c);
	if (isalpha((unsigned char)ch) || ch == '*')
		return word(c);
	if (isdigit((unsigned char)ch) ||
	    (strchr("+-.", ch) &&
	     (isdigit((unsigned char)next) || next == '.')))
		return number(c);
	if (ch == '[' || ch == '(')
		return open_list(c);
	if (ch == ']' || ch == ')')
		return close_list(c);
	return sign(c);
}

int
scan_text(struct scan *s, const char *file, char *text, size_t len,
	  scan_include_fn *include_fn, void *context, struct weir_error *err)
{
	struct cursor c = {
		.s = s,
		.file = file,
		.file_index = s->files.n,
		.p = text,
		.copied = text,
		.line = 1,
		.line_begins = true,
		.include = include_fn,
		.context = context,
		.err = err,
	};
	int status = WEIR_OK;

	strings_add(&s->files, file);
	if (s->files.failed)
		return no_memory(&c);
	if (s->n_lines)
		own_last_line(&c);
	else
		status = begin_line(&c);
	while (!status && c.p < text + len)
		status = token(&c);
	if (status)
		return status;
	copy_up_to_here(&c);
	return s->joined.failed ? no_memory(&c) : WEIR_OK;
}

const char *
scan_where(const struct scan *s, unsigned line, unsigned *ret_number)
{
	const struct scan_line *at;

	if (!s->n_lines) {
		*ret_number = 0;
		return "";
	}
	if (line < 1)
		line = 1;
	if (line > s->n_lines)
		line = (unsigned)s->n_lines;
	at = &s->lines[line - 1];
	*ret_number = at->number;
	return s->files.at[at->file];
}

void
scan_fini(struct scan *s)
{
	text_fini(&s->joined);
	free(s->lines);
	strings_fini(&s->files);
	memset(s, 0, sizeof(*s));
}
