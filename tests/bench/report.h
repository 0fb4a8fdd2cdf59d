/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is printed and written: the table, a row for each distance class of a
 * line, and the same as JSON.
 */
#ifndef TESTS_BENCH_REPORT_H
#define TESTS_BENCH_REPORT_H

#include <stdio.h>

#include "tests/bench/line.h"

/* A figure that has no line to itself: a floor, or what weir itself costs. */
struct report_figure {
	char name[LINE_NAME_BYTES];
	const char *unit; /* as in a JSON key: "ns" */
	double value;     /* NaN: could not be had */
	double at_most;   /* 0: nothing is asked */
};

/* LINE_NONE where nothing is asked. */
enum line_verdict report_figure_verdict(const struct report_figure *figure);

void report_head(void);
void report_line(const struct line *line);
void report_figure(const struct report_figure *figure);

/* False where the file can't be written in whole. */
bool report_json(const char *path, const struct line *lines, size_t n_lines,
		 const struct report_figure *figures, size_t n_figures);

#endif
