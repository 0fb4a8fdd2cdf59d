/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/facts.h"

#include <string.h>

/* Copies what fits, never half a UTF-8 sequence. */
static void
copy(char *to, size_t cap, const char *from)
{
	size_t len = strnlen(from, cap);

	if (len == cap) {
		len--;
		while (len && ((unsigned char)from[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(to, from, len);
	to[len] = '\0';
}

/* The index of that key, or f->n. */
static size_t
find(const struct facts *f, const char *key)
{
	char stored[FACTS_KEY_BYTES];
	size_t i;

	copy(stored, sizeof(stored), key);
	for (i = 0; i < f->n && strcmp(f->at[i].key, stored); i++)
		;
	return i;
}

/* The emptied fact of that key, old or new; NULL where the list is full. */
static struct fact *
take(struct facts *f, const char *key)
{
	size_t i = find(f, key);
	struct fact *fact;

	if (i == FACTS_MAX)
		return NULL;
	if (i == f->n)
		f->n++;
	fact = &f->at[i];
	memset(fact, 0, sizeof(*fact));
	copy(fact->key, sizeof(fact->key), key);
	return fact;
}

void
facts_add_text(struct facts *f, const char *key, const char *text)
{
	struct fact *fact = take(f, key);

	if (!fact)
		return;
	fact->kind = FACTS_TEXT;
	copy(fact->text, sizeof(fact->text), text);
}

void
facts_add_number(struct facts *f, const char *key, double number)
{
	struct fact *fact = take(f, key);

	if (!fact)
		return;
	fact->kind = FACTS_NUMBER;
	fact->number = number;
}

void
facts_add_bool(struct facts *f, const char *key, bool value)
{
	struct fact *fact = take(f, key);

	if (!fact)
		return;
	fact->kind = FACTS_BOOL;
	fact->number = value;
}

const struct fact *
facts_get(const struct facts *f, const char *key)
{
	size_t i = find(f, key);

	return i < f->n ? &f->at[i] : NULL;
}
