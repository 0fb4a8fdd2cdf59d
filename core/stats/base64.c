/* SPDX-License-Identifier: Apache-2.0 */
#include "core/stats/base64.h"

#include <stdlib.h>
#include <string.h>

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *
base64_encode(const uint8_t *bytes, size_t n)
{
	char *text = malloc((n + 2) / 3 * 4 + 1);
	char *to = text;
	size_t i;

	if (!text)
		return NULL;
	for (i = 0; i < n; i += 3) {
		uint32_t group = (uint32_t)bytes[i] << 16;

		if (i + 1 < n)
			group |= (uint32_t)bytes[i + 1] << 8;
		if (i + 2 < n)
			group |= bytes[i + 2];
		*to++ = base64_digits[group >> 18];
		*to++ = base64_digits[group >> 12 & 63];
		*to++ = i + 1 < n ? base64_digits[group >> 6 & 63] : '=';
		*to++ = i + 2 < n ? base64_digits[group & 63] : '=';
	}
	*to = '\0';
	return text;
}

/* Four characters, the last `padding` of them '=', to 3 - padding bytes. */
static bool
decode_group(const char *text, size_t padding, uint8_t *bytes)
{
	uint32_t group = 0;
	size_t i;

	for (i = 0; i < 4 - padding; i++) {
		const char *digit = memchr(base64_digits, text[i], 64);

		if (!digit)
			return false;
		group |= (uint32_t)(digit - base64_digits) << (18 - 6 * i);
	}
	for (i = 0; i < 3 - padding; i++)
		bytes[i] = (uint8_t)(group >> (16 - 8 * i));
	/* Bits that no byte has: another text for the same bytes. */
	return (group & ((1u << 8 * padding) - 1)) == 0;
}

bool
base64_decode(const char *text, size_t chars, uint8_t *ret_bytes, size_t *ret_n)
{
	size_t padding = 0, i;

	if (chars % 4)
		return false;
	while (padding < 2 && padding < chars &&
	       text[chars - 1 - padding] == '=')
		padding++;
	for (i = 0; i < chars; i += 4)
		if (!decode_group(text + i, i + 4 < chars ? 0 : padding,
				  ret_bytes + i / 4 * 3))
			return false;
	*ret_n = chars / 4 * 3 - padding;
	return true;
}
