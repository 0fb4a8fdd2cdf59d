/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control group of this process and the limits it sets, of version 2 and
 * of version 1, also where only a container's own part of it can be seen.
 */
#ifndef CORE_RESULT_CGROUP_H
#define CORE_RESULT_CGROUP_H

#include <stdint.h>

#include "core/result/facts.h"

/* Adds cgroup, cgroup_cpu_limit (in CPUs) and cgroup_memory_limit_bytes, the
 * tightest of the group and its parents; no limit, no fact. */
void cgroup_gather(struct facts *f);

/* How often this group or a parent of it was stopped for having used its
 * share of the CPUs, and for how long, since it was made. Left as they are
 * where that can't be seen: no limit was ever set. */
void cgroup_throttled(uint64_t *ret_periods, uint64_t *ret_ns);

#endif
