/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files, @include, and what libconfig makes of the rest.
 */
#include <errno.h>
#include <sys/stat.h>

#include "core/config/scan.h"
#include "tests/unit/config/fixture.h"

static struct settings settings; /* of the one test of this process */

static void
read_file(const char *path)
{
	struct weir_error err = { 0 };

	ck_assert_msg(!settings_put_file(&settings, path, &err), "%s",
		      err.text);
}

static void
assert_said(const char *path, const char *values, const char *file, int line)
{
	const struct setting *one = settings_get(&settings, path);
	char where[160];
	struct text joined = { 0 };

	ck_assert_msg(one != NULL, "no %s", path);
	for (size_t i = 0; i < one->values.n; i++)
		text_addf(&joined, "%s%s", i ? "|" : "", one->values.at[i]);
	ck_assert_str_eq(text_get(&joined), values);
	text_fini(&joined);
	snprintf(where, sizeof(where), "%s:%d", fixture_path(file), line);
	ck_assert_str_eq(one->where, where);
	ck_assert_int_eq(one->layer, SETTINGS_FILE);
}

START_TEST(kinds_of_values)
{
	read_file(fixture_write("t.cfg",
				"name = \"x y\";\n"
				"a = 64; b = 5000000000L; c = 0x10;\n"
				"d = 99.99; e = true; f = FALSE;\n"
				"g = -5; h = 010; i = \"\\x41\\n\";\n"));
	assert_said("name", "x y", "t.cfg", 1);
	assert_said("a", "64", "t.cfg", 2);
	assert_said("b", "5000000000", "t.cfg", 2);
	assert_said("c", "16", "t.cfg", 2);
	assert_said("d", "99.99", "t.cfg", 3);
	assert_said("e", "true", "t.cfg", 3);
	assert_said("f", "false", "t.cfg", 3);
	assert_said("g", "-5", "t.cfg", 4);
	assert_said("h", "10", "t.cfg", 4);
	assert_said("i", "A\n", "t.cfg", 4);
	ck_assert_str_eq(settings.file, fixture_path("t.cfg"));
}
END_TEST

START_TEST(lists_mix_types)
{
	read_file(fixture_write("t.cfg", "a = [64, \"1Ki\", 1.5, true];\n"
					 "b = (64, \"1Ki\");\n"
					 "c = []; d = [\"x\"];\n"));
	assert_said("a", "64|1Ki|1.5|true", "t.cfg", 1);
	assert_said("b", "64|1Ki", "t.cfg", 2);
	ck_assert(settings_get(&settings, "c")->is_list);
	ck_assert_uint_eq(settings_get(&settings, "c")->values.n, 0);
	ck_assert(settings_get(&settings, "d")->is_list);
}
END_TEST

START_TEST(groups_are_paths)
{
	read_file(fixture_write("t.cfg", "matrix: {\n  size = 64;\n};\n"
					 "t = { u: { w = 1; }; };\n"
					 "e: {};\n"));
	assert_said("matrix.size", "64", "t.cfg", 2);
	assert_said("t.u.w", "1", "t.cfg", 4);
	assert_said("e", "", "t.cfg", 5);
	ck_assert(!settings_get(&settings, "e")->is_list);
}
END_TEST

START_TEST(signs_in_texts_and_comments_mean_nothing)
{
	read_file(fixture_write("t.cfg",
				"/* [1,] 5000000000 @include \"x\"\n"
				" \" */ a = \"[1,] 5000000000 // \\\" "
				"@include\";\n"
				"# @include \"x\" [ {\n"
				"// 1Ki \"\n"
				"p99_99999999999-1 = \"/*\"; # end"));
	assert_said("a", "[1,] 5000000000 // \" @include", "t.cfg", 2);
	assert_said("p99_99999999999-1", "/*", "t.cfg", 5);
	ck_assert_uint_eq(settings.n, 2);
}
END_TEST

START_TEST(carriage_returns_are_blanks)
{
	read_file(fixture_write("t.cfg", "a = 1;\r\nb = [1,\r\n2];\r\n"));
	assert_said("b", "1|2", "t.cfg", 2);
}
END_TEST

