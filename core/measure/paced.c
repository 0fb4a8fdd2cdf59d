/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paced: open loop. Messages are sent when a schedule says so, whether or not
 * those before them have been answered, and latency counts from that time: a
 * stall is felt by every message that was due in it (Tene's "coordinated
 * omission", which a closed loop has by its nature).
 *
 * One thread sends and receives: what is due goes first, then one look at
 * what has arrived. With nothing due it waits by the transport's own ways.
 */
#include "core/measure/loop.h"
#include "core/measure/pacer.h"

/* An overdue sender gives up after this many times the duration. */
#define GIVE_UP_DURATIONS 2

/* A phase of a sender. */
struct paced {
	struct lane *lane;
	struct pacer *pacer;
	uint64_t due_ns;     /* of what is to be sent; UINT64_MAX: nothing */
	uint64_t tried_ns;   /* when it was first tried to; 0: not yet */
	uint64_t end_ns;     /* messages due from then on are not sent */
	uint64_t give_up_ns; /* nor any message from then on */
	uint64_t count;
	uint64_t n_naps;
	size_t len; /* of what is to be sent */
	bool ended; /* that is the end mark, or nothing */
};

static uint64_t
after(uint64_t time_ns, uint64_t ns)
{
	return ns < UINT64_MAX - time_ns ? time_ns + ns : UINT64_MAX;
}

/* Takes the schedule's next message in hand, if there is one. */
static void
take_next(struct paced *it, uint64_t now_ns)
{
	struct lane *lane = it->lane;
	uint64_t due_ns = it->pacer->begin_ns +
			  schedule_due_ns(&it->pacer->schedule);

	it->tried_ns = 0;
	it->due_ns = due_ns;
	it->ended = lane->sent == it->count || due_ns >= it->end_ns ||
		    now_ns >= it->give_up_ns;
	if (it->ended)
		it->due_ns = 0; /* its mark, at once */
}

static void
begin(struct paced *it, struct lane *lane, const struct lane_stop *stop)
{
	const struct lane_spec *spec = lane->spec;
	struct pacer *pacer = lane->pacer;
	bool timed = stop == &spec->timed;

	*it = (struct paced){ .lane = lane, .pacer = pacer,
			      .count = stop->count, .len = spec->size };
	schedule_init(&pacer->schedule, spec->pace.per_s,
		      (enum schedule_arrival)spec->pace.arrival,
		      schedule_seed(spec->pace.seed,
				    2 * (uint64_t)lane->index + timed));
	pacer->begin_ns = spec->now_ns();
	lane->started_ns = lane->ended_ns = pacer->begin_ns;
	it->end_ns = after(pacer->begin_ns, stop->duration_ns);
	it->give_up_ns = UINT64_MAX;
	if (stop->duration_ns < UINT64_MAX / GIVE_UP_DURATIONS)
		it->give_up_ns = after(pacer->begin_ns,
				       GIVE_UP_DURATIONS * stop->duration_ns);
	take_next(it, pacer->begin_ns);
}

/* Counts what was given up; after the last message. */
static void
end(struct paced *it)
{
	struct pacer *pacer = it->pacer;

	while (it->lane->sent + pacer->report.not_sent < it->count &&
	       pacer->begin_ns + schedule_due_ns(&pacer->schedule) <
			it->end_ns && it->end_ns != UINT64_MAX) {
		pacer->report.not_sent++;
		schedule_step(&pacer->schedule);
	}
}

/* Writes the message that is due, once: a transport that has taken a part of
 * it must be given the same again. */
static void
write_message(struct paced *it, uint64_t now_ns, bool both_times)
{
	struct lane *lane = it->lane;
	unsigned char *out = lane->send_buf;

	if (loop_unlikely(lane->spec->verify == LANE_VERIFY_FULL))
		payload_fill(out, it->len, lane->sent & lane->track.mask);
	payload_stamp(out, it->len, lane->sent, it->due_ns);
	if (both_times && it->len >= PAYLOAD_TIMES_BYTES)
		payload_stamp_actual(out, now_ns);
	it->tried_ns = now_ns;
}

/* The message in hand has gone. */
static void
count_message(struct paced *it, uint64_t now_ns)
{
	struct report_pace *r = &it->pacer->report;

	histogram_record(r->send_lag, it->tried_ns - it->due_ns);
	r->schedule_ns = it->due_ns - it->pacer->begin_ns;
	r->sending_ns = now_ns - it->pacer->begin_ns;
	it->lane->sent++;
	schedule_step(&it->pacer->schedule);
	take_next(it, now_ns);
}

/* Until when to sleep, so as to be awake when it is due; now_ns: not at all. */
static uint64_t
wake_time(const struct paced *it, uint64_t now_ns)
{
	uint64_t wake_ns = it->due_ns;

	if (!it->lane->spec->pace.spins) {
		uint64_t margin_ns = it->pacer->margin_ns;

		wake_ns = wake_ns > now_ns + margin_ns ? wake_ns - margin_ns :
							 now_ns;
	}
	if (wake_ns > now_ns + PACER_SLEEP_NS_MAX)
		wake_ns = now_ns + PACER_SLEEP_NS_MAX;
	return wake_ns;
}

/* After a sleep to its end, or to that of a nap; idle time is no stall. */
static void
awake(struct paced *it, uint64_t wake_ns)
{
	struct lane *lane = it->lane;
	uint64_t now_ns;

	if (lane->spec->pace.spins)
		return;
	now_ns = lane->spec->now_ns();
	it->pacer->report.sleeps++;
	if (now_ns >= wake_ns)
		pacer_woke(it->pacer, now_ns - wake_ns);
	loop_progress(lane, lane->sent + lane->track.received + ++it->n_naps);
}

/* Nothing can be received: sleeps as far as that may be. */
static int
nap(struct paced *it, uint64_t now_ns)
{
	struct lane *lane = it->lane;
	uint64_t wake_ns = wake_time(it, now_ns);

	if (__atomic_load_n(&lane->cancel, __ATOMIC_RELAXED))
		return WEIR_ECANCELED;
	if (lane->spec->pace.spins || wake_ns <= now_ns)
		return WEIR_EAGAIN;
	lane->spec->pace.sleep_until(wake_ns);
	awake(it, wake_ns);
	return WEIR_EAGAIN;
}

/* ---- with answers ---- */

static bool
flights_are_full(const struct paced *it)
{
	const struct lane *lane = it->lane;

	return lane->sent - lane->track.next >= it->pacer->flights_max;
}

/* Nothing is due, or may be sent: waits for an answer, until then. */
static int
wait_for_answer(struct paced *it, uint64_t now_ns, size_t *ret_len)
{
	struct lane *lane = it->lane;
	const struct weir_transport *ops = lane->spec->ops;
	uint64_t wake_ns;
	int status;

	if (it->due_ns == UINT64_MAX || now_ns >= it->due_ns)
		return ops->recv(lane->channel, lane->recv_buf,
				 lane->buf_bytes, ret_len);
	if (lane->sent == lane->track.next)
		return nap(it, now_ns);
	wake_ns = wake_time(it, now_ns);
	if (!ops->recv_until || wake_ns <= now_ns)
		return ops->try_recv(lane->channel, lane->recv_buf,
				     lane->buf_bytes, ret_len);
	status = ops->recv_until(lane->channel, lane->recv_buf,
				 lane->buf_bytes, ret_len, wake_ns);
	if (status == WEIR_EAGAIN)
		awake(it, wake_ns);
	return status;
}

/* Sends what is due, or as much of it as there is room for. */
static int
send_due(struct paced *it, uint64_t now_ns)
{
	struct lane *lane = it->lane;
	int status;

	if (it->ended && !it->tried_ns) {
		payload_mark_write(lane->send_buf, PAYLOAD_END, lane->sent);
		it->len = payload_mark_bytes(lane->spec->size);
		it->tried_ns = now_ns;
	} else if (!it->tried_ns) {
		struct pacer_flight *flight =
			&it->pacer->flights[lane->sent % PACER_FLIGHTS];

		write_message(it, now_ns, false);
		*flight = (struct pacer_flight){ it->due_ns, now_ns };
	}
	status = lane->spec->ops->try_send(lane->channel, lane->send_buf,
					   it->len, 0);
	if (status == WEIR_OK && it->ended)
		it->due_ns = UINT64_MAX;
	else if (status == WEIR_OK)
		count_message(it, now_ns);
	return status == WEIR_EAGAIN ? WEIR_OK : status;
}

/* Which message it is that came back. */
static uint64_t
number_of_answer(const struct lane *lane)
{
	const struct track *track = &lane->track;
	uint64_t sequence, ahead;

	if (lane->spec->verify == LANE_VERIFY_NONE)
		return track->next;
	sequence = payload_sequence(lane->recv_buf, lane->spec->size);
	ahead = (sequence - track->next) & track->mask;
	if (ahead <= track->mask / 2)
		return track->next + ahead;
	return track->next - ((track->next - sequence) & track->mask);
}

/* An answer of the right length. */
loop_inline int
take_answer(struct paced *it, uint64_t now_ns, struct tape *tape)
{
	struct lane *lane = it->lane;
	uint64_t number = number_of_answer(lane);
	struct pacer_flight *flight =
		&it->pacer->flights[number % PACER_FLIGHTS];
	int status = WEIR_OK;

	lane->ended_ns = now_ns;
	/* Not of one that was not sent, or that has been answered. */
	if (lane->latency && lane->sent - number - 1 < PACER_FLIGHTS &&
	    flight->due_ns != PACER_LANDED) {
		uint64_t latency_ns = now_ns - flight->due_ns;

		sample_take(lane, now_ns, latency_ns, 1);
		histogram_record(it->pacer->report.from_send,
				 now_ns - flight->sent_ns);
		flight->due_ns = PACER_LANDED;
		if (tape)
			status = loop_note(lane, tape, &now_ns, number,
					   latency_ns);
	}
	loop_arrival(lane, lane->recv_buf, lane->spec->size,
		     loop_checks(lane->spec));
	loop_progress(lane, lane->sent + lane->track.received + it->n_naps);
	return status;
}

/* One round: what is due, then what has arrived. EAGAIN: nothing has. */
loop_inline int
go_round(struct paced *it, size_t *ret_len)
{
	struct lane *lane = it->lane;
	uint64_t now_ns = lane->spec->now_ns();
	int status;

	if (now_ns < it->due_ns || flights_are_full(it))
		return wait_for_answer(it, now_ns, ret_len);
	status = send_due(it, now_ns);
	return status ? status :
			lane->spec->ops->try_recv(lane->channel,
						  lane->recv_buf,
						  lane->buf_bytes, ret_len);
}

loop_inline int
initiate(struct lane *lane, const struct lane_stop *stop, size_t *ret_len,
	 struct tape *tape)
{
	const size_t size = lane->spec->size;
	struct paced it;
	size_t len = 0;
	int status;

	begin(&it, lane, stop);
	for (;;) {
		status = go_round(&it, &len);
		if (status == WEIR_EAGAIN) {
			if (__atomic_load_n(&lane->cancel, __ATOMIC_RELAXED))
				return WEIR_ECANCELED;
			continue;
		}
		if (loop_unlikely(status))
			return status;
		if (loop_unlikely(len != size)) {
			if (loop_is_mark(lane, len))
				break;
			continue;
		}
		status = take_answer(&it, lane->spec->now_ns(), tape);
		if (loop_unlikely(status))
			return status;
	}
	end(&it);
	*ret_len = len;
	return WEIR_OK;
}

int
paced_initiate(struct lane *lane, const struct lane_stop *stop,
	       size_t *ret_len)
{
	return lane->noting ? initiate(lane, stop, ret_len, lane->noting) :
			      initiate(lane, stop, ret_len, NULL);
}

/* ---- one way ---- */

int
paced_send(struct lane *lane, const struct lane_stop *stop)
{
	const struct lane_spec *spec = lane->spec;
	uint64_t now_ns;
	struct paced it;
	int status = WEIR_OK;

	begin(&it, lane, stop);
	while (!it.ended && status == WEIR_OK) {
		now_ns = spec->now_ns();
		if (now_ns < it.due_ns) {
			status = nap(&it, now_ns);
			if (status == WEIR_EAGAIN)
				status = WEIR_OK;
			continue;
		}
		write_message(&it, now_ns, true);
		status = spec->ops->send(lane->channel, lane->send_buf,
					 it.len, 0);
		if (loop_unlikely(status))
			break;
		count_message(&it, spec->now_ns());
		loop_progress(lane, lane->sent + it.n_naps);
	}
	lane->ended_ns = spec->now_ns();
	end(&it);
	return status;
}

/* A message of the right length, whose latencies are told by its times. One
 * below zero says that the clocks disagree: recorded as 0 and counted. */
loop_inline int
receive_one(struct lane *lane, uint64_t now_ns, struct tape *tape)
{
	const struct lane_spec *spec = lane->spec;
	const unsigned char *buf = lane->recv_buf;
	uint64_t sequence = payload_sequence(buf, spec->size);
	uint64_t latency_ns = TAPE_NO_LATENCY, sent_ns;
	bool both = spec->size >= PAYLOAD_TIMES_BYTES;
	bool content = spec->verify == LANE_VERIFY_FULL && both;

	if (spec->one_way_latency) {
		latency_ns = loop_latency(lane, payload_sent_ns(buf), now_ns);
		sample_take(lane, now_ns, latency_ns, 1);
	}
	if (spec->one_way_latency && both) {
		sent_ns = payload_actual_ns(buf);
		histogram_record(lane->pacer->report.from_send,
				 sent_ns < now_ns ? now_ns - sent_ns : 0);
	}
	if (loop_unlikely(content) &&
	    !payload_check_from(buf, PAYLOAD_TIMES_BYTES, spec->size,
				sequence))
		loop_damaged(lane);
	else
		loop_arrival(lane, buf, spec->size,
			     content || loop_checks(spec));
	if (!tape)
		return WEIR_OK;
	return loop_note(lane, tape, &now_ns, sequence, latency_ns);
}

loop_inline int
receive(struct lane *lane, size_t *ret_len, struct tape *tape)
{
	const struct lane_spec *spec = lane->spec;
	uint64_t now_ns;
	size_t len;
	int status;

	for (;;) {
		status = spec->ops->recv(lane->channel, lane->recv_buf,
					 lane->buf_bytes, &len);
		if (loop_unlikely(status))
			break;
		if (loop_unlikely(len != spec->size)) {
			if (loop_is_mark(lane, len))
				break;
			continue;
		}
		now_ns = spec->now_ns();
		if (loop_unlikely(lane->started_ns == REPORT_NO_TIME))
			lane->started_ns = now_ns;
		lane->ended_ns = now_ns;
		status = receive_one(lane, now_ns, tape);
		if (tape && loop_unlikely(status))
			break;
		loop_progress(lane, lane->track.received);
	}
	*ret_len = len;
	return status;
}

/* Ends with a message of a mark's length, as round_trip_respond. */
int
paced_receive(struct lane *lane, size_t *ret_len)
{
	return lane->noting ? receive(lane, ret_len, lane->noting) :
			      receive(lane, ret_len, NULL);
}
