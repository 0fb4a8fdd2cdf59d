/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/crew.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/measure/affinity.h"
#include "core/plugin/outcome.h"

/* Ignored by default, so that one that arrives late does no harm. */
#define INTERRUPT_SIGNAL SIGURG
#define INTERRUPT_EVERY_NS (5 * NS_PER_MS)
#define CANCEL_DEADLINE_NS (2 * NS_PER_S)

enum seat_state { SEAT_IDLE, SEAT_RUNNING, SEAT_BACK };

struct seat {
	struct lane lane;
	struct crew *crew;
	pthread_t thread;
	enum seat_state state; /* the rest: under crew->lock */
	int phase; /* at whose barrier it is, or -1: on its way there */
	bool failed;
	int status;
};

struct crew {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct lane_spec spec;
	int event_fd;
	enum lane_phase released; /* lanes may run up to and with this one */
	bool any_released;
	bool canceled;
	uint32_t n;
	struct seat *seats;
};

static void
on_interrupt(int signal_number)
{
	(void)signal_number;
}

/* A handler without SA_RESTART, so that a blocked call returns EINTR. */
static int
install_interrupt(struct weir_error *err)
{
	struct sigaction action = { .sa_handler = on_interrupt };

	sigemptyset(&action.sa_mask);
	if (sigaction(INTERRUPT_SIGNAL, &action, NULL) != 0)
		return weir_error_errno(err, "the handler that interrupts "
					"waiting threads can't be installed");
	return WEIR_OK;
}

int
crew_create(const struct lane_spec *spec, const struct crew_seat *seats,
	    uint32_t n, struct crew **ret_crew, struct weir_error *err)
{
	struct crew *crew = calloc(1, sizeof(*crew));
	int status;

	status = install_interrupt(err);
	if (status) {
		free(crew);
		return status;
	}
	if (crew)
		crew->seats = aligned_alloc(_Alignof(struct seat),
					    n * sizeof(*crew->seats));
	if (!crew || !crew->seats) {
		free(crew);
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for %u channels", n);
	}
	memset(crew->seats, 0, n * sizeof(*crew->seats));
	crew->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (crew->event_fd < 0) {
		weir_error_errno(err, "an eventfd can't be made");
		free(crew->seats);
		free(crew);
		return err ? err->status : WEIR_ESYSTEM;
	}
	pthread_mutex_init(&crew->lock, NULL);
	clock_cond_init(&crew->changed);
	crew->spec = *spec;
	crew->n = n;
	for (uint32_t i = 0; i < n; i++) {
		struct seat *seat = &crew->seats[i];

		seat->crew = crew;
		seat->phase = -1;
		seat->lane.spec = seats[i].spec ? seats[i].spec : &crew->spec;
		seat->lane.index = seats[i].index;
		seat->lane.cpu = seats[i].cpu;
		report_init(&seat->lane.report);
	}
	*ret_crew = crew;
	return WEIR_OK;
}

const uint32_t *
crew_lane_cancel(const struct crew *crew, uint32_t i)
{
	return &crew->seats[i].lane.cancel;
}

struct weir_error *
crew_lane_fault(struct crew *crew, uint32_t i)
{
	return &crew->seats[i].lane.fault;
}

void
crew_set_channel(struct crew *crew, uint32_t i, struct weir_channel *channel)
{
	crew->seats[i].lane.channel = channel;
}

void
crew_set_tape(struct crew *crew, uint32_t i, struct tape *tape)
{
	crew->seats[i].lane.tape = tape;
}

void
crew_set_door(struct crew *crew, uint32_t i, const struct weir_setup *setup,
	      int door)
{
	crew->seats[i].lane.setup = setup;
	crew->seats[i].lane.door = door;
}

void
crew_set_gauge(struct crew *crew, uint32_t i, struct gauge *gauge)
{
	crew->seats[i].lane.gauge = gauge;
}

static void
tell(struct crew *crew)
{
	uint64_t one = 1;

	/* It can't be full: the counter holds 2^64 - 2 of these. */
	if (write(crew->event_fd, &one, sizeof(one)) < 0)
		log_error("an eventfd can't be written: %s", strerror(errno));
}

static enum lane_phase
phase_after(const struct crew *crew, enum lane_phase phase)
{
	if (phase == LANE_FIRST && !crew->spec.warm)
		return LANE_TIMED;
	return phase + 1;
}

