/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "core/base/units.h"
#include "core/option/option.h"
#include "core/option/value.h"

void
option_print_value(const struct weir_option *row,
		   const union option_value *value, struct text *ret_text)
{
	char number[UNITS_TEXT_BYTES];

	switch (row->type) {
	case WEIR_OPTION_BOOL:
		text_add(ret_text, value->u32 ? "true" : "false");
		return;
	case WEIR_OPTION_INT:
		text_addf(ret_text, "%" PRId64, value->i64);
		return;
	case WEIR_OPTION_SIZE:
		units_print_size(value->u64, number);
		break;
	case WEIR_OPTION_DURATION:
		units_print_duration(value->u64, number);
		break;
	case WEIR_OPTION_RATE:
		units_print_rate(value->f64, number);
		break;
	case WEIR_OPTION_DOUBLE:
		units_print_double(value->f64, number);
		break;
	case WEIR_OPTION_CHOICE:
		text_add(ret_text, row->choices[value->u32]);
		return;
	default:
		/* A struct that was never given its defaults has NULL. */
		text_add(ret_text, value->text ? value->text : "");
		return;
	}
	text_add(ret_text, number);
}

/* One end of a range, in the unit of the type. */
static void
option_print_bound(const struct weir_option *row, int64_t bound,
		   struct text *ret_text)
{
	union option_value value = { .i64 = bound };

	if (row->type == WEIR_OPTION_RATE || row->type == WEIR_OPTION_DOUBLE)
		value.f64 = (double)bound;
	else if (row->type != WEIR_OPTION_INT)
		value.u64 = bound < 0 ? 0 : (uint64_t)bound;
	option_print_value(row, &value, ret_text);
}

void
option_print_range(const struct weir_option *row, struct text *ret_text)
{
	if (row->max == INT64_MAX) {
		text_add(ret_text, "at least ");
		option_print_bound(row, row->min, ret_text);
		return;
	}
	if (row->min == INT64_MIN) {
		text_add(ret_text, "at most ");
	} else {
		option_print_bound(row, row->min, ret_text);
		text_add(ret_text, " \u2026 ");
	}
	option_print_bound(row, row->max, ret_text);
}

void
option_describe_type(const struct weir_option *row, struct text *ret_text)
{
	static const char *const names[] = {
		[WEIR_OPTION_BOOL] = "true or false",
		[WEIR_OPTION_INT] = "whole number",
		[WEIR_OPTION_SIZE] = "size in bytes",
		[WEIR_OPTION_DURATION] = "duration",
		[WEIR_OPTION_RATE] = "rate per second",
		[WEIR_OPTION_DOUBLE] = "number",
		[WEIR_OPTION_CHOICE] = "one of ",
		[WEIR_OPTION_STRING] = "text",
		[WEIR_OPTION_CPUS] = "auto, none or CPUs as 0,2-3",
	};

	if (option_is_list(row))
		text_add(ret_text, "list of: ");
	text_add(ret_text, names[row->type]);
	if (row->type == WEIR_OPTION_CHOICE) {
		for (size_t i = 0; row->choices[i]; i++)
			text_addf(ret_text, "%s%s", i ? ", " : "",
				  row->choices[i]);
	}
	if (option_has_range(row)) {
		text_add(ret_text, ", ");
		option_print_range(row, ret_text);
	}
}
