/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a table can be used at all. It may be a plugin's, so nothing in it
 * is believed but that its pointers point to something.
 */
#include <string.h>

#include "core/option/option.h"
#include "core/option/value.h"

#define OPTION_ROWS_MAX 256
#define OPTION_NAME_CHARS 64

static const struct {
	size_t bytes;
	size_t alignment;
} option_members[] = {
#define OPTION_MEMBER(type)                     \
	{                                       \
		sizeof(type), __alignof__(type) \
	}
	[WEIR_OPTION_BOOL] = OPTION_MEMBER(uint32_t),
	[WEIR_OPTION_INT] = OPTION_MEMBER(int64_t),
	[WEIR_OPTION_SIZE] = OPTION_MEMBER(uint64_t),
	[WEIR_OPTION_DURATION] = OPTION_MEMBER(uint64_t),
	[WEIR_OPTION_RATE] = OPTION_MEMBER(double),
	[WEIR_OPTION_DOUBLE] = OPTION_MEMBER(double),
	[WEIR_OPTION_CHOICE] = OPTION_MEMBER(uint32_t),
	[WEIR_OPTION_STRING] = OPTION_MEMBER(const char *),
	[WEIR_OPTION_CPUS] = OPTION_MEMBER(const char *),
};

size_t
option_member_bytes(const struct weir_option *row)
{
	return option_is_list(row) ? sizeof(struct strings) :
				     option_members[row->type].bytes;
}

size_t
option_member_alignment(const struct weir_option *row)
{
	return option_is_list(row) ? __alignof__(struct strings) :
				     option_members[row->type].alignment;
}

static bool
option_type_known(uint32_t type)
{
	return type < sizeof(option_members) / sizeof(option_members[0]) &&
	       option_members[type].bytes > 0;
}

/* "wait" or, of core's tables, a path as "cpu.host": words of lower case
 * letters, digits and '_', each beginning with a letter. */
static bool
option_name_valid(const char *name)
{
	bool at_start = true;
	size_t len;

	for (len = 0; name[len] != '\0'; len++) {
		char c = name[len];
		bool letter = c >= 'a' && c <= 'z';
		bool inner = (c >= '0' && c <= '9') || c == '_' || c == '.';

		if (len == OPTION_NAME_CHARS || !(letter || inner) ||
		    (at_start && !letter))
			return false;
		at_start = c == '.';
	}
	return !at_start;
}

/* The fault of a row's choices, or NULL. */
static const char *
option_choices_fault(const struct weir_option *row)
{
	size_t n = 0;

	if (row->type != WEIR_OPTION_CHOICE)
		return row->choices ? "choices, but is not of the type CHOICE" :
				      NULL;
	if (!row->choices || !row->choices[0])
		return "no choices";
	for (; row->choices[n]; n++) {
		if (n == OPTION_CHOICES_MAX)
			return "more than 64 choices";
		if (row->choices[n][0] == '\0')
			return "an empty choice";
		for (size_t i = 0; i < n; i++) {
			if (strcmp(row->choices[i], row->choices[n]) == 0)
				return "the same choice twice";
		}
	}
	return NULL;
}

/* The fault of a row by itself, as what it "has", or NULL. */
static const char *
option_row_fault(const struct weir_option *row, size_t struct_bytes)
{
	const char *fault;
	size_t bytes;

	if (!option_type_known(row->type))
		return "an unknown type";
	if (row->flags & ~(WEIR_OPTION_LIST | WEIR_OPTION_HIDDEN))
		return "an unknown flag";
	if (!row->default_text)
		return "no default";
	if (!row->help || row->help[0] == '\0')
		return "no help";
	fault = option_choices_fault(row);
	if (fault)
		return fault;
	if (row->min > row->max)
		return "a range whose minimum is above its maximum";
	if ((row->min != 0 || row->max != 0) && !option_is_number(row))
		return "a range, but is not of a numeric type";
	bytes = option_member_bytes(row);
	if (bytes > struct_bytes || row->offset > struct_bytes - bytes)
		return "an offset outside of the options struct";
	if (row->offset % option_member_alignment(row) != 0)
		return "an offset that is not aligned for its type";
	return NULL;
}

/* Whether two members share a byte: a number written into a pointer that is
 * freed later would be fatal. */
static bool
option_rows_overlap(const struct weir_option *a, const struct weir_option *b)
{
	return a->offset < b->offset + option_member_bytes(b) &&
	       b->offset < a->offset + option_member_bytes(a);
}

int
option_check_table(const struct option_table *table, struct weir_error *err)
{
	if (table->n_rows > OPTION_ROWS_MAX ||
	    (table->n_rows > 0 && !table->rows))
		return weir_error_set(err, WEIR_EINVALID,
				      "the option table has %zu rows%s; it may "
				      "have %d",
				      table->n_rows,
				      table->rows ? "" : " at no address",
				      OPTION_ROWS_MAX);
	for (size_t i = 0; i < table->n_rows; i++) {
		const struct weir_option *row = &table->rows[i];
		const char *fault;

		if (!row->name || !option_name_valid(row->name))
			return weir_error_set(err, WEIR_EINVALID,
					      "row %zu of the option table has "
					      "no valid name: use lower case "
					      "letters, digits and '_'",
					      i);
		fault = option_row_fault(row, table->struct_bytes);
		for (size_t j = 0; j < i && !fault; j++) {
			if (strcmp(table->rows[j].name, row->name) == 0)
				fault = "the name of an earlier row";
			else if (option_rows_overlap(&table->rows[j], row))
				fault = "a member that overlaps an earlier "
					"row's";
		}
		if (fault)
			return weir_error_set(err, WEIR_EINVALID,
					      "row %zu of the option table, "
					      "\"%s\", has %s",
					      i, row->name, fault);
	}
	return WEIR_OK;
}