/* Arrives at a barrier. A responder goes on, for the initiator's first mark
 * holds it back; who has nobody to wait for waits for the release. */
static bool
arrive(struct seat *seat, enum lane_phase phase)
{
	struct crew *crew = seat->crew;
	bool wait = crew->spec.initiator ||
		    (crew->spec.ops->capabilities & WEIR_CAP_LOOPBACK);
	bool go;

	pthread_mutex_lock(&crew->lock);
	seat->phase = (int)phase;
	tell(crew);
	while (wait && !crew->canceled &&
	       !(crew->any_released && crew->released >= phase))
		pthread_cond_wait(&crew->changed, &crew->lock);
	go = !crew->canceled;
	pthread_mutex_unlock(&crew->lock);
	return go;
}

static void
come_back(struct seat *seat, int status)
{
	struct crew *crew = seat->crew;

	pthread_mutex_lock(&crew->lock);
	seat->status = status;
	seat->failed = status != WEIR_OK;
	if (status == WEIR_OK)
		seat->phase = LANE_DONE;
	seat->state = SEAT_BACK;
	tell(crew);
	pthread_cond_broadcast(&crew->changed);
	pthread_mutex_unlock(&crew->lock);
}

/* ThreadSanitizer knows one table of descriptors for a process, and takes the
 * same number in two tables for the same file. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ONE_TABLE true
#endif
#elif defined(__SANITIZE_THREAD__)
#define ONE_TABLE true
#endif
#ifndef ONE_TABLE
#define ONE_TABLE false
#endif

/* A table of descriptors for this thread alone, where that is safe: no
 * system call has to count references to a file then. It is no loss where
 * it can't be had. */
static void
own_descriptors(const struct lane *lane)
{
	const struct lane_spec *spec = lane->spec;

	if (!ONE_TABLE && !spec->connects &&
	    spec->ops->capabilities & WEIR_CAP_FIXED_FDS &&
	    unshare(CLONE_FILES) != 0)
		log_debug("channel %u shares the table of descriptors: %s",
			  lane->index, strerror(errno));
}

static void *
lane_thread(void *argument)
{
	struct seat *seat = argument;
	struct lane *lane = &seat->lane;
	enum lane_phase phase = LANE_FIRST;
	int status = lane_prepare(lane);

	own_descriptors(lane);
	while (status == WEIR_OK && phase != LANE_DONE) {
		if (!arrive(seat, phase)) {
			status = WEIR_ECANCELED;
			break;
		}
		status = lane_run(lane, phase);
		phase = phase_after(seat->crew, phase);
	}
	lane_release(lane);
	come_back(seat, status);
	return NULL;
}

static void
run_ahead(pthread_attr_t *attr, int priority)
{
	const struct sched_param param = { .sched_priority = priority };

	pthread_attr_setinheritsched(attr, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(attr, SCHED_FIFO);
	pthread_attr_setschedparam(attr, &param);
}

static int
start_one(struct seat *seat, struct weir_error *err)
{
	int realtime = seat->crew->spec.realtime;
	pthread_attr_t attr;
	cpu_set_t set;
	int error;

	pthread_attr_init(&attr);
	if (seat->lane.cpu != AFFINITY_ANY) {
		CPU_ZERO(&set);
		CPU_SET(seat->lane.cpu, &set);
		pthread_attr_setaffinity_np(&attr, sizeof(set), &set);
	}
	if (realtime)
		run_ahead(&attr, realtime);
	error = pthread_create(&seat->thread, &attr, lane_thread, seat);
	pthread_attr_destroy(&attr);
	if (error == EINVAL && seat->lane.cpu != AFFINITY_ANY)
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "channel %u can't run on CPU %d: it is "
				      "not allowed here", seat->lane.index,
				      seat->lane.cpu);
	if (error == EPERM && realtime)
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "realtime = %d is not permitted here: it "
				      "takes CAP_SYS_NICE or a limit of it "
				      "(ulimit -r)", realtime);
	errno = error;
	if (error)
		return weir_error_errno(err, "the thread of channel %u can't "
					"be started", seat->lane.index);
	seat->state = SEAT_RUNNING;
	return WEIR_OK;
}

int
crew_start(struct crew *crew, struct weir_error *err)
{
	int status;

	for (uint32_t i = 0; i < crew->n; i++) {
		pthread_mutex_lock(&crew->lock);
		status = start_one(&crew->seats[i], err);
		pthread_mutex_unlock(&crew->lock);
		if (status)
			return status;
	}
	return WEIR_OK;
}

