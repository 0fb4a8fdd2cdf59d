/* SPDX-License-Identifier: Apache-2.0 */
#include "core/config/number.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_BYTES 60 /* of a token, in a sentence */

static int
shown(const char *begin, const char *end)
{
	return (int)(end - begin < SHOWN_BYTES ? end - begin : SHOWN_BYTES);
}

static const char *
skip_digits(const char *p)
{
	while (isdigit((unsigned char)*p))
		p++;
	return p;
}

/* Behind the integer part: a fraction and an exponent, if they are there. */
static const char *
skip_float(const char *p)
{
	const char *e;

	if (*p == '.')
		p = skip_digits(p + 1);
	if (*p != 'e' && *p != 'E')
		return p;
	e = p + 1;
	if (*e == '+' || *e == '-')
		e++;
	return isdigit((unsigned char)*e) ? skip_digits(e) : p;
}

/* libconfig reads an integer by atoi or strtoul into 32 bits. */
static int
check_integer(const char *begin, const char *end, int base, bool has_l,
	      struct weir_error *err)
{
	int len = shown(begin, end);
	long long value;

	errno = 0;
	value = strtoll(begin, NULL, base);
	if (errno)
		return weir_error_set(
			err, WEIR_EINVALID,
			"the number %.*s does not fit into 64 bits", len,
			begin);
	if (!has_l && (value < INT32_MIN || value > INT32_MAX))
		return weir_error_set(
			err, WEIR_EINVALID,
			"the number %.*s does not fit into 32 bits; put an L "
			"behind it or quotes around it: %.*sL or \"%.*s\"",
			len, begin, len, begin, len, begin);
	return WEIR_OK;
}

int
number_take(const char *p, const char **ret_end, struct weir_error *err)
{
	const char *begin = p;
	const char *end = p + (*p == '-' || *p == '+');
	const char *whole;
	bool is_float = false;
	bool hex = end[0] == '0' && (end[1] == 'x' || end[1] == 'X') &&
		   isxdigit((unsigned char)end[2]);

	if (hex) {
		for (end += 2; isxdigit((unsigned char)*end);)
			end++;
	} else {
		whole = skip_digits(end);
		end = skip_float(whole);
		is_float = end > whole;
	}
	p = end;
	if (!is_float && *p == 'L')
		p += p[1] == 'L' ? 2 : 1;
	if (isalpha((unsigned char)*p) || (*p && strchr("_%-", *p))) {
		int len = shown(begin,
				begin + strcspn(begin, " \t\r\n;,])}=\""));

		return weir_error_set(
			err, WEIR_EINVALID,
			"%.*s is more than a number and goes in quotes: "
			"\"%.*s\"",
			len, begin, len, begin);
	}
	*ret_end = p;
	if (is_float)
		return WEIR_OK;
	return check_integer(begin, end, hex ? 16 : 10, p > end, err);
}

void
number_print(double value, struct text *ret_text)
{
	char at[64];

	for (int digits = 1; digits <= 17; digits++) {
		snprintf(at, sizeof(at), "%.*g", digits, value);
		if (strtod(at, NULL) == value)
			break;
	}
	text_add(ret_text, at);
}
