/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/lane.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "core/base/log.h"
#include "core/measure/affinity.h"
#include "core/measure/connect.h"
#include "core/measure/loop.h"
#include "core/measure/pacer.h"
#include "core/measure/payload.h"
#include "core/measure/segments.h"

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

void
lane_damaged(struct lane *lane)
{
	lane->track.received++;
	lane->track.next++;
	lane->track.corrupt++;
}

bool
lane_is_mark(struct lane *lane, size_t len)
{
	if (len == payload_mark_bytes(lane->spec->size))
		return true;
	lane_damaged(lane);
	return false;
}

static int
broken(struct lane *lane, enum lane_phase phase, size_t len)
{
	return weir_error_set(&lane->fault, WEIR_EPROTOCOL,
			      "channel %u received an unexpected message of "
			      "%zu bytes in %s: a mark of weir's own was "
			      "lost or changed by the transport",
			      lane->index, len, lane_phase_names[phase]);
}

/* Sends a mark and waits for the same mark to come back; with it comes what
 * the other side says. */
static int
mark_there_and_back(struct lane *lane, enum lane_phase phase,
		    enum payload_mark mark, uint64_t value,
		    uint64_t *ret_value)
{
	const struct weir_transport *ops = lane->spec->ops;
	size_t len;
	int status;

	payload_mark_write(lane->send_buf, mark, value);
	status = ops->send(lane->channel, lane->send_buf,
			   payload_mark_bytes(lane->spec->size), 0);
	if (status)
		return status;
	/* Traffic that is still under way was sent once too often. */
	do {
		status = ops->recv(lane->channel, lane->recv_buf,
				   lane->buf_bytes, &len);
		if (status)
			return status;
		if (len == lane->spec->size)
			loop_arrival(lane, lane->recv_buf, len,
				     loop_checks(lane->spec));
	} while (len == lane->spec->size);
	if (!payload_mark_read(lane->recv_buf, len, lane->spec->size, mark,
			       ret_value))
		return broken(lane, phase, len);
	return WEIR_OK;
}

/* Checks that recv_buf holds this mark and sends it back with an answer. */
static int
mark_answer(struct lane *lane, enum lane_phase phase, enum payload_mark mark,
	    size_t len, uint64_t answer, uint64_t *ret_value)
{
	if (!payload_mark_read(lane->recv_buf, len, lane->spec->size, mark,
			       ret_value))
		return broken(lane, phase, len);
	payload_mark_write(lane->send_buf, mark, answer);
	return lane->spec->ops->send(lane->channel, lane->send_buf,
				     payload_mark_bytes(lane->spec->size), 0);
}

static bool
is_paced_with_answers(const struct lane_spec *spec)
{
	return spec->pace.per_s > 0 &&
	       (spec->pattern == LANE_ROUND_TRIP ||
		(spec->ops->capabilities & WEIR_CAP_LOOPBACK));
}

/* With answers, the end mark is the last of the messages on their way. */
static int
initiate_paced(struct lane *lane, enum lane_phase phase,
	       const struct lane_stop *stop)
{
	uint64_t answer;
	size_t len;
	int status = paced_initiate(lane, stop, &len);

	if (status)
		return status;
	if (!payload_mark_read(lane->recv_buf, len, lane->spec->size,
			       PAYLOAD_END, &answer))
		return broken(lane, phase, len);
	return WEIR_OK;
}

static int
send_traffic(struct lane *lane, const struct lane_stop *stop)
{
	const struct lane_spec *spec = lane->spec;
	bool alone = spec->ops->capabilities & WEIR_CAP_LOOPBACK;

	if (spec->pace.per_s > 0)
		return paced_send(lane, stop);
	if (spec->pattern == LANE_ROUND_TRIP)
		return spec->in_place ? in_place_initiate(lane, stop) :
		       spec->batch > 1 ? batch_initiate(lane, stop) :
					 round_trip_initiate(lane, stop);
	if (alone)
		return spec->in_place ? in_place_loopback(lane, stop) :
		       spec->batch > 1 ? batch_loopback(lane, stop) :
					 one_way_loopback(lane, stop);
	return spec->in_place ? in_place_send(lane, stop) :
	       spec->batch > 1 ? batch_send(lane, stop) :
				 one_way_send(lane, stop);
}

static int
take_traffic(struct lane *lane, const struct lane_stop *stop, size_t *ret_len)
{
	const struct lane_spec *spec = lane->spec;

	if (spec->pattern == LANE_ROUND_TRIP)
		return spec->in_place ? in_place_respond(lane, stop, ret_len) :
		       spec->batch > 1 ? batch_respond(lane, stop, ret_len) :
					 round_trip_respond(lane, ret_len);
	if (spec->pace.per_s > 0)
		return paced_receive(lane, ret_len);
	return spec->in_place ? in_place_receive(lane, ret_len) :
	       spec->batch > 1 ? batch_receive(lane, ret_len) :
				 one_way_receive(lane, ret_len);
}

static const struct lane_stop *
stop_of(const struct lane *lane, enum lane_phase phase)
{
	return phase == LANE_WARMUP ? &lane->spec->warmup : &lane->spec->timed;
}

