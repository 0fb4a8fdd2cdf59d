/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/samples.h"

#include "core/result/json_value.h"
#include "core/result/result.h"

int
result_samples_set(struct result_samples *samples, const struct plan *plan,
		   const struct histogram *from, struct weir_error *err)
{
	double percents[SUMMARY_PERCENTILES_MAX];
	size_t n = result_percents(plan, percents);

	if (!from || !from->samples)
		return WEIR_OK;
	summary_make(from, percents, n, &samples->summary);
	samples->sum_ns = from->sum_ns;
	return histogram_encode(from, &samples->histogram, err);
}

void
result_samples_to_json(struct json *j, struct cJSON *to, const char *key,
	    const struct summary *s, uint64_t sum_ns, const char *histogram)
{
	struct cJSON *o;

	if (!s->samples) {
		json_add_null(j, to, key);
		return;
	}
	o = json_add_object(j, to, key);
	json_add_number(j, o, "min", s->min_ns);
	json_add_number(j, o, "mean", s->mean_ns);
	json_add_number(j, o, "stddev", s->stddev_ns);
	for (size_t i = 0; i < s->n_percentiles; i++) {
		char name[RESULT_PERCENT_BYTES];

		result_percent_name(s->percentiles[i].percent, '_', name);
		json_add_number(j, o, name, s->percentiles[i].value_ns);
	}
	json_add_number(j, o, "max", s->max_ns);
	json_add_u64(j, o, "samples", s->samples);
	json_add_u64(j, o, "saturated", s->saturated);
	json_add_u64(j, o, "sum", sum_ns);
	json_lend_text(j, o, "histogram", histogram);
}
