/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPUs by how near they are to each other, as the kernel tells it
 * (Documentation/admin-guide/cputopology.rst): what the machine says, which in
 * a guest is what the hypervisor says.
 */
#ifndef CORE_MEASURE_PLACEMENT_H
#define CORE_MEASURE_PLACEMENT_H

#include "core/measure/affinity.h"

enum placement {
	PLACEMENT_AUTO,    /* affinity.h: no matter here */
	PLACEMENT_SAME,    /* one CPU for both sides */
	PLACEMENT_SIBLING, /* two hardware threads of one core */
	PLACEMENT_CACHE,   /* two cores that share the last-level cache */
	PLACEMENT_FAR,     /* two that do not */
};

/* What two CPUs are to each other. */
enum placement placement_of(int a, int b);

/*
 * CPUs for n_channels channels, each pair of them placed so; channel i takes
 * pair i modulo the pairs. WEIR_EUNAVAILABLE where no two of the allowed CPUs
 * are: the sentence says which placements there are.
 */
WEIR_MUST_USE int placement_choose(enum placement placement,
				   uint32_t n_channels,
				   struct affinity *ret_affinity,
				   struct weir_error *err);

#endif
