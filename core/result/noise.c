/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/noise.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/io.h"
#include "core/measure/affinity.h"
#include "core/result/cgroup.h"

static bool
is_watched(const struct noise *noise, uint64_t cpu)
{
	return cpu < CPU_SETSIZE && CPU_ISSET((size_t)cpu, &noise->cpus);
}

/* ---- /proc/stat: "cpuN user nice system idle iowait irq softirq steal" -- */

/* The time in which a CPU is idle is kept to the ns; what it does else is
 * sampled by ticks in many kernels, and so is known by what is left. */
static void
take_stat_line(const struct noise *noise, const char *line,
	       struct noise_look *look)
{
	uint64_t cpu, idle, waiting, steal, ns_per_tick;

	if (line[3] < '0' || line[3] > '9' ||
	    sscanf(line, "cpu%" SCNu64 " %*u %*u %*u %" SCNu64 " %" SCNu64
		   " %*u %*u %" SCNu64, &cpu, &idle, &waiting, &steal) != 4 ||
	    !is_watched(noise, cpu))
		return;
	ns_per_tick = NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
	if (look->idle_ns == EVIDENCE_NONE)
		look->idle_ns = look->steal_ns = 0;
	look->idle_ns += (idle + waiting) * ns_per_tick;
	look->steal_ns += steal * ns_per_tick;
}

static void
read_stat(const struct noise *noise, struct noise_look *look)
{
	FILE *file = fopen("/proc/stat", "re");
	char *line = NULL;
	size_t cap = 0;

	/* The CPUs come first; what follows them may be long. */
	while (file && getline(&line, &cap, file) > 0 &&
	       !strncmp(line, "cpu", 3))
		take_stat_line(noise, line, look);
	free(line);
	if (file)
		fclose(file);
}

/* ---- /proc/interrupts: a heading of CPUs, then a count for each ---- */

static size_t
take_heading(const struct noise *noise, char *line, bool *ret_wanted,
	     size_t cap)
{
	size_t n = 0;

	for (char *word; (word = strsep(&line, " \t\n")) && n < cap;) {
		if (!strncmp(word, "CPU", 3))
			ret_wanted[n++] = is_watched(
				noise, strtoull(word + 3, NULL, 10));
	}
	return n;
}

static uint64_t
sum_columns(const char *line, const bool *wanted, size_t n)
{
	const char *at = strchr(line, ':');
	uint64_t sum = 0;

	if (!at)
		return 0;
	at++;
	for (size_t i = 0; i < n; i++) {
		char *end;
		uint64_t value = strtoull(at, &end, 10);

		if (end == at)
			break;
		sum += wanted[i] ? value : 0;
		at = end;
	}
	return sum;
}

static void
read_interrupts(const struct noise *noise, struct noise_look *look)
{
	FILE *file = fopen("/proc/interrupts", "re");
	bool wanted[CPU_SETSIZE] = { false };
	char *line = NULL;
	size_t cap = 0, n = 0;

	if (file && getline(&line, &cap, file) > 0)
		n = take_heading(noise, line, wanted, CPU_SETSIZE);
	if (n)
		look->interrupts = 0;
	while (n && getline(&line, &cap, file) > 0)
		look->interrupts += sum_columns(line, wanted, n);
	free(line);
	if (file)
		fclose(file);
}

/* ---- cpufreq, where it can be seen ---- */

static void
read_frequency(const struct noise *noise, struct noise_look *look)
{
	for (unsigned int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		char path[96], text[32];
		uint64_t hz;

		if (!is_watched(noise, cpu))
			continue;
		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/"
			 "cpufreq/scaling_cur_freq", cpu);
		if (io_read_small(path, text, sizeof(text)) <= 0)
			return;
		hz = strtoull(text, NULL, 10) * 1000;
		if (look->lowest_hz == EVIDENCE_NONE || hz < look->lowest_hz)
			look->lowest_hz = hz;
		if (look->highest_hz == EVIDENCE_NONE || hz > look->highest_hz)
			look->highest_hz = hz;
	}
}

static void
look_around(const struct noise *noise, struct noise_look *look)
{
	memset(look, 0xff, sizeof(*look)); /* EVIDENCE_NONE */
	look->at_ns = clock_now_ns();
	read_stat(noise, look);
	read_interrupts(noise, look);
	read_frequency(noise, look);
	cgroup_throttled(&look->throttled, &look->throttled_ns);
}

void
noise_watch(struct noise *noise, const int32_t *cpus, uint32_t n)
{
	CPU_ZERO(&noise->cpus);
	for (uint32_t i = 0; i < n; i++) {
		if (cpus[i] != AFFINITY_ANY) {
			CPU_SET((size_t)cpus[i], &noise->cpus);
			continue;
		}
		sched_getaffinity(0, sizeof(noise->cpus), &noise->cpus);
		break;
	}
}

void
noise_begin(struct noise *noise)
{
	noise->hiccup = hiccup_start(&noise->cpus);
	look_around(noise, &noise->before);
}

static void
compare(const struct noise *noise, const struct noise_look *after,
	struct evidence *evidence)
{
	const struct noise_look *before = &noise->before;
	uint64_t idle_ns = evidence_grown(before->idle_ns, after->idle_ns);

	evidence->cpu_ns = (after->at_ns - before->at_ns) *
			   (uint64_t)CPU_COUNT(&noise->cpus);
	evidence->steal_ns = evidence_grown(before->steal_ns, after->steal_ns);
	if (idle_ns != EVIDENCE_NONE)
		evidence->busy_ns = evidence_grown(idle_ns + evidence->steal_ns,
						   evidence->cpu_ns);
	evidence->interrupts =
		evidence_grown(before->interrupts, after->interrupts);
	evidence->throttled =
		evidence_grown(before->throttled, after->throttled);
	evidence->throttled_ns =
		evidence_grown(before->throttled_ns, after->throttled_ns);
}

void
noise_end(struct noise *noise, struct evidence *evidence)
{
	struct evidence own, frequency;
	struct noise_look after;

	if (!noise->before.at_ns)
		return;
	look_around(noise, &after);
	evidence_init(&own);
	hiccup_stop(noise->hiccup, &own);
	compare(noise, &after, &own);
	own.lowest_hz = after.lowest_hz;
	own.highest_hz = after.highest_hz;
	evidence_init(&frequency);
	frequency.lowest_hz = noise->before.lowest_hz;
	frequency.highest_hz = noise->before.highest_hz;
	evidence_merge(&own, &frequency);
	evidence_merge(evidence, &own);
	memset(noise, 0, sizeof(*noise));
}
