/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/sink.h"

#include "tests/unit/output/folder.h"
#include "tests/unit/result/reports.h"
#include "tests/unit/unit.h"

static struct sample s;
static struct output_sink *sink;
static struct weir_error err;

static void
set_up(void)
{
	folder_make();
	sample_init(&s, 1);
	sample_round_trips(&s, 100);
	sample_add(&s, SAMPLE_UDS, 0);
	sample_finish(&s);
}

static void
tear_down(void)
{
	sample_fini(&s);
	folder_remove();
}

static void
open_sink(const char *path)
{
	ck_assert_msg(!output_json_open(path, &sink, &err), "%s", err.text);
}

START_TEST(the_file_holds_the_result)
{
	char *text = NULL;

	open_sink(folder_path("r.json"));
	ck_assert_int_eq(sink->finish(sink, s.result, &err), WEIR_OK);
	sink->close(sink);
	ck_assert_int_eq(result_to_json(s.result, &text, &err), WEIR_OK);
	folder_holds("r.json", text);
	free(text);
}
END_TEST

START_TEST(unfinished_leaves_no_file)
{
	open_sink(folder_path("r.json"));
	sink->close(sink);
	ck_assert_int_ne(access(folder_path("r.json"), F_OK), 0);
}
END_TEST

START_TEST(what_cannot_be_written_is_found_at_open)
{
	struct output_sink *none = NULL;

	ck_assert_int_eq(output_json_open("/dev/null/x", &none, &err),
			 WEIR_ESYSTEM);
	ck_assert_ptr_null(none);
}
END_TEST

START_TEST(a_full_disk_is_an_error)
{
	open_sink("/dev/full");
	ck_assert_int_eq(sink->finish(sink, s.result, &err), WEIR_ESYSTEM);
	ck_assert_ptr_nonnull(strstr(err.text, "/dev/full"));
	sink->close(sink);
}
END_TEST

static Suite *
suite(void)
{
	Suite *all = suite_create("output/json");
	TCase *c = tcase_create("json");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, the_file_holds_the_result);
	tcase_add_test(c, unfinished_leaves_no_file);
	tcase_add_test(c, what_cannot_be_written_is_found_at_open);
	tcase_add_test(c, a_full_disk_is_an_error);
	suite_add_tcase(all, c);
	return all;
}

UNIT_MAIN(suite)