/* ------------------------------------------------------------------ */

static void
assert_unreadable(const char *path, const char *sentence)
{
	struct weir_error err = { 0 };

	ck_assert_int_eq(settings_put_file(&settings, path, &err),
			 WEIR_EINVALID);
	ck_assert_int_eq(err.status, WEIR_EINVALID);
	ck_assert_msg(!strncmp(err.text, path, strlen(path)) &&
			      strstr(err.text, sentence),
		      "%s", err.text);
	ck_assert_uint_eq(settings.n, 0);
}

START_TEST(what_is_no_config_file)
{
	const char *fifo;

	assert_unreadable(fixture_path("missing"), strerror(ENOENT));
	assert_unreadable(fixture_dir, "directory");
	assert_unreadable("/dev/zero", "regular file");
	assert_unreadable(fixture_write("t.cfg", ""), "is empty");
	assert_unreadable(fixture_write("t.cfg", " \n# nothing\n"),
			  "holds no settings");
	assert_unreadable(fixture_write_bytes("t.cfg", "a=1;\0b=2;", 9),
			  "NUL");
	fifo = fixture_path("fifo");
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	assert_unreadable(fifo, "regular file");
}
END_TEST

START_TEST(ten_megabytes_of_noise)
{
	size_t len = 10 << 20;
	char *noise = malloc(len);

	ck_assert_ptr_nonnull(noise);
	for (size_t i = 0; i < len; i++)
		noise[i] = (char)(i * 2654435761u >> 13);
	assert_unreadable(fixture_write_bytes("t.cfg", noise, len), "larger");
	free(noise);
}
END_TEST

START_TEST(syntax_errors_show_the_line)
{
	assert_file_fault("a = 1;\nb\n= ;\n", 3, "before \"= ;\"");
	assert_file_fault("a = 1;\n}\n", 2, "syntax error");
	assert_file_fault("matrix: {\n a = 1;\n", 3, "ends too early");
	assert_file_fault("a = 1\nb = = 2;\n", 2, "name = value;");
	assert_file_fault("a = 0,2;\n", 1, "syntax error");
}
END_TEST

START_TEST(a_key_twice)
{
	assert_file_fault("a = 1;\nb = 2;\na = 3;\n", 3,
			  "already given in its group: \"a = 3;\"");
	assert_file_fault("m: { a = 1; };\nm: { b = 1; };\n", 2,
			  "already given");
}
END_TEST

START_TEST(numbers_that_libconfig_would_wrap)
{
	assert_file_fault("a = 1;\nb = 5000000000;\n", 2,
			  "does not fit into 32 bits; put an L");
	assert_file_fault("b = [1, 0xFFFFFFFF];\n", 1, "32 bits");
	assert_file_fault("b = 99999999999999999999L;\n", 1, "64 bits");
	assert_file_fault("b = 1;\nc = 1e999;\n", 2, "c: not a number");
}
END_TEST

START_TEST(words_and_units_without_quotes)
{
	assert_file_fault("a = 1;\nsize = 1Ki;\n", 2,
			  "goes in quotes: \"1Ki\"");
	assert_file_fault("wait = spin;\n", 1, "goes in quotes: \"spin\"");
	assert_file_fault("size = [64, Ki];\n", 1, "\"Ki\"");
	assert_file_fault("host = 0-3;\n", 1, "goes in quotes: \"0-3\"");
}
END_TEST

START_TEST(faults_of_lists)
{
	assert_file_fault("a = [1,\n 2,\n];\n", 3, "the comma before \"]\"");
	assert_file_fault("a = (1, 2, /* x */ );\n", 1, "comma before \")\"");
	assert_file_fault("a = [1, (2)];\n", 1, "another list");
	assert_file_fault("a = ( { b = 1; } );\n", 1, "can't hold a group");
	assert_file_fault("a = [1, 2);\n", 1, "closed by \")\"");
	assert_file_fault("a = [\"x\" \"y\"];\n", 1,
			  "comma is missing before \"y\"");
}
END_TEST

