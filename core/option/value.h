/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One value on its way between text and the struct; within this folder.
 */
#ifndef CORE_OPTION_VALUE_H
#define CORE_OPTION_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <weir/error.h>
#include <weir/option.h>

#include "core/base/text.h"

#define OPTION_CHOICES_MAX 64

/* The member that row->type says is set; an element's if the row is a list. */
union option_value {
	uint32_t u32;     /* BOOL, CHOICE */
	int64_t i64;      /* INT */
	uint64_t u64;     /* SIZE, DURATION */
	double f64;       /* RATE, DOUBLE */
	const char *text; /* STRING, CPUS: borrowed */
};

static inline bool
option_is_list(const struct weir_option *row)
{
	return (row->flags & WEIR_OPTION_LIST) != 0;
}

/* True for types that the range of a row applies to. */
bool option_is_number(const struct weir_option *row);

static inline bool
option_has_range(const struct weir_option *row)
{
	return option_is_number(row) && (row->min != 0 || row->max != 0);
}

/* Text to a value (text is borrowed by it), range and choices checked. The
 * error begins with the row's name. */
WEIR_MUST_USE int option_parse_value(const struct weir_option *row,
				     const char *text,
				     union option_value *ret_value,
				     struct weir_error *err);

/* A value as text that parses back to it. */
void option_print_value(const struct weir_option *row,
			const union option_value *value, struct text *ret_text);

/* "[a,b]", with quotes where option_split_list needs them. */
void option_print_list(const struct strings *list, struct text *ret_text);

/* "1 … 16Mi", "at least 1": the range of a row that has one. */
void option_print_range(const struct weir_option *row, struct text *ret_text);

/* Size and alignment of the member of a row whose type is known. */
size_t option_member_bytes(const struct weir_option *row);
size_t option_member_alignment(const struct weir_option *row);

#endif
