/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/config/build.h"

static void
keep_gravest(struct problems *problems, int status)
{
	if (problems->status == WEIR_EINVALID)
		return;
	if (status != WEIR_EUNAVAILABLE || !problems->status)
		problems->status = status;
}

void
problems_add(struct build *b, int status, const struct setting *at,
	     const char *fmt, ...)
{
	struct problems *all = &b->problems;
	struct problem *grown;
	struct problem *one = NULL;
	struct text t = { 0 };
	char sentence[WEIR_ERROR_TEXT_BYTES];
	va_list ap;

	keep_gravest(all, status);
	va_start(ap, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	text_addf(&t, "%.400s: %s",
		  at                ? at->where :
		  b->settings->file ? b->settings->file :
				      "config",
		  sentence);
	grown = reallocarray(all->at, all->n + 1, sizeof(all->at[0]));
	if (grown) {
		one = &grown[all->n];
		one->layer = at ? (int)at->layer : INT32_MAX;
		one->order = at ? (size_t)(at - b->settings->at) : SIZE_MAX;
		one->text = text_take(&t);
		all->at = grown;
		all->n += one->text != NULL;
	}
	b->no_memory |= !one || !one->text;
	text_fini(&t);
}

static int
compare(const void *a, const void *b)
{
	const struct problem *x = a;
	const struct problem *y = b;

	if (x->layer != y->layer)
		return x->layer < y->layer ? -1 : 1;
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return strcmp(x->text, y->text);
}

int
problems_take(struct build *b, struct strings *ret_problems)
{
	struct problems *all = &b->problems;

	if (all->n)
		qsort(all->at, all->n, sizeof(all->at[0]), compare);
	for (size_t i = 0; i < all->n; i++) {
		text_clean(all->at[i].text, strlen(all->at[i].text));
		if (i < PROBLEMS_SHOWN)
			strings_add(ret_problems, all->at[i].text);
		free(all->at[i].text);
	}
	if (all->n > PROBLEMS_SHOWN)
		strings_addf(ret_problems, "… and %zu problems more",
			     all->n - PROBLEMS_SHOWN);
	free(all->at);
	all->at = NULL;
	all->n = 0;
	if (b->no_memory && all->status != WEIR_EINVALID) {
		strings_add(ret_problems, "no memory for the plan");
		all->status = WEIR_ENOMEMORY;
	}
	return all->status;
}