START_TEST(what_is_never_closed)
{
	assert_file_fault("a = 1;\n/* x\n\n", 2, "never closed");
	assert_file_fault("a = 1;\nb = \"x;\nc = 2;\n", 2,
			  "no closing quote on its line");
	assert_file_fault("a = \"x\\", 1, "no closing quote");
	assert_file_fault("a = \"x\\\n\";", 1, "no closing quote");
	assert_file_fault("a = \"x\\x00y\";", 1, "would end the text");
}
END_TEST

START_TEST(too_many_settings_are_refused_at_once)
{
	struct text t = { 0 };

	for (int i = 0; i < 60000; i++)
		text_addf(&t, "k%x=1;\n", i);
	assert_file_fault(text_get(&t), SCAN_SETTINGS_MAX + 1, "more than");
	text_fini(&t);
}
END_TEST

START_TEST(too_deep_groups)
{
	assert_file_fault("a:{a:{a:{a:{\na:{a:{a:{a:{a:{", 2,
			  "nested deeper");
}
END_TEST

START_TEST(too_long_a_list)
{
	struct text t = { 0 };

	text_add(&t, "a = 1;\nb = [0");
	for (int i = 0; i < PLAN_LIST_MAX; i++)
		text_addf(&t, ",%d", i);
	text_add(&t, "];\n");
	assert_file_fault(text_get(&t), 2, "b: a list of more than");
	text_fini(&t);
}
END_TEST

/* ------------------------------------------------------------------ */

START_TEST(include_is_relative_to_its_file)
{
	ck_assert_int_eq(chdir("/"), 0);
	fixture_write("inner.cfg", "b = 2;\nc = 3; # no newline");
	read_file(fixture_write("t.cfg", "a = 1;\n"
					 "  @include \"inner.cfg\" # why\n"
					 "d = 4;\n"));
	assert_said("a", "1", "t.cfg", 1);
	assert_said("b", "2", "inner.cfg", 1);
	assert_said("c", "3", "inner.cfg", 2);
	assert_said("d", "4", "t.cfg", 3);
}
END_TEST

START_TEST(include_inside_a_group)
{
	fixture_write("inner.cfg", "\nsize = 64;\n");
	read_file(fixture_write("t.cfg", "matrix: {\n@include \"inner.cfg\"\n"
					 "boundary = \"thread\";\n};\n"));
	assert_said("matrix.size", "64", "inner.cfg", 2);
	assert_said("matrix.boundary", "thread", "t.cfg", 3);
}
END_TEST

START_TEST(fault_in_an_included_file_names_its_line)
{
	struct weir_error err = { 0 };
	char begin[160];

	fixture_write("inner.cfg", "a = 1;\nb = = 2;\n");
	ck_assert_int_eq(
		settings_put_file(&settings,
				  fixture_write("t.cfg",
						"\n@include \"inner.cfg\"\n"),
				  &err),
		WEIR_EINVALID);
	snprintf(begin, sizeof(begin), "%s:2: syntax error",
		 fixture_path("inner.cfg"));
	ck_assert_msg(!strncmp(err.text, begin, strlen(begin)), "%s",
		      err.text);
}
END_TEST

START_TEST(include_of_what_is_no_file)
{
	fixture_write("empty.cfg", "");
	assert_file_fault("\n@include \"/tmp\"\n", 2, "@include: /tmp: is a");
	assert_file_fault("@include \".\"\n", 1, "directory");
	assert_file_fault("@include \"missing.cfg\"\n", 1, strerror(ENOENT));
	assert_file_fault("@include \"empty.cfg\"\n", 1, "is empty");
	assert_file_fault("@include \"/dev/zero\"\n", 1, "regular file");
}
END_TEST

START_TEST(include_badly_written)
{
	assert_file_fault("a = 1;\nb = 2; @include \"x\"\n", 2,
			  "\"@\" only begins a line");
	assert_file_fault("@inclule \"x\"\n", 1, "only begins a line");
	assert_file_fault("@include x\n", 1, "write @include \"file\"");
	assert_file_fault("@include \"x\n", 1, "write @include \"file\"");
	assert_file_fault("@include \"\"\n", 1, "write @include \"file\"");
	assert_file_fault("@include \"a\\b\"\n", 1, "backslashes");
	assert_file_fault("@include \"x\" b = 1;\n", 1, "nothing may follow");
}
END_TEST

