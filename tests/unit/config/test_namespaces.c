/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/config/namespaces.h"
#include "tests/unit/unit.h"

static void
assert_bits(const char *text, uint32_t want)
{
	uint32_t bits = ~0u;

	ck_assert_msg(namespaces_parse(text, &bits), "%s", text);
	ck_assert_uint_eq(bits, want);
}

START_TEST(words)
{
	assert_bits("all", NAMESPACES_ALL);
	assert_bits("none", 0);
	assert_bits("pid", NAMESPACES_PID);
	assert_bits("pid+net", NAMESPACES_PID | NAMESPACES_NET);
	assert_bits("net+pid", NAMESPACES_PID | NAMESPACES_NET);
	assert_bits("user+pid+ipc+net+uts+mount", NAMESPACES_ALL);
}
END_TEST

START_TEST(no_words)
{
	static const char *const wrong[] = {
		"",	   "+",	     "pid+",  "+pid",	  "pid++net", "pid+pid",
		"pid,net", "All",    "mnt",   "pid+all",  "none+pid", "pid ",
		"time",	   "cgroup", "allx", "pid+nett",
	};
	uint32_t bits = 7;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(!namespaces_parse(wrong[i], &bits), "\"%s\"",
			      wrong[i]);
	ck_assert_uint_eq(bits, 7);
}
END_TEST

START_TEST(prose)
{
	static const struct {
		uint32_t bits;
		const char *text;
	} cases[] = {
		{ 0, "no" },
		{ NAMESPACES_UTS, "uts" },
		{ NAMESPACES_USER | NAMESPACES_MOUNT, "user and mount" },
		{ NAMESPACES_PID | NAMESPACES_IPC | NAMESPACES_NET,
		  "pid, ipc and net" },
		{ NAMESPACES_ALL, "user, pid, ipc, net, uts and mount" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[NAMESPACES_TEXT_BYTES];

		namespaces_print(cases[i].bits, text);
		ck_assert_str_eq(text, cases[i].text);
	}
}
END_TEST

START_TEST(one_way_to_write_it)
{
	static const char *const cases[][2] = {
		{ "net+pid", "pid+net" },
		{ "uts", "uts" },
		{ "none", "none" },
		{ "mount+uts+net+ipc+pid+user", "all" },
		{ "mount+uts+net+ipc+pid", "pid+ipc+net+uts+mount" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[NAMESPACES_TEXT_BYTES];
		uint32_t bits = 0;

		ck_assert(namespaces_parse(cases[i][0], &bits));
		namespaces_write(bits, text);
		ck_assert_str_eq(text, cases[i][1]);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("namespaces");
	TCase *t = tcase_create("namespaces");

	tcase_add_test(t, words);
	tcase_add_test(t, no_words);
	tcase_add_test(t, prose);
	tcase_add_test(t, one_way_to_write_it);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite)
