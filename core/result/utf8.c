/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/utf8.h"

#include <stdint.h>

#define REPLACEMENT "\xef\xbf\xbd"

/* The length of the sequence at s and its code point; 0 where it is none:
 * cut short, longer than need be, a surrogate or above U+10FFFF. */
static size_t
decode(const unsigned char *s, uint32_t *ret_point)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t point;
	size_t len;

	if (s[0] < 0x80) {
		*ret_point = s[0];
		return 1;
	}
	len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	point = s[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (s[i] & 0x3fu);
	}
	if (point < least[len] || point > 0x10ffff ||
	    (point >= 0xd800 && point <= 0xdfff))
		return 0;
	*ret_point = point;
	return len;
}

void
utf8_add(struct text *t, const char *s)
{
	while (*s) {
		uint32_t point;
		size_t len = decode((const unsigned char *)s, &point);

		if (len)
			text_add_bytes(t, s, len);
		else
			text_add(t, REPLACEMENT);
		s += len ? len : 1;
	}
}

void
utf8_add_printable(struct text *t, const char *s)
{
	while (*s) {
		uint32_t point = 0;
		size_t len = decode((const unsigned char *)s, &point);

		if (point == '\t' || point == '\n' || point == '\r')
			text_add(t, " ");
		else if (!len || point < 0x20 ||
			 (point >= 0x7f && point <= 0x9f))
			text_add(t, REPLACEMENT);
		else
			text_add_bytes(t, s, len);
		s += len ? len : 1;
	}
}

size_t
utf8_width(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}
