/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/result.h"

#include <stdio.h>
#include <string.h>

#include "core/base/units.h"

/* Puts one percentile in its place; false where there is no room. */
static bool
insert(double *percents, size_t *n, double percent)
{
	size_t at = 0;

	while (at < *n && percents[at] < percent)
		at++;
	if (at < *n && percents[at] <= percent)
		return true;
	if (*n == SUMMARY_PERCENTILES_MAX)
		return false;
	memmove(percents + at + 1, percents + at,
		(*n - at) * sizeof(*percents));
	percents[at] = percent;
	(*n)++;
	return true;
}

size_t
result_percents(const struct plan *plan,
		double ret_percents[SUMMARY_PERCENTILES_MAX])
{
	const struct strings *extra = &plan->run.percentiles;
	size_t n = 0;
	double percent;

	for (size_t i = 0; i < summary_n_standard_percents; i++)
		insert(ret_percents, &n, summary_standard_percents[i]);
	for (size_t i = 0; i < extra->n; i++) {
		if (units_parse_double(extra->at[i], &percent, NULL) ||
		    !(percent > 0 && percent < 100))
			continue;
		if (!insert(ret_percents, &n, percent))
			break;
	}
	return n;
}

void
result_percent_name(double percent, char point,
		    char ret_name[RESULT_PERCENT_BYTES])
{
	char *at;
	size_t len;

	snprintf(ret_name, RESULT_PERCENT_BYTES, "p%.8f", percent);
	len = strlen(ret_name);
	while (ret_name[len - 1] == '0')
		ret_name[--len] = '\0';
	at = strpbrk(ret_name, ".,");
	if (at)
		*at = point;
	if (at == ret_name + len - 1)
		*at = '\0';
}
