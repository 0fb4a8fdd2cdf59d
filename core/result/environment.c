/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/facts.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/io.h"
#include "core/base/text.h"
#include "core/result/cgroup.h"

#define CPU_SYSFS "/sys/devices/system/cpu"

/* A file that holds one line, as it is. */
static void
add_file(struct facts *f, const char *key, const char *path)
{
	char buf[FACTS_VALUE_BYTES];

	if (io_read_small(path, buf, sizeof(buf)) > 0)
		facts_add_text(f, key, buf);
}

/* The value behind "name<blanks>:<blanks>" at the start of a line, cut at
 * its end; false where no line begins so. */
static bool
field(const char *text, const char *name, char *ret, size_t cap)
{
	size_t len = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *at;

		line += *line == '\n';
		if (strncmp(line, name, len))
			continue;
		at = line + len + strspn(line + len, " \t");
		if (*at != ':')
			continue;
		at++;
		at += strspn(at, " \t");
		snprintf(ret, cap, "%.*s", (int)strcspn(at, "\n"), at);
		return *ret != '\0';
	}
	return false;
}

static void
gather_system(struct facts *f)
{
	struct utsname u;
	char kernel[FACTS_VALUE_BYTES];

	if (uname(&u))
		return;
	snprintf(kernel, sizeof(kernel), "%s %s", u.sysname, u.release);
	facts_add_text(f, "kernel", kernel);
	facts_add_text(f, "machine", u.machine);
}

static void
gather_cpu_model(struct facts *f)
{
	/* One CPU's entry is enough: the file holds them all. */
	char info[4096], value[FACTS_VALUE_BYTES];

	if (io_read_small("/proc/cpuinfo", info, sizeof(info)) > 0 &&
	    (field(info, "model name", value, sizeof(value)) ||
	     field(info, "cpu model", value, sizeof(value)) ||
	     field(info, "cpu", value, sizeof(value))))
		facts_add_text(f, "cpu_model", value);
	else
		add_file(f, "cpu_model",
			 "/sys/firmware/devicetree/base/model");
}

/* How many CPUs a list names: "0-3,8" is five; 0 where it is none. */
static unsigned long
count_cpus(const char *list)
{
	unsigned long n = 0;

	while (*list >= '0' && *list <= '9') {
		char *end;
		unsigned long first = strtoul(list, &end, 10), last = first;

		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		if (last < first || last - first > 65535)
			return 0;
		n += last - first + 1;
		list = end;
		list += *list == ',';
	}
	return n;
}

static unsigned long
count_cpus_in(const char *path)
{
	char list[4096];

	return io_read_small(path, list, sizeof(list)) > 0 ? count_cpus(list)
							    : 0;
}

/* Taken from one CPU: where CPUs differ, the others are not asked. */
static void
gather_topology(struct facts *f, unsigned long cpu)
{
	unsigned long online = count_cpus_in(CPU_SYSFS "/online");
	unsigned long in_core, in_socket;
	char path[160];

	snprintf(path, sizeof(path),
		 CPU_SYSFS "/cpu%lu/topology/thread_siblings_list", cpu);
	in_core = count_cpus_in(path);
	snprintf(path, sizeof(path),
		 CPU_SYSFS "/cpu%lu/topology/core_siblings_list", cpu);
	in_socket = count_cpus_in(path);
	if (!online || !in_core || in_socket < in_core)
		return;
	facts_add_number(f, "sockets",
			 (double)((online + in_socket - 1) / in_socket));
	facts_add_number(f, "cores_per_socket", (double)(in_socket / in_core));
	facts_add_number(f, "threads_per_core", (double)in_core);
}

/* "32768K" and the like. */
static double
cache_bytes(const char *text)
{
	char *end;
	double n = strtod(text, &end);

	return *end == 'M' ? n * 1048576 : *end == 'K' ? n * 1024 : n;
}

static void
gather_cache(struct facts *f, unsigned long cpu)
{
	long highest = 0;
	double bytes = 0;

	for (unsigned int i = 0; i < 16; i++) {
		char path[160], level[32], size[32];

		snprintf(path, sizeof(path),
			 CPU_SYSFS "/cpu%lu/cache/index%u/level", cpu, i);
		if (io_read_small(path, level, sizeof(level)) <= 0)
			break;
		snprintf(path, sizeof(path),
			 CPU_SYSFS "/cpu%lu/cache/index%u/size", cpu, i);
		if (io_read_small(path, size, sizeof(size)) <= 0 ||
		    strtol(level, NULL, 10) <= highest)
			continue;
		highest = strtol(level, NULL, 10);
		bytes = cache_bytes(size);
	}
	if (bytes > 0)
		facts_add_number(f, "last_level_cache_bytes", bytes);
}

static int
is_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* "mitigated: meltdown spectre_v1; vulnerable: mds"; what the CPU is not
 * affected by costs nothing and is not named. */
