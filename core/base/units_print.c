/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Printing: exact text for the parsers of units.c, scaled text for people.
 */
#include "core/base/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"

void
units_print_size(uint64_t bytes, char ret_text[UNITS_TEXT_BYTES])
{
	static const char *const units[] = { "",   "Ki", "Mi", "Gi",
					     "Ti", "Pi", "Ei" };
	size_t i = 0;

	while (bytes != 0 && bytes % 1024 == 0) {
		bytes /= 1024;
		i++;
	}
	snprintf(ret_text, UNITS_TEXT_BYTES, "%" PRIu64 "%s", bytes, units[i]);
}

void
units_print_duration(uint64_t ns, char ret_text[UNITS_TEXT_BYTES])
{
	/* Not minutes and hours: a lone "m" is easily read as milli. */
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = { { "s", NS_PER_S },
		      { "ms", NS_PER_MS },
		      { "us", NS_PER_US },
		      { "ns", 1 } };
	size_t i = 0;

	while (ns % units[i].ns != 0)
		i++;
	snprintf(ret_text, UNITS_TEXT_BYTES, "%" PRIu64 "%s", ns / units[i].ns,
		 units[i].name);
}

/* Writes the shortest d.ddde±x that gives the (finite) value back; returns
 * x. */
static int
units_shortest(double value, char ret_text[UNITS_TEXT_BYTES])
{
	for (int decimals = 0; decimals <= 16; decimals++) {
		snprintf(ret_text, UNITS_TEXT_BYTES, "%.*e", decimals, value);
		if (strtod(ret_text, NULL) == value)
			break;
	}
	return atoi(strchr(ret_text, 'e') + 1);
}

/* Writes d.ddde±x without its exponent, the point moved `shift` places
 * (-9 … 15) to the right. */
static void
units_shift_point(const char *scientific, int shift, const char *unit,
		  char ret_text[UNITS_TEXT_BYTES])
{
	static const char zeros[] = "0000000000000000";
	const char *sign = *scientific == '-' ? "-" : "";
	char digits[UNITS_TEXT_BYTES];
	int n_digits = 0;
	int n_whole = shift + 1;

	for (const char *s = scientific; *s != 'e' && *s != '\0'; s++) {
		if (*s >= '0' && *s <= '9')
			digits[n_digits++] = *s;
	}
	if (n_whole <= 0)
		snprintf(ret_text, UNITS_TEXT_BYTES, "%s0.%.*s%.*s%s", sign,
			 -n_whole, zeros, n_digits, digits, unit);
	else if (n_whole >= n_digits)
		snprintf(ret_text, UNITS_TEXT_BYTES, "%s%.*s%.*s%s", sign,
			 n_digits, digits, n_whole - n_digits, zeros, unit);
	else
		snprintf(ret_text, UNITS_TEXT_BYTES, "%s%.*s.%.*s%s", sign,
			 n_whole, digits, n_digits - n_whole, digits + n_whole,
			 unit);
}

void
units_print_double(double value, char ret_text[UNITS_TEXT_BYTES])
{
	char scientific[UNITS_TEXT_BYTES];
	int exponent;

	if (!isfinite(value)) {
		snprintf(ret_text, UNITS_TEXT_BYTES, "%g", value);
		return;
	}
	exponent = units_shortest(value, scientific);
	if (exponent < -5 || exponent > 15)
		snprintf(ret_text, UNITS_TEXT_BYTES, "%s", scientific);
	else
		units_shift_point(scientific, exponent, "", ret_text);
}

void
units_print_rate(double per_s, char ret_text[UNITS_TEXT_BYTES])
{
	static const char *const units[] = { "", "k", "M", "G" };
	char scientific[UNITS_TEXT_BYTES];
	int exponent;
	int thousands;

	if (!(per_s >= 1e-9 && per_s <= 1e15)) {
		/* Not a rate; still something to look at. */
		units_print_double(per_s, ret_text);
		return;
	}
	exponent = units_shortest(per_s, scientific);
	thousands = exponent < 3 ? 0 : exponent / 3;
	if (thousands > 3)
		thousands = 3;
	units_shift_point(scientific, exponent - 3 * thousands,
			  units[thousands], ret_text);
}

/* Three significant digits before a unit; `units` ascend by 1000, the first
 * of them is that of the value, and the last takes what is left. */
static void
units_print_scaled(double value, const char *const *units, size_t n_units,
		   char ret_text[UNITS_TEXT_BYTES])
{
	size_t i = 0;
	int digits;

	if (isnan(value)) {
		snprintf(ret_text, UNITS_TEXT_BYTES, "\u2013");
		return;
	}
	/* The limits are where rounding would print a fourth digit. */
	while (fabs(value) >= 999.5 && i + 1 < n_units) {
		value /= 1000;
		i++;
	}
	if (fabs(value) >= 999999.5) {
		snprintf(ret_text, UNITS_TEXT_BYTES, "%.3g %s", value,
			 units[i]);
		return;
	}
	digits = fabs(value) < 9.995 ? 2 : fabs(value) < 99.95 ? 1 : 0;
	snprintf(ret_text, UNITS_TEXT_BYTES, "%.*f %s", value == 0 ? 0 : digits,
		 value, units[i]);
}

#define UNITS_PRINT_SCALED(value, ret_text, ...)                       \
	do {                                                           \
		static const char *const units_[] = { __VA_ARGS__ };   \
		units_print_scaled((value), units_,                    \
				   sizeof(units_) / sizeof(units_[0]), \
				   (ret_text));                        \
	} while (0)

void
units_scale_ns(double ns, char ret_text[UNITS_TEXT_BYTES])
{
	UNITS_PRINT_SCALED(ns, ret_text, "ns", "us", "ms", "s");
}

void
units_scale_rate(double per_s, char ret_text[UNITS_TEXT_BYTES])
{
	UNITS_PRINT_SCALED(per_s, ret_text, "/s", "k/s", "M/s", "G/s");
}

void
units_scale_bytes_per_s(double bytes_per_s, char ret_text[UNITS_TEXT_BYTES])
{
	UNITS_PRINT_SCALED(bytes_per_s, ret_text, "B/s", "kB/s", "MB/s", "GB/s",
			   "TB/s");
}
