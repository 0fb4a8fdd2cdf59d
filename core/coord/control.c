/* SPDX-License-Identifier: Apache-2.0 */
#include "core/coord/control.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/io.h"
#include "core/base/log.h"
#include "core/base/units.h"

#define HEADER_BYTES sizeof(uint32_t)
#define PENDING_FDS_MAX 32 /* of frames that are not complete yet */
#define READ_BYTES (UINT32_C(64) << 10)

struct control {
	int socket;
	char peer[128];
	uint64_t silence_ns;
	uint64_t heard_ns; /* when the last byte came */
	char *in;          /* bytes received and not yet decoded */
	size_t in_len;
	size_t in_cap;
	int fds[PENDING_FDS_MAX];
	unsigned n_fds;
	pthread_mutex_t send_lock;
	pthread_t beat;
	pthread_mutex_t beat_lock;
	pthread_cond_t beat_end;
	bool ending; /* under beat_lock */
};

static int
send_frame(struct control *control, const struct message *message,
	   const int *fds, uint32_t n_fds, struct weir_error *err)
{
	char *text = NULL, *frame;
	uint32_t header;
	size_t len;
	int status = message_encode(message, &text, &len, err);

	if (status)
		return status;
	if (len > MESSAGE_BYTES_MAX) {
		free(text);
		return weir_error_set(err, WEIR_EINVALID,
				      "a control message of %zu bytes is "
				      "longer than %u", len,
				      MESSAGE_BYTES_MAX);
	}
	frame = malloc(HEADER_BYTES + len);
	if (!frame) {
		free(text);
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a control message");
	}
	header = htole32((uint32_t)len);
	memcpy(frame, &header, HEADER_BYTES);
	memcpy(frame + HEADER_BYTES, text, len);
	free(text);
	pthread_mutex_lock(&control->send_lock);
	status = io_send_fds(control->socket, frame, HEADER_BYTES + len, fds,
			     n_fds, clock_deadline_ns(control->silence_ns),
			     err);
	pthread_mutex_unlock(&control->send_lock);
	free(frame);
	return status;
}

int
control_send(struct control *control, const struct message *message,
	     const int *fds, uint32_t n_fds, struct weir_error *err)
{
	int status = send_frame(control, message, fds, n_fds, err);

	if (status == WEIR_EPEER)
		return weir_error_set(err, status, "%s is gone",
				      control->peer);
	if (status == WEIR_ETIMEOUT)
		return weir_error_set(err, status,
				      "%s does not read what it is sent",
				      control->peer);
	return status;
}

/* A failed beat is not reported here: the coordinating thread meets the same
 * end of the connection, and has the words for it. */
static void *
beat_thread(void *argument)
{
	struct control *control = argument;
	const struct message beat = { .type = MESSAGE_BEAT };

	pthread_mutex_lock(&control->beat_lock);
	while (!control->ending) {
		pthread_mutex_unlock(&control->beat_lock);
		if (send_frame(control, &beat, NULL, 0, NULL) != WEIR_OK)
			log_debug("a beat could not be sent");
		pthread_mutex_lock(&control->beat_lock);
		if (!control->ending)
			clock_cond_wait(&control->beat_end,
					&control->beat_lock,
					clock_deadline_ns(CONTROL_BEAT_NS));
	}
	pthread_mutex_unlock(&control->beat_lock);
	return NULL;
}

static void
init_locks(struct control *control)
{
	pthread_mutex_init(&control->send_lock, NULL);
	pthread_mutex_init(&control->beat_lock, NULL);
	clock_cond_init(&control->beat_end);
}

static void
free_control(struct control *control)
{
	pthread_cond_destroy(&control->beat_end);
	pthread_mutex_destroy(&control->beat_lock);
	pthread_mutex_destroy(&control->send_lock);
	for (unsigned i = 0; i < control->n_fds; i++)
		close(control->fds[i]);
	free(control->in);
	free(control);
}

int
control_open(int socket, const char *peer, uint64_t silence_ns,
	     struct control **ret_control, struct weir_error *err)
{
	struct control *control = calloc(1, sizeof(*control));
	int flags = fcntl(socket, F_GETFL);
	int error;

	if (!control)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a control channel");
	init_locks(control);
	control->socket = socket;
	control_set_peer(control, peer);
	control->silence_ns = silence_ns;
	control->heard_ns = clock_now_ns();
	if (flags < 0 || fcntl(socket, F_SETFL, flags | O_NONBLOCK) != 0) {
		weir_error_errno(err, "the control socket of %s can't be "
				 "prepared", peer);
		free_control(control);
		return WEIR_ESYSTEM;
	}
	error = pthread_create(&control->beat, NULL, beat_thread, control);
	if (error) {
		errno = error;
		weir_error_errno(err, "the thread that beats for %s can't be "
				 "started", peer);
		free_control(control);
		return WEIR_ESYSTEM;
	}
	*ret_control = control;
	return WEIR_OK;
}

void
control_set_peer(struct control *control, const char *peer)
{
	pthread_mutex_lock(&control->send_lock);
	snprintf(control->peer, sizeof(control->peer), "%s", peer);
	pthread_mutex_unlock(&control->send_lock);
}

const char *
control_peer(const struct control *control)
{
	return control->peer;
}

