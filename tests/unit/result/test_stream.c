/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/stream.h"

#include "core/result/json_value.h"
#include "tests/unit/result/reports.h"
#include "tests/unit/unit.h"

static struct sample s;
static char *text;

static void
set_up(void)
{
	sample_init(&s, 2);
}

static void
tear_down(void)
{
	free(text);
	text = NULL;
	sample_fini(&s);
}

static const char *
print(const struct result_stream *stream, const struct result *whole)
{
	struct json j = { 0 };
	struct cJSON *root = json_create(&j);
	struct weir_error err = { 0 };
	char *to;

	stream_to_json(&j, root, stream, whole);
	ck_assert_int_eq(json_finish(&j, root, &text, &err), WEIR_OK);
	to = text;
	for (const char *at = text; *at; at++)
		if (!strchr(" \t\n", *at))
			*to++ = *at;
	*to = '\0';
	return text;
}

START_TEST(without_a_stream_it_is_null)
{
	static const struct result_stream none;

	stream_add(s.result, 0, 0, &none);
	stream_finish(s.result, NULL);
	ck_assert_str_eq(print(&s.result->stream, s.result),
			 "{\"stream\":null}");
	ck_assert_uint_eq(s.result->warnings.n, 0);
}
END_TEST

START_TEST(trials_add_up)
{
	static const struct result_stream one = { true, 10, 0, 0 };
	static const struct result_stream other = { true, 5, 2, 3000 };

	stream_add(s.result, 0, 0, &one);
	stream_add(s.result, 1, 1, &other);
	stream_finish(s.result, NULL);
	ck_assert_str_eq(print(&s.result->stream, s.result),
			 "{\"stream\":{\"records\":15,\"stalls\":2,"
			 "\"stalled_ns\":3000,\"error\":null}}");
	free(text);
	ck_assert_str_eq(print(&s.result->cells[1].trials[1].stream, NULL),
			 "{\"stream\":{\"records\":5,\"stalls\":2,"
			 "\"stalled_ns\":3000}}");
	ck_assert_uint_eq(s.result->warnings.n, 1);
	ck_assert_ptr_nonnull(strstr(s.result->warnings.at[0],
				     "2 waits of 3.00 us"));
}
END_TEST

START_TEST(a_stream_that_broke_off_fails_the_run)
{
	ck_assert_int_eq(result_exit_code(s.result), 1); /* nothing has run */
	for (size_t i = 0; i < SAMPLE_CELLS; i++)
		sample_add_failure(&s, i, 0, RESULT_REFUSED, WEIR_ETOOBIG,
				   "too big");
	sample_finish(&s);
	ck_assert_int_eq(result_exit_code(s.result), 3);
	stream_finish(s.result, "the disk is full");
	ck_assert_int_eq(result_exit_code(s.result), 1);
	ck_assert_ptr_nonnull(strstr(print(&s.result->stream, s.result),
				     "\"error\":\"thediskisfull\""));
}
END_TEST

static Suite *
suite(void)
{
	Suite *all = suite_create("stream");
	TCase *c = tcase_create("stream");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, without_a_stream_it_is_null);
	tcase_add_test(c, trials_add_up);
	tcase_add_test(c, a_stream_that_broke_off_fails_the_run);
	suite_add_tcase(all, c);
	return all;
}

UNIT_MAIN(suite)