int
crew_event_fd(const struct crew *crew)
{
	return crew->event_fd;
}

int
crew_state(struct crew *crew, bool *ret_failed)
{
	int phase = LANE_DONE;
	uint64_t events;

	/* EAGAIN says that nothing is new, which is as good. */
	if (read(crew->event_fd, &events, sizeof(events)) < 0 &&
	    errno != EAGAIN)
		log_error("an eventfd can't be read: %s", strerror(errno));
	*ret_failed = false;
	pthread_mutex_lock(&crew->lock);
	for (uint32_t i = 0; i < crew->n; i++) {
		const struct seat *seat = &crew->seats[i];

		if (seat->failed)
			*ret_failed = true;
		if (seat->phase < phase)
			phase = seat->phase;
	}
	pthread_mutex_unlock(&crew->lock);
	return phase;
}

void
crew_release(struct crew *crew, enum lane_phase phase)
{
	pthread_mutex_lock(&crew->lock);
	crew->released = phase;
	crew->any_released = true;
	pthread_cond_broadcast(&crew->changed);
	pthread_mutex_unlock(&crew->lock);
}

uint64_t
crew_progress(const struct crew *crew)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < crew->n; i++)
		sum += __atomic_load_n(&crew->seats[i].lane.progress,
				       __ATOMIC_RELAXED);
	return sum;
}

int
crew_fault(struct crew *crew, struct weir_error *err)
{
	int status = WEIR_OK;

	pthread_mutex_lock(&crew->lock);
	for (uint32_t i = 0; i < crew->n && !status; i++) {
		struct seat *seat = &crew->seats[i];

		if (!seat->failed || seat->status == WEIR_ECANCELED)
			continue;
		status = outcome_status(seat->status);
		if (seat->lane.fault.status == WEIR_OK)
			weir_error_set(err, status, "channel %u: %s",
				       seat->lane.index,
				       weir_status_text(seat->status));
		else
			weir_error_set(err, status, "%s",
				       seat->lane.fault.text);
	}
	pthread_mutex_unlock(&crew->lock);
	return status;
}

/* How many lanes are still out; each of them is interrupted once. */
static uint32_t
interrupt_lanes(struct crew *crew)
{
	uint32_t out = 0;

	for (uint32_t i = 0; i < crew->n; i++) {
		struct seat *seat = &crew->seats[i];

		if (seat->state != SEAT_RUNNING)
			continue;
		out++;
		pthread_kill(seat->thread, INTERRUPT_SIGNAL);
	}
	return out;
}

/* With a thread goes its table of descriptors. */
static void
join_lanes(struct crew *crew)
{
	for (uint32_t i = 0; i < crew->n; i++) {
		struct seat *seat = &crew->seats[i];

		if (seat->state == SEAT_IDLE)
			continue;
		pthread_join(seat->thread, NULL);
		seat->state = SEAT_IDLE;
	}
}

bool
crew_cancel(struct crew *crew)
{
	uint64_t deadline_ns = clock_deadline_ns(CANCEL_DEADLINE_NS);
	uint32_t out;

	pthread_mutex_lock(&crew->lock);
	crew->canceled = true;
	for (uint32_t i = 0; i < crew->n; i++)
		__atomic_store_n(&crew->seats[i].lane.cancel, 1,
				 __ATOMIC_RELAXED);
	pthread_cond_broadcast(&crew->changed);
	/* One signal is not enough: it may land between the transport's look
	 * at the flag and its system call. */
	while ((out = interrupt_lanes(crew)) > 0 &&
	       clock_now_ns() < deadline_ns)
		clock_cond_wait(&crew->changed, &crew->lock,
				clock_deadline_ns(INTERRUPT_EVERY_NS));
	pthread_mutex_unlock(&crew->lock);
	if (out == 0)
		join_lanes(crew);
	return out == 0;
}

int
crew_report(struct crew *crew, uint32_t i, struct report *to,
	    struct weir_error *err)
{
	return report_take(to, &crew->seats[i].lane.report, err);
}

void
crew_destroy(struct crew *crew)
{
	if (!crew)
		return;
	join_lanes(crew);
	for (uint32_t i = 0; i < crew->n; i++)
		report_fini(&crew->seats[i].lane.report);
	close(crew->event_fd);
	pthread_cond_destroy(&crew->changed);
	pthread_mutex_destroy(&crew->lock);
	free(crew->seats);
	free(crew);
}
