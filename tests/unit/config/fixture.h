/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests of core/config: files in a folder of the test's own, plans
 * made of texts, and plugins "uds", "shm" and "pipe" that are only option
 * tables.
 */
#ifndef TESTS_UNIT_CONFIG_FIXTURE_H
#define TESTS_UNIT_CONFIG_FIXTURE_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/config/plan.h"
#include "core/config/settings.h"
#include "tests/unit/unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static char fixture_dir[] = "/tmp/weir-config-XXXXXX";

WEIR_UNUSED static void
fixture_setup(void)
{
	memcpy(fixture_dir + sizeof(fixture_dir) - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(fixture_dir));
}

WEIR_UNUSED static void
fixture_teardown(void)
{
	DIR *d = opendir(fixture_dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (unlinkat(dirfd(d), e->d_name, 0) < 0)
			unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
	if (d)
		closedir(d);
	rmdir(fixture_dir);
}

/* The path of a file in the test's folder; good for four calls. */
WEIR_UNUSED static const char *
fixture_path(const char *name)
{
	static char paths[4][128];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", fixture_dir, name);
	return path;
}

WEIR_UNUSED static const char *
fixture_write_bytes(const char *name, const char *bytes, size_t len)
{
	const char *path = fixture_path(name);
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(bytes, 1, len, f), len);
	ck_assert_int_eq(fclose(f), 0);
	return path;
}

WEIR_UNUSED static const char *
fixture_write(const char *name, const char *text)
{
	return fixture_write_bytes(name, text, strlen(text));
}

/* ------------------------------------------------------------------ */

struct fixture_options {
	uint32_t wait;
	uint64_t buffer;
	const char *label;
	struct strings hints;
};

static const char *const fixture_waits[] = { "block", "spin", "adaptive",
					     NULL };

static const struct weir_option fixture_rows[] = {
	{ .name = "wait", .type = WEIR_OPTION_CHOICE,
	  .default_text = "block", .choices = fixture_waits, .help = "waits",
	  .offset = offsetof(struct fixture_options, wait) },
	{ .name = "buffer", .type = WEIR_OPTION_SIZE, .default_text = "0",
	  .max = 1 << 20, .help = "buffers",
	  .offset = offsetof(struct fixture_options, buffer) },
	{ .name = "label", .type = WEIR_OPTION_STRING, .default_text = "",
	  .help = "labels",
	  .offset = offsetof(struct fixture_options, label) },
	{ .name = "hints", .type = WEIR_OPTION_STRING,
	  .flags = WEIR_OPTION_LIST, .default_text = "", .help = "hints",
	  .offset = offsetof(struct fixture_options, hints) },
};

WEIR_UNUSED static int
fixture_plugin(void *context, const char *plugin,
	       const struct strings *plugin_path,
	       struct option_table *ret_table, struct weir_error *err)
{
	(void)context;
	(void)plugin_path;
	if (strcmp(plugin, "uds") && strcmp(plugin, "shm") &&
	    strcmp(plugin, "pipe"))
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "no plugin \"%s\" in /nowhere", plugin);
	*ret_table = (struct option_table){
		.rows = fixture_rows,
		.n_rows = COUNT(fixture_rows),
		.struct_bytes = sizeof(struct fixture_options),
	};
	return WEIR_OK;
}

/* ------------------------------------------------------------------ */

/* Puts the text as the file "t.cfg"; the sentence of a failure, or NULL. */
WEIR_UNUSED static const char *
fixture_file_fault(const char *text)
{
	static struct weir_error err;
	struct settings s = { 0 };
	int status = settings_put_file(&s, fixture_write("t.cfg", text), &err);

	settings_fini(&s);
	if (!status)
		return NULL;
	ck_assert_int_eq(status, WEIR_EINVALID);
	ck_assert_int_eq(err.status, WEIR_EINVALID);
	ck_assert_ptr_null(strchr(err.text, '\n'));
	return err.text;
}

