/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/stream_lines.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

static struct plan_cell cell;
static char id[] = "uds/round_trip/64/process/1";

static void
set_up(void)
{
	cell = (struct plan_cell){
		.id = id,
		.axes = { .transport = "uds", .size_bytes = 64 },
	};
}

static const char *
line(enum stream_format format, uint64_t timestamp_ns, uint64_t message_id,
     uint64_t latency_ns)
{
	static char to[1024];
	const struct tape_record record = { timestamp_ns, message_id,
					    latency_ns };
	struct stream_lines lines;
	char *end;

	stream_lines_init(&lines, format, &cell, 2, 7, 1000);
	end = stream_lines_write(&lines, &record, to);
	ck_assert_uint_le((size_t)(end - to), lines.bytes_max);
	*end = '\0';
	stream_lines_fini(&lines);
	return to;
}

START_TEST(a_round_trip_as_json)
{
	ck_assert_str_eq(line(STREAM_JSON, 234, 5, 678),
			 "{\"timestamp_ns\":1234,\"message_id\":5,"
			 "\"mechanism\":\"uds\",\"message_size\":64,"
			 "\"one_way_latency_ns\":null,"
			 "\"round_trip_latency_ns\":678,"
			 "\"cell\":\"uds/round_trip/64/process/1\","
			 "\"trial\":2,\"channel\":7}\n");
}
END_TEST

START_TEST(one_way_as_json)
{
	cell.axes.pattern = PLAN_ONE_WAY;
	ck_assert_ptr_nonnull(strstr(line(STREAM_JSON, 0, 0, 9),
				     "\"one_way_latency_ns\":9,"
				     "\"round_trip_latency_ns\":null,"));
	ck_assert_ptr_nonnull(strstr(line(STREAM_JSON, 0, 0, TAPE_NO_LATENCY),
				     "\"one_way_latency_ns\":null,"
				     "\"round_trip_latency_ns\":null,"));
}
END_TEST

START_TEST(both_as_csv)
{
	ck_assert_str_eq(line(STREAM_CSV, 234, 5, 678),
			 "1234,5,uds,64,,678,uds/round_trip/64/process/1,2,7"
			 "\r\n");
	cell.axes.pattern = PLAN_ONE_WAY;
	ck_assert_str_eq(line(STREAM_CSV, 234, 5, 678),
			 "1234,5,uds,64,678,,uds/round_trip/64/process/1,2,7"
			 "\r\n");
	ck_assert_str_eq(line(STREAM_CSV, 234, 5, TAPE_NO_LATENCY),
			 "1234,5,uds,64,,,uds/round_trip/64/process/1,2,7"
			 "\r\n");
}
END_TEST

/* As many commas as columns in the header. */
START_TEST(the_header_has_every_column)
{
	const char *header = stream_headers[STREAM_CSV];
	const char *text = line(STREAM_CSV, 1, 2, 3);
	int commas = 0;

	for (; *header; header++)
		commas += *header == ',';
	for (; *text; text++)
		commas -= *text == ',';
	ck_assert_int_eq(commas, 0);
	ck_assert_str_eq(stream_headers[STREAM_JSON], "");
}
END_TEST

START_TEST(every_number_is_written_whole)
{
	char wanted[64];

	for (uint64_t n = 1; n < UINT64_MAX / 10; n *= 10) {
		for (uint64_t i = n - 1; i <= n + 1; i++) {
			snprintf(wanted, sizeof(wanted), ",%llu,uds,",
				 (unsigned long long)i);
			ck_assert_ptr_nonnull(strstr(line(STREAM_CSV, 0, i, 0),
						     wanted));
		}
	}
	ck_assert_ptr_nonnull(strstr(line(STREAM_CSV, 0, UINT64_MAX, 0),
				     ",18446744073709551615,"));
}
END_TEST

START_TEST(names_are_quoted)
{
	static char odd[] = "a,\"b\\\n\xff";

	cell.id = odd;
	ck_assert_ptr_nonnull(strstr(line(STREAM_JSON, 0, 0, 0),
				     "\"a,\\\"b\\\\\\u000a\xef\xbf\xbd\""));
	ck_assert_ptr_nonnull(strstr(line(STREAM_CSV, 0, 0, 0),
				     ",\"a,\"\"b\\\n\xff\",2"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *all = suite_create("stream_lines");
	TCase *c = tcase_create("lines");

	tcase_add_checked_fixture(c, set_up, NULL);
	tcase_add_test(c, a_round_trip_as_json);
	tcase_add_test(c, one_way_as_json);
	tcase_add_test(c, both_as_csv);
	tcase_add_test(c, the_header_has_every_column);
	tcase_add_test(c, every_number_is_written_whole);
	tcase_add_test(c, names_are_quoted);
	suite_add_tcase(all, c);
	return all;
}

UNIT_MAIN(suite)
