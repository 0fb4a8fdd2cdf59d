/* SPDX-License-Identifier: Apache-2.0 */
#include "core/stats/base64.h"

#include <string.h>

#include "tests/unit/unit.h"

/* RFC 4648, section 10, and both ends of the alphabet. */
static const struct {
	const char *bytes;
	const char *text;
} vectors[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xff\xff\xfe", "///+" },
};

#define N_VECTORS ((int)(sizeof(vectors) / sizeof(vectors[0])))

START_TEST(encodes)
{
	char *text = base64_encode((const uint8_t *)vectors[_i].bytes,
				   strlen(vectors[_i].bytes));

	ck_assert_str_eq(text, vectors[_i].text);
	free(text);
}
END_TEST

START_TEST(decodes)
{
	size_t chars = strlen(vectors[_i].text), n;
	uint8_t *bytes = malloc(base64_decoded_bytes_max(chars));

	ck_assert(base64_decode(vectors[_i].text, chars, bytes, &n));
	ck_assert_uint_eq(n, strlen(vectors[_i].bytes));
	ck_assert_int_eq(memcmp(bytes, vectors[_i].bytes, n), 0);
	free(bytes);
}
END_TEST

static const char *const bad[] = {
	"Z",     "Zm",   "Zm9",  "Zm9vY",                /* not whole groups */
	"====",  "Z===", "=Zm9", "Zg==Zm9v", "Zm9v====", /* padding */
	"Zm9\n", "Zm 9", "Zm9-", "Zm9_",     "Zm9\x80",  /* alphabet */
	"Zh==",  "Zm9=", /* bits beyond the last byte */
};

START_TEST(refuses_what_encode_does_not_write)
{
	size_t chars = strlen(bad[_i]), n;
	uint8_t *bytes = malloc(base64_decoded_bytes_max(chars));

	ck_assert(!base64_decode(bad[_i], chars, bytes, &n));
	free(bytes);
}
END_TEST

START_TEST(refuses_nul_inside)
{
	uint8_t bytes[4];
	size_t n;

	ck_assert(!base64_decode("Zm\0v", 4, bytes, &n));
}
END_TEST

START_TEST(every_byte_comes_back)
{
	uint8_t in[256], out[base64_decoded_bytes_max(344)];
	size_t i, n;
	char *text;

	for (i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)i;
	text = base64_encode(in, sizeof(in));
	ck_assert_uint_eq(strlen(text), 344);
	ck_assert(base64_decode(text, 344, out, &n));
	ck_assert_uint_eq(n, sizeof(in));
	ck_assert_mem_eq(in, out, n);
	free(text);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base64");
	TCase *c = tcase_create("base64");

	tcase_add_loop_test(c, encodes, 0, N_VECTORS);
	tcase_add_loop_test(c, decodes, 0, N_VECTORS);
	tcase_add_loop_test(c, refuses_what_encode_does_not_write, 0,
			    (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(c, refuses_nul_inside);
	tcase_add_test(c, every_byte_comes_back);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(suite)
