/* SPDX-License-Identifier: Apache-2.0 */
#include "core/config/namespaces.h"

#include <stdio.h>
#include <string.h>

const char *const namespaces_names[] = { "user", "pid", "ipc",	"net",
					 "uts",	 "mount", NULL };

/* The bit of a name of len bytes, or 0. */
static uint32_t
find(const char *name, size_t len)
{
	for (unsigned i = 0; namespaces_names[i]; i++) {
		if (strlen(namespaces_names[i]) == len &&
		    strncmp(namespaces_names[i], name, len) == 0)
			return 1u << i;
	}
	return 0;
}

bool
namespaces_parse(const char *text, uint32_t *ret_bits)
{
	uint32_t bits = 0;

	if (strcmp(text, "all") == 0 || strcmp(text, "none") == 0) {
		*ret_bits = text[0] == 'a' ? NAMESPACES_ALL : 0;
		return true;
	}
	for (;;) {
		size_t len = strcspn(text, "+");
		uint32_t bit = find(text, len);

		if (!bit || (bits & bit))
			return false;
		bits |= bit;
		if (!text[len])
			break;
		text += len + 1;
	}
	*ret_bits = bits;
	return true;
}

/* Cuts what does not fit. */
static void
join(uint32_t bits, const char *between, const char *last,
     char ret_text[NAMESPACES_TEXT_BYTES])
{
	size_t used = 0;

	for (unsigned i = 0; namespaces_names[i]; i++) {
		uint32_t rest = bits >> i >> 1;
		int n;

		if (!(bits & 1u << i))
			continue;
		n = snprintf(ret_text + used, NAMESPACES_TEXT_BYTES - used,
			     "%s%s", namespaces_names[i],
			     !rest ? "" : rest & (rest - 1) ? between : last);
		if (n < 0 || (size_t)n >= NAMESPACES_TEXT_BYTES - used)
			return;
		used += (size_t)n;
	}
}

void
namespaces_write(uint32_t bits, char ret_text[NAMESPACES_TEXT_BYTES])
{
	snprintf(ret_text, NAMESPACES_TEXT_BYTES, bits ? "all" : "none");
	if (bits != NAMESPACES_ALL)
		join(bits, "+", "+", ret_text);
}

void
namespaces_print(uint32_t bits, char ret_text[NAMESPACES_TEXT_BYTES])
{
	snprintf(ret_text, NAMESPACES_TEXT_BYTES, "no");
	join(bits, ", ", " and ", ret_text);
}
