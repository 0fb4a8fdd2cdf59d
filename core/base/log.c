/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/text.h"

#define LOG_LINE_BYTES 2048
#define LOG_CUT "..."

int log_level = WEIR_LOG_WARN;

static const char *log_name = "weir";

static const char *const log_level_names[] = {
	[WEIR_LOG_ERROR] = "error", [WEIR_LOG_WARN] = "warn",
	[WEIR_LOG_INFO] = "info",   [WEIR_LOG_DEBUG] = "debug",
	[WEIR_LOG_TRACE] = "trace",
};

#define LOG_N_LEVELS \
	((int)(sizeof(log_level_names) / sizeof(log_level_names[0])))

int
log_level_parse(const char *text)
{
	for (int i = 0; i < LOG_N_LEVELS; i++) {
		if (strcmp(text, log_level_names[i]) == 0)
			return i;
	}
	return -1;
}

const char *
log_level_name(int level)
{
	if (level < 0 || level >= LOG_N_LEVELS)
		return "unknown";
	return log_level_names[level];
}

void
log_set_name(const char *name)
{
	log_name = name;
}

/* Formats the line without its newline, cleaned; returns its length. */
WEIR_PRINTF(4, 0)
static size_t log_format(char *line, size_t cap, int level, const char *fmt,
			 va_list ap)
{
	size_t used;
	int n;

	n = snprintf(line, cap, "%.64s: %s: ", log_name, log_level_name(level));
	used = n < 0 ? 0 : (size_t)n;
	n = vsnprintf(line + used, cap - used, fmt, ap);
	if (n < 0) {
		/* A "%ls" that has no text in this locale. */
		n = snprintf(line + used, cap - used, "%s", fmt);
	}
	if ((size_t)n < cap - used) {
		used += (size_t)n;
	} else {
		used = cap - sizeof(LOG_CUT);
		while (((unsigned char)line[used] & 0xc0) == 0x80)
			used--;
		memcpy(line + used, LOG_CUT, sizeof(LOG_CUT));
		used += sizeof(LOG_CUT) - 1;
	}
	while (used > 0 && line[used - 1] == '\n')
		used--;
	text_clean(line, used);
	return used;
}

void
log_write(int level, const char *fmt, ...)
{
	char line[LOG_LINE_BYTES];
	int saved = errno;
	size_t used;
	va_list ap;

	va_start(ap, fmt);
	used = log_format(line, sizeof(line) - 1, level, fmt, ap);
	va_end(ap);
	line[used++] = '\n';
	/* One write, so that lines of several threads and processes do not mix;
	 * where the log can't be written there is nobody to tell. */
	while (write(STDERR_FILENO, line, used) < 0 && errno == EINTR)
		continue;
	errno = saved;
}
