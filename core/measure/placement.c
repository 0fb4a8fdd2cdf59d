/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/placement.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "core/base/io.h"

static const char *const names[] = {
	"auto", "same", "sibling", "cache", "far",
};

/* Equal texts mean the same core. */
static bool
same_core(int a, int b)
{
	char path[96], of[2][256];
	const int cpus[] = { a, b };

	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/"
			 "topology/thread_siblings_list", cpus[i]);
		if (io_read_small(path, of[i], sizeof(of[i])) <= 0)
			return false;
	}
	return strcmp(of[0], of[1]) == 0;
}

enum placement
placement_of(int a, int b)
{
	if (a == b)
		return PLACEMENT_SAME;
	if (same_core(a, b))
		return PLACEMENT_SIBLING;
	return affinity_share_cache(a, b) ? PLACEMENT_CACHE : PLACEMENT_FAR;
}

/* The pairs that are placed so, each CPU in one of them. */
static uint32_t
find_pairs(enum placement placement, const cpu_set_t *allowed, int *host,
	   int *client)
{
	cpu_set_t left = *allowed;
	uint32_t n = 0;

	for (int a = 0; a < CPU_SETSIZE && n < AFFINITY_CHANNELS_MAX; a++) {
		for (int b = a; b < CPU_SETSIZE && CPU_ISSET(a, &left); b++) {
			if (!CPU_ISSET(b, &left) ||
			    placement_of(a, b) != placement)
				continue;
			host[n] = a;
			client[n++] = b;
			CPU_CLR(a, &left);
			CPU_CLR(b, &left);
		}
	}
	return n;
}

static int
refuse(enum placement placement, const cpu_set_t *allowed,
       struct weir_error *err)
{
	int host[AFFINITY_CHANNELS_MAX], client[AFFINITY_CHANNELS_MAX];
	char there[64] = "";
	size_t used = 0;

	for (int i = PLACEMENT_SAME; i <= PLACEMENT_FAR; i++) {
		if (!find_pairs((enum placement)i, allowed, host, client))
			continue;
		used += (size_t)snprintf(there + used, sizeof(there) - used,
					 "%s%s", used ? ", " : "", names[i]);
	}
	return weir_error_set(err, WEIR_EUNAVAILABLE,
			      "placement = \"%s\": no two of the CPUs allowed "
			      "here are placed so; this machine has %s",
			      names[placement], there);
}

int
placement_choose(enum placement placement, uint32_t n_channels,
		 struct affinity *ret_affinity, struct weir_error *err)
{
	int host[AFFINITY_CHANNELS_MAX], client[AFFINITY_CHANNELS_MAX];
	cpu_set_t allowed;
	uint32_t n, used;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		return weir_error_errno(err, "the allowed CPUs can't be read");
	n = find_pairs(placement, &allowed, host, client);
	if (!n)
		return refuse(placement, &allowed, err);
	used = n < n_channels ? n : n_channels;
	ret_affinity->n_channels = n_channels;
	ret_affinity->shared_cpu = placement == PLACEMENT_SAME;
	ret_affinity->n_cpus = placement == PLACEMENT_SAME ? used : 2 * used;
	for (uint32_t i = 0; i < n_channels; i++) {
		ret_affinity->host[i] = host[i % n];
		ret_affinity->client[i] = client[i % n];
	}
	return WEIR_OK;
}
