/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/affinity.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/io.h"

#define CPUS_MAX CPU_SETSIZE

/* CPUs of one side, in the order in which channels take them. */
struct cpus {
	size_t n;
	int at[CPUS_MAX];
};

static void
format_mask(const cpu_set_t *set, char *text, size_t cap)
{
	size_t used = 0;

	if (cap == 0)
		return;
	text[0] = '\0';
	for (int cpu = 0; cpu < CPUS_MAX && used + 1 < cap; cpu++) {
		int last = cpu;

		if (!CPU_ISSET(cpu, set))
			continue;
		while (last + 1 < CPUS_MAX && CPU_ISSET(last + 1, set))
			last++;
		used += (size_t)snprintf(text + used, cap - used,
					 last == cpu ? "%s%d" : "%s%d-%d",
					 used ? "," : "", cpu, last);
		cpu = last;
	}
}

void
affinity_current(char *ret_text, size_t cap)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		CPU_ZERO(&set);
	format_mask(&set, ret_text, cap);
}

bool
affinity_allowed(int cpu)
{
	cpu_set_t set;

	return cpu >= 0 && cpu < CPUS_MAX &&
	       sched_getaffinity(0, sizeof(set), &set) == 0 &&
	       CPU_ISSET(cpu, &set);
}

/* Which CPUs share the last-level cache with this one, as the kernel's text
 * ("0-1"); equal texts mean the same cache. */
static bool
last_level_cache(int cpu, char *text, size_t cap)
{
	char path[128];

	for (int index = 9; index >= 0; index--) {
		snprintf(path, sizeof(path),
			 "/sys/devices/system/cpu/cpu%d/cache/index%d/"
			 "shared_cpu_list",
			 cpu, index);
		if (io_read_small(path, text, cap) > 0)
			return true;
	}
	return false;
}

bool
affinity_share_cache(int a, int b)
{
	char of_a[256], of_b[256];

	return last_level_cache(a, of_a, sizeof(of_a)) &&
	       last_level_cache(b, of_b, sizeof(of_b)) &&
	       strcmp(of_a, of_b) == 0;
}

/* The two sides' CPUs as pairs that share a cache, each CPU used once. */
static void
choose_pairs(const cpu_set_t *allowed, struct cpus *host, struct cpus *client)
{
	cpu_set_t left = *allowed;

	for (int a = 0; a < CPUS_MAX; a++) {
		if (!CPU_ISSET(a, &left))
			continue;
		for (int b = a + 1; b < CPUS_MAX; b++) {
			if (!CPU_ISSET(b, &left) || !affinity_share_cache(a, b))
				continue;
			host->at[host->n++] = a;
			client->at[client->n++] = b;
			CPU_CLR(b, &left);
			break;
		}
	}
}

static void
choose_auto(const cpu_set_t *allowed, struct cpus *host, struct cpus *client,
	    struct strings *warnings)
{
	int first = -1, second = -1;

	choose_pairs(allowed, host, client);
	if (host->n > 0)
		return;
	for (int cpu = 0; cpu < CPUS_MAX && second < 0; cpu++) {
		if (!CPU_ISSET(cpu, allowed))
			continue;
		if (first < 0)
			first = cpu;
		else
			second = cpu;
	}
	host->n = client->n = 1;
	host->at[0] = first;
	client->at[0] = second < 0 ? first : second;
	if (second < 0)
		strings_addf(warnings,
			     "only CPU %d is allowed here: host and client "
			     "share it", first);
	else
		strings_addf(warnings,
			     "no two of the allowed CPUs are known to share a "
			     "last-level cache: CPUs %d and %d were taken",
			     first, second);
}

/* A decimal number at *at, which moves behind it; -1 where there is none. */
static long
take_number(const char **at)
{
	char *end;
	long number;

	if (**at < '0' || **at > '9')
		return -1;
	number = strtol(*at, &end, 10);
	*at = end;
	return number;
}

