/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the loader says of modules that are not as they should be, each with
 * its exact words, and of odd ones that are good.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/plugin/load.h"
#include "core/plugin/plugin.h"
#include "tests/unit/unit.h"

#define ABI_TEXT_BYTES 4096

static char abi_folder[ABI_TEXT_BYTES / 4];
static char abi_scratch[ABI_TEXT_BYTES / 4];

static const struct {
	const char *module;
	const char *fault; /* behind the path */
} abi_bad[] = {
	{ "wrong_major", "made for plugin ABI 2.7, while this weir has 1.2: "
			 "compile the plugin with this weir's headers" },
	{ "too_small", "member size says 8 bytes, while struct weir_transport "
		       "has at least 168: begin it with "
		       "WEIR_TRANSPORT_HEAD" },
	{ "missing_member", "member send is missing" },
	{ "no_symbol", "not a weir plugin: it does not export the symbol "
		       "weir_transport" },
	{ "unresolved", "the plugin can't be loaded: undefined symbol: "
			"weir_test_nowhere" },
	{ "bad_option", "member options: the default of row 0 of the option "
			"table is no good: ring_size: \"2Mi\" is out of "
			"range, which is 4Ki … 1Mi" },
	{ "cap_mismatch", "member try_recv is missing, though capabilities "
			  "has WEIR_CAP_TRY" },
	{ "wrong_name", "member name is \"right_name\", while the file name "
			"says \"wrong_name\": rename one of them" },
};

static void
abi_setup(void)
{
	const char *build = getenv("top_builddir");

	snprintf(abi_folder, sizeof(abi_folder), "%s/tests/abi/.libs",
		 build ? build : ".");
	snprintf(abi_scratch, sizeof(abi_scratch), "%s/weir-abi-XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(abi_scratch));
}

static void
abi_teardown(void)
{
	static const char *const names[] = { "text", "empty", "short",
					     "cut", "fifo", "folder" };
	char path[ABI_TEXT_BYTES];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s.so", abi_scratch,
			 names[i]);
		remove(path);
	}
	ck_assert_int_eq(rmdir(abi_scratch), 0);
}

/* Loads folder/name.so, which has to fail with exactly that sentence. */
static void
abi_assert_refused(const char *folder, const char *name, const char *fault)
{
	struct plugin *plugin = NULL;
	struct weir_error err;
	char path[ABI_TEXT_BYTES];
	char sentence[ABI_TEXT_BYTES * 2];

	snprintf(path, sizeof(path), "%s/%s.so", folder, name);
	snprintf(sentence, sizeof(sentence), "%s: %s", path, fault);
	ck_assert_int_eq(load_plugin(path, name, &plugin, &err),
			 WEIR_EUNAVAILABLE);
	ck_assert_int_eq(err.status, WEIR_EUNAVAILABLE);
	ck_assert_str_eq(err.text, sentence);
	ck_assert_ptr_null(plugin);
}

static void
abi_write(const char *name, const void *bytes, size_t len)
{
	char path[ABI_TEXT_BYTES];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.so", abi_scratch, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(bytes, 1, len, f), len);
	ck_assert_int_eq(fclose(f), 0);
}

static struct plugin *
abi_load(const char *name)
{
	struct plugin *plugin = NULL;
	struct weir_error err = { 0 };
	char path[ABI_TEXT_BYTES];

	snprintf(path, sizeof(path), "%s/%s.so", abi_folder, name);
	ck_assert_msg(load_plugin(path, name, &plugin, &err) == WEIR_OK, "%s",
		      err.text);
	ck_assert_uint_eq(plugin->magic, PLUGIN_MAGIC);
	ck_assert_str_eq(plugin->name, name);
	ck_assert_str_eq(plugin->path, path);
	return plugin;
}

START_TEST(bad_module_is_refused)
{
	abi_assert_refused(abi_folder, abi_bad[_i].module,
			   abi_bad[_i].fault);
}
END_TEST

/* How far the symbol reaches is the compiler's (sanitizers lengthen it). */
START_TEST(size_beyond_the_symbol_is_refused)
{
	struct plugin *plugin = NULL;
	struct weir_error err;
	char path[ABI_TEXT_BYTES], said[ABI_TEXT_BYTES];

	snprintf(said, sizeof(said), ": member size says %zu bytes, while the "
		 "symbol weir_transport has ",
		 sizeof(struct weir_transport) + 4096);
	snprintf(path, sizeof(path), "%s/oversold.so", abi_folder);
	ck_assert_int_eq(load_plugin(path, "oversold", &plugin, &err),
			 WEIR_EUNAVAILABLE);
	ck_assert_ptr_nonnull(strstr(err.text, said));
}
END_TEST

START_TEST(text_is_no_elf)
{
	static const char text[] = "#!/bin/sh\necho a file that only has the "
				   "name of a module, long enough for one\n";

	abi_write("text", text, strlen(text));
	abi_assert_refused(abi_scratch, "text", "not an ELF shared object");
}
END_TEST

