/* SPDX-License-Identifier: Apache-2.0 */
#include "core/option/option.h"

#include <stdlib.h>
#include <string.h>

#include "core/option/value.h"

const struct weir_option *
option_find(const struct option_table *table, const char *name)
{
	for (size_t i = 0; i < table->n_rows; i++) {
		if (strcmp(table->rows[i].name, name) == 0)
			return &table->rows[i];
	}
	return NULL;
}

static bool
option_is_owned_text(const struct weir_option *row)
{
	return row->type == WEIR_OPTION_STRING || row->type == WEIR_OPTION_CPUS;
}

/*
 * Members are read and written with memcpy: the struct is known by offsets
 * only, and its strings are const to its owner but freed here.
 */
static void
option_load(const struct weir_option *row, const void *values,
	    union option_value *ret_value)
{
	memcpy(ret_value, (const char *)values + row->offset,
	       option_member_bytes(row));
}

static void
option_store(const struct weir_option *row, void *values,
	     const union option_value *value)
{
	memcpy((char *)values + row->offset, value, option_member_bytes(row));
}

static struct strings *
option_list_member(const struct weir_option *row, void *values)
{
	return (struct strings *)(void *)((char *)values + row->offset);
}

/* Frees what a row's member owns, if it does. */
static void
option_release(const struct weir_option *row, void *values)
{
	char *owned;

	if (option_is_list(row)) {
		strings_fini(option_list_member(row, values));
	} else if (option_is_owned_text(row)) {
		memcpy(&owned, (char *)values + row->offset, sizeof(owned));
		free(owned);
		owned = NULL;
		memcpy((char *)values + row->offset, &owned, sizeof(owned));
	}
}

int
option_set_list(const struct weir_option *row, const struct strings *texts,
		void *values, struct weir_error *err)
{
	struct strings list = { 0 };

	if (!option_is_list(row))
		return weir_error_set(err, WEIR_EINVALID,
				      "%s: takes one value, not a list",
				      row->name);
	for (size_t i = 0; i < texts->n; i++) {
		int status = option_check(row, texts->at[i], NULL, err);

		if (status != WEIR_OK)
			return status;
	}
	strings_copy(&list, texts);
	if (list.failed) {
		strings_fini(&list);
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "%s: no memory for a list", row->name);
	}
	option_release(row, values);
	*option_list_member(row, values) = list;
	return WEIR_OK;
}

static int
option_set_list_text(const struct weir_option *row, const char *text,
		     void *values, struct weir_error *err)
{
	struct strings texts = { 0 };
	int status = option_split_list(text, &texts, err);

	if (status == WEIR_OK)
		status = option_set_list(row, &texts, values, err);
	else
		weir_error_prefix(err, "%s: ", row->name);
	strings_fini(&texts);
	return status;
}

int
option_set(const struct weir_option *row, const char *text, void *values,
	   struct weir_error *err)
{
	union option_value value;
	int status;

	if (option_is_list(row))
		return option_set_list_text(row, text, values, err);
	status = option_parse_value(row, text, &value, err);
	if (status != WEIR_OK)
		return status;
	if (option_is_owned_text(row)) {
		/* Before the release: text may be what is released. */
		value.text = strdup(text);
		if (!value.text)
			return weir_error_set(err, WEIR_ENOMEMORY,
					      "%s: no memory for a text",
					      row->name);
		option_release(row, values);
	}
	option_store(row, values, &value);
	return WEIR_OK;
}

int
option_defaults(const struct option_table *table, void *values,
		struct weir_error *err)
{
	int status;

	memset(values, 0, table->struct_bytes);
	status = option_check_table(table, err);
	if (status != WEIR_OK)
		return status;
	for (size_t i = 0; i < table->n_rows; i++) {
		const struct weir_option *row = &table->rows[i];

		status = option_set(row, row->default_text, values, err);
		if (status == WEIR_OK)
			continue;
		option_fini(table, values);
		weir_error_prefix(err,
				  "the default of row %zu of the option "
				  "table is no good: ",
				  i);
		return status;
	}
	return WEIR_OK;
}

int
option_check(const struct weir_option *row, const char *text,
	     char **ret_canonical, struct weir_error *err)
{
	struct text canonical = { 0 };
	union option_value value;
	char *taken;
	int status = option_parse_value(row, text, &value, err);

	if (status != WEIR_OK || !ret_canonical)
		return status;
	option_print_value(row, &value, &canonical);
	taken = text_take(&canonical);
	if (!taken)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "%s: no memory for a text", row->name);
	*ret_canonical = taken;
	return WEIR_OK;
}

void
option_print(const struct weir_option *row, const void *values,
	     struct text *ret_text)
{
	union option_value value = { 0 };
	struct strings list;

	if (option_is_list(row)) {
		memcpy(&list, (const char *)values + row->offset, sizeof(list));
		option_print_list(&list, ret_text);
		return;
	}
	option_load(row, values, &value);
	option_print_value(row, &value, ret_text);
}

void
option_fini(const struct option_table *table, void *values)
{
	for (size_t i = 0; i < table->n_rows; i++)
		option_release(&table->rows[i], values);
}
