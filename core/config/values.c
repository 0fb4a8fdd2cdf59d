/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "core/config/build.h"

static bool
has_form(struct build *b, const struct weir_option *row,
	 const struct setting *from, const char *prefix, bool multiplies)
{
	bool list_row = row->flags & WEIR_OPTION_LIST;

	if (!from->values.n && !from->is_list)
		problems_add(b, WEIR_EINVALID, from,
			     "%s%s: a group stands where a value is wanted",
			     prefix, row->name);
	else if (from->is_list && !multiplies && !list_row)
		problems_add(b, WEIR_EINVALID, from,
			     "%s%s: takes one value, not a list", prefix,
			     row->name);
	else if (!from->values.n && !list_row)
		problems_add(b, WEIR_EINVALID, from,
			     "%s%s: the list is empty, so nothing would run",
			     prefix, row->name);
	else if (from->values.n > PLAN_LIST_MAX)
		problems_add(b, WEIR_EINVALID, from,
			     "%s%s: a list of more than %d values", prefix,
			     row->name, PLAN_LIST_MAX);
	else
		return true;
	return false;
}

/* A text by an axis' row, in the one way to write it. */
static int
check(const struct weir_option *row, const char *text, char **ret_canonical,
      struct weir_error *err)
{
	char spelling[AXES_SPELLING_BYTES];

	if (!axes_spell(row, text, spelling))
		return option_check(row, text, ret_canonical, err);
	*ret_canonical = strdup(spelling);
	return *ret_canonical ? WEIR_OK :
				weir_error_set(err, WEIR_ENOMEMORY,
					       "no memory for a value");
}

static void
take_one(struct build *b, const struct weir_option *row,
	 const struct setting *from, const char *prefix, const char *text,
	 struct values *ret_values)
{
	struct weir_error err = { 0 };
	char *canonical = NULL;
	int status;

	if (strlen(text) > PLAN_TEXT_BYTES_MAX) {
		problems_add(b, WEIR_EINVALID, from,
			     "%s%s: a text of more than %d bytes", prefix,
			     row->name, PLAN_TEXT_BYTES_MAX);
		return;
	}
	status = check(row, plan_run_meant(row, text), &canonical, &err);
	if (status)
		problems_add(b, status, from, "%s%s%s", prefix, err.text,
			     axes_word(row));
	else if (strings_contains(&ret_values->texts, canonical))
		problems_add(b, WEIR_EINVALID, from,
			     "%s%s: the value %.200s stands twice in the list",
			     prefix, row->name, canonical);
	else
		strings_add(&ret_values->texts, canonical);
	free(canonical);
}

void
values_take(struct build *b, const struct weir_option *row,
	    const struct setting *from, const char *prefix, bool multiplies,
	    struct values *ret_values)
{
	bool list_row = row->flags & WEIR_OPTION_LIST;

	ret_values->row = row;
	ret_values->from = from;
	if (from && has_form(b, row, from, prefix, multiplies))
		for (size_t i = 0; i < from->values.n; i++)
			take_one(b, row, from, prefix, from->values.at[i],
				 ret_values);
	if (!from && list_row) {
		if (option_split_list(row->default_text, &ret_values->texts,
				      NULL))
			b->no_memory = true;
	} else if (!from) {
		take_one(b, row, NULL, prefix, row->default_text, ret_values);
	}
	b->no_memory |= ret_values->texts.failed;
}

void
values_fini(struct values *values)
{
	for (size_t i = 0; values->typed && i < values->texts.n; i++)
		option_fini(&plan_axes_table, &values->typed[i]);
	free(values->typed);
	strings_fini(&values->texts);
}
