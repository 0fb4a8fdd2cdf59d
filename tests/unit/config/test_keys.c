/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of keys: sound in themselves, and the same as docs/config.md.
 */
#include "core/base/cleanup.h"
#include "core/base/io.h"
#include "tests/unit/config/fixture.h"

/* Every key with its full path and the row. */
static size_t
list_keys(struct strings *ret_keys, const struct weir_option **ret_rows)
{
	size_t n = 0;

	for (size_t i = 0; i < plan_run_table.n_rows; i++) {
		ret_rows[n++] = &plan_run_table.rows[i];
		strings_add(ret_keys, plan_run_table.rows[i].name);
	}
	for (size_t i = 0; i < plan_axes_table.n_rows; i++) {
		ret_rows[n++] = &plan_axes_table.rows[i];
		strings_addf(ret_keys, "matrix.%s",
			     plan_axes_table.rows[i].name);
	}
	return n;
}

static void
assert_sound(const struct option_table *table)
{
	struct weir_error err = { 0 };
	void *values = calloc(1, table->struct_bytes);

	ck_assert_ptr_nonnull(values);
	ck_assert_msg(!option_check_table(table, &err), "%s", err.text);
	ck_assert_msg(!option_defaults(table, values, &err), "%s", err.text);
	for (size_t i = 0; i < table->n_rows; i++) {
		const struct weir_option *row = &table->rows[i];
		size_t len = strlen(row->help);
		struct text printed = { 0 };

		ck_assert_msg(len > 10 && row->help[len - 1] != '.', "%s",
			      row->name);
		option_print(row, values, &printed);
		if (!(row->flags & WEIR_OPTION_LIST))
			ck_assert_str_eq(text_get(&printed),
					 row->default_text);
		text_fini(&printed);
	}
	option_fini(table, values);
	free(values);
}

START_TEST(tables_are_sound)
{
	assert_sound(&plan_run_table);
	assert_sound(&plan_axes_table);
}
END_TEST

/* The text between the backquotes of column i (from 0) of a table's line,
 * "" where there are none; false where the line has no such column. */
static bool
column(const char *line, int i, char *ret_text, size_t cap)
{
	const char *end = line + strcspn(line, "\n");
	const char *p = line;
	size_t len = 0;

	if (*p++ != '|')
		return false;
	for (; i > 0; i--) {
		p = memchr(p, '|', (size_t)(end - p));
		if (!p)
			return false;
		p++;
	}
	while (*p == ' ')
		p++;
	if (*p == '`')
		while (p[1 + len] != '`' && p + 1 + len < end)
			len++;
	snprintf(ret_text, cap, "%.*s", (int)len, p + 1);
	return true;
}

/* Calls check for each line of docs/config.md that describes a key. */
static void
each_documented(void (*check)(const char *key, const char *default_text,
			      void *context),
		void *context)
{
	const char *top = getenv("top_srcdir");
	cleanup_free char *text = NULL;
	char path[512];
	char key[64];
	char default_text[64];
	size_t len;

	snprintf(path, sizeof(path), "%s/docs/config.md", top ? top : ".");
	ck_assert_int_eq(io_read_file(path, 1 << 20, &text, &len, NULL), 0);
	for (const char *line = strstr(text, "\n## Keys"); line;
	     line = strchr(line, '\n')) {
		line++;
		if (!strncmp(line, "## Values", 9))
			break;
		if (column(line, 0, key, sizeof(key)) && *key &&
		    strncmp(key, "transports.", 11) != 0 &&
		    column(line, 2, default_text, sizeof(default_text)))
			check(key, default_text, context);
	}
}

static void
collect(const char *key, const char *default_text, void *context)
{
	(void)default_text;
	ck_assert_msg(!strings_contains(context, key), "%s twice", key);
	strings_add(context, key);
}

START_TEST(every_key_is_documented)
{
	const struct weir_option *rows[128];
	struct strings documented = { 0 };
	struct strings keys = { 0 };

	list_keys(&keys, rows);
	each_documented(collect, &documented);
	for (size_t i = 0; i < keys.n; i++)
		ck_assert_msg(strings_contains(&documented, keys.at[i]),
			      "docs/config.md lacks %s", keys.at[i]);
	strings_fini(&documented);
	strings_fini(&keys);
}
END_TEST

static void
check_documented(const char *key, const char *default_text, void *context)
{
	const struct weir_option *rows[128];
	struct strings keys = { 0 };
	size_t n = list_keys(&keys, rows);
	size_t i = 0;

	(void)context;
	while (i < n && strcmp(keys.at[i], key) != 0)
		i++;
	ck_assert_msg(i < n, "there is no key %s", key);
	ck_assert_msg(!strcmp(rows[i]->default_text, default_text),
		      "the default of %s is \"%s\"", key,
		      rows[i]->default_text);
	strings_fini(&keys);
}

START_TEST(every_documented_key_exists)
{
	each_documented(check_documented, NULL);
}
END_TEST

static Suite *
suite(void)
{
	const TTest *const tests[] = { tables_are_sound,
				       every_key_is_documented,
				       every_documented_key_exists };

	return fixture_suite("keys", tests, COUNT(tests));
}

UNIT_MAIN(suite)
