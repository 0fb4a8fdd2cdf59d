/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/line.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const line_verdicts[] = {
	[LINE_PASS] = "pass",
	[LINE_INCONCLUSIVE] = "inconclusive",
	[LINE_FAIL] = "FAIL",
	[LINE_NONE] = "-",
};

static double
metric_of(const struct line *line, const struct bench_figures *figures)
{
	switch (line->metric) {
	case LINE_P50:
		return figures->p50_ns;
	case LINE_MEAN:
		return figures->mean_ns;
	default:
		return figures->per_s;
	}
}

void
line_add(struct line *line, int class, const struct bench_figures *weir,
	 const struct bench_figures *other)
{
	struct line_class *c = &line->classes[class];
	double a = metric_of(line, weir), b = metric_of(line, other);
	bool alone = !line->other.loop && !line->other.transport;

	if (c->n == RATIO_PAIRS_MAX || !isfinite(log(a)) ||
	    (!alone && !isfinite(log(b)))) {
		line->n_discarded++;
		return;
	}
	c->weir[c->n] = a;
	c->other[c->n] = b;
	c->log_weir[c->n] = log(a);
	c->log_ratio[c->n] = alone ? 0 : log(a) - log(b);
	c->one_way_p50[c->n] = weir->p50_ns;
	c->n++;
}

/* Where an interval stands to a bound. */
static enum line_verdict
stand(const struct ratio *r, double bound, bool at_least)
{
	if (bound == 0)
		return LINE_PASS;
	if (at_least ? r->low >= bound : r->high <= bound)
		return LINE_PASS;
	if (at_least ? r->high < bound : r->low > bound)
		return LINE_FAIL;
	return LINE_INCONCLUSIVE;
}

static void
judge_class(const struct line *line, struct line_class *c, bool far,
	    size_t min_pairs)
{
	bool at_least = line->metric == LINE_RATE;
	double ratio = far ? line->ratio.far : line->ratio.near;
	double absolute = far ? line->absolute.far : line->absolute.near;
	enum line_verdict verdict;

	ratio_of(c->log_ratio, c->n, &c->ratio);
	ratio_of(c->log_weir, c->n, &c->absolute);
	c->weir_median = ratio_median(c->weir, c->n);
	c->other_median = ratio_median(c->other, c->n);
	c->p50_median = ratio_median(c->one_way_p50, c->n);
	c->verdict = stand(&c->ratio, ratio, at_least);
	verdict = stand(&c->absolute, absolute, at_least);
	if (verdict > c->verdict)
		c->verdict = verdict;
	if (ratio == 0 && absolute == 0)
		c->verdict = LINE_NONE;
	else if (c->n < min_pairs)
		c->verdict = LINE_INCONCLUSIVE;
}

bool
line_judge(struct line *line, size_t min_pairs)
{
	bool decided = false, open = false;

	line->verdict = LINE_INCONCLUSIVE;
	for (int i = 0; i < CANARY_CLASSES; i++) {
		struct line_class *c = &line->classes[i];

		if (!c->n)
			continue;
		judge_class(line, c, canary_class_low_ns(i) >= CANARY_FAR_NS,
			    min_pairs);
		if (c->n < min_pairs)
			continue;
		if (!decided || c->verdict > line->verdict)
			line->verdict = c->verdict;
		decided = true;
		open |= c->verdict == LINE_INCONCLUSIVE;
	}
	return decided && !open;
}
