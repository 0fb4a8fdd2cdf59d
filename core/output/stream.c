/* SPDX-License-Identifier: Apache-2.0 */
#include "core/output/stream.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/output/file.h"
#include "core/output/stream_lines.h"
#include "core/stats/sticky.h"

#define FORMATS 2
#define BUFFER_BYTES (UINT32_C(256) << 10)
#define TAPES_BYTES (UINT32_C(32) << 20) /* all of a trial */
#define CHUNK 2048u                      /* records before room is given */
#define PASS_NS (4 * NS_PER_MS)          /* between looks at quiet tapes */
#define LIVE_NS (100 * NS_PER_MS)        /* until a line can be read */

struct target {
	struct output_file *file; /* NULL: not wanted, or given up */
	char *buffer;
	size_t len;
};

struct source {
	struct tape tape;
	struct stream_lines lines[FORMATS];
};

struct output_stream {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* under lock */
	struct source *sources; /* of the trial in hand; NULL between */
	uint32_t n_sources;
	bool ending; /* the lanes are done */
	bool ended;  /* and so are the tapes */
	bool quit;
	/* the thread's, while there are sources */
	struct target targets[FORMATS];
	struct weir_error fault; /* the first */
	uint64_t n_late;         /* records read since `ending` */
	uint64_t records;
	uint64_t written_ns;
	/* the caller's */
	int *tapes;
	uint64_t epoch_ns;
};

/* ---- the thread ---- */

static void
give_up(struct output_stream *s, struct target *target,
	const struct weir_error *why)
{
	if (s->fault.status == WEIR_OK)
		s->fault = *why;
	log_write(WEIR_LOG_ERROR, "the stream ends: %s", why->text);
	output_file_discard(target->file);
	target->file = NULL;
}

static void
give_up_all(struct output_stream *s, const struct weir_error *why)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (s->targets[i].file)
			give_up(s, &s->targets[i], why);
}

static void
flush(struct output_stream *s, struct target *target)
{
	struct weir_error why = { 0 };

	if (target->file && target->len &&
	    output_file_write(target->file, target->buffer, target->len,
			      &why))
		give_up(s, target, &why);
	target->len = 0;
}

static void
write_lines(struct output_stream *s, struct target *target,
	    const struct stream_lines *lines,
	    const struct tape_record *records, size_t n)
{
	char *at;

	for (size_t i = 0; i < n && target->file; i++) {
		if (BUFFER_BYTES - target->len < lines->bytes_max)
			flush(s, target);
		at = stream_lines_write(lines, &records[i],
					target->buffer + target->len);
		target->len = (size_t)(at - target->buffer);
	}
}

/* One tape, from its oldest record on; without a file that is left it is
 * emptied all the same, so that no lane waits for nothing. */
static size_t
read_tape(struct output_stream *s, struct source *source)
{
	const struct tape_record *records;
	struct weir_error why = { 0 };
	size_t n;

	if (tape_peek(&source->tape, &records, &n, &why)) {
		give_up_all(s, &why);
		return 0;
	}
	if (n > CHUNK)
		n = CHUNK;
	if (s->targets[STREAM_JSON].file || s->targets[STREAM_CSV].file)
		s->records += n;
	for (size_t i = 0; i < FORMATS && n; i++)
		write_lines(s, &s->targets[i], &source->lines[i], records, n);
	if (n)
		tape_advance(&source->tape, n);
	return n;
}

static size_t
read_tapes(struct output_stream *s)
{
	size_t n = 0;
	uint64_t now;

	for (uint32_t i = 0; i < s->n_sources; i++)
		n += read_tape(s, &s->sources[i]);
	now = clock_now_ns();
	if (n && now - s->written_ns < LIVE_NS)
		return n;
	for (size_t i = 0; i < FORMATS; i++)
		flush(s, &s->targets[i]);
	s->written_ns = now;
	return n;
}

/* What the lanes noted before their end fits into their tapes; whose lane
 * goes on would keep the host for ever. */
