/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log: one line per call on standard error, for the reader.
 *
 * error = cannot go on, warn = odd but going, info = phase changes,
 * debug = per object, trace = per message. Lower case, no full stop. A level
 * that is off costs one predicted branch. Any thread; preserves errno.
 */
#ifndef CORE_BASE_LOG_H
#define CORE_BASE_LOG_H

#include <weir/error.h>
#include <weir/transport.h> /* WEIR_LOG_* levels */

/* The level in force: one of the program's two globals. Starts at WARN. */
extern int log_level;

/* "error" … "trace" to a WEIR_LOG_* level; -1 for any other text. */
int log_level_parse(const char *text);

/* The name of a level, never NULL. */
const char *log_level_name(int level);

/* Who speaks, put before each line of this process ("weir" at the start);
 * borrowed, so a literal. Call before the first thread. */
void log_set_name(const char *name);

/* Writes "name: level: text\n" with one write(2), whatever the level. */
void log_write(int level, const char *fmt, ...) WEIR_PRINTF(2, 3);

#define log_at(level, ...)                                             \
	do {                                                           \
		if (__builtin_expect((level) <= log_level, 0))         \
			log_write((level), __VA_ARGS__);               \
	} while (0)
#define log_error(...) log_at(WEIR_LOG_ERROR, __VA_ARGS__)
#define log_warn(...) log_at(WEIR_LOG_WARN, __VA_ARGS__)
#define log_info(...) log_at(WEIR_LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_at(WEIR_LOG_DEBUG, __VA_ARGS__)

#endif
