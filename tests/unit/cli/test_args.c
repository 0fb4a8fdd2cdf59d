/* SPDX-License-Identifier: Apache-2.0 */
#include "core/cli/args.h"

#include <string.h>

#include "tests/unit/unit.h"

#define WORDS_MAX 8

static struct args args;
static struct weir_error err;

/* Parses what follows `weir COMMAND`: words up to NULL. */
static int
parse(const char *command, const char *const words[WORDS_MAX])
{
	char *argv[WORDS_MAX + 1] = { NULL };
	int argc = 0, status;

	memset(&err, 0, sizeof(err));
	for (; argc < WORDS_MAX && words[argc]; argc++)
		argv[argc] = strdup(words[argc]);
	status = args_parse(command_find(command), argc, argv, &args, &err);
	while (argc > 0)
		free(argv[--argc]);
	return status;
}

#define RUN(...) parse("run", (const char *const[WORDS_MAX]){ __VA_ARGS__ })

/* The values that a path was set to, joined by spaces; NULL: not set. */
static const char *
value(const char *path)
{
	static char joined[256];
	const struct setting *one = settings_get(&args.settings, path);
	size_t used = 0;

	if (!one)
		return NULL;
	joined[0] = '\0';
	for (size_t i = 0; i < one->values.n && used < sizeof(joined); i++)
		used += (size_t)snprintf(joined + used, sizeof(joined) - used,
					 "%s%s", i ? " " : "",
					 one->values.at[i]);
	return joined;
}

static void
refused(const char *sentence)
{
	ck_assert_int_eq(err.status, WEIR_EINVALID);
	ck_assert_msg(strstr(err.text, sentence), "\"%s\" is not in \"%s\"",
		      sentence, err.text);
}

START_TEST(nothing_is_the_default)
{
	ck_assert_int_eq(RUN(NULL), WEIR_OK);
	ck_assert_uint_eq(args.operands.n, 0);
	ck_assert_uint_eq(args.settings.n, 0);
	ck_assert_int_eq(args.log_level, -1);
	ck_assert_int_eq(args.control_fd, -1);
	ck_assert_int_eq(args.color, OUTPUT_COLOR_AUTO);
	ck_assert(!args.help && !args.version && !args.quiet &&
		  !args.dry_run && !args.all_mechanisms && !args.verbose);
	args_fini(&args);
}
END_TEST

START_TEST(flags_stand_before_and_after_operands)
{
	ck_assert_int_eq(RUN("-q", "a.cfg", "-v", "--duration", "1s"),
			 WEIR_OK);
	ck_assert_uint_eq(args.operands.n, 1);
	ck_assert_str_eq(args.operands.at[0], "a.cfg");
	ck_assert(args.quiet);
	ck_assert_int_eq(args.verbose, 1);
	ck_assert_str_eq(value("duration"), "1s");
	args_fini(&args);
}
END_TEST

START_TEST(all_operands_are_kept_in_order)
{
	ck_assert_int_eq(RUN("b", "-q", "a"), WEIR_OK);
	ck_assert_uint_eq(args.operands.n, 2);
	ck_assert_str_eq(args.operands.at[0], "b");
	ck_assert_str_eq(args.operands.at[1], "a");
	args_fini(&args);
}
END_TEST

START_TEST(two_dashes_end_the_flags)
{
	ck_assert_int_eq(RUN("-q", "--", "-v", "--duration"), WEIR_OK);
	ck_assert_uint_eq(args.operands.n, 2);
	ck_assert_str_eq(args.operands.at[0], "-v");
	ck_assert_int_eq(args.verbose, 0);
	args_fini(&args);
}
END_TEST

START_TEST(one_dash_is_an_operand)
{
	ck_assert_int_eq(RUN("-"), WEIR_OK);
	ck_assert_uint_eq(args.operands.n, 1);
	args_fini(&args);
}
END_TEST

START_TEST(a_value_may_follow_an_equals_sign)
{
	ck_assert_int_eq(RUN("--duration=2s", "--output-file=x.json"),
			 WEIR_OK);
	ck_assert_str_eq(value("duration"), "2s");
	ck_assert_str_eq(value("output.json"), "x.json");
	args_fini(&args);
}
END_TEST

START_TEST(a_value_may_be_glued_to_its_letter)
{
	ck_assert_int_eq(RUN("-Drepeat=5", "-muds", "-ox.json"), WEIR_OK);
	ck_assert_str_eq(value("repeat"), "5");
	ck_assert_str_eq(value("matrix.transport"), "uds");
	ck_assert_str_eq(value("output.json"), "x.json");
	args_fini(&args);
}
END_TEST

START_TEST(a_value_may_look_like_a_flag)
{
	ck_assert_int_eq(RUN("-o", "-", "--host-affinity", "-q"), WEIR_OK);
	ck_assert_str_eq(value("output.json"), "-");
	ck_assert_str_eq(value("cpu.host"), "-q");
	ck_assert(!args.quiet);
	args_fini(&args);
}
END_TEST

