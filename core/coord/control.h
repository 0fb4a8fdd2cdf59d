/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control channel: one connection between host and client.
 *
 * Frames messages (message.h) over a Unix stream socket, carries their
 * descriptors, beats, and notices silence. A thread of its own sends a BEAT
 * every 500 ms; sending is safe from any thread, receiving is the
 * coordinating thread's. Nothing here waits without a deadline.
 */
#ifndef CORE_COORD_CONTROL_H
#define CORE_COORD_CONTROL_H

#include <stdint.h>

#include "core/coord/message.h"

#define CONTROL_BEAT_NS UINT64_C(500000000)

struct control;

/*
 * Takes the connected socket (on success; closed by control_close) and
 * starts the beat. `peer` names the other side in sentences ("the client");
 * copied. The other side counts as dead before it has been silent for
 * silence_ns (after 7/8 of it), so that this is the whole time to notice.
 */
WEIR_MUST_USE int control_open(int socket, const char *peer,
			       uint64_t silence_ns,
			       struct control **ret_control,
			       struct weir_error *err);

/* Renames the other side, once more is known ("the client (pid 12)"). */
void control_set_peer(struct control *control, const char *peer);
const char *control_peer(const struct control *control);

/* Stops the beat and closes the socket; NULL is allowed. */
void control_close(struct control *control);

/* Sends one message with n_fds descriptors (they stay the caller's). EPEER
 * when the other side is gone, ETIMEOUT when it does not read. */
WEIR_MUST_USE int control_send(struct control *control,
			       const struct message *message, const int *fds,
			       uint32_t n_fds, struct weir_error *err);

/* The socket, for poll(POLLIN). A message may be buffered already: call
 * control_receive until EAGAIN before waiting. */
int control_fd(const struct control *control);

/*
 * The next message, without waiting: EAGAIN where there is none yet. Beats
 * are dealt with inside. Descriptors of an OFFER go to ret_fds (room for
 * MESSAGE_FDS_MAX), the caller's from then on. EPEER: the other side has
 * closed; EPROTOCOL: it speaks garbage; ETIMEOUT: it has been silent.
 */
WEIR_MUST_USE int control_receive(struct control *control,
				  struct message *ret_message, int *ret_fds,
				  struct weir_error *err);

/* Closes the descriptors that came with that message, for whom they are of no
 * use: only hosts make offers, and not every one is taken. */
void control_close_fds(const struct message *message, const int *fds);

/* When the silence will have lasted too long: a deadline for poll. */
uint64_t control_silence_deadline_ns(const struct control *control);

#endif
