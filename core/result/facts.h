/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts about a machine and a side: an ordered list of key and value, flat,
 * so that the client's list can travel and be printed as it is. Keys carry
 * their unit ("memory_bytes").
 */
#ifndef CORE_RESULT_FACTS_H
#define CORE_RESULT_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <weir/error.h>

#define FACTS_KEY_BYTES 40
#define FACTS_VALUE_BYTES 256
#define FACTS_MAX 64

enum facts_kind { FACTS_TEXT, FACTS_NUMBER, FACTS_BOOL };

struct fact {
	char key[FACTS_KEY_BYTES];
	enum facts_kind kind;
	char text[FACTS_VALUE_BYTES]; /* FACTS_TEXT */
	double number;                /* FACTS_NUMBER; FACTS_BOOL: 0 or 1 */
};

/* Zero-initialise. */
struct facts {
	size_t n;
	struct fact at[FACTS_MAX];
};

/* Append, or replace the fact of that key. A full list drops the fact. */
void facts_add_text(struct facts *f, const char *key, const char *text);
void facts_add_number(struct facts *f, const char *key, double number);
void facts_add_bool(struct facts *f, const char *key, bool value);

/* The fact of that key, or NULL. */
const struct fact *facts_get(const struct facts *f, const char *key);

/*
 * Gathers what matters to a measurement on this side: kernel, machine,
 * cpu_model, cpus_online, cpus_allowed, sockets, cores_per_socket,
 * threads_per_core, last_level_cache_bytes, governor, mitigations,
 * clocksource, clock_cost_ns, clock_resolution_ns, memory_bytes,
 * memory_available_bytes, transparent_hugepages, cgroup, cgroup_cpu_limit,
 * cgroup_memory_limit_bytes, container ("none", "podman", "docker", …),
 * boot_id, time_namespace, pid_namespace, ipc_namespace, net_namespace,
 * user_namespace, mount_namespace, uts_namespace, uid, pid, page_bytes.
 * What can't be read is left out. Takes a few ms.
 */
void facts_gather(struct facts *ret_facts);

#endif