static void
gather_mitigations(struct facts *f)
{
	static const char folder[] = CPU_SYSFS "/vulnerabilities";
	struct text mitigated = { 0 }, vulnerable = { 0 }, all = { 0 };
	struct dirent **names;
	int n = scandir(folder, &names, is_name, alphasort);

	if (n < 0)
		return;
	for (int i = 0; i < n; i++) {
		char path[sizeof(folder) + 260], state[256];
		const char *name = names[i]->d_name;

		snprintf(path, sizeof(path), "%s/%s", folder, name);
		if (io_read_small(path, state, sizeof(state)) > 0 &&
		    strncmp(state, "Not affected", 12))
			text_addf(strstr(state, "Mitigation") ? &mitigated :
								&vulnerable,
				  " %s", name);
		free(names[i]);
	}
	free(names);
	if (mitigated.len)
		text_addf(&all, "mitigated:%s", mitigated.at);
	if (vulnerable.len)
		text_addf(&all, "%svulnerable:%s", all.len ? "; " : "",
			  vulnerable.at);
	facts_add_text(f, "mitigations", all.len ? all.at : "none needed");
	text_fini(&mitigated);
	text_fini(&vulnerable);
	text_fini(&all);
}

static void
gather_cpus(struct facts *f)
{
	char online[FACTS_VALUE_BYTES], status[8192], path[160];
	unsigned long first = 0;

	gather_cpu_model(f);
	if (io_read_small(CPU_SYSFS "/online", online, sizeof(online)) > 0) {
		facts_add_text(f, "cpus_online", online);
		first = strtoul(online, NULL, 10);
	}
	if (io_read_small("/proc/thread-self/status", status,
			  sizeof(status)) > 0 &&
	    field(status, "Cpus_allowed_list", online, sizeof(online)))
		facts_add_text(f, "cpus_allowed", online);
	gather_topology(f, first);
	gather_cache(f, first);
	snprintf(path, sizeof(path),
		 CPU_SYSFS "/cpu%lu/cpufreq/scaling_governor", first);
	add_file(f, "governor", path);
	gather_mitigations(f);
}

static void
gather_clock(struct facts *f)
{
	struct clock_facts clock;

	add_file(f, "clocksource",
		 "/sys/devices/system/clocksource/clocksource0/"
		 "current_clocksource");
	clock_measure(clock_now_ns, &clock);
	facts_add_number(f, "clock_cost_ns", clock.cost_ns);
	facts_add_number(f, "clock_resolution_ns",
			 (double)clock.resolution_ns);
}

static void
gather_memory(struct facts *f)
{
	char info[4096], value[FACTS_VALUE_BYTES], *open, *end;

	if (io_read_small("/proc/meminfo", info, sizeof(info)) > 0) {
		if (field(info, "MemTotal", value, sizeof(value)))
			facts_add_number(f, "memory_bytes",
					 1024 * strtod(value, NULL));
		if (field(info, "MemAvailable", value, sizeof(value)))
			facts_add_number(f, "memory_available_bytes",
					 1024 * strtod(value, NULL));
	}
	/* "always [madvise] never" */
	if (io_read_small("/sys/kernel/mm/transparent_hugepage/enabled",
			  value, sizeof(value)) > 0 &&
	    (open = strchr(value, '[')) && (end = strchr(open, ']'))) {
		*end = '\0';
		facts_add_text(f, "transparent_hugepages", open + 1);
	}
	facts_add_number(f, "page_bytes", (double)sysconf(_SC_PAGESIZE));
}

/* Engines leave these traces; an unknown one may set `container`. */
static void
gather_container(struct facts *f)
{
	const char *set = getenv("container");
	const char *name = "none";
	char manager[64];

	if (!access("/run/.containerenv", F_OK))
		name = "podman";
	else if (!access("/.dockerenv", F_OK))
		name = "docker";
	else if (set && *set)
		name = set;
	else if (io_read_small("/run/systemd/container", manager,
			       sizeof(manager)) > 0)
		name = manager;
	else if (getenv("KUBERNETES_SERVICE_HOST"))
		name = "kubernetes";
	facts_add_text(f, "container", name);
}

static void
gather_namespaces(struct facts *f)
{
	static const struct {
		const char *key, *path;
	} at[] = {
		{ "time_namespace", "/proc/self/ns/time" },
		{ "pid_namespace", "/proc/self/ns/pid" },
		{ "ipc_namespace", "/proc/self/ns/ipc" },
		{ "net_namespace", "/proc/self/ns/net" },
		{ "user_namespace", "/proc/self/ns/user" },
		{ "mount_namespace", "/proc/self/ns/mnt" },
		{ "uts_namespace", "/proc/self/ns/uts" },
	};

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		char name[64];
		ssize_t n = readlink(at[i].path, name, sizeof(name) - 1);

		if (n <= 0)
			continue;
		name[n] = '\0';
		facts_add_text(f, at[i].key, name);
	}
}

void
facts_gather(struct facts *ret_facts)
{
	memset(ret_facts, 0, sizeof(*ret_facts));
	gather_system(ret_facts);
	gather_cpus(ret_facts);
	gather_clock(ret_facts);
	gather_memory(ret_facts);
	cgroup_gather(ret_facts);
	gather_container(ret_facts);
	add_file(ret_facts, "boot_id", "/proc/sys/kernel/random/boot_id");
	gather_namespaces(ret_facts);
	facts_add_number(ret_facts, "uid", (double)geteuid());
	facts_add_number(ret_facts, "pid", (double)getpid());
}
