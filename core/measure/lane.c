/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/lane.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/base/log.h"
#include "core/measure/affinity.h"
#include "core/measure/connect.h"
#include "core/measure/lane_internal.h"
#include "core/measure/pacer.h"
#include "core/measure/payload.h"

const char *const lane_phase_names[] = {
	"the first message", "the warm-up", "the timed region", "the end",
};

#define PAGE_BYTES 4096u

static unsigned char *
make_buffer(size_t bytes)
{
	size_t whole = (bytes + PAGE_BYTES - 1) & ~(size_t)(PAGE_BYTES - 1);
	unsigned char *buf = aligned_alloc(PAGE_BYTES, whole);

	if (!buf)
		return NULL;
	memset(buf, 0x5a, whole);
	/* Without the right to lock, the touched pages stay in memory all
	 * the same unless the machine swaps. */
	if (mlock(buf, whole) != 0)
		log_debug("a message buffer of %zu bytes is not locked: %s",
			  bytes, strerror(errno));
	return buf;
}

/* True if the latency samples of this pattern are taken on this side. */
static bool
takes_samples(const struct lane_spec *spec)
{
	if (spec->pattern == LANE_ROUND_TRIP)
		return spec->initiator;
	return spec->one_way_latency &&
	       (!spec->initiator ||
		(spec->ops->capabilities & WEIR_CAP_LOOPBACK));
}

bool
lane_notes(const struct lane_spec *spec)
{
	bool alone = spec->ops->capabilities & WEIR_CAP_LOOPBACK;

	return spec->initiator == (spec->pattern == LANE_ROUND_TRIP || alone);
}

int
lane_prepare(struct lane *lane)
{
	const struct lane_spec *spec = lane->spec;
	size_t bytes = PAYLOAD_BUFFER_BYTES(spec->size);

	lane->buf_bytes = bytes;
	lane->stride = lane_stride_bytes(bytes);
	if (spec->batch > 1 && !spec->in_place)
		bytes = lane->stride * spec->batch;
	lane->misses.deadline_ns = spec->deadline_ns ? spec->deadline_ns :
						       UINT64_MAX;
	lane->send_buf = make_buffer(bytes);
	lane->recv_buf = make_buffer(bytes);
	if (takes_samples(lane->spec))
		lane->latency = histogram_create_touched();
	if (takes_samples(lane->spec))
		lane->series = series_create();
	if (lane->spec->connects)
		lane->teardown = histogram_create_touched();
	if (!lane->send_buf || !lane->recv_buf ||
	    (takes_samples(lane->spec) &&
	     (!lane->latency || !lane->series)) ||
	    (lane->spec->connects && !lane->teardown))
		return weir_error_set(&lane->fault, WEIR_ENOMEMORY,
				      "no memory for the two message buffers "
				      "(%zu bytes each) of channel %u",
				      bytes, lane->index);
	if (lane->spec->pace.per_s > 0 && pacer_create(lane, &lane->pacer))
		return weir_error_set(&lane->fault, WEIR_ENOMEMORY,
				      "no memory for the messages on their way "
				      "on channel %u", lane->index);
	return segments_prepare(lane);
}

void
lane_release(struct lane *lane)
{
	free(lane->send_buf);
	free(lane->recv_buf);
	histogram_destroy(lane->latency);
	series_destroy(lane->series);
	histogram_destroy(lane->teardown);
	pacer_destroy(lane->pacer);
	lane->pacer = NULL;
	segments_release(lane);
	lane->send_buf = lane->recv_buf = NULL;
	lane->latency = lane->teardown = NULL;
	lane->series = NULL;
}
static void
start_afresh(struct lane *lane)
{
	track_init(&lane->track, payload_sequence_mask(lane->spec->size));
	if (lane->latency)
		histogram_reset(lane->latency);
	if (lane->series)
		series_begin(lane->series, lane->spec->timed.duration_ns);
	if (lane->teardown)
		histogram_reset(lane->teardown);
	lane->counters = (struct weir_counters){
		.size = sizeof(lane->counters) };
	if (lane->pacer)
		pacer_reset(lane->pacer);
	misses_begin(&lane->misses);
	lane->sent = 0;
	lane->n_negative = 0;
	lane->pauses = (struct lane_pauses){ 0 };
	lane->started_ns = lane->ended_ns = REPORT_NO_TIME;
}

/* What a phase does, whatever the pattern. */
static int
drive(struct lane *lane, enum lane_phase phase)
{
	if (lane->spec->connects)
		return connect_run(lane, phase);
	return phase == LANE_FIRST ? lane_first(lane) :
				     lane_traffic(lane, phase);
}

int
lane_run(struct lane *lane, enum lane_phase phase)
{
	const struct lane_spec *spec = lane->spec;
	bool alone = spec->ops->capabilities & WEIR_CAP_LOOPBACK;
	struct evidence_lane before, after;
	int status = WEIR_OK;

	/* The side that a loopback transport has no traffic for. */
	if (alone && !spec->initiator && !spec->connects) {
		if (phase == LANE_TIMED) {
			report_init(&lane->report);
			affinity_current(lane->report.cpus,
					 sizeof(lane->report.cpus));
		}
		return WEIR_OK;
	}
	if (phase == LANE_FIRST)
		lane->first_ns = REPORT_NO_TIME;
	start_afresh(lane);
	lane->noting = phase == LANE_TIMED && !spec->busy ? lane->tape : NULL;
	if (phase == LANE_TIMED)
		evidence_lane_begin(&before);
	status = drive(lane, phase);
	if (status || phase != LANE_TIMED)
		return status;
	evidence_lane_end(&after);
	lane_make_report(lane, &before, &after);
	return WEIR_OK;
}
