/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/warnings.h"

#include <stdio.h>

#include "core/output/table.h"
#include "core/result/utf8.h"

struct warnings {
	struct text *to;
	struct strings told;
	bool color;
};

static bool
begin_warning(struct warnings *w, const char *text)
{
	if (strings_contains(&w->told, text))
		return false;
	strings_add(&w->told, text);
	output_style_add(w->to, w->color, OUTPUT_WARN, "warning:");
	text_add(w->to, " ");
	utf8_add_printable(w->to, text);
	return true;
}

static void
warn_all(struct warnings *w, const struct strings *texts)
{
	for (size_t i = 0; i < texts->n; i++)
		if (begin_warning(w, texts->at[i]))
			text_add(w->to, "\n");
}

/* A warning that several cells have is told once, with their number. */
static void
warn_cell(struct warnings *w, const struct result *result, size_t cell)
{
	const struct strings *texts = &result->cells[cell].warnings;

	for (size_t i = 0; i < texts->n; i++) {
		size_t n = 0;

		if (!begin_warning(w, texts->at[i]))
			continue;
		for (size_t c = cell; c < result->plan->n_cells; c++)
			n += strings_contains(&result->cells[c].warnings,
					      texts->at[i]);
		if (n > 1)
			text_addf(w->to, " (%zu cells)\n", n);
		else {
			text_add(w->to, " (");
			utf8_add_printable(w->to,
					   result->plan->cells[cell].id);
			text_add(w->to, ")\n");
		}
	}
}

/* A refused cell's trials that were not tried are not missing. */
static void
warn_cut_short(struct warnings *w, const struct result *result)
{
	size_t n = 0, missing = 0;
	char text[128];

	for (size_t i = 0; i < result->plan->n_cells; i++) {
		const struct result_cell *cell = &result->cells[i];

		if (cell->status == RESULT_REFUSED)
			continue;
		n += cell->n_trials;
		for (size_t t = 0; t < cell->n_trials; t++)
			missing += cell->trials[t].status == RESULT_NOT_RUN;
	}
	if (!missing && !result->interrupted)
		return;
	snprintf(text, sizeof(text), "%s: %zu of %zu trials were run",
		 result->interrupted ? "interrupted" : "incomplete",
		 n - missing, n);
	if (begin_warning(w, text))
		text_add(w->to, "\n");
}

void
output_warnings_add(struct text *to, const struct result *result,
		    bool color)
{
	struct warnings w = { .to = to, .color = color };

	warn_cut_short(&w, result);
	warn_all(&w, &result->plan->warnings);
	warn_all(&w, &result->warnings);
	for (size_t i = 0; i < result->plan->n_cells; i++)
		warn_cell(&w, result, i);
	if (w.told.failed)
		to->failed = true;
	strings_fini(&w.told);
}
