/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The option-table engine: typed rows (include/weir/option.h), text in,
 * typed value out, and back.
 *
 * A table is an array of rows and a struct that they fill. Strings and lists
 * inside the struct are owned by it: option_fini frees them.
 */
#ifndef CORE_OPTION_OPTION_H
#define CORE_OPTION_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include <weir/error.h>
#include <weir/option.h>

#include "core/base/text.h"

struct option_table {
	const struct weir_option *rows;
	size_t n_rows;
	size_t struct_bytes;
};

/* The row of that name, or NULL. */
const struct weir_option *option_find(const struct option_table *table,
				      const char *name);

/*
 * Fills the struct (struct_bytes, any content) with the defaults. The table
 * may be a plugin's: first option_check_table looks at it. On failure the
 * struct holds nothing to free.
 */
WEIR_MUST_USE int option_defaults(const struct option_table *table,
				  void *values, struct weir_error *err);

/*
 * Refuses a table that could not be used safely, naming the row and what is
 * wrong with it: the form of its name, a name that is there twice, an unknown
 * type or flag, choices, range, a member outside of the struct, misaligned or
 * overlapping another. Does not parse the defaults.
 */
WEIR_MUST_USE int option_check_table(const struct option_table *table,
				     struct weir_error *err);

/*
 * Parses one text by a row, checks range or choices, and writes it into the
 * struct; what was there is freed. The error begins with the row's name and
 * says what is accepted. A WEIR_OPTION_LIST row appends nothing here: the
 * text is the whole list, as option_split_list takes it.
 */
WEIR_MUST_USE int option_set(const struct weir_option *row, const char *text,
			     void *values, struct weir_error *err);

/* For rows with WEIR_OPTION_LIST: the member is a struct strings; each text
 * is checked by the row's type and the list replaced by the texts. */
WEIR_MUST_USE int option_set_list(const struct weir_option *row,
				  const struct strings *texts, void *values,
				  struct weir_error *err);

/*
 * Splits a list as people write it: "a,b,c" or "[a, b, c]"; blanks around
 * elements are dropped; an element may be in double quotes, with \" and \\
 * inside. "" and "[]" are the empty list. *ret_list (any content, which is
 * freed) is the caller's.
 */
WEIR_MUST_USE int option_split_list(const char *text,
				    struct strings *ret_list,
				    struct weir_error *err);

/* Checks one text by a row without storing it; *ret_canonical (may be NULL)
 * is its exact print, so that "1024" and "1Ki" meet. Freed by the caller. Of
 * a WEIR_OPTION_LIST row, one element. */
WEIR_MUST_USE int option_check(const struct weir_option *row,
			       const char *text, char **ret_canonical,
			       struct weir_error *err);

/* Prints the value of a row in a form that parses back to the same value.
 * Lists print as [a,b], an element in quotes where it needs them. */
void option_print(const struct weir_option *row, const void *values,
		  struct text *ret_text);

/* "size in bytes, 1 … 16Mi" and the like: type, range or choices. */
void option_describe_type(const struct weir_option *row,
			  struct text *ret_text);

/* Frees what the struct owns (after option_defaults). */
void option_fini(const struct option_table *table, void *values);

/*
 * The nearest of the names (Damerau-Levenshtein, the case of letters aside,
 * at most a third of the longer one's length off), or NULL. Borrowed from
 * names.
 */
const char *option_suggest(const char *name, const char *const *names,
			   size_t n_names);

#endif
