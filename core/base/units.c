/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parsing. Sizes, durations and integers are scaled digit by digit in
 * integers, so that "0.1k" is 100 and nothing is ever rounded; rates and
 * doubles are handed to strtod as one decimal number, which rounds once.
 */
#include "core/base/units.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/clock.h"
#include "core/base/text.h"

/* Digits that a rate or a double may have: far beyond what it can hold. */
#define UNITS_NUMBER_CHARS 40

#define UNITS_RATE_MIN 0.001
#define UNITS_RATE_MAX 1e12

/* A decimal number, split but not yet evaluated; points into the text. */
struct units_number {
	const char *whole;
	size_t n_whole;
	const char *fraction; /* digits behind the point; may be none */
	size_t n_fraction;
	const char *unit; /* what follows, perhaps "" */
};

/* False where the text does not begin with digits, or ends in a point. */
static bool
units_scan(const char *text, struct units_number *ret_number)
{
	static const char digits[] = "0123456789";
	struct units_number n = { .whole = text, .fraction = "" };

	n.n_whole = strspn(text, digits);
	if (n.n_whole == 0)
		return false;
	n.unit = text + n.n_whole;
	if (*n.unit == '.') {
		n.fraction = n.unit + 1;
		n.n_fraction = strspn(n.fraction, digits);
		if (n.n_fraction == 0)
			return false;
		n.unit = n.fraction + n.n_fraction;
	}
	*ret_number = n;
	return true;
}

enum units_scaled { UNITS_EXACT, UNITS_TOO_LARGE, UNITS_NOT_WHOLE };

/* number × unit (at most 2^60) as an integer, or why not. */
static enum units_scaled
units_scale(const struct units_number *number, uint64_t unit,
	    uint64_t *ret_value)
{
	uint64_t value = 0;
	uint64_t carry = 0;

	for (size_t i = 0; i < number->n_whole; i++) {
		unsigned digit = (unsigned)(number->whole[i] - '0');

		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, digit, &value))
			return UNITS_TOO_LARGE;
	}
	if (__builtin_mul_overflow(value, unit, &value))
		return UNITS_TOO_LARGE;
	/* The fraction times the unit by long multiplication, from the last
	 * digit: each place behind the point must come out as 0. The carry is
	 * below the unit, so nothing here passes 10 × 2^60. */
	for (size_t i = number->n_fraction; i-- > 0;) {
		unsigned digit = (unsigned)(number->fraction[i] - '0');
		uint64_t place = digit * unit + carry;

		if (place % 10 != 0)
			return UNITS_NOT_WHOLE;
		carry = place / 10;
	}
	if (__builtin_add_overflow(value, carry, &value))
		return UNITS_TOO_LARGE;
	*ret_value = value;
	return UNITS_EXACT;
}

/* What went wrong with a text, as a sentence: quoted text, then `why`. */
static int
units_refuse(const char *text, const char *why, struct weir_error *err)
{
	char excerpt[TEXT_EXCERPT_BYTES];

	return weir_error_set(err, WEIR_EINVALID, "\"%s\" %s",
			      text_excerpt(text, excerpt), why);
}

struct units_unit {
	const char *name;
	uint64_t factor;
};

/* The factor of a unit, or 0. */
static uint64_t
units_factor(const struct units_unit *units, size_t n_units, const char *name)
{
	for (size_t i = 0; i < n_units; i++) {
		if (strcmp(units[i].name, name) == 0)
			return units[i].factor;
	}
	return 0;
}

/* The factor of "", "k", "Mi", "GB", "TiB" …, or 0. */
static uint64_t
units_size_factor(const char *unit)
{
	static const char letters[] = "kMGTPE";
	const char *letter;
	uint64_t base = 1000;
	uint64_t factor = 1;

	if (*unit != '\0' && *unit != 'B') {
		letter = strchr(letters, *unit == 'K' ? 'k' : *unit);
		if (!letter)
			return 0;
		if (*++unit == 'i') {
			base = 1024;
			unit++;
		}
		for (const char *l = letters; l <= letter; l++)
			factor *= base;
	}
	if (*unit == 'B')
		unit++;
	return *unit == '\0' ? factor : 0;
}

