/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/track.h"

#include <string.h>

void
track_init(struct track *t, uint64_t mask)
{
	memset(t, 0, sizeof(*t));
	t->mask = mask;
}

static void
jump_over(struct track *t, uint64_t n)
{
	uint64_t keep = n < TRACK_MISSING ? n : TRACK_MISSING;

	t->lost += n;
	if (t->n_missing + keep > TRACK_MISSING) {
		size_t drop = t->n_missing + (size_t)keep - TRACK_MISSING;

		memmove(t->missing, t->missing + drop,
			(t->n_missing - drop) * sizeof(t->missing[0]));
		t->n_missing -= drop;
	}
	for (uint64_t i = n - keep; i < n; i++)
		t->missing[t->n_missing++] = t->next + i;
	t->next += n;
}

static void
came_late(struct track *t, uint64_t sequence)
{
	for (size_t i = 0; i < t->n_missing; i++) {
		if ((t->missing[i] & t->mask) != sequence)
			continue;
		t->n_missing--;
		memmove(t->missing + i, t->missing + i + 1,
			(t->n_missing - i) * sizeof(t->missing[0]));
		t->lost--;
		t->reordered++;
		return;
	}
	t->duplicate++;
}

void
track_surprise(struct track *t, uint64_t sequence)
{
	uint64_t ahead = (sequence - t->next) & t->mask;

	if (ahead <= t->mask / 2) {
		jump_over(t, ahead);
		t->next++;
	} else {
		came_late(t, sequence);
	}
}

void
track_end(struct track *t, uint64_t sent)
{
	if (sent > t->next)
		jump_over(t, sent - t->next);
}