/* "2" or "2-3" at *at, with the comma behind it. */
static bool
take_range(const char **at, long *ret_from, long *ret_to)
{
	*ret_from = *ret_to = take_number(at);
	if (**at == '-') {
		++*at;
		*ret_to = take_number(at);
	}
	if (**at == ',')
		++*at;
	else if (**at)
		return false;
	return *ret_from >= 0 && *ret_to >= *ret_from;
}

static int
parse_list(const char *key, const char *text, const cpu_set_t *allowed,
	   struct cpus *ret_cpus, struct weir_error *err)
{
	const char *at = text;
	char mask[256];
	long from, to;

	do {
		if (!take_range(&at, &from, &to))
			return weir_error_set(err, WEIR_EINVALID,
				"%s: \"%s\" is not a CPU list; write \"auto\", "
				"\"none\" or something like \"0,2-3\"",
				key, text);
		for (long cpu = from; cpu <= to; cpu++) {
			if (cpu < CPUS_MAX && CPU_ISSET((int)cpu, allowed) &&
			    ret_cpus->n < CPUS_MAX) {
				ret_cpus->at[ret_cpus->n++] = (int)cpu;
				continue;
			}
			format_mask(allowed, mask, sizeof(mask));
			return weir_error_set(err, WEIR_EUNAVAILABLE,
				"%s: CPU %ld does not exist or is not allowed "
				"here; the CPUs allowed are %s",
				key, cpu, mask);
		}
	} while (*at);
	return WEIR_OK;
}

static int
side_cpus(const char *key, const char *text, const cpu_set_t *allowed,
	  const struct cpus *of_auto, struct cpus *ret_cpus,
	  struct weir_error *err)
{
	ret_cpus->n = 0;
	if (strcmp(text, "none") == 0)
		return WEIR_OK;
	if (strcmp(text, "auto") == 0) {
		*ret_cpus = *of_auto;
		return WEIR_OK;
	}
	return parse_list(key, text, allowed, ret_cpus, err);
}

/* Threads that are not pinned have all that are allowed. */
static uint32_t
count_cpus(const struct affinity *affinity, const cpu_set_t *allowed)
{
	cpu_set_t used;

	CPU_ZERO(&used);
	for (uint32_t i = 0; i < affinity->n_channels; i++) {
		if (affinity->host[i] == AFFINITY_ANY ||
		    affinity->client[i] == AFFINITY_ANY)
			return (uint32_t)CPU_COUNT(allowed);
		CPU_SET((size_t)affinity->host[i], &used);
		CPU_SET((size_t)affinity->client[i], &used);
	}
	return (uint32_t)CPU_COUNT(&used);
}

int
affinity_choose(const char *host, const char *client, uint32_t n_channels,
		struct affinity *ret_affinity, struct strings *ret_warnings,
		struct weir_error *err)
{
	struct cpus auto_host = { 0 }, auto_client = { 0 }, h, c;
	cpu_set_t allowed;
	int status;

	if (n_channels > AFFINITY_CHANNELS_MAX)
		return weir_error_set(err, WEIR_EINVALID,
				      "%u channels are more than the %d that "
				      "weir drives", n_channels,
				      AFFINITY_CHANNELS_MAX);
	if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		return weir_error_errno(err, "the allowed CPUs can't be read");
	if (strcmp(host, "auto") == 0 || strcmp(client, "auto") == 0)
		choose_auto(&allowed, &auto_host, &auto_client, ret_warnings);
	status = side_cpus("cpu.host", host, &allowed, &auto_host, &h, err);
	if (status)
		return status;
	status = side_cpus("cpu.client", client, &allowed, &auto_client, &c,
			   err);
	if (status)
		return status;
	ret_affinity->n_channels = n_channels;
	ret_affinity->shared_cpu = false;
	for (uint32_t i = 0; i < n_channels; i++) {
		int a = h.n ? h.at[i % h.n] : AFFINITY_ANY;
		int b = c.n ? c.at[i % c.n] : AFFINITY_ANY;

		ret_affinity->host[i] = a;
		ret_affinity->client[i] = b;
		if (a == b && a != AFFINITY_ANY)
			ret_affinity->shared_cpu = true;
	}
	ret_affinity->n_cpus = count_cpus(ret_affinity, &allowed);
	return WEIR_OK;
}
