/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/tcp/address.h"

#include "tests/unit/unit.h"

#define TOKEN "00112233445566778899aabbccddeeff"

START_TEST(what_is_printed_is_parsed)
{
	char text[WEIR_OFFER_ADDRESS_BYTES];
	struct address said;
	struct address heard;

	ck_assert_int_eq(address_init(&said, NULL), WEIR_OK);
	said.port = 65535;
	address_print(&said, text);
	ck_assert_int_eq(address_parse(text, &heard, NULL), WEIR_OK);
	ck_assert_uint_eq(heard.port, 65535);
	ck_assert_mem_eq(heard.token, said.token, ADDRESS_TOKEN_BYTES);
	ck_assert_str_eq(heard.network, said.network);
}
END_TEST

START_TEST(tokens_differ)
{
	struct address a;
	struct address b;

	ck_assert_int_eq(address_init(&a, NULL), WEIR_OK);
	ck_assert_int_eq(address_init(&b, NULL), WEIR_OK);
	ck_assert_mem_ne(a.token, b.token, ADDRESS_TOKEN_BYTES);
}
END_TEST

START_TEST(an_unknown_network_is_a_dash)
{
	char text[WEIR_OFFER_ADDRESS_BYTES] = "127.0.0.1:1/" TOKEN "/-";
	struct address heard;

	ck_assert_int_eq(address_parse(text, &heard, NULL), WEIR_OK);
	ck_assert_uint_eq(heard.port, 1);
	ck_assert_str_eq(heard.network, "-");
}
END_TEST

START_TEST(anything_else_is_refused)
{
	static const char *const texts[] = {
		"",
		"127.0.0.1",
		"127.0.0.1:",
		"127.0.0.2:80/" TOKEN "/-",
		"127.0.0.1:0/" TOKEN "/-",
		"127.0.0.1:65536/" TOKEN "/-",
		"127.0.0.1:100000/" TOKEN "/-",
		"127.0.0.1:-1/" TOKEN "/-",
		"127.0.0.1:80" TOKEN "/-",
		"127.0.0.1:80/" TOKEN,
		"127.0.0.1:80/" TOKEN "/",
		"127.0.0.1:80/" TOKEN "0/-",
		"127.0.0.1:80/0/-",
		"127.0.0.1:80/00112233445566778899AABBCCDDEEFF/-",
		"127.0.0.1:80/" TOKEN "/\033[2J",
		"127.0.0.1:80/" TOKEN "/123456789012345678901234567890"
		"123456789012345678",
	};
	struct weir_error err = { .status = WEIR_OK };
	char text[WEIR_OFFER_ADDRESS_BYTES];
	struct address heard;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		snprintf(text, sizeof(text), "%s", texts[i]);
		ck_assert_msg(address_parse(text, &heard, &err) ==
			      WEIR_EPROTOCOL, "%s was taken", text);
		ck_assert_str_ne(err.text, "");
	}
	memset(text, '1', sizeof(text));
	ck_assert_int_eq(address_parse(text, &heard, NULL), WEIR_EPROTOCOL);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("tcp address");
	TCase *tc = tcase_create("address");

	tcase_add_test(tc, what_is_printed_is_parsed);
	tcase_add_test(tc, tokens_differ);
	tcase_add_test(tc, an_unknown_network_is_a_dash);
	tcase_add_test(tc, anything_else_is_refused);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite)
