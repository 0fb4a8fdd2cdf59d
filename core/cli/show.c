/* SPDX-License-Identifier: Apache-2.0 */
#include "core/cli/show.h"

#include <inttypes.h>
#include <string.h>

#include "core/base/units.h"

static void
show_length(const struct plan *plan, FILE *to)
{
	const struct plan_run *run = &plan->run;
	uint64_t n = plan->n_cells * (uint64_t)run->repeat;
	char text[UNITS_TEXT_BYTES];

	fprintf(to, "%zu cell%s × %" PRIi64 " trial%s", plan->n_cells,
		plan->n_cells == 1 ? "" : "s", run->repeat,
		run->repeat == 1 ? "" : "s");
	if (run->duration_ns) {
		units_scale_ns((double)((run->duration_ns + run->warmup_ns) *
					n), text);
		fprintf(to, ", about %s in all\n\n", text);
	} else {
		fprintf(to, " of %" PRIi64 " messages per channel\n\n",
			run->count);
	}
}

void
show_plan(const struct plan *plan, FILE *to)
{
	size_t widest = 0;

	if (*plan->run.name)
		fprintf(to, "%s: ", plan->run.name);
	show_length(plan, to);
	for (size_t i = 0; i < plan->n_cells; i++)
		fprintf(to, "  %s\n", plan->cells[i].id);
	fprintf(to, "\nsettings:\n");
	for (size_t i = 0; i < plan->n_values; i++) {
		size_t width = strlen(plan->values[i].path) +
			       strlen(plan->values[i].text);

		if (width > widest && width < 60)
			widest = width;
	}
	for (size_t i = 0; i < plan->n_values; i++) {
		const struct plan_value *value = &plan->values[i];
		size_t width = strlen(value->path) + strlen(value->text);

		fprintf(to, "  %s = %s%*s  # %s\n", value->path, value->text,
			(int)(width < widest ? widest - width : 0), "",
			value->origin);
	}
	for (size_t i = 0; i < plan->warnings.n; i++)
		fprintf(to, "\nwarning: %s\n", plan->warnings.at[i]);
}
