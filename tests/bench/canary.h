/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far apart the two CPUs are now: a hypervisor moves virtual CPUs, and
 * every figure of two spinning sides with them.
 */
#ifndef TESTS_BENCH_CANARY_H
#define TESTS_BENCH_CANARY_H

#define CANARY_CLASSES 12
#define CANARY_FAR_NS 200.0 /* below it is called near */

/* ns of a cache line there and back: the median of ten bursts of 100 us. */
double canary_ns(const int cpu[2]);

/*
 * Classes on a log scale, an octave each: class k reaches from its low_ns to
 * twice that. The edges lie between the distances that were seen on virtual
 * machines (about 50, 105 to 135, 415 to 520 ns).
 */
int canary_class(double ns);
double canary_class_low_ns(int class);

#endif
