/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/pacer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "core/measure/lane.h"
#include "core/measure/payload.h"

#define MARGIN_RISE 4
#define MARGIN_FALL 64

/* Sleeps before the first phase, and how long each is. */
#define TRIES 7
#define TRY_NS 50000

/* Of its own sequence number a short message holds the low bits only: what
 * is on its way must be told apart by them. */
static uint64_t
most_flights(const struct lane_spec *spec)
{
	uint64_t half = payload_sequence_mask(spec->size) / 2;

	return half < PACER_FLIGHTS ? half : PACER_FLIGHTS;
}

static bool
make_parts(struct pacer *pacer, const struct lane_spec *spec)
{
	bool alone = spec->ops->capabilities & WEIR_CAP_LOOPBACK;
	bool answered = spec->pattern == LANE_ROUND_TRIP || alone;
	struct report_pace *r = &pacer->report;

	if (spec->initiator) {
		r->send_lag = histogram_create_touched();
		if (!r->send_lag)
			return false;
	}
	if (spec->initiator == answered) {
		r->from_send = histogram_create_touched();
		if (!r->from_send)
			return false;
	}
	if (!spec->initiator || !answered)
		return true;
	pacer->flights = calloc(PACER_FLIGHTS, sizeof(*pacer->flights));
	if (pacer->flights)
		memset(pacer->flights, 0xff,
		       PACER_FLIGHTS * sizeof(*pacer->flights));
	return pacer->flights;
}

/* Before the first phase: what a wake-up takes as a rule, for a sender that
 * may then never find the time for one. */
static void
try_wake_ups(struct pacer *pacer, const struct lane_spec *spec)
{
	uint64_t late_ns[TRIES];

	for (int i = 0; i < TRIES; i++) {
		uint64_t wake_ns = spec->now_ns() + TRY_NS, now_ns, late;
		int k = i;

		spec->pace.sleep_until(wake_ns);
		now_ns = spec->now_ns();
		late = now_ns > wake_ns ? now_ns - wake_ns : 0;
		for (; k > 0 && late_ns[k - 1] > late; k--)
			late_ns[k] = late_ns[k - 1];
		late_ns[k] = late;
	}
	pacer->margin_ns = late_ns[TRIES / 2] < PACER_MARGIN_NS_MAX ?
				   late_ns[TRIES / 2] :
				   PACER_MARGIN_NS_MAX;
}

int
pacer_create(const struct lane *lane, struct pacer **ret_pacer)
{
	struct pacer *pacer = calloc(1, sizeof(*pacer));

	if (pacer && !make_parts(pacer, lane->spec)) {
		pacer_destroy(pacer);
		pacer = NULL;
	}
	*ret_pacer = pacer;
	if (!pacer)
		return WEIR_ENOMEMORY;
	pacer->flights_max = most_flights(lane->spec);
	/* Else the kernel lets a sleeper sleep 50 us longer. It can't fail. */
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	if (lane->spec->initiator && !lane->spec->pace.spins)
		try_wake_ups(pacer, lane->spec);
	return WEIR_OK;
}

void
pacer_destroy(struct pacer *pacer)
{
	if (!pacer)
		return;
	histogram_destroy(pacer->report.send_lag);
	histogram_destroy(pacer->report.from_send);
	free(pacer->flights);
	free(pacer);
}

void
pacer_reset(struct pacer *pacer)
{
	struct report_pace *r = &pacer->report;

	*r = (struct report_pace){ .send_lag = r->send_lag,
				   .from_send = r->from_send };
	if (r->send_lag)
		histogram_reset(r->send_lag);
	if (r->from_send)
		histogram_reset(r->from_send);
}

void
pacer_report(struct pacer *pacer, struct report_pace *ret_report)
{
	*ret_report = pacer->report;
	ret_report->wake_up_ns = pacer->margin_ns;
	pacer->report.send_lag = NULL;
	pacer->report.from_send = NULL;
}

void
pacer_woke(struct pacer *pacer, uint64_t late_ns)
{
	uint64_t late = late_ns < PACER_MARGIN_NS_MAX ? late_ns :
							PACER_MARGIN_NS_MAX;

	if (late > pacer->margin_ns)
		pacer->margin_ns += (late - pacer->margin_ns) / MARGIN_RISE;
	else
		pacer->margin_ns -= pacer->margin_ns / MARGIN_FALL;
}
