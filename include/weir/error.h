/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An error as a value: a status and one sentence.
 *
 * Whoever finds the fault writes the sentence: what was wrong, where, and
 * what to do. Callers may put context before it (weir_error_prefix), nobody
 * logs on the way up. A struct weir_error * may be NULL everywhere: the
 * caller then wants the status only.
 */
#ifndef WEIR_ERROR_H
#define WEIR_ERROR_H

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <weir/status.h>

#define WEIR_ERROR_TEXT_BYTES 1020 /* with the NUL */

struct weir_error {
	int32_t status; /* WEIR_OK or a failure of status.h */
	char text[WEIR_ERROR_TEXT_BYTES]; /* one sentence, no newline */
};

#if defined(__GNUC__)
#define WEIR_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define WEIR_MUST_USE __attribute__((warn_unused_result))
#define WEIR_UNUSED __attribute__((unused))
#else
#define WEIR_PRINTF(fmt, first)
#define WEIR_MUST_USE
#define WEIR_UNUSED
#endif

/*
 * Writes the status and the sentence into err (borrowed, may be NULL; what
 * was there is replaced; cut where it is too long) and returns status, so
 * that a failing function can end with `return weir_error_set(...)`.
 * Preserves errno. Any thread.
 */
WEIR_PRINTF(3, 4) WEIR_UNUSED static int
weir_error_set(struct weir_error *err, int status, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	if (err) {
		err->status = status;
		va_start(ap, fmt);
		vsnprintf(err->text, sizeof(err->text), fmt, ap);
		va_end(ap);
	}
	errno = saved;
	return status;
}

/*
 * The same for a failed system call: ": " and the text of errno are put
 * behind the sentence; the status, which is returned, is WEIR_ENOMEMORY for
 * ENOMEM, else WEIR_ESYSTEM. Preserves errno. Any thread.
 */
WEIR_PRINTF(2, 3) WEIR_UNUSED static int
weir_error_errno(struct weir_error *err, const char *fmt, ...)
{
	int saved = errno;
	int status = saved == ENOMEM ? WEIR_ENOMEMORY : WEIR_ESYSTEM;
	va_list ap;
	size_t used;

	if (err) {
		err->status = status;
		va_start(ap, fmt);
		vsnprintf(err->text, sizeof(err->text), fmt, ap);
		va_end(ap);
		used = strlen(err->text);
		snprintf(err->text + used, sizeof(err->text) - used, ": %s",
			 strerror(saved));
	}
	errno = saved;
	return status;
}

/*
 * Puts context before the sentence that is already in err (borrowed, may be
 * NULL; cut where both are too long) and returns its status, or WEIR_ESYSTEM
 * where err is NULL. Preserves errno. Any thread.
 */
WEIR_PRINTF(2, 3) WEIR_UNUSED static int
weir_error_prefix(struct weir_error *err, const char *fmt, ...)
{
	int saved = errno;
	char tail[WEIR_ERROR_TEXT_BYTES];
	va_list ap;
	size_t used;

	if (!err)
		return WEIR_ESYSTEM;
	memcpy(tail, err->text, sizeof(tail));
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, "%s", tail);
	errno = saved;
	return err->status;
}

#endif