static bool
too_late(struct output_stream *s, size_t n)
{
	struct weir_error why = { 0 };

	s->n_late += n;
	if (s->n_late <= (uint64_t)s->n_sources * TAPE_SLOTS_MAX)
		return false;
	weir_error_set(&why, WEIR_EPROTOCOL,
		       "the stream's other side goes on after the end of its "
		       "trial");
	give_up_all(s, &why);
	return true;
}

/* Until the next pass, or what the caller wants. */
static void
wait_a_little(struct output_stream *s)
{
	clock_cond_wait(&s->changed, &s->lock, clock_deadline_ns(PASS_NS));
}

static void *
run(void *argument)
{
	struct output_stream *s = argument;

	pthread_mutex_lock(&s->lock);
	while (!s->quit) {
		bool ending = s->ending;
		size_t n;

		if (!s->sources || s->ended) {
			pthread_cond_wait(&s->changed, &s->lock);
			continue;
		}
		pthread_mutex_unlock(&s->lock);
		n = read_tapes(s);
		pthread_mutex_lock(&s->lock);
		if (ending && (n == 0 || too_late(s, n))) {
			s->ended = true;
			pthread_cond_broadcast(&s->changed);
		} else if (n < CHUNK && !s->ending) {
			wait_a_little(s);
		}
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* ---- opening and closing ---- */

static int
no_memory(struct weir_error *err)
{
	return weir_error_set(err, WEIR_ENOMEMORY, "no memory for a stream");
}

static int
open_target(struct target *target, const char *path,
	    enum stream_format format, struct weir_error *err)
{
	const char *header = stream_headers[format];

	if (!*path)
		return WEIR_OK;
	target->buffer = malloc(BUFFER_BYTES);
	if (!target->buffer)
		return no_memory(err);
	target->len = strlen(header);
	memcpy(target->buffer, header, target->len);
	return output_file_open_live(path, &target->file, err);
}

/* From CLOCK_MONOTONIC to the time of day; the same for the whole run, so
 * that differences stay exact. */
static uint64_t
find_epoch_ns(void)
{
	struct timespec day;

	clock_gettime(CLOCK_REALTIME, &day);
	return (uint64_t)day.tv_sec * NS_PER_S + (uint64_t)day.tv_nsec -
	       clock_now_ns();
}

static void
free_stream(struct output_stream *s)
{
	for (size_t i = 0; i < FORMATS; i++) {
		output_file_discard(s->targets[i].file);
		free(s->targets[i].buffer);
	}
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static void
init_locks(struct output_stream *s)
{
	clock_cond_init(&s->changed);
	pthread_mutex_init(&s->lock, NULL);
}

int
output_stream_open(const char *json, const char *csv,
		   struct output_stream **ret_stream, struct weir_error *err)
{
	struct output_stream *s = NULL;
	int status, error;

	*ret_stream = NULL;
	if (!*json && !*csv)
		return WEIR_OK;
	s = calloc(1, sizeof(*s));
	if (!s)
		return no_memory(err);
	init_locks(s);
	s->epoch_ns = find_epoch_ns();
	status = open_target(&s->targets[STREAM_JSON], json, STREAM_JSON, err);
	if (status == WEIR_OK)
		status = open_target(&s->targets[STREAM_CSV], csv, STREAM_CSV,
				     err);
	error = status ? 0 : pthread_create(&s->thread, NULL, run, s);
	if (error) {
		errno = error;
		status = weir_error_errno(err, "the stream's thread can't be "
					  "started");
	}
	if (status) {
		free_stream(s);
		return status;
	}
	*ret_stream = s;
	return WEIR_OK;
}

int
output_stream_close(struct output_stream *s, struct weir_error *err)
{
	int status;

	if (!s)
		return WEIR_OK;
	pthread_mutex_lock(&s->lock);
	s->quit = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	for (size_t i = 0; i < FORMATS; i++) {
		struct target *target = &s->targets[i];
		struct weir_error why = { 0 };

		flush(s, target);
		if (target->file &&
		    output_file_commit(cleanup_take(target->file), &why))
			give_up(s, target, &why);
	}
	status = s->fault.status;
	if (status && err)
		*err = s->fault;
	free_stream(s);
	return status;
}

/* ---- trials ---- */

static uint32_t
slots_for(uint32_t n_channels)
{
	uint32_t slots = TAPE_SLOTS_MAX;
	uint32_t most = TAPES_BYTES / n_channels /
			(uint32_t)sizeof(struct tape_record);

	while (slots > most && slots > TAPE_SLOTS_MIN)
		slots /= 2;
	return slots;
}

static void
keep_off(const struct output_stream *s, const struct affinity *affinity)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (affinity_allowed(cpu))
			CPU_SET(cpu, &set);
	for (uint32_t i = 0; i < affinity->n_channels; i++) {
		if (affinity->host[i] != AFFINITY_ANY)
			CPU_CLR(affinity->host[i], &set);
		if (affinity->client[i] != AFFINITY_ANY)
			CPU_CLR(affinity->client[i], &set);
	}
	if (CPU_COUNT(&set) &&
	    pthread_setaffinity_np(s->thread, sizeof(set), &set))
		log_debug("the stream's thread can't be kept off the lanes' "
			  "CPUs");
}

static int
make_source(struct output_stream *s, struct source *source,
	    const struct plan_cell *cell, uint32_t trial, uint32_t channel,
	    struct weir_error *err)
{
	uint32_t slots = slots_for(axes_channels(&cell->axes));

	for (size_t i = 0; i < FORMATS; i++) {
		stream_lines_init(&source->lines[i], (enum stream_format)i,
				  cell, trial, channel, s->epoch_ns);
		for (size_t k = 0; k < STREAM_PIECES; k++)
			if (source->lines[i].pieces[k].failed)
				return no_memory(err);
	}
	return tape_create(slots, &source->tape, &s->tapes[channel], err);
}

static void
free_sources(struct output_stream *s, struct source *sources, uint32_t n)
{
	for (uint32_t i = 0; i < n && sources; i++) {
		tape_close(&sources[i].tape);
		for (size_t k = 0; k < FORMATS; k++)
			stream_lines_fini(&sources[i].lines[k]);
		if (s->tapes[i] >= 0)
			close(s->tapes[i]);
	}
	free(sources);
	free(s->tapes);
	s->tapes = NULL;
}

int
output_stream_begin(struct output_stream *s, const struct plan_cell *cell,
		    uint32_t trial, const struct affinity *affinity,
		    const int **ret_tapes, struct weir_error *err)
{
	uint32_t n = axes_channels(&cell->axes);
	struct source *sources = calloc(n, sizeof(*sources));
	int status = WEIR_OK;

	s->tapes = malloc(n * sizeof(*s->tapes));
	if (!sources || !s->tapes) {
		free(sources);
		free(s->tapes);
		s->tapes = NULL;
		return no_memory(err);
	}
	for (uint32_t i = 0; i < n; i++)
		s->tapes[i] = -1;
	for (uint32_t i = 0; i < n && !status; i++)
		status = make_source(s, &sources[i], cell, trial, i, err);
	if (status) {
		free_sources(s, sources, n);
		return status;
	}
	keep_off(s, affinity);
	pthread_mutex_lock(&s->lock);
	s->sources = sources;
	s->n_sources = n;
	s->ending = s->ended = false;
	s->records = s->n_late = 0;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	*ret_tapes = s->tapes;
	return WEIR_OK;
}

void
output_stream_end(struct output_stream *s, struct result_stream *ret_stream)
{
	struct source *sources;

	memset(ret_stream, 0, sizeof(*ret_stream));
	pthread_mutex_lock(&s->lock);
	sources = s->sources;
	s->ending = true;
	pthread_cond_broadcast(&s->changed);
	while (sources && !s->ended)
		pthread_cond_wait(&s->changed, &s->lock);
	s->sources = NULL;
	pthread_mutex_unlock(&s->lock);
	if (!sources)
		return;
	ret_stream->on = true;
	ret_stream->records = s->records;
	for (uint32_t i = 0; i < s->n_sources; i++) {
		uint64_t stalls, stalled_ns;

		tape_stalls(&sources[i].tape, &stalls, &stalled_ns);
		ret_stream->stalls = sticky_add(ret_stream->stalls, stalls);
		ret_stream->stalled_ns = sticky_add(ret_stream->stalled_ns,
						    stalled_ns);
	}
	free_sources(s, sources, s->n_sources);
}