static const char units_size_form[] =
	"is not a size: write bytes as 64, 1k (1000), 1Ki (1024) or 2MiB";

/* Names the slip where the text shows a common one. */
static int
units_refuse_size(const char *text, const char *unit, struct weir_error *err)
{
	if (strpbrk(text, " \t"))
		return units_refuse(text,
				    "is not a size: leave out the space, "
				    "as in 1Ki",
				    err);
	if (text[0] == '-')
		return units_refuse(text, "is not a size: it can't be negative",
				    err);
	if (unit && strstr(unit, "/s"))
		return units_refuse(text,
				    "is not a size: leave out the "
				    "\"/s\", a size is not a rate",
				    err);
	if (unit && *unit && strchr("mgt", *unit))
		return units_refuse(text,
				    "is not a size: M, G and T are upper "
				    "case, as in 1M or 1Mi",
				    err);
	if (unit && strchr(unit, 'b'))
		return units_refuse(text,
				    "is not a size: bytes are an upper "
				    "case B, as in 1KB or 1KiB",
				    err);
	return units_refuse(text, units_size_form, err);
}

int
units_parse_size(const char *text, uint64_t *ret_bytes, struct weir_error *err)
{
	struct units_number number;
	uint64_t factor;

	if (!units_scan(text, &number))
		return units_refuse_size(text, NULL, err);
	factor = units_size_factor(number.unit);
	if (factor == 0)
		return units_refuse_size(text, number.unit, err);
	switch (units_scale(&number, factor, ret_bytes)) {
	case UNITS_TOO_LARGE:
		return units_refuse(text,
				    "is too large: a size is at most "
				    "18446744073709551615 bytes",
				    err);
	case UNITS_NOT_WHOLE:
		return units_refuse(text, "is not a whole number of bytes",
				    err);
	default:
		return WEIR_OK;
	}
}

int
units_parse_duration(const char *text, uint64_t *ret_ns, struct weir_error *err)
{
	static const char form[] =
		"is not a duration: write 500ms or 30s (units are ns, us, ms, "
		"s, m and h, without a space)";
	/* The micro sign comes in two: U+00B5, and U+03BC, the Greek mu. */
	static const struct units_unit units[] = {
		{ "ns", 1 },
		{ "us", 1000 },
		{ "\u00b5s", 1000 },
		{ "\u03bcs", 1000 },
		{ "ms", 1000000 },
		{ "s", NS_PER_S },
		{ "m", 60 * NS_PER_S },
		{ "h", 3600 * NS_PER_S },
	};
	struct units_number number;
	uint64_t factor;

	if (!units_scan(text, &number))
		return units_refuse(text, form, err);
	if (*number.unit == '\0') {
		uint64_t value = 0;

		if (units_scale(&number, 1, &value) != UNITS_EXACT ||
		    value != 0)
			return units_refuse(text,
					    "is a duration without a "
					    "unit: write 500ms or 30s",
					    err);
		*ret_ns = 0;
		return WEIR_OK;
	}
	factor = units_factor(units, sizeof(units) / sizeof(units[0]),
			      number.unit);
	if (factor == 0)
		return units_refuse(text, form, err);
	switch (units_scale(&number, factor, ret_ns)) {
	case UNITS_TOO_LARGE:
		return units_refuse(text,
				    "is too long: a duration is at most "
				    "18446744073s (584 years)",
				    err);
	case UNITS_NOT_WHOLE:
		return units_refuse(text,
				    "is not a whole number of "
				    "nanoseconds",
				    err);
	default:
		return WEIR_OK;
	}
}

/* The power of ten of "", "k" (or "K"), "M", "G"; -1 for others. */
static int
units_exponent(const char *unit, size_t len)
{
	if (len == 0)
		return 0;
	if (len > 1)
		return -1;
	switch (*unit) {
	case 'k':
	case 'K':
		return 3;
	case 'M':
		return 6;
	case 'G':
		return 9;
	default:
		return -1;
	}
}

