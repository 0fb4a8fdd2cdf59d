/* SPDX-License-Identifier: Apache-2.0 */
#include "core/config/settings.h"

#include "tests/unit/config/fixture.h"

static void
put(struct settings *s, enum settings_layer layer, const char *path,
    const char *value)
{
	struct weir_error err = { 0 };

	ck_assert_msg(!settings_put_text(s, layer, path, value, "here", &err),
		      "%s", err.text);
}

static void
assert_value(const struct settings *s, const char *path, const char *value)
{
	const struct setting *one = settings_get(s, path);

	ck_assert_ptr_nonnull(one);
	ck_assert_uint_eq(one->values.n, 1);
	ck_assert_str_eq(one->values.at[0], value);
}

START_TEST(higher_layer_wins)
{
	struct settings s = { 0 };

	put(&s, SETTINGS_FILE, "repeat", "2");
	put(&s, SETTINGS_COMMAND_LINE, "repeat", "4");
	put(&s, SETTINGS_ENVIRONMENT, "repeat", "3");
	put(&s, SETTINGS_DEFAULT, "repeat", "1");
	assert_value(&s, "repeat", "4");
	ck_assert_uint_eq(s.n, 1);
	settings_fini(&s);
}
END_TEST

START_TEST(later_of_a_layer_wins)
{
	struct settings s = { 0 };

	put(&s, SETTINGS_COMMAND_LINE, "repeat", "4");
	put(&s, SETTINGS_COMMAND_LINE, "repeat", "5");
	assert_value(&s, "repeat", "5");
	settings_fini(&s);
}
END_TEST

START_TEST(scalar_replaces_list)
{
	struct settings s = { 0 };

	put(&s, SETTINGS_FILE, "matrix.size", "[1,2,3]");
	put(&s, SETTINGS_COMMAND_LINE, "matrix.size", "4");
	assert_value(&s, "matrix.size", "4");
	ck_assert(!settings_get(&s, "matrix.size")->is_list);
	settings_fini(&s);
}
END_TEST

START_TEST(count_and_duration_across_layers)
{
	struct settings s = { 0 };

	put(&s, SETTINGS_FILE, "duration", "1s");
	put(&s, SETTINGS_ENVIRONMENT, "count", "5");
	ck_assert_ptr_null(settings_get(&s, "duration"));
	put(&s, SETTINGS_FILE, "duration", "1s");
	ck_assert_ptr_null(settings_get(&s, "duration"));
	put(&s, SETTINGS_COMMAND_LINE, "duration", "2s");
	ck_assert_ptr_null(settings_get(&s, "count"));
	assert_value(&s, "duration", "2s");
	settings_fini(&s);
}
END_TEST

START_TEST(warmup_and_warmup_count_across_layers)
{
	struct settings s = { 0 };

	put(&s, SETTINGS_FILE, "warmup_count", "7");
	put(&s, SETTINGS_COMMAND_LINE, "warmup", "1s");
	ck_assert_ptr_null(settings_get(&s, "warmup_count"));
	settings_fini(&s);
}
END_TEST

START_TEST(one_layer_keeps_both)
{
	struct settings s = { 0 };

	put(&s, SETTINGS_FILE, "duration", "1s");
	put(&s, SETTINGS_FILE, "count", "5");
	ck_assert_ptr_nonnull(settings_get(&s, "duration"));
	ck_assert_ptr_nonnull(settings_get(&s, "count"));
	settings_fini(&s);
}
END_TEST

START_TEST(many_settings)
{
	struct settings s = { 0 };
	char path[32];

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 300; i++) {
			snprintf(path, sizeof(path), "key%d", i);
			put(&s, round ? SETTINGS_ENVIRONMENT : SETTINGS_FILE,
			    path, path);
		}
	}
	ck_assert_uint_eq(s.n, 300);
	assert_value(&s, "key0", "key0");
	assert_value(&s, "key299", "key299");
	settings_fini(&s);
}
END_TEST

START_TEST(override_is_split_at_the_first_equals)
{
	struct settings s = { 0 };
	const struct setting *one;

	ck_assert_int_eq(settings_put_override(&s, " name = a=b ", NULL), 0);
	one = settings_get(&s, "name");
	assert_value(&s, "name", "a=b");
	ck_assert_str_eq(one->where, "command line -D  name = a=b ");
	ck_assert_int_eq(one->layer, SETTINGS_COMMAND_LINE);
	settings_fini(&s);
}
END_TEST

START_TEST(override_refusals)
{
	static const struct {
		const char *given;
		const char *sentence;
	} cases[] = {
		{ "repeat", "command line -D repeat: no \"=\"" },
		{ "", "no \"=\"" },
		{ "=5", "\"\" is not a key" },
		{ " =5", "is not a key" },
		{ "re peat=5", "\"re peat\" is not a key" },
		{ "size=[1", "command line -D size=[1: size: a list is" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct settings s = { 0 };
		struct weir_error err = { 0 };

		ck_assert_int_eq(
			settings_put_override(&s, cases[i].given, &err),
			WEIR_EINVALID);
		ck_assert_msg(strstr(err.text, cases[i].sentence) != NULL,
			      "%s", err.text);
		ck_assert_uint_eq(s.n, 0);
		settings_fini(&s);
	}
}
END_TEST

static Suite *
suite(void)
{
	const TTest *const tests[] = {
		higher_layer_wins, later_of_a_layer_wins,
		scalar_replaces_list, count_and_duration_across_layers,
		warmup_and_warmup_count_across_layers, one_layer_keeps_both,
		many_settings, override_is_split_at_the_first_equals,
		override_refusals,
	};

	return fixture_suite("settings", tests, COUNT(tests));
}

UNIT_MAIN(suite)
