/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a lane reports when the timed region is over.
 */
#include <sys/resource.h>
#include <sys/time.h>

#include "core/measure/affinity.h"
#include "core/measure/lane_internal.h"
#include "core/measure/pacer.h"
#include "core/measure/segments.h"

static uint64_t
ns_of(const struct timeval *tv)
{
	return (uint64_t)tv->tv_sec * UINT64_C(1000000000) +
	       (uint64_t)tv->tv_usec * 1000;
}

/* `include_first_message`: the first message joins the timed ones. */
static void
include_first(struct lane *lane, struct report *report)
{
	const struct lane_spec *spec = lane->spec;

	if (spec->initiator || spec->pattern == LANE_ROUND_TRIP)
		report->integrity.sent++;
	if (!spec->initiator || spec->pattern == LANE_ROUND_TRIP ||
	    (spec->ops->capabilities & WEIR_CAP_LOOPBACK))
		report->integrity.received++;
	if (!lane->latency || lane->first_ns == REPORT_NO_TIME)
		return;
	histogram_record(lane->latency, lane->first_ns);
	report->deadline.misses += lane->first_ns > lane->misses.deadline_ns;
}

static uint64_t
take_off(uint64_t *from, uint64_t n)
{
	uint64_t off = n < *from ? n : *from;

	*from -= off;
	return n - off;
}

/* A message does not pay for the pause before it. */
static void
leave_out_pauses(struct report *report, const struct lane_pauses *pauses)
{
	uint64_t rest = take_off(&report->cpu_user_ns, pauses->cpu_ns);

	take_off(&report->cpu_system_ns, rest);
	take_off(&report->voluntary_switches, pauses->sleeps);
}

/* Of a busy lane what it moved is told, and nothing else. */
static void
leave_load(struct report *report)
{
	report->load.integrity = report->integrity;
	report->load.started_ns = report->started_ns;
	report->load.ended_ns = report->ended_ns;
	report->integrity = (struct report_integrity){ 0 };
	report->first_message_ns = REPORT_NO_TIME;
	report->started_ns = report->ended_ns = REPORT_NO_TIME;
	report->paused_ns = REPORT_NO_TIME;
	for (int i = 0; i < GAUGE_CLASSES; i++) {
		histogram_destroy(report->classes[i].latency);
		report->classes[i] = (struct report_class){ 0 };
	}
	report->cpu_user_ns = report->cpu_system_ns = 0;
	report->voluntary_switches = report->involuntary_switches = 0;
}

void
lane_make_report(struct lane *lane, const struct evidence_lane *began,
		 const struct evidence_lane *ended)
{
	const struct rusage *before = &began->usage, *after = &ended->usage;
	struct report *report = &lane->report;

	report_init(report);
	segments_finish(lane, report);
	report->integrity.sent = lane->sent;
	report->integrity.received = lane->track.received;
	report->integrity.lost = lane->track.lost;
	report->integrity.duplicate = lane->track.duplicate;
	report->integrity.reordered = lane->track.reordered;
	report->integrity.corrupt = lane->track.corrupt;
	report->first_message_ns = lane->first_ns;
	report->started_ns = lane->started_ns;
	report->ended_ns = lane->ended_ns;
	report->cpu_user_ns = ns_of(&after->ru_utime) -
			      ns_of(&before->ru_utime);
	report->cpu_system_ns = ns_of(&after->ru_stime) -
				ns_of(&before->ru_stime);
	report->voluntary_switches =
		(uint64_t)(after->ru_nvcsw - before->ru_nvcsw);
	report->involuntary_switches =
		(uint64_t)(after->ru_nivcsw - before->ru_nivcsw);
	leave_out_pauses(report, &lane->pauses);
	evidence_lane_set(&report->evidence, began, ended);
	affinity_current(report->cpus, sizeof(report->cpus));
	report->deadline = lane->misses.found;
	if (lane->pacer)
		pacer_report(lane->pacer, &report->pace);
	if (lane->spec->include_first)
		include_first(lane, report);
	if (lane->spec->busy)
		leave_load(report);
	if (!lane->spec->busy) {
		report->latency = lane->latency; /* moved */
		report->series = lane->series;   /* likewise */
		lane->latency = NULL;
		lane->series = NULL;
	}
	report->teardown = lane->teardown; /* likewise */
	lane->teardown = NULL;
	report_add_counters(&report->counters, &lane->counters);
	if (lane->n_negative)
		weir_counters_add(&report->counters, "negative_latencies",
				  lane->n_negative);
}
