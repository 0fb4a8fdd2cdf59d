/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The weir side: one `weir run` of one cell and one trial per segment. What
 * it costs to start is outside of the figures: weir tells the elapsed time and
 * the histogram of its timed region.
 */
#ifndef TESTS_BENCH_WEIR_H
#define TESTS_BENCH_WEIR_H

#include "tests/bench/line.h"

#define WEIR_WHY_BYTES 256

/* Runs a segment with the program at `weir`; the results file goes into
 * folder. False where weir refuses: why says so. */
bool weir_segment(const char *weir, const char *folder,
		  const struct line_side *side,
		  const struct bench_course *course,
		  struct bench_figures *ret_figures,
		  char ret_why[WEIR_WHY_BYTES]);

/* Any run of weir; its resources in *ret_usage and its time from the outside.
 * argv[0] is the program. Returns the exit code. */
struct rusage;
int weir_process(char *const argv[], char ret_why[WEIR_WHY_BYTES],
		 struct rusage *ret_usage, uint64_t *ret_elapsed_ns);

#endif
