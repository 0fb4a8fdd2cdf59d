/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When repeats are enough: stopping that does not fool itself.
 *
 * Who looks after every trial and stops when the interval is narrow stops at a
 * lucky moment: of many looks one is narrow by chance. So there are few looks,
 * at STABLE_MIN trials and whenever their number has doubled (group sequential
 * tests: Pocock, Biometrika 64, 1977), and each uses an equal share of the
 * error of all of them (Bonferroni). And the trials that made the interval
 * narrow are not their own witnesses: one more, which has had no part in it,
 * has to agree.
 */
#ifndef CORE_STATS_STABLE_H
#define CORE_STATS_STABLE_H

#include <stdbool.h>
#include <stddef.h>

#define STABLE_MIN 10 /* trials: with fewer no share of the error is enough */
#define STABLE_ERROR 0.05

/* Whether n trials, of at most max, are a moment to look. */
bool stable_is_look(size_t n, size_t max);

/* At a look: whether the interval of the median of n figures (sorted here) is
 * not wider than precision (0.05: 5 %) to either side of it. */
bool stable_look(double *values, size_t n, size_t max, double precision);

/* Whether a fresh figure agrees with the n that were looked at: it lies in
 * their range, or less than precision off. */
bool stable_confirm(const double *values, size_t n, double fresh,
		    double precision);

#endif
