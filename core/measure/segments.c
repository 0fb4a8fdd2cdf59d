/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/segments.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "core/base/clock.h"
#include "core/measure/gauge.h"
#include "core/measure/lane.h"

static int
no_memory(struct lane *lane)
{
	return weir_error_set(&lane->fault, WEIR_ENOMEMORY,
			      "no memory for the histograms of channel %u",
			      lane->index);
}

int
segments_prepare(struct lane *lane)
{
	struct segments *own = &lane->segments;
	int i;

	if (!lane->gauge || !lane->latency)
		return WEIR_OK;
	own->waiting = histogram_create_touched();
	if (!own->waiting)
		return no_memory(lane);
	/* Without a distance no class but the last is ever met. */
	i = lane->gauge->mode == GAUGE_YIELD ? GAUGE_UNCLEAR : 0;
	for (; i < GAUGE_CLASSES; i++) {
		own->classes[i].latency = histogram_create();
		if (!own->classes[i].latency)
			return no_memory(lane);
	}
	return WEIR_OK;
}

void
segments_release(struct lane *lane)
{
	histogram_destroy(lane->segments.waiting);
	lane->segments.waiting = NULL;
	for (int i = 0; i < GAUGE_CLASSES; i++) {
		histogram_destroy(lane->segments.classes[i].latency);
		lane->segments.classes[i].latency = NULL;
	}
}

/* Returns the distance that was found; what is proved of the clocks is so by
 * the first meeting and by the last. */
static double
meet(struct lane *lane)
{
	struct report_exchange *exchange = &lane->segments.exchange;
	struct gauge_look look;

	gauge_meet(lane->gauge, lane->spec->initiator, lane->spec->now_ns,
		   &lane->cancel, &look);
	if (!lane->spec->initiator)
		return look.distance_ns;
	if (!exchange->meetings++)
		lane->segments.first_failed = !look.exchanged;
	lane->segments.last_failed = !look.exchanged;
	exchange->disagreed += look.disagreed;
	exchange->steps += look.steps;
	exchange->backward += look.backward;
	if (look.exchanged && !look.disagreed &&
	    look.error_ns > exchange->error_ns)
		exchange->error_ns = look.error_ns;
	return look.distance_ns;
}

void
segments_begin(struct lane *lane)
{
	uint64_t before_ns = clock_thread_cpu_ns();

	if (!lane->gauge)
		return;
	lane->segments.distance_ns = meet(lane);
	lane->segments.first_ns = REPORT_NO_TIME;
	lane->pauses.cpu_ns += clock_thread_cpu_ns() - before_ns;
}

/* What is left of the time; 0: nothing. */
static uint64_t
left_ns(const struct lane *lane)
{
	const struct lane_stop *all = &lane->spec->timed;
	uint64_t active_ns = lane->segments.active_ns;

	if (all->duration_ns == UINT64_MAX)
		return UINT64_MAX;
	return all->duration_ns > active_ns ? all->duration_ns - active_ns : 0;
}

/* One that pauses before its messages, has them due at absolute times, or is
 * the load of others, who are one of these, is not cut. */
static bool
is_cut(const struct lane *lane)
{
	return lane->gauge && !lane->spec->busy && !lane_pauses(lane->spec) &&
	       !(lane->spec->pace.per_s > 0);
}

void
segments_next(const struct lane *lane, struct lane_stop *ret_stop)
{
	/* What would leave a stump of a segment behind is not cut any more. */
	*ret_stop = lane->spec->timed;
	if (!is_cut(lane))
		return;
	ret_stop->duration_ns = left_ns(lane);
	if (ret_stop->duration_ns > SEGMENTS_NS * 3 / 2)
		ret_stop->duration_ns = SEGMENTS_NS;
}

bool
segments_over(const struct lane *lane)
{
	uint64_t spent_ns = lane->ended_ns - lane->started_ns;

	return !is_cut(lane) || lane->sent >= lane->spec->timed.count ||
	       left_ns(lane) <= spent_ns;
}

/* Samples of the segment before the last one go to their class. */
static void
sort(struct segments *own)
{
	if (!own->waiting || !own->waiting->samples)
		return;
	histogram_merge(own->classes[own->waiting_class].latency,
			own->waiting);
	histogram_reset(own->waiting);
}

/* Adds the segment that has just ended to its class. */
static void
account(struct lane *lane, int class, double distance_ns)
{
	struct segments *own = &lane->segments;
	struct report_class *to = &own->classes[class];
	uint64_t n = lane->spec->initiator ? lane->sent :
					     lane->track.received;

	if (lane->started_ns != REPORT_NO_TIME &&
	    lane->ended_ns != REPORT_NO_TIME) {
		uint64_t spent_ns = lane->ended_ns - lane->started_ns;

		if (own->first_ns == REPORT_NO_TIME)
			own->first_ns = lane->started_ns;
		else
			own->paused_ns += lane->started_ns - own->last_ns;
		own->last_ns = lane->ended_ns;
		own->active_ns += spent_ns;
		to->elapsed_ns += spent_ns;
	}
	lane->started_ns = lane->ended_ns = REPORT_NO_TIME;
	to->messages += n - own->messages;
	own->messages = n;
	to->segments++;
	if (distance_ns > 0)
		to->distance_sum_ns += (uint64_t)(distance_ns + 0.5);
}

void
segments_end(struct lane *lane)
{
	struct segments *own = &lane->segments;
	struct histogram *full = lane->latency;
	uint64_t before_ns = clock_thread_cpu_ns();
	double distance_ns;
	int class;

	if (!lane->gauge)
		return;
	sort(own);
	distance_ns = meet(lane);
	class = gauge_class(distance_ns);
	if (class != gauge_class(own->distance_ns))
		class = GAUGE_UNCLEAR;
	account(lane, class, (distance_ns + own->distance_ns) / 2);
	own->distance_ns = distance_ns;
	own->waiting_class = class;
	if (full) {
		lane->latency = own->waiting;
		own->waiting = full;
	}
	lane->pauses.cpu_ns += clock_thread_cpu_ns() - before_ns;
}

void
segments_finish(struct lane *lane, struct report *report)
{
	struct segments *own = &lane->segments;

	report->paused_ns = 0;
	if (!lane->gauge)
		return;
	sort(own);
	for (int i = 0; i < GAUGE_CLASSES; i++) {
		struct histogram **latency = &own->classes[i].latency;

		if (*latency && (*latency)->samples) {
			histogram_merge(lane->latency, *latency);
		} else {
			histogram_destroy(*latency);
			*latency = NULL;
		}
		/* The other side's account is the one that counts. */
		if (!lane_notes(lane->spec))
			continue;
		report->classes[i] = own->classes[i]; /* moved */
		*latency = NULL;
	}
	lane->started_ns = own->first_ns;
	lane->ended_ns = own->first_ns == REPORT_NO_TIME ? REPORT_NO_TIME :
							   own->last_ns;
	report->paused_ns = own->paused_ns;
	report->exchange = own->exchange;
	report->exchange.failed = own->first_failed + own->last_failed;
}
