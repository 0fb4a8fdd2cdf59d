/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which CPU each measuring thread runs on.
 */
#ifndef CORE_MEASURE_AFFINITY_H
#define CORE_MEASURE_AFFINITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <weir/error.h>

#include "core/base/text.h"

#define AFFINITY_ANY (-1) /* a thread that is not pinned */
#define AFFINITY_CHANNELS_MAX 1024

struct affinity {
	uint32_t n_channels;
	int host[AFFINITY_CHANNELS_MAX]; /* CPU of each channel's thread */
	int client[AFFINITY_CHANNELS_MAX];
	bool shared_cpu; /* both sides of a channel have the same CPU */
	uint32_t n_cpus; /* CPUs that all these threads have together */
};

/*
 * Chooses the CPUs of n_channels channels. Each side's text is "auto"
 * (pairs of allowed CPUs that share the last-level cache; else any two, else
 * one for both, each with a warning), "none", or a list of CPUs; channel i
 * takes entry i modulo the entries. A CPU that does not exist or is not
 * allowed here is WEIR_EUNAVAILABLE with the CPUs that are.
 */
WEIR_MUST_USE int affinity_choose(const char *host, const char *client,
				  uint32_t n_channels,
				  struct affinity *ret_affinity,
				  struct strings *ret_warnings,
				  struct weir_error *err);

/* The calling thread's mask as the kernel has it: "0" or "0,2-3". */
void affinity_current(char *ret_text, size_t cap);

/* True if the two are known to share their last-level cache. */
bool affinity_share_cache(int a, int b);

/* True if the calling process may run on that CPU. */
bool affinity_allowed(int cpu);

#endif
