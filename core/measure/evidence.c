/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/evidence.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/io.h"
#include "core/stats/sticky.h"

enum merge { SUM, LEAST, LARGEST };

#define ROW(member, how) { offsetof(struct evidence, member), how }

static const struct {
	size_t offset;
	enum merge how;
} rows[] = {
	ROW(lane_ns, SUM),
	ROW(lane_cpu_ns, SUM),
	ROW(run_queue_ns, SUM),
	ROW(migrations, SUM),
	ROW(involuntary_switches, SUM),
	ROW(minor_faults, SUM),
	ROW(major_faults, SUM),
	ROW(cpu_ns, SUM),
	ROW(busy_ns, SUM),
	ROW(steal_ns, SUM),
	ROW(interrupts, SUM),
	ROW(lowest_hz, LEAST),
	ROW(highest_hz, LARGEST),
	ROW(throttled, SUM),
	ROW(throttled_ns, SUM),
	ROW(wakes, SUM),
	ROW(late_wakes, SUM),
	ROW(latest_wake_ns, LARGEST),
};
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

_Static_assert(N_ROWS * sizeof(uint64_t) == sizeof(struct evidence),
	       "every member has a row");

static uint64_t *
member(struct evidence *evidence, size_t row)
{
	return (uint64_t *)(void *)((char *)evidence + rows[row].offset);
}

void
evidence_init(struct evidence *evidence)
{
	for (size_t i = 0; i < N_ROWS; i++)
		*member(evidence, i) = EVIDENCE_NONE;
}

static uint64_t
both(uint64_t a, uint64_t b, enum merge how)
{
	if (how == LEAST)
		return a < b ? a : b;
	if (how == LARGEST)
		return a > b ? a : b;
	/* One that sticks is none at all. */
	return sticky_add(a, b);
}

uint64_t
evidence_grown(uint64_t before, uint64_t after)
{
	if (before == EVIDENCE_NONE || after == EVIDENCE_NONE)
		return EVIDENCE_NONE;
	return after > before ? after - before : 0;
}

void
evidence_merge(struct evidence *to, const struct evidence *from)
{
	struct evidence other = *from;

	for (size_t i = 0; i < N_ROWS; i++) {
		uint64_t *at = member(to, i), value = *member(&other, i);

		if (*at == EVIDENCE_NONE)
			*at = value;
		else if (value != EVIDENCE_NONE)
			*at = both(*at, value, rows[i].how);
	}
}

/* "RUNNING WAITING SLICES": the second is the time on the run queue. */
static uint64_t
read_run_queue(void)
{
	char text[128];
	uint64_t waiting_ns;

	if (io_read_small("/proc/thread-self/schedstat", text,
			  sizeof(text)) <= 0 ||
	    sscanf(text, "%*u %" SCNu64, &waiting_ns) != 1)
		return EVIDENCE_NONE;
	return waiting_ns;
}

static uint64_t
read_migrations(void)
{
	static const char key[] = "\nse.nr_migrations";
	char text[4096];
	const char *at = NULL;
	uint64_t n;

	if (io_read_small("/proc/thread-self/sched", text, sizeof(text)) > 0)
		at = strstr(text, key);
	if (at)
		at = strchr(at, ':');
	return at && sscanf(at + 1, "%" SCNu64, &n) == 1 ? n : EVIDENCE_NONE;
}

void
evidence_lane_begin(struct evidence_lane *ret_lane)
{
	memset(ret_lane, 0, sizeof(*ret_lane));
	ret_lane->at_ns = clock_now_ns();
	ret_lane->run_queue_ns = read_run_queue();
	ret_lane->migrations = read_migrations();
	getrusage(RUSAGE_THREAD, &ret_lane->usage);
}

void
evidence_lane_end(struct evidence_lane *ret_lane)
{
	memset(ret_lane, 0, sizeof(*ret_lane));
	getrusage(RUSAGE_THREAD, &ret_lane->usage);
	ret_lane->migrations = read_migrations();
	ret_lane->run_queue_ns = read_run_queue();
	ret_lane->at_ns = clock_now_ns();
}

static uint64_t
grown(long before, long after)
{
	return evidence_grown((uint64_t)before, (uint64_t)after);
}

static uint64_t
cpu_ns(const struct rusage *usage)
{
	return (uint64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) *
		       NS_PER_S +
	       (uint64_t)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) *
		       NS_PER_US;
}

void
evidence_lane_set(struct evidence *evidence,
		  const struct evidence_lane *before,
		  const struct evidence_lane *after)
{
	const struct rusage *a = &before->usage, *b = &after->usage;

	evidence->lane_ns = evidence_grown(before->at_ns, after->at_ns);
	evidence->lane_cpu_ns = evidence_grown(cpu_ns(a), cpu_ns(b));
	evidence->run_queue_ns =
		evidence_grown(before->run_queue_ns, after->run_queue_ns);
	evidence->migrations =
		evidence_grown(before->migrations, after->migrations);
	evidence->involuntary_switches = grown(a->ru_nivcsw, b->ru_nivcsw);
	evidence->minor_faults = grown(a->ru_minflt, b->ru_minflt);
	evidence->major_faults = grown(a->ru_majflt, b->ru_majflt);
}