static int
initiate(struct lane *lane, enum lane_phase phase)
{
	bool timed = phase == LANE_TIMED, over;
	uint64_t answer;
	int status;

	status = mark_there_and_back(lane, phase, PAYLOAD_START, 0, &answer);
	if (status)
		return status;
	if (timed)
		segments_begin(lane);
	if (is_paced_with_answers(lane->spec)) {
		status = initiate_paced(lane, phase, stop_of(lane, phase));
		if (status == WEIR_OK && timed)
			segments_end(lane);
		return status;
	}
	do {
		struct lane_stop stop = *stop_of(lane, phase);

		if (timed)
			segments_next(lane, &stop);
		status = send_traffic(lane, &stop);
		if (status)
			return status;
		over = !timed || segments_over(lane);
		status = mark_there_and_back(lane, phase,
					     over ? PAYLOAD_END : PAYLOAD_PAUSE,
					     lane->sent, &answer);
		if (status == WEIR_OK && timed)
			segments_end(lane);
	} while (status == WEIR_OK && !over);
	return status;
}

/* Whether the mark in recv_buf only ends a segment. */
static bool
is_pause(const struct lane *lane, size_t len)
{
	uint64_t value;

	return payload_mark_read(lane->recv_buf, len, lane->spec->size,
				 PAYLOAD_PAUSE, &value);
}

static int
respond(struct lane *lane, enum lane_phase phase)
{
	bool timed = phase == LANE_TIMED, over;
	uint64_t value;
	size_t len;
	int status;

	status = lane->spec->ops->recv(lane->channel, lane->recv_buf,
				       lane->buf_bytes, &len);
	if (status)
		return status;
	status = mark_answer(lane, phase, PAYLOAD_START, len, 0, &value);
	if (status)
		return status;
	if (timed)
		segments_begin(lane);
	do {
		status = take_traffic(lane, stop_of(lane, phase), &len);
		if (status)
			return status;
		over = !timed || !is_pause(lane, len);
		status = mark_answer(lane, phase,
				     over ? PAYLOAD_END : PAYLOAD_PAUSE, len,
				     lane->track.received, &value);
		if (status)
			return status;
		if (over)
			track_end(&lane->track, value);
		if (timed)
			segments_end(lane);
	} while (!over);
	return WEIR_OK;
}

/* The first message is written and read as the later ones are. */
static int
send_first(struct lane *lane, const void *content)
{
	const struct lane_spec *spec = lane->spec;
	void *buf;
	int status;

	if (!spec->in_place)
		return spec->ops->send(lane->channel, content, spec->size, 0);
	status = spec->ops->loan(lane->channel, spec->size, &buf);
	if (status)
		return status;
	if (spec->touch > TOUCH_HEADER || spec->verify == LANE_VERIFY_FULL)
		memcpy(buf, content, spec->size);
	else
		memcpy(buf, content, payload_stamp_bytes(spec->size));
	return spec->ops->commit(lane->channel, buf, spec->size, 0);
}

static int
recv_first(struct lane *lane)
{
	const struct lane_spec *spec = lane->spec;
	const void *buf;
	size_t len;
	int status;

	if (!spec->in_place) {
		status = spec->ops->recv(lane->channel, lane->recv_buf,
					 lane->buf_bytes, &len);
	} else {
		status = spec->ops->borrow(lane->channel, &buf, &len);
		if (status == WEIR_OK)
			loop_keep_mark(lane, buf, len);
		if (status == WEIR_OK)
			status = spec->ops->release(lane->channel, buf);
	}
	if (status == WEIR_OK && len != spec->size)
		return broken(lane, LANE_FIRST, len);
	return status;
}

/* One message on a channel that has carried none: there and back, or, one
 * way, timed by the receiver. */
static int
first_initiate(struct lane *lane)
{
	const struct lane_spec *spec = lane->spec;
	uint64_t start_ns = spec->now_ns();
	int status;

	loop_write_more(lane, lane->send_buf, 0, start_ns);
	status = send_first(lane, lane->send_buf);
	if (status || (spec->pattern == LANE_ONE_WAY &&
		       !(spec->ops->capabilities & WEIR_CAP_LOOPBACK)))
		return status;
	status = recv_first(lane);
	lane->first_ns = spec->now_ns() - start_ns;
	return status;
}

static int
first_respond(struct lane *lane)
{
	const struct lane_spec *spec = lane->spec;
	uint64_t now, sent_ns;
	int status;

	status = recv_first(lane);
	if (status)
		return status;
	if (spec->pattern == LANE_ROUND_TRIP)
		return send_first(lane, lane->recv_buf);
	if (spec->one_way_latency) {
		now = spec->now_ns();
		sent_ns = payload_sent_ns(lane->recv_buf);
		lane->first_ns = now > sent_ns ? now - sent_ns : 0;
	}
	return WEIR_OK;
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

static void
make_report(struct lane *lane, const struct evidence_lane *began,
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

/* What a phase does, whatever the pattern. */
static int
drive(struct lane *lane, enum lane_phase phase)
{
	const struct lane_spec *spec = lane->spec;

	if (spec->connects)
		return connect_run(lane, phase);
	if (phase == LANE_FIRST)
		return spec->initiator ? first_initiate(lane) :
					 first_respond(lane);
	return spec->initiator ? initiate(lane, phase) : respond(lane, phase);
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
	make_report(lane, &before, &after);
	return WEIR_OK;
}