START_TEST(an_output_file_is_the_working_directorys)
{
	ck_assert_int_eq(RUN("-o", "a/b.json"), WEIR_OK);
	ck_assert_str_eq(value("output.directory"), ".");
	ck_assert_str_eq(value("output.json"), "a/b.json");
	args_fini(&args);
}
END_TEST

START_TEST(letters_may_stand_in_a_row)
{
	ck_assert_int_eq(RUN("-qvv"), WEIR_OK);
	ck_assert(args.quiet);
	ck_assert_int_eq(args.verbose, 2);
	args_fini(&args);
}
END_TEST

START_TEST(a_row_of_letters_has_no_unknown_one)
{
	ck_assert_int_ne(RUN("-qx"), WEIR_OK);
	refused("has no flag -x");
}
END_TEST

START_TEST(a_row_of_letters_has_none_with_a_value)
{
	ck_assert_int_ne(RUN("-qo", "x"), WEIR_OK);
	refused("-o");
}
END_TEST

START_TEST(a_list_needs_no_brackets)
{
	const struct setting *one;

	ck_assert_int_eq(RUN("--message-size", "64,1Ki", "--concurrency=3"),
			 WEIR_OK);
	ck_assert_str_eq(value("matrix.size"), "64 1Ki");
	one = settings_get(&args.settings, "matrix.concurrency");
	ck_assert(one->is_list);
	ck_assert_uint_eq(one->values.n, 1);
	args_fini(&args);
}
END_TEST

START_TEST(a_list_may_have_brackets)
{
	ck_assert_int_eq(RUN("--message-size", "[64, 1Ki]"), WEIR_OK);
	ck_assert_str_eq(value("matrix.size"), "64 1Ki");
	args_fini(&args);
}
END_TEST

START_TEST(a_list_has_its_limit)
{
	char list[8192];

	memset(list, '1', sizeof(list) - 1);
	list[sizeof(list) - 1] = '\0';
	ck_assert_int_ne(RUN("--message-size", list), WEIR_OK);
	refused("--message-size: the list is too long");
}
END_TEST

START_TEST(mechanisms_have_long_names)
{
	ck_assert_int_eq(RUN("-m", "unix-domain-socket,shared-memory,pipe"),
			 WEIR_OK);
	ck_assert_str_eq(value("matrix.transport"), "uds shm pipe");
	args_fini(&args);
}
END_TEST

START_TEST(all_mechanisms_are_told_by_one_word)
{
	ck_assert_int_eq(RUN("--mechanisms", "all"), WEIR_OK);
	ck_assert(args.all_mechanisms);
	ck_assert_ptr_null(value("matrix.transport"));
	args_fini(&args);
}
END_TEST

START_TEST(no_mechanism_is_none)
{
	ck_assert_int_ne(RUN("-m", ","), WEIR_OK);
	refused("-m needs the names of transports");
}
END_TEST

START_TEST(the_last_word_holds)
{
	ck_assert_int_eq(RUN("--duration=1s", "--duration=2s", "-Drepeat=1",
			     "-Drepeat=2"), WEIR_OK);
	ck_assert_str_eq(value("duration"), "2s");
	ck_assert_str_eq(value("repeat"), "2");
	args_fini(&args);
}
END_TEST

START_TEST(a_setting_knows_the_flag_that_it_came_from)
{
	const struct setting *one;

	ck_assert_int_eq(RUN("--duration=1s", "-D", "repeat=3"), WEIR_OK);
	one = settings_get(&args.settings, "duration");
	ck_assert_str_eq(one->where, "--duration");
	ck_assert_int_eq(one->layer, SETTINGS_COMMAND_LINE);
	one = settings_get(&args.settings, "repeat");
	ck_assert_str_eq(one->where, "command line -D repeat=3");
	args_fini(&args);
}
END_TEST

START_TEST(an_unknown_flag_has_a_near_one)
{
	ck_assert_int_ne(RUN("--mesage-size", "64"), WEIR_OK);
	refused("weir run has no flag --mesage-size; did you mean "
		"--message-size");
	refused("weir run --help");
}
END_TEST

START_TEST(an_unknown_flag_may_have_none)
{
	ck_assert_int_ne(RUN("--zebra=1"), WEIR_OK);
	refused("weir run has no flag --zebra; ");
	ck_assert_ptr_null(strstr(err.text, "did you mean"));
	refused("weir run --help");
}
END_TEST

START_TEST(a_flag_of_another_command_is_unknown)
{
	const char *const words[WORDS_MAX] = { "--message-size", "64" };

	ck_assert_int_ne(parse("list", words), WEIR_OK);
	refused("weir list has no flag --message-size");
}
END_TEST

START_TEST(a_flag_is_not_cut_short)
{
	ck_assert_int_ne(RUN("--durat", "1s"), WEIR_OK);
	refused("has no flag --durat");
}
END_TEST

START_TEST(a_missing_value_is_named)
{
	ck_assert_int_ne(RUN("a.cfg", "--duration"), WEIR_OK);
	refused("--duration needs a value (TIME)");
	ck_assert_int_ne(RUN("-o"), WEIR_OK);
	refused("-o needs a value (FILE)");
}
END_TEST

