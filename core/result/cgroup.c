/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/cgroup.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/io.h"

#define PATH_BYTES 1024

/* Version 1 writes "no limit" as the largest multiple of the page size. */
#define NO_LIMIT_BYTES 0x1p62

struct limits {
	double cpus; /* INFINITY: none */
	double memory_bytes;
};

/* Reads file `name` of group `path` below `base`; false where there is none. */
static bool
read_group(const char *base, const char *path, const char *name, char *buf,
	   size_t cap)
{
	char file[PATH_BYTES + 96];

	if (!strcmp(path, "/"))
		path = "";
	snprintf(file, sizeof(file), "%s%s/%s", base, path, name);
	return io_read_small(file, buf, cap) > 0;
}

static double
number(const char *text)
{
	char *end;
	double value = strtod(text, &end);

	return end == text || !(value >= 0) ? INFINITY : value;
}

/* cpu.max holds "QUOTA PERIOD" or "max PERIOD". */
static double
unified_cpus(const char *base, const char *path)
{
	char buf[96];
	double quota, period;

	if (!read_group(base, path, "cpu.max", buf, sizeof(buf)) ||
	    sscanf(buf, "%lf %lf", &quota, &period) != 2 || period <= 0)
		return INFINITY;
	return quota / period;
}

static double
unified_memory(const char *base, const char *path)
{
	char buf[96];

	if (!read_group(base, path, "memory.max", buf, sizeof(buf)))
		return INFINITY;
	return strcmp(buf, "max") ? number(buf) : INFINITY;
}

static double
legacy_cpus(const char *base, const char *path)
{
	char quota[96], period[96];

	if (!read_group(base, path, "cpu.cfs_quota_us", quota,
			sizeof(quota)) ||
	    !read_group(base, path, "cpu.cfs_period_us", period,
			sizeof(period)) ||
	    quota[0] == '-' || !(number(period) > 0))
		return INFINITY;
	return number(quota) / number(period);
}

static double
legacy_memory(const char *base, const char *path)
{
	char buf[96];

	if (!read_group(base, path, "memory.limit_in_bytes", buf,
			sizeof(buf)))
		return INFINITY;
	return number(buf) < NO_LIMIT_BYTES ? number(buf) : INFINITY;
}

/* A path to that of its parent; false at the root. In a container the path
 * may be the host's and not exist: its own root is then what limits. */
static bool
to_parent(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || !strcmp(path, "/"))
		return false;
	slash[slash == path] = '\0';
	return true;
}

/* The smallest limit from the group up to the root. */
static double
tightest(double (*limit)(const char *base, const char *path),
	 const char *base, const char *group)
{
	char path[PATH_BYTES];
	double least = INFINITY;

	snprintf(path, sizeof(path), "%s", *group ? group : "/");
	do {
		least = fmin(least, limit(base, path));
	} while (to_parent(path));
	return least;
}

static bool
lists(const char *controllers, const char *name)
{
	size_t len = strlen(name);

	while (*controllers) {
		size_t n = strcspn(controllers, ",");

		if (n == len && !strncmp(controllers, name, len))
			return true;
		controllers += n;
		controllers += *controllers == ',';
	}
	return false;
}

/* One line of /proc/self/cgroup: "ID:CONTROLLERS:PATH". */
static bool
part_line(char *line, char **ret_controllers, char **ret_path)
{
	char *controllers = strchr(line, ':'), *path;

	if (!controllers)
		return false;
	*controllers++ = '\0';
	path = strchr(controllers, ':');
	if (!path)
		return false;
	*path++ = '\0';
	*ret_controllers = controllers;
	*ret_path = path;
	return true;
}

static void
take_line(char *line, struct facts *f, struct limits *l)
{
	char *controllers, *path;

	if (!part_line(line, &controllers, &path))
		return;
	if (!*controllers) {
		facts_add_text(f, "cgroup", path);
		l->cpus = fmin(l->cpus, tightest(unified_cpus,
						 "/sys/fs/cgroup", path));
		l->memory_bytes = fmin(l->memory_bytes,
				       tightest(unified_memory,
						"/sys/fs/cgroup", path));
	}
	if (lists(controllers, "cpu")) {
		if (!facts_get(f, "cgroup"))
			facts_add_text(f, "cgroup", path);
		l->cpus = fmin(l->cpus, tightest(legacy_cpus,
						 "/sys/fs/cgroup/cpu", path));
	}
	if (lists(controllers, "memory"))
		l->memory_bytes = fmin(l->memory_bytes,
				       tightest(legacy_memory,
						"/sys/fs/cgroup/memory",
						path));
}

void
cgroup_gather(struct facts *f)
{
	struct limits l = { .cpus = INFINITY, .memory_bytes = INFINITY };
	char buf[8192], *rest = buf, *line;

	if (io_read_small("/proc/self/cgroup", buf, sizeof(buf)) < 0)
		return;
	while ((line = strsep(&rest, "\n")))
		take_line(line, f, &l);
	if (isfinite(l.cpus))
		facts_add_number(f, "cgroup_cpu_limit", l.cpus);
	if (isfinite(l.memory_bytes))
		facts_add_number(f, "cgroup_memory_limit_bytes",
				 l.memory_bytes);
}

/* ---- throttling ---- */

/* The number behind a key at the start of a line of cpu.stat. */
static bool
stat_number(const char *text, const char *key, uint64_t *ret_value)
{
	size_t len = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len) || line[len] != ' ')
			continue;
		*ret_value = strtoull(line + len, NULL, 10);
		return true;
	}
	return false;
}

/* Adds those of a group and its parents; version 1 counts in ns. */
static void
add_throttled(const char *base, const char *group, const char *key,
	      uint64_t unit_ns, uint64_t *periods, uint64_t *ns)
{
	char path[PATH_BYTES], text[1024];
	uint64_t n, spent;

	snprintf(path, sizeof(path), "%s", *group ? group : "/");
	do {
		if (!read_group(base, path, "cpu.stat", text, sizeof(text)) ||
		    !stat_number(text, "nr_throttled", &n) ||
		    !stat_number(text, key, &spent))
			continue;
		*periods = *periods == UINT64_MAX ? n : *periods + n;
		*ns = (*ns == UINT64_MAX ? 0 : *ns) + spent * unit_ns;
	} while (to_parent(path));
}

void
cgroup_throttled(uint64_t *ret_periods, uint64_t *ret_ns)
{
	char buf[8192], *rest = buf, *line, *controllers, *path;

	if (io_read_small("/proc/self/cgroup", buf, sizeof(buf)) < 0)
		return;
	while ((line = strsep(&rest, "\n"))) {
		if (!part_line(line, &controllers, &path))
			continue;
		if (!*controllers)
			add_throttled("/sys/fs/cgroup", path,
				      "throttled_usec", 1000, ret_periods,
				      ret_ns);
		if (lists(controllers, "cpu"))
			add_throttled("/sys/fs/cgroup/cpu", path,
				      "throttled_time", 1, ret_periods,
				      ret_ns);
	}
}