int
units_parse_rate(const char *text, double *ret_per_s, struct weir_error *err)
{
	static const char form[] =
		"is not a rate: write 1000, 10k, 2.5M or 1G, per second";
	char decimal[UNITS_NUMBER_CHARS + 8];
	struct units_number number;
	size_t n_chars;
	size_t n_unit;
	int exponent;
	double per_s;

	if (!units_scan(text, &number))
		return units_refuse(text, form, err);
	n_unit = strlen(number.unit);
	if (n_unit >= 2 && strcmp(number.unit + n_unit - 2, "/s") == 0)
		n_unit -= 2;
	exponent = units_exponent(number.unit, n_unit);
	if (exponent < 0)
		return units_refuse(text, form, err);
	n_chars = (size_t)(number.unit - text);
	if (n_chars > UNITS_NUMBER_CHARS)
		return units_refuse(text, "has too many digits for a rate",
				    err);
	snprintf(decimal, sizeof(decimal), "%.*se%d", (int)n_chars, text,
		 exponent);
	per_s = strtod(decimal, NULL);
	if (per_s < UNITS_RATE_MIN || per_s > UNITS_RATE_MAX)
		return units_refuse(text,
				    "is not a usable rate: write 0.001 "
				    "to 1000G, per second",
				    err);
	*ret_per_s = per_s;
	return WEIR_OK;
}

int
units_parse_int(const char *text, int64_t *ret_value, struct weir_error *err)
{
	static const char form[] =
		"is not a whole number: write 1000, -5, 100k or 10M";
	static const uint64_t factors[] = { 1, 1000, 1000000, 1000000000 };
	bool negative = text[0] == '-';
	struct units_number number;
	uint64_t magnitude = 0;
	int exponent;

	if (!units_scan(text + negative, &number))
		return units_refuse(text, form, err);
	exponent = units_exponent(number.unit, strlen(number.unit));
	if (exponent < 0)
		return units_refuse(text, form, err);
	switch (units_scale(&number, factors[exponent / 3], &magnitude)) {
	case UNITS_NOT_WHOLE:
		return units_refuse(text, form, err);
	case UNITS_TOO_LARGE:
		magnitude = UINT64_MAX;
		break;
	default:
		break;
	}
	if (magnitude > (uint64_t)INT64_MAX + negative)
		return units_refuse(text, "does not fit in 64 bits", err);
	*ret_value = (int64_t)(negative ? 0 - magnitude : magnitude);
	return WEIR_OK;
}

/* True for "", "e5", "E-12": what may follow a double's digits. */
static bool
units_is_exponent(const char *s)
{
	if (*s == '\0')
		return true;
	if (*s != 'e' && *s != 'E')
		return false;
	s++;
	if (*s == '-' || *s == '+')
		s++;
	return *s != '\0' && s[strspn(s, "0123456789")] == '\0';
}

int
units_parse_double(const char *text, double *ret_value, struct weir_error *err)
{
	struct units_number number;
	double value;
	char *end;

	if (!units_scan(text + (text[0] == '-'), &number) ||
	    !units_is_exponent(number.unit))
		return units_refuse(text,
				    "is not a number: write 10, 0.5 or "
				    "1e-3",
				    err);
	errno = 0;
	value = strtod(text, &end);
	/* Not at the end: a locale with another decimal point. */
	if (*end != '\0' || !isfinite(value) || (errno == ERANGE && value == 0))
		return units_refuse(text, "is beyond the range of a double",
				    err);
	*ret_value = value;
	return WEIR_OK;
}

int
units_parse_bool(const char *text, uint32_t *ret_value, struct weir_error *err)
{
	static const char *const names[][2] = {
		{ "false", "true" },
		{ "no", "yes" },
		{ "off", "on" },
		{ "0", "1" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		for (uint32_t v = 0; v < 2; v++) {
			if (strcasecmp(text, names[i][v]) == 0) {
				*ret_value = v;
				return WEIR_OK;
			}
		}
	}
	return units_refuse(text, "is neither true nor false", err);
}