START_TEST(include_loop_is_named)
{
	char chain[400];
	const char *fault;

	fixture_write("b.cfg", "@include \"t.cfg\"\n");
	fault = fixture_file_fault("\n@include \"b.cfg\"\n");
	snprintf(chain, sizeof(chain), "loop: %s includes %s includes %s",
		 fixture_path("t.cfg"), fixture_path("b.cfg"),
		 fixture_path("t.cfg"));
	ck_assert_ptr_nonnull(fault);
	ck_assert_msg(strstr(fault, chain) != NULL, "%s", fault);
}
END_TEST

static void
write_chain(int n)
{
	char name[16];
	char text[64];

	for (int i = 1; i <= n; i++) {
		snprintf(name, sizeof(name), "%d.cfg", i);
		snprintf(text, sizeof(text), "@include \"%d.cfg\"\n", i + 1);
		fixture_write(name, i < n ? text : "deep = 1;\n");
	}
}

START_TEST(includes_8_deep)
{
	write_chain(8);
	ck_assert_ptr_null(fixture_file_fault("@include \"1.cfg\"\n"));
	write_chain(9);
	ck_assert_ptr_nonnull(strstr(fixture_file_fault("@include \"1.cfg\"\n"),
				     "deeper than 8"));
}
END_TEST

START_TEST(includes_that_multiply)
{
	struct text t = { 0 };

	/* 8 levels of 10 includes each would be 10^8 copies. */
	for (int i = 0; i < 10; i++)
		text_addf(&t, "@include \"1.cfg\"\n");
	for (int level = 1; level < 8; level++) {
		struct text inner = { 0 };
		char name[16];

		for (int i = 0; i < 10; i++)
			text_addf(&inner, "@include \"%d.cfg\"\n", level + 1);
		snprintf(name, sizeof(name), "%d.cfg", level);
		fixture_write(name, text_get(&inner));
		text_fini(&inner);
	}
	fixture_write("8.cfg", "# a comment without any settings in it, but "
			       "long enough to add up\n");
	ck_assert_ptr_nonnull(strstr(fixture_file_fault(text_get(&t)),
				     "larger than"));
	text_fini(&t);
}
END_TEST

START_TEST(control_characters_do_not_reach_the_terminal)
{
	const char *fault = fixture_file_fault("a = \033[2J 1;\n");

	ck_assert_ptr_nonnull(fault);
	ck_assert_ptr_null(strchr(fault, '\033'));
}
END_TEST

START_TEST(configs_of_the_project_are_read)
{
	static const char *const names[] = {
		"quickstart", "uds", "shm", "pipe", "sizes", "latency",
		"throughput", "tcp", "mq",
	};
	const char *top = getenv("top_srcdir");
	char path[512];

	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/configs/%s.cfg",
			 top ? top : ".", names[i]);
		read_file(path);
		ck_assert_str_eq(settings_get(&settings, "name")->values.at[0],
				 names[i]);
		settings_fini(&settings);
	}
}
END_TEST

static Suite *
suite(void)
{
	const TTest *const tests[] = {
		kinds_of_values, lists_mix_types, groups_are_paths,
		signs_in_texts_and_comments_mean_nothing,
		carriage_returns_are_blanks, what_is_no_config_file,
		ten_megabytes_of_noise, syntax_errors_show_the_line,
		a_key_twice, numbers_that_libconfig_would_wrap,
		words_and_units_without_quotes, faults_of_lists,
		what_is_never_closed, too_many_settings_are_refused_at_once,
		too_deep_groups, too_long_a_list,
		include_is_relative_to_its_file, include_inside_a_group,
		fault_in_an_included_file_names_its_line,
		include_of_what_is_no_file, include_badly_written,
		include_loop_is_named, includes_8_deep,
		includes_that_multiply,
		control_characters_do_not_reach_the_terminal,
		configs_of_the_project_are_read,
	};

	return fixture_suite("file", tests, COUNT(tests));
}

UNIT_MAIN(suite)