START_TEST(empty_file_is_no_elf)
{
	abi_write("empty", "", 0);
	abi_assert_refused(abi_scratch, "empty", "not an ELF shared object");
}
END_TEST

START_TEST(magic_alone_is_no_elf)
{
	abi_write("short", "\177ELF", 4);
	abi_assert_refused(abi_scratch, "short", "not an ELF shared object");
}
END_TEST

START_TEST(module_cut_short_is_refused)
{
	char path[ABI_TEXT_BYTES];
	char bytes[4096];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/good.so", abi_folder);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	n = fread(bytes, 1, sizeof(bytes), f);
	ck_assert_int_eq(fclose(f), 0);
	abi_write("cut", bytes, n);
	abi_assert_refused(abi_scratch, "cut", "the file is cut short");
}
END_TEST

START_TEST(program_is_no_shared_object)
{
	unsigned char header[64] = "\177ELF\002\001\001";

	header[16] = 2; /* e_type: ET_EXEC */
	header[54] = 56; /* e_phentsize */
	abi_write("text", header, sizeof(header));
	abi_assert_refused(abi_scratch, "text", "not an ELF shared object");
}
END_TEST

START_TEST(fifo_does_not_hang)
{
	char path[ABI_TEXT_BYTES];

	snprintf(path, sizeof(path), "%s/fifo.so", abi_scratch);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	abi_assert_refused(abi_scratch, "fifo", "not a regular file");
}
END_TEST

START_TEST(folder_is_refused)
{
	char path[ABI_TEXT_BYTES];

	snprintf(path, sizeof(path), "%s/folder.so", abi_scratch);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	abi_assert_refused(abi_scratch, "folder", "not a regular file");
}
END_TEST

START_TEST(missing_file_is_said)
{
	abi_assert_refused(abi_scratch, "absent",
			   "the plugin can't be read: No such file or "
			   "directory");
}
END_TEST

START_TEST(good_module_loads)
{
	struct plugin *plugin = abi_load("good");

	ck_assert_uint_eq(plugin->ops.size, sizeof(struct weir_transport));
	ck_assert_str_eq(plugin->ops.summary,
			 "the least that a transport can be");
	ck_assert_ptr_null(plugin->ops.options);
	ck_assert_uint_eq(plugin->options.n_rows, 0);
	plugin_destroy(plugin);
}
END_TEST

/* Both have the same table, in rows of another size each. */
START_TEST(other_sizes_of_struct_and_rows_load)
{
	static const char *const names[] = { "old_1_0", "long_struct" };
	struct plugin *plugin = abi_load(names[_i]);
	const struct weir_option *rows = plugin->options.rows;
	unsigned char values[16];

	ck_assert_ptr_nonnull(plugin->ops.send);
	ck_assert_ptr_null(plugin->ops.accept);
	ck_assert_ptr_nonnull(plugin->ops.close);
	ck_assert_ptr_eq(plugin->ops.options, rows);
	ck_assert_uint_eq(plugin->ops.option_bytes, sizeof(*rows));
	ck_assert_uint_eq(plugin->options.struct_bytes, sizeof(values));
	ck_assert_uint_eq(plugin->options.n_rows, 2);
	ck_assert_str_eq(rows[0].name, "depth");
	ck_assert_int_eq(rows[0].max, 64);
	ck_assert_str_eq(rows[1].name, "lazy");
	ck_assert_str_eq(rows[1].help, "whether");
	ck_assert_int_eq(option_defaults(&plugin->options, values, NULL),
			 WEIR_OK);
	ck_assert_int_eq(values[8], 16);
	option_fini(&plugin->options, values);
	plugin_destroy(plugin);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("abi");
	TCase *bad = tcase_create("bad");
	TCase *good = tcase_create("good");

	tcase_add_checked_fixture(bad, abi_setup, abi_teardown);
	tcase_add_checked_fixture(good, abi_setup, abi_teardown);
	tcase_add_loop_test(bad, bad_module_is_refused, 0,
			    sizeof(abi_bad) / sizeof(abi_bad[0]));
	tcase_add_test(bad, size_beyond_the_symbol_is_refused);
	tcase_add_test(bad, text_is_no_elf);
	tcase_add_test(bad, empty_file_is_no_elf);
	tcase_add_test(bad, magic_alone_is_no_elf);
	tcase_add_test(bad, module_cut_short_is_refused);
	tcase_add_test(bad, program_is_no_shared_object);
	tcase_add_test(bad, fifo_does_not_hang);
	tcase_add_test(bad, folder_is_refused);
	tcase_add_test(bad, missing_file_is_said);
	tcase_add_test(good, good_module_loads);
	tcase_add_loop_test(good, other_sizes_of_struct_and_rows_load, 0, 2);
	suite_add_tcase(s, bad);
	suite_add_tcase(s, good);
	return s;
}

UNIT_MAIN(suite)
