/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line of the table: weir beside a bare loop (or beside itself, or alone),
 * what is compared, what it has to reach, and what came of it.
 */
#ifndef TESTS_BENCH_LINE_H
#define TESTS_BENCH_LINE_H

#include "tests/bench/bench.h"
#include "tests/bench/canary.h"
#include "tests/bench/ratio.h"

#define LINE_NAME_BYTES 64
#define LINE_OPTIONS 8

/* One of the two programs. */
struct line_side {
	const struct bench_mechanism *loop; /* NULL: weir */
	const char *transport;              /* of weir; NULL: no such side */
	const char *options[LINE_OPTIONS];  /* -D of weir; ends with NULL */
	size_t size;
	size_t ring_bytes; /* of the loop */
	bool one_way;
	bool spin;
};

enum line_metric { LINE_P50, LINE_MEAN, LINE_RATE };

/* What to reach, near and far (canary.h); 0: nothing is asked. LINE_RATE is
 * to be at least that, the others at most. */
struct line_bound {
	double near, far;
};

enum line_verdict { LINE_PASS, LINE_INCONCLUSIVE, LINE_FAIL, LINE_NONE };

extern const char *const line_verdicts[];

/* The pairs of one distance class. */
struct line_class {
	double log_ratio[RATIO_PAIRS_MAX];
	double log_weir[RATIO_PAIRS_MAX];
	double weir[RATIO_PAIRS_MAX], other[RATIO_PAIRS_MAX];
	double one_way_p50[RATIO_PAIRS_MAX]; /* of weir, where it has one */
	size_t n;
	/* Made of these by line_judge. */
	double weir_median, other_median, p50_median;
	struct ratio ratio;    /* weir ÷ other */
	struct ratio absolute; /* weir alone, ns or messages/s */
	enum line_verdict verdict;
};

struct line {
	char name[LINE_NAME_BYTES];
	struct line_side weir, other;
	enum line_metric metric;
	struct line_bound ratio, absolute;
	size_t n_run, n_discarded; /* pairs */
	char why[256];             /* not possible: the reason; else "" */
	struct line_class *classes; /* CANARY_CLASSES of them, or NULL */
	enum line_verdict verdict;  /* LINE_NONE: not possible */
};

/* All lines; the caller frees. */
struct line *line_table(size_t *ret_n);

/* Adds a pair (other is NaN where there is none). */
void line_add(struct line *line, int class, const struct bench_figures *weir,
	      const struct bench_figures *other);

/* Makes figures and verdicts of the pairs; a class with fewer pairs than
 * min_pairs is inconclusive. True where more pairs could not change it. */
bool line_judge(struct line *line, size_t min_pairs);

#endif