/* The file "t.cfg" fails, and says that, beginning with t.cfg:line. */
#define assert_file_fault(text, line, sentence)                            \
	do {                                                               \
		const char *fault_ = fixture_file_fault(text);             \
		char begin_[160];                                          \
		snprintf(begin_, sizeof(begin_), "%s:%d: ",                \
			 fixture_path("t.cfg"), (line));                   \
		ck_assert_ptr_nonnull(fault_);                             \
		ck_assert_msg(!strncmp(fault_, begin_, strlen(begin_)),    \
			      "not at line %d: %s", (line), fault_);       \
		ck_assert_msg(strstr(fault_, (sentence)) != NULL,          \
			      "not \"%s\": %s", (sentence), fault_);       \
	} while (0)

/* A plan made of a file's text and of overrides (NULL-terminated). */
struct fixture_plan {
	struct settings settings;
	struct plan *plan;
	struct strings problems;
	int status;
};

WEIR_UNUSED static struct fixture_plan
fixture_plan_with(const char *text, const char *const *overrides)
{
	struct fixture_plan p = { 0 };
	struct weir_error err = { 0 };
	int status = WEIR_OK;

	if (text)
		status = settings_put_file(&p.settings,
					   fixture_write("t.cfg", text), &err);
	for (; !status && overrides && *overrides; overrides++)
		status = settings_put_override(&p.settings, *overrides, &err);
	ck_assert_msg(!status, "%s", err.text);
	p.status = plan_make(&p.settings, fixture_plugin, NULL, &p.plan,
			     &p.problems);
	ck_assert_int_eq(p.status == 0, p.problems.n == 0);
	ck_assert_int_eq(p.status == 0, p.plan != NULL);
	return p;
}

WEIR_UNUSED static struct fixture_plan
fixture_plan(const char *text)
{
	return fixture_plan_with(text, NULL);
}

WEIR_UNUSED static void
fixture_plan_fini(struct fixture_plan *p)
{
	plan_destroy(p->plan);
	strings_fini(&p->problems);
	settings_fini(&p->settings);
}

/* The plan of the text fails; problem i says that at t.cfg:line. */
WEIR_UNUSED static void
fixture_assert_problem(const struct fixture_plan *p, size_t i, int line,
		       const char *sentence)
{
	char begin[160];

	ck_assert_uint_gt(p->problems.n, i);
	snprintf(begin, sizeof(begin), "%s:%d: %s", fixture_path("t.cfg"),
		 line, sentence);
	ck_assert_msg(!strncmp(p->problems.at[i], begin, strlen(begin)),
		      "not \"%s\": %s", begin, p->problems.at[i]);
}

/* One problem only, at t.cfg:line, beginning with the sentence. */
WEIR_UNUSED static void
assert_one_problem(const char *text, int line, const char *sentence)
{
	struct fixture_plan p = fixture_plan(text);

	ck_assert_int_eq(p.status, WEIR_EINVALID);
	fixture_assert_problem(&p, 0, line, sentence);
	ck_assert_uint_eq(p.problems.n, 1);
	fixture_plan_fini(&p);
}

/* Right, with that many warnings, of which the first holds this. */
WEIR_UNUSED static void
assert_warns(const char *text, size_t n, const char *sentence)
{
	struct fixture_plan p = fixture_plan(text);

	ck_assert_int_eq(p.status, 0);
	ck_assert_uint_eq(p.plan->warnings.n, n);
	if (n)
		ck_assert_ptr_nonnull(strstr(p.plan->warnings.at[0],
					     sentence));
	fixture_plan_fini(&p);
}

WEIR_UNUSED static Suite *
fixture_suite(const char *name, const TTest *const *tests, size_t n)
{
	Suite *s = suite_create(name);
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, fixture_setup, fixture_teardown);
	for (size_t i = 0; i < n; i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	return s;
}

#endif
