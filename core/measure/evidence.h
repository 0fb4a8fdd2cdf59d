/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What else went on while a side measured: plain figures that say whether
 * its measurement was left in peace.
 *
 * All are sums, so that channels, clients and trials add up, but for the
 * extremes, which say so. EVIDENCE_NONE is a figure that can't be seen here.
 * Sources: proc(5) for /proc/stat, /proc/interrupts, getrusage(2); the kernel's
 * Documentation/scheduler/sched-stats.rst for schedstat,
 * admin-guide/cgroup-v2.rst and scheduler/sched-bwc.rst for cpu.stat.
 */
#ifndef CORE_MEASURE_EVIDENCE_H
#define CORE_MEASURE_EVIDENCE_H

#include <stdint.h>
#include <sys/resource.h>

#define EVIDENCE_NONE UINT64_MAX

struct evidence {
	/* Of the lanes, from before the timed region to behind it */
	uint64_t lane_ns;      /* their time together */
	uint64_t lane_cpu_ns;  /* of it, running */
	uint64_t run_queue_ns; /* of it, ready to run and not running */
	uint64_t migrations;   /* to another CPU */
	uint64_t involuntary_switches;
	uint64_t minor_faults;
	uint64_t major_faults; /* that waited for a disk */
	/* Of the CPUs that these may run on, in about the same time */
	uint64_t cpu_ns;   /* the time of all of them together */
	uint64_t busy_ns;  /* of it, running anything at all */
	uint64_t steal_ns; /* of it, taken by the hypervisor */
	uint64_t interrupts;
	uint64_t lowest_hz; /* frequency at both ends: the extremes */
	uint64_t highest_hz;
	/* Of the control group and its parents */
	uint64_t throttled; /* periods in which the quota was used up */
	uint64_t throttled_ns;
	/* Of a thread that sleeps, see hiccup.h */
	uint64_t wakes;
	uint64_t late_wakes;
	uint64_t latest_wake_ns; /* the worst of them */
};

/* Nothing is seen. */
void evidence_init(struct evidence *evidence);

/* Adds what another channel, client or trial saw. */
void evidence_merge(struct evidence *to, const struct evidence *from);

/* From one count to a later one; 0 where it went back, and EVIDENCE_NONE where
 * either is. */
uint64_t evidence_grown(uint64_t before, uint64_t after);

/* Of the calling thread, at one moment. What is read from /proc is read
 * before the first and after the second, so that none of the CPU time is that
 * of the reading. */
struct evidence_lane {
	uint64_t at_ns;
	uint64_t run_queue_ns;
	uint64_t migrations;
	struct rusage usage;
};
void evidence_lane_begin(struct evidence_lane *ret_lane);
void evidence_lane_end(struct evidence_lane *ret_lane);

/* What happened to the thread between two moments, into the lane's part. */
void evidence_lane_set(struct evidence *evidence,
		       const struct evidence_lane *before,
		       const struct evidence_lane *after);

#endif
