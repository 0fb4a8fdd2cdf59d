/* SPDX-License-Identifier: Apache-2.0 */
#include "core/option/value.h"

#include <string.h>

#include "core/base/units.h"
#include "core/option/option.h"

#define OPTION_CPUS_MAX 4096

bool
option_is_number(const struct weir_option *row)
{
	switch (row->type) {
	case WEIR_OPTION_INT:
	case WEIR_OPTION_SIZE:
	case WEIR_OPTION_DURATION:
	case WEIR_OPTION_RATE:
	case WEIR_OPTION_DOUBLE:
		return true;
	default:
		return false;
	}
}

static int
option_parse_choice(const struct weir_option *row, const char *text,
		    uint32_t *ret_index, struct weir_error *err)
{
	char excerpt[TEXT_EXCERPT_BYTES];
	struct text expected = { 0 };
	const char *nearest;
	uint32_t n = 0;

	for (; row->choices[n]; n++) {
		if (strcmp(row->choices[n], text) == 0) {
			*ret_index = n;
			return WEIR_OK;
		}
	}
	for (uint32_t i = 0; i < n; i++)
		text_addf(&expected, "%s%s", i ? ", " : "", row->choices[i]);
	nearest = option_suggest(text, row->choices, n);
	weir_error_set(err, WEIR_EINVALID, "\"%s\" is not one of %s%s%s%s",
		       text_excerpt(text, excerpt), text_get(&expected),
		       nearest ? "; did you mean " : "", nearest ? nearest : "",
		       nearest ? "?" : "");
	text_fini(&expected);
	return WEIR_EINVALID;
}

/* A decimal CPU number at *s, which is moved behind it; -1 if there is none
 * or it is too large. */
static int
option_scan_cpu(const char **s)
{
	int cpu = 0;

	if (**s < '0' || **s > '9')
		return -1;
	for (; **s >= '0' && **s <= '9'; (*s)++) {
		cpu = cpu * 10 + (**s - '0');
		if (cpu >= OPTION_CPUS_MAX)
			return -1;
	}
	return cpu;
}

static int
option_check_cpus(const char *text, struct weir_error *err)
{
	char excerpt[TEXT_EXCERPT_BYTES];
	const char *s = text;

	if (strcmp(text, "auto") == 0 || strcmp(text, "none") == 0)
		return WEIR_OK;
	for (;;) {
		int first = option_scan_cpu(&s);
		int last = first;

		if (first >= 0 && *s == '-') {
			s++;
			last = option_scan_cpu(&s);
		}
		if (first < 0 || last < first || (*s != ',' && *s != '\0'))
			return weir_error_set(
				err, WEIR_EINVALID,
				"\"%s\" is not a list of CPUs: write auto, "
				"none, or ascending ranges of numbers below "
				"%d, as 0,2-3",
				text_excerpt(text, excerpt), OPTION_CPUS_MAX);
		if (*s++ == '\0')
			return WEIR_OK;
	}
}

/* False where the value is below or above the range; NaN can't come here. */
static bool
option_in_range(const struct weir_option *row, const union option_value *value)
{
	uint64_t u = value->u64;

	switch (row->type) {
	case WEIR_OPTION_INT:
		return value->i64 >= row->min && value->i64 <= row->max;
	case WEIR_OPTION_SIZE:
	case WEIR_OPTION_DURATION:
		return (row->min <= 0 || u >= (uint64_t)row->min) &&
		       row->max >= 0 && u <= (uint64_t)row->max;
	default:
		return value->f64 >= (double)row->min &&
		       value->f64 <= (double)row->max;
	}
}

static int
option_parse_text(const struct weir_option *row, const char *text,
		  union option_value *ret_value, struct weir_error *err)
{
	switch (row->type) {
	case WEIR_OPTION_BOOL:
		return units_parse_bool(text, &ret_value->u32, err);
	case WEIR_OPTION_INT:
		return units_parse_int(text, &ret_value->i64, err);
	case WEIR_OPTION_SIZE:
		return units_parse_size(text, &ret_value->u64, err);
	case WEIR_OPTION_DURATION:
		return units_parse_duration(text, &ret_value->u64, err);
	case WEIR_OPTION_RATE:
		return units_parse_rate(text, &ret_value->f64, err);
	case WEIR_OPTION_DOUBLE:
		return units_parse_double(text, &ret_value->f64, err);
	case WEIR_OPTION_CHOICE:
		return option_parse_choice(row, text, &ret_value->u32, err);
	case WEIR_OPTION_CPUS:
		ret_value->text = text;
		return option_check_cpus(text, err);
	case WEIR_OPTION_STRING:
		ret_value->text = text;
		return WEIR_OK;
	default:
		return weir_error_set(err, WEIR_EINVALID,
				      "the option has the unknown type %u",
				      row->type);
	}
}

/* Of a text that is no value of a row with a range (parsed is why not), or of
 * a value beyond it: what would be one. */
static int
option_refuse_range(const struct weir_option *row, const char *text,
		    int parsed, struct weir_error *err)
{
	char excerpt[TEXT_EXCERPT_BYTES];
	struct weir_error why = { 0 };
	struct text range = { 0 };

	if (err)
		why = *err;
	option_print_range(row, &range);
	if (parsed)
		weir_error_set(err, parsed, "%s; here it has to be %s",
			       why.text, text_get(&range));
	else
		parsed = weir_error_set(err, WEIR_EINVALID,
					"\"%s\" is out of range, which is %s",
					text_excerpt(text, excerpt),
					text_get(&range));
	text_fini(&range);
	return parsed;
}

int
option_parse_value(const struct weir_option *row, const char *text,
		   union option_value *ret_value, struct weir_error *err)
{
	union option_value value = { 0 };
	int status = option_parse_text(row, text, &value, err);
	/* The sentences of sizes and durations say enough. */
	bool plain = row->type == WEIR_OPTION_INT ||
		     row->type == WEIR_OPTION_RATE;

	if (option_has_range(row) &&
	    (status ? plain : !option_in_range(row, &value)))
		status = option_refuse_range(row, text, status, err);
	if (status == WEIR_OK)
		*ret_value = value;
	else
		weir_error_prefix(err, "%s: ", row->name);
	return status;
}
