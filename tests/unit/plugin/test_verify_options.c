/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/plugin/plugin.h"
#include "core/plugin/verify.h"
#include "tests/abi/stub.h"
#include "tests/unit/unit.h"

struct values {
	const char *directory;
	uint32_t rendezvous;
	uint32_t more;
};

static const char *const with_path[] = { "fd", "path", NULL };
static const char *const without_path[] = { "fd", NULL };

static struct weir_option rows[2];
static struct weir_transport ops;

static void
rows_setup(void)
{
	rows[0] = (struct weir_option){
		.name = "directory",
		.type = WEIR_OPTION_STRING,
		.default_text = "here",
		.help = "where",
		.offset = offsetof(struct values, directory),
	};
	rows[1] = (struct weir_option){
		.name = "rendezvous",
		.type = WEIR_OPTION_CHOICE,
		.default_text = "fd",
		.help = "how",
		.choices = with_path,
		.offset = offsetof(struct values, rendezvous),
	};
	ops = (struct weir_transport){
		WEIR_TRANSPORT_HEAD,
		.name = "x",
		.summary = "a transport",
		.capabilities = WEIR_CAP_PATH,
		WEIR_TRANSPORT_OPTIONS(rows, struct values),
		STUB_OPERATIONS,
	};
}

static int
rows_verify(struct plugin **ret_plugin, struct weir_error *err)
{
	struct verify_symbol symbol = {
		.at = &ops, .bytes = sizeof(ops), .path = "/p/x.so",
		.name = "x",
	};

	return verify_transport(&symbol, ret_plugin, err);
}

static void
assert_refused(const char *sentence)
{
	struct plugin *plugin = NULL;
	struct weir_error err;

	ck_assert_int_eq(rows_verify(&plugin, &err), WEIR_EUNAVAILABLE);
	ck_assert_int_eq(err.status, WEIR_EUNAVAILABLE);
	ck_assert_str_eq(err.text, sentence);
	ck_assert_ptr_null(plugin);
}

static void
assert_accepted(size_t n_rows)
{
	struct plugin *plugin = NULL;
	struct weir_error err = { 0 };

	ck_assert_msg(rows_verify(&plugin, &err) == WEIR_OK, "%s", err.text);
	ck_assert_uint_eq(plugin->options.n_rows, n_rows);
	plugin_destroy(plugin);
}

START_TEST(valid_table)
{
	assert_accepted(2);
}
END_TEST

START_TEST(no_table)
{
	ops.options = NULL;
	ops.n_options = 0;
	ops.capabilities = 0;
	ops.option_bytes = 0;
	ops.options_struct_bytes = 0;
	assert_accepted(0);
}
END_TEST

START_TEST(rows_are_missing)
{
	ops.options = NULL;
	assert_refused("/p/x.so: member options is missing, though n_options "
		       "is 2");
}
END_TEST

START_TEST(too_many_rows)
{
	ops.n_options = UINT32_MAX;
	assert_refused("/p/x.so: member n_options is 4294967295, while weir "
		       "takes at most 256 options");
}
END_TEST

START_TEST(size_of_rows)
{
	ops.option_bytes = 0;
	assert_refused("/p/x.so: member option_bytes is 0, while struct "
		       "weir_option has 64");
	ops.option_bytes = VERIFY_OPTION_BYTES_MIN - 1;
	assert_refused("/p/x.so: member option_bytes is 63, while struct "
		       "weir_option has 64");
	ops.option_bytes = UINT32_MAX;
	assert_refused("/p/x.so: member option_bytes is 4294967295, while "
		       "struct weir_option has 64");
}
END_TEST

START_TEST(size_of_values)
{
	ops.options_struct_bytes = 0;
	assert_refused("/p/x.so: member options_struct_bytes is 0, while weir "
		       "takes 1 to 1048576");
	ops.options_struct_bytes = UINT64_MAX;
	assert_refused("/p/x.so: member options_struct_bytes is "
		       "18446744073709551615, while weir takes 1 to 1048576");
}
END_TEST

START_TEST(row_without_name)
{
	rows[1].name = NULL;
	assert_refused("/p/x.so: member options: row 1 of the option table "
		       "has no valid name: use lower case letters, digits "
		       "and '_'");
}
END_TEST

START_TEST(row_outside_of_the_values)
{
	rows[1].offset = sizeof(struct values);
	assert_refused("/p/x.so: member options: row 1 of the option table, "
		       "\"rendezvous\", has an offset outside of the options "
		       "struct");
}
END_TEST

START_TEST(default_that_is_no_choice)
{
	rows[1].default_text = "psth";
	assert_refused("/p/x.so: member options: the default of row 1 of the "
		       "option table is no good: rendezvous: \"psth\" is not "
		       "one of fd, path; did you mean path?");
}
END_TEST

START_TEST(names_of_the_config)
{
	rows[0].name = "plugin";
	assert_refused("/p/x.so: member options: row 0, \"plugin\", has a name "
		       "that the config uses itself");
	rows[0].name = "a.b";
	assert_refused("/p/x.so: member options: row 0, \"a.b\", has a dot in "
		       "its name");
}
END_TEST

/* The member would be a struct that plugins do not know. */
START_TEST(lists_are_refused)
{
	ops.n_options = 1;
	ops.capabilities = 0;
	ops.options_struct_bytes = 64;
	rows[0].flags = WEIR_OPTION_LIST;
	assert_refused("/p/x.so: member options: row 0, \"directory\", has the "
		       "flag WEIR_OPTION_LIST, which is the core's own");
}
END_TEST

START_TEST(path_capability_needs_the_choice)
{
	rows[1].choices = without_path;
	assert_refused("/p/x.so: member options has no rendezvous with the "
		       "choice path, though capabilities has WEIR_CAP_PATH");
	ops.n_options = 1;
	assert_refused("/p/x.so: member options has no rendezvous with the "
		       "choice path, though capabilities has WEIR_CAP_PATH");
}
END_TEST

START_TEST(path_choice_needs_the_capability)
{
	ops.capabilities = 0;
	assert_refused("/p/x.so: member options has a rendezvous with the "
		       "choice path, but capabilities lacks WEIR_CAP_PATH");
	rows[1].choices = without_path;
	assert_accepted(2);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify_options");
	TCase *t = tcase_create("verify_options");

	tcase_add_checked_fixture(t, rows_setup, NULL);
	tcase_add_test(t, valid_table);
	tcase_add_test(t, no_table);
	tcase_add_test(t, rows_are_missing);
	tcase_add_test(t, too_many_rows);
	tcase_add_test(t, size_of_rows);
	tcase_add_test(t, size_of_values);
	tcase_add_test(t, row_without_name);
	tcase_add_test(t, row_outside_of_the_values);
	tcase_add_test(t, default_that_is_no_choice);
	tcase_add_test(t, names_of_the_config);
	tcase_add_test(t, lists_are_refused);
	tcase_add_test(t, path_capability_needs_the_choice);
	tcase_add_test(t, path_choice_needs_the_capability);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite)
