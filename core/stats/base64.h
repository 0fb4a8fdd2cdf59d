/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Base64 (RFC 4648, section 4): padded, without line breaks.
 */
#ifndef CORE_STATS_BASE64_H
#define CORE_STATS_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The text of n bytes; the caller frees it. NULL without memory. */
char *base64_encode(const uint8_t *bytes, size_t n);

/* The room that base64_decode wants for so many characters; never 0. */
static inline size_t
base64_decoded_bytes_max(size_t chars)
{
	return chars / 4 * 3 + 1;
}

/*
 * The bytes of a text of `chars` characters. False where it is not exactly
 * what base64_encode would write; then ret_bytes holds anything.
 */
bool base64_decode(const char *text, size_t chars, uint8_t *ret_bytes,
		   size_t *ret_n);

#endif
