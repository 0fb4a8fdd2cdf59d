/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nearest name, by Damerau-Levenshtein distance in its form of optimal
 * string alignment: insertions, deletions, substitutions, and swaps of
 * neighbours that nothing else touches.
 */
#include "core/option/option.h"

#include <ctype.h>
#include <string.h>

/* Longer names get no suggestion; no option is nearly as long. */
#define OPTION_SUGGEST_CHARS 96

static size_t
option_min(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t
option_distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
	/* Rows i - 2, i - 1 and i of the matrix, in turn. */
	size_t rows[3][OPTION_SUGGEST_CHARS + 1];
	size_t *before = rows[0];
	size_t *above = rows[1];
	size_t *row = rows[2];

	for (size_t j = 0; j <= n_b; j++) {
		before[j] = 0;
		row[j] = j;
	}
	for (size_t i = 1; i <= n_a; i++) {
		size_t *oldest = before;
		int ca = tolower((unsigned char)a[i - 1]);

		before = above;
		above = row;
		row = oldest;
		row[0] = i;
		for (size_t j = 1; j <= n_b; j++) {
			int cb = tolower((unsigned char)b[j - 1]);

			row[j] = above[j - 1] + (ca != cb);
			row[j] = option_min(row[j], above[j] + 1);
			row[j] = option_min(row[j], row[j - 1] + 1);
			if (i > 1 && j > 1 &&
			    ca == tolower((unsigned char)b[j - 2]) &&
			    cb == tolower((unsigned char)a[i - 2]))
				row[j] = option_min(row[j], before[j - 2] + 1);
		}
	}
	return row[n_b];
}

const char *
option_suggest(const char *name, const char *const *names, size_t n_names)
{
	size_t n_name = strnlen(name, OPTION_SUGGEST_CHARS + 1);
	const char *nearest = NULL;
	size_t least = 0;

	if (n_name > OPTION_SUGGEST_CHARS)
		return NULL;
	for (size_t i = 0; i < n_names; i++) {
		size_t n_other = strnlen(names[i], OPTION_SUGGEST_CHARS + 1);
		size_t longer = n_name > n_other ? n_name : n_other;
		size_t distance;

		if (n_other > OPTION_SUGGEST_CHARS)
			continue;
		distance = option_distance(name, n_name, names[i], n_other);
		if (distance * 3 > longer || (nearest && distance >= least))
			continue;
		nearest = names[i];
		least = distance;
	}
	return nearest;
}
