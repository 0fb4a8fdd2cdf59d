/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What weir itself costs, beside what it measures. Medians of five; NaN where
 * a run fails. `path` is for a results file.
 */
#ifndef TESTS_BENCH_HARNESS_H
#define TESTS_BENCH_HARNESS_H

#include "tests/bench/bench.h"

/* Setting up and ending one trial at the boundary process: what each of 20
 * further trials of one message adds to a run. */
double harness_trial_ms(const char *weir, const char *path);

/* A whole run of one such trial, from exec to exit. */
double harness_run_ms(const char *weir, const char *path);

/* The largest process of a run of 6 million messages of 64 B. */
double harness_memory_mib(const char *weir, const char *path);

/* The CPU price of a message of an open loop over shm at 1k/s: that of waiting
 * adaptively by that of spinning, both sides of each together. */
double harness_price(const char *weir, const char *folder,
		     const struct bench_course *course);

/* Round trips/s of n channels of uds at once, 64 B. */
double harness_crowd(const char *weir, const char *folder,
		     const struct bench_course *course, unsigned n);

#endif
