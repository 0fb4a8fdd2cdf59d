/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over the text of a config file before libconfig sees it.
 *
 * It catches what libconfig 1.5 lets through or says badly: an integer that
 * would wrap silently, a comment or string that is never closed, a unit or
 * word without quotes, a comma before a closing bracket, nested lists, too
 * many settings (libconfig's time grows with their square), and @include,
 * which libconfig resolves against the working directory and, for a
 * directory, answers by ending the process. An included file's text takes
 * the place of its directive here, so that libconfig never opens anything;
 * each line of the joined text remembers where it came from. A list in
 * brackets becomes one in parentheses, because libconfig's arrays must be of
 * one type.
 */
#ifndef CORE_CONFIG_SCAN_H
#define CORE_CONFIG_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include <weir/error.h>

#include "core/base/text.h"

#define SCAN_SETTINGS_MAX 2048 /* keys in a file with all its includes */
#define SCAN_GROUPS_MAX 8      /* groups inside one another */

struct scan_line {
	size_t file; /* index into files */
	unsigned number;
};

/* Zero-initialise; end with scan_fini. */
struct scan {
	struct text joined;      /* what libconfig gets */
	struct scan_line *lines; /* of the joined text */
	size_t n_lines;
	struct strings files;

	/* Between two tokens; goes on across an @include. */
	enum { SCAN_OTHER, SCAN_EQUALS, SCAN_COMMA, SCAN_STRING } last;
	char open; /* '[' or '(' inside a list, else 0 */
	unsigned depth;
	size_t n_settings;
};

/* Called for @include: scans that file into the same struct scan. `from` is
 * the including file; a relative path is relative to it. */
typedef int scan_include_fn(void *context, struct scan *s, const char *path,
			    const char *from, unsigned line,
			    struct weir_error *err);

/*
 * Scans one file's text (len bytes with a NUL behind them; changed in
 * place) and appends it to the joined text. Errors are WEIR_EINVALID and
 * begin with "file:line: ".
 */
WEIR_MUST_USE int scan_text(struct scan *s, const char *file, char *text,
			    size_t len, scan_include_fn *include, void *context,
			    struct weir_error *err);

/* Where a line (from 1) of the joined text came from. */
const char *scan_where(const struct scan *s, unsigned line,
		       unsigned *ret_number);

void scan_fini(struct scan *s);

#endif