START_TEST(a_value_too_many_is_named)
{
	ck_assert_int_ne(RUN("--quiet=yes"), WEIR_OK);
	refused("--quiet takes no value");
}
END_TEST

START_TEST(an_override_is_key_and_value)
{
	ck_assert_int_ne(RUN("-D", "repeat"), WEIR_OK);
	refused("no \"=\"");
	ck_assert_int_ne(RUN("-D", "=5"), WEIR_OK);
	refused("is not a key");
}
END_TEST

START_TEST(a_choice_is_one_of_its_words)
{
	ck_assert_int_eq(RUN("--color=never", "--log-level", "debug"),
			 WEIR_OK);
	ck_assert_int_eq(args.color, OUTPUT_COLOR_NEVER);
	ck_assert_int_eq(args.log_level, WEIR_LOG_DEBUG);
	args_fini(&args);
	ck_assert_int_ne(RUN("--color=blue"), WEIR_OK);
	refused("--color: \"blue\" is none of auto, always and never");
	ck_assert_int_ne(RUN("--log-level", "loud"), WEIR_OK);
	refused("--log-level: \"loud\" is none of error");
}
END_TEST

START_TEST(a_control_descriptor_is_no_standard_stream)
{
	const char *const good[WORDS_MAX] = { "--control-fd=3" };
	const char *const low[WORDS_MAX] = { "--control-fd=2" };
	const char *const text[WORDS_MAX] = { "--control-fd=x" };

	ck_assert_int_eq(parse("client", good), WEIR_OK);
	ck_assert_int_eq(args.control_fd, 3);
	args_fini(&args);
	ck_assert_int_ne(parse("client", low), WEIR_OK);
	refused("2 is no descriptor of a control connection");
	ck_assert_int_ne(parse("client", text), WEIR_OK);
	refused("\"x\"");
}
END_TEST

/* Each command's help names its flags, and the parser takes each of them. */
START_TEST(help_and_parser_are_one_table)
{
	const struct command *command = &commands[_i];
	char *text = NULL, *at, *save = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	args_help(command, to);
	fclose(to);
	ck_assert_ptr_nonnull(strstr(text, command->help));
	ck_assert_ptr_nonnull(strstr(text, "-h, --help"));
	for (at = strtok_r(text, " \n(),;", &save); at;
	     at = strtok_r(NULL, " \n(),;", &save)) {
		const char *const words[WORDS_MAX] = { at };

		if (strncmp(at, "--", 2) != 0)
			continue;
		if (parse(command->name, words) == WEIR_OK)
			args_fini(&args);
		ck_assert_ptr_null(strstr(err.text, "has no flag"));
	}
	free(text);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("cli/args");
	TCase *form = tcase_create("form");
	TCase *value_case = tcase_create("value");
	TCase *wrong = tcase_create("wrong");

	tcase_add_test(form, nothing_is_the_default);
	tcase_add_test(form, flags_stand_before_and_after_operands);
	tcase_add_test(form, all_operands_are_kept_in_order);
	tcase_add_test(form, two_dashes_end_the_flags);
	tcase_add_test(form, one_dash_is_an_operand);
	tcase_add_test(form, a_value_may_follow_an_equals_sign);
	tcase_add_test(form, a_value_may_be_glued_to_its_letter);
	tcase_add_test(form, a_value_may_look_like_a_flag);
	tcase_add_test(form, letters_may_stand_in_a_row);
	tcase_add_loop_test(form, help_and_parser_are_one_table, 0,
			    (int)n_commands);
	tcase_add_test(value_case, an_output_file_is_the_working_directorys);
	tcase_add_test(value_case, a_list_needs_no_brackets);
	tcase_add_test(value_case, a_list_may_have_brackets);
	tcase_add_test(value_case, mechanisms_have_long_names);
	tcase_add_test(value_case, all_mechanisms_are_told_by_one_word);
	tcase_add_test(value_case, the_last_word_holds);
	tcase_add_test(value_case, a_setting_knows_the_flag_that_it_came_from);
	tcase_add_test(value_case, a_choice_is_one_of_its_words);
	tcase_add_test(wrong, a_row_of_letters_has_no_unknown_one);
	tcase_add_test(wrong, a_row_of_letters_has_none_with_a_value);
	tcase_add_test(wrong, a_list_has_its_limit);
	tcase_add_test(wrong, no_mechanism_is_none);
	tcase_add_test(wrong, an_unknown_flag_has_a_near_one);
	tcase_add_test(wrong, an_unknown_flag_may_have_none);
	tcase_add_test(wrong, a_flag_of_another_command_is_unknown);
	tcase_add_test(wrong, a_flag_is_not_cut_short);
	tcase_add_test(wrong, a_missing_value_is_named);
	tcase_add_test(wrong, a_value_too_many_is_named);
	tcase_add_test(wrong, an_override_is_key_and_value);
	tcase_add_test(wrong, a_control_descriptor_is_no_standard_stream);
	suite_add_tcase(s, form);
	suite_add_tcase(s, value_case);
	suite_add_tcase(s, wrong);
	return s;
}

UNIT_MAIN(suite)