void
control_close(struct control *control)
{
	if (!control)
		return;
	pthread_mutex_lock(&control->beat_lock);
	control->ending = true;
	pthread_cond_signal(&control->beat_end);
	pthread_mutex_unlock(&control->beat_lock);
	/* A beat that waits for room in the socket gives up by this. */
	shutdown(control->socket, SHUT_RDWR);
	pthread_join(control->beat, NULL);
	close(control->socket);
	free_control(control);
}

int
control_fd(const struct control *control)
{
	return control->socket;
}

/* The other side's last byte came before whatever befell it, so a threshold
 * below the timeout leaves the rest of it for naming and tidying up. */
uint64_t
control_silence_deadline_ns(const struct control *control)
{
	return control->heard_ns + control->silence_ns / 8 * 7;
}

/* As of a time before the socket was found empty: a side that did not run in
 * between must not take what has come meanwhile for silence. */
static int
check_silence(const struct control *control, uint64_t now,
	      struct weir_error *err)
{
	char text[UNITS_TEXT_BYTES];

	if (now < control_silence_deadline_ns(control))
		return WEIR_EAGAIN;
	units_scale_ns((double)(now - control->heard_ns), text);
	return weir_error_set(err, WEIR_ETIMEOUT,
			      "%s has been silent for %s: it is stopped, "
			      "frozen or starved", control->peer, text);
}

/* Moves what the socket holds into the buffer. */
static int
read_more(struct control *control, struct weir_error *err)
{
	uint64_t looked_ns = clock_now_ns();
	size_t len;
	int status;

	if (control->in_cap - control->in_len < READ_BYTES) {
		size_t cap = control->in_cap + 2 * READ_BYTES;
		char *in = realloc(control->in, cap);

		if (!in)
			return weir_error_set(err, WEIR_ENOMEMORY,
					      "no memory for a control "
					      "message");
		control->in = in;
		control->in_cap = cap;
	}
	status = io_receive_fds(control->socket, control->in + control->in_len,
				READ_BYTES, &len, control->fds,
				PENDING_FDS_MAX, &control->n_fds, err);
	if (status == WEIR_EAGAIN)
		return check_silence(control, looked_ns, err);
	if (status == WEIR_OK && len == 0)
		status = WEIR_EPEER;
	if (status == WEIR_EPEER)
		return weir_error_set(err, WEIR_EPEER,
				      "%s has closed the control connection",
				      control->peer);
	if (status)
		return status;
	control->in_len += len;
	control->heard_ns = clock_now_ns();
	return WEIR_OK;
}

/* The length of the frame at the head of the buffer, or EAGAIN. */
static int
frame_ready(const struct control *control, uint32_t *ret_len,
	    struct weir_error *err)
{
	uint32_t len;

	if (control->in_len < HEADER_BYTES)
		return WEIR_EAGAIN;
	memcpy(&len, control->in, HEADER_BYTES);
	len = le32toh(len);
	if (len > MESSAGE_BYTES_MAX)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "%s announced a control message of %u "
				      "bytes, more than %u: it does not speak "
				      "weir's protocol", control->peer, len,
				      MESSAGE_BYTES_MAX);
	if (control->in_len - HEADER_BYTES < len)
		return WEIR_EAGAIN;
	*ret_len = len;
	return WEIR_OK;
}

static int
take_fds(struct control *control, const struct message *message, int *ret_fds,
	 struct weir_error *err)
{
	unsigned n = message->type == MESSAGE_OFFER ?
			(unsigned)message->offer.n_fds : 0;

	if (n > control->n_fds)
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "%s announced %u descriptors and sent "
				      "%u", control->peer, n, control->n_fds);
	if (n == 0)
		return WEIR_OK;
	memcpy(ret_fds, control->fds, n * sizeof(int));
	control->n_fds -= n;
	memmove(control->fds, control->fds + n,
		control->n_fds * sizeof(int));
	return WEIR_OK;
}

static int
decode_frame(struct control *control, uint32_t len,
	     struct message *ret_message, int *ret_fds,
	     struct weir_error *err)
{
	size_t whole = HEADER_BYTES + len;
	int status = message_decode(control->in + HEADER_BYTES, len,
				    ret_message, err);

	control->in_len -= whole;
	memmove(control->in, control->in + whole, control->in_len);
	if (status) {
		weir_error_prefix(err, "%s: ", control->peer);
		return status;
	}
	status = take_fds(control, ret_message, ret_fds, err);
	if (status)
		message_fini(ret_message);
	return status;
}

int
control_receive(struct control *control, struct message *ret_message,
		int *ret_fds, struct weir_error *err)
{
	uint32_t len = 0;
	int status;

	for (;;) {
		status = frame_ready(control, &len, err);
		if (status == WEIR_EAGAIN) {
			status = read_more(control, err);
			if (status)
				return status;
			continue;
		}
		if (status)
			return status;
		status = decode_frame(control, len, ret_message, ret_fds,
				      err);
		if (status || ret_message->type != MESSAGE_BEAT)
			return status;
	}
}

void
control_close_fds(const struct message *message, const int *fds)
{
	if (message->type != MESSAGE_OFFER)
		return;
	for (uint64_t k = 0; k < message->offer.n_fds; k++)
		close(fds[k]);
}
