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

void
namespaces_write(uint32_t bits, char ret_text[NAMESPACES_TEXT_BYTES])
{
	size_t used = 0;

	snprintf(ret_text, NAMESPACES_TEXT_BYTES, bits ? "all" : "none");
	for (unsigned i = 0; bits != NAMESPACES_ALL && namespaces_names[i]; i++)
		if (bits & 1u << i)
			used += (size_t)snprintf(ret_text + used,
						 NAMESPACES_TEXT_BYTES - used,
						 "%s%s", used ? "+" : "",
						 namespaces_names[i]);
}

void
namespaces_print(uint32_t bits, char ret_text[NAMESPACES_TEXT_BYTES])
{
	size_t used = 0;

	snprintf(ret_text, NAMESPACES_TEXT_BYTES, "no");
	for (unsigned i = 0; namespaces_names[i]; i++) {
		uint32_t rest = bits >> i >> 1;
		int n;

		if (!(bits & 1u << i))
			continue;
		n = snprintf(ret_text + used, NAMESPACES_TEXT_BYTES - used,
			     "%s%s", namespaces_names[i],
			     !rest ? "" : rest & (rest - 1) ? ", " : " and ");
		if (n < 0 || (size_t)n >= NAMESPACES_TEXT_BYTES - used)
			return;
		used += (size_t)n;
	}
}
