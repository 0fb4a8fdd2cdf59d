/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/verdicts.h"

#include "core/output/table.h"
#include "core/result/verdict.h"

#define MARK "~"

/* One kind of reason over all cells. */
struct kind {
	struct verdict_reason worst;
	size_t n_cells;
};

/* Nobody trusts the figures of a cell that is not ok. */
static void
judge(const struct result_cell *cell, struct verdict *ret_verdict)
{
	ret_verdict->n = 0;
	if (cell->status == RESULT_OK)
		verdict_make(&cell->block, ret_verdict);
}

const char *
output_verdicts_mark(const struct result_cell *cell)
{
	struct verdict verdict;

	judge(cell, &verdict);
	return verdict.n ? MARK : "";
}

bool
output_verdicts_any(const struct result *result)
{
	for (size_t i = 0; i < result->plan->n_cells; i++) {
		if (*output_verdicts_mark(&result->cells[i]))
			return true;
	}
	return false;
}

/* Both sides of a cell may give a reason of one kind. */
static void
take_cell(const struct result_cell *cell, struct kind *kinds)
{
	bool counted[VERDICT_KINDS] = { false };
	struct verdict verdict;

	judge(cell, &verdict);
	for (size_t i = 0; i < verdict.n; i++) {
		const struct verdict_reason *reason = &verdict.at[i];
		struct kind *kind = &kinds[reason->kind];

		if (!kind->n_cells || reason->value > kind->worst.value)
			kind->worst = *reason;
		kind->n_cells += !counted[reason->kind];
		counted[reason->kind] = true;
	}
}

/* As it is for the first cell that was measured. */
static void
add_not_seen(struct text *to, const struct result *result, bool color)
{
	struct text unseen = { 0 };

	for (size_t i = 0; i < result->plan->n_cells && !unseen.len; i++)
		if (result->cells[i].status == RESULT_OK)
			verdict_add_not_seen(&result->cells[i].block, &unseen);
	if (unseen.len) {
		output_style_add(to, color, OUTPUT_WARN, "not watched:");
		text_addf(to, " %s\n", text_get(&unseen));
	}
	text_fini(&unseen);
}

void
output_verdicts_add(struct text *to, const struct result *result, bool color)
{
	struct kind kinds[VERDICT_KINDS] = { 0 };

	for (size_t i = 0; i < result->plan->n_cells; i++)
		take_cell(&result->cells[i], kinds);
	for (size_t i = 0; i < VERDICT_KINDS; i++) {
		if (!kinds[i].n_cells)
			continue;
		output_style_add(to, color, OUTPUT_WARN, MARK " noisy:");
		text_add(to, " ");
		verdict_add_text(&kinds[i].worst, to);
		if (kinds[i].n_cells > 1)
			text_addf(to, ", the worst of %zu cells",
				  kinds[i].n_cells);
		text_add(to, "\n");
	}
	add_not_seen(to, result, color);
}
