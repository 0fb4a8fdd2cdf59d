/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control group of this process and the limits it sets, of version 2 and
 * of version 1, also where only a container's own part of it can be seen.
 */
#ifndef CORE_RESULT_CGROUP_H
#define CORE_RESULT_CGROUP_H

#include "core/result/facts.h"

/* Adds cgroup, cgroup_cpu_limit (in CPUs) and cgroup_memory_limit_bytes, the
 * tightest of the group and its parents; no limit, no fact. */
void cgroup_gather(struct facts *f);

#endif
