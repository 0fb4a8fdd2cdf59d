/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Meeting at a socket file: the host listens, the client connects, and
 * either may come first.
 *
 * The path may be of any length (it is reached through its directory's
 * descriptor where it exceeds sun_path). A socket file that nobody listens
 * on any more is replaced; one with a listener is never stolen; the host's
 * own is removed when it closes, unless somebody else has replaced it.
 */
#ifndef CORE_COORD_MEET_H
#define CORE_COORD_MEET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <weir/error.h>

#define MEET_UIDS_MAX 16
#define MEET_NO_ID UINT32_MAX
#define MEET_NAME_BYTES 96
/* How often a wait looks whether the socket file is still there. */
#define MEET_LOOK_NS UINT64_C(100000000)

/* Who may come, and whose the socket file is. */
struct meet_access {
	uint32_t mode;      /* of the socket file, as 0600 */
	uint32_t owner_uid; /* MEET_NO_ID: leave it as it is */
	uint32_t owner_gid;
	/* Besides this process's effective uid, in its own user namespace. */
	uint32_t allow_uids[MEET_UIDS_MAX];
	size_t n_allow_uids;
};

struct meet;

/*
 * Binds and listens; missing directories are made (0700). EINVALID: another
 * host listens there; EUNAVAILABLE: no permission for the directory;
 * ESYSTEM.
 */
WEIR_MUST_USE int meet_listen(const char *path,
			      const struct meet_access *access,
			      struct meet **ret_meet, struct weir_error *err);

/* Who has come, as the kernel says (SO_PEERCRED). A pid of 0 is a process of
 * another PID namespace. */
struct meet_peer {
	uint32_t uid;
	int pid;
};

/*
 * The next client that is allowed to come; others are turned away with a
 * warning. ETIMEOUT at the deadline, ECANCELED when stop_fd (or -1) becomes
 * readable, EPEER when the socket file was removed or replaced meanwhile.
 * *ret_socket is the caller's.
 */
WEIR_MUST_USE int meet_accept(struct meet *meet, uint64_t deadline_ns,
			      int stop_fd, int *ret_socket,
			      struct meet_peer *ret_peer,
			      struct weir_error *err);

/* The same without waiting: EAGAIN where nobody is there. */
WEIR_MUST_USE int meet_take(struct meet *meet, int *ret_socket,
			    struct meet_peer *ret_peer,
			    struct weir_error *err);

/* EPEER when the socket file was removed or replaced. */
WEIR_MUST_USE int meet_check_file(const struct meet *meet,
				  struct weir_error *err);

/* "WHO (pid 12)", or by its uid where the pid can't be told. */
void meet_name_peer(const struct meet_peer *peer, const char *who,
		    char ret_name[MEET_NAME_BYTES]);

/* Readable when somebody is there. */
int meet_fd(const struct meet *meet);

const char *meet_path(const struct meet *meet);

/* Removes the socket file and frees; NULL is allowed. */
void meet_close(struct meet *meet);

/*
 * Connects to the host at path, waiting for it to appear (inotify on the
 * directory, and a look every 100 ms) until the deadline. ETIMEOUT says what
 * was there in the end (nothing, a stale socket, no permission …); ECANCELED
 * by stop_fd; EUNAVAILABLE where its folder was deleted, but is still mounted
 * here.
 */
WEIR_MUST_USE int meet_connect(const char *path, uint64_t deadline_ns,
			       int stop_fd, int *ret_socket,
			       struct weir_error *err);

/* ECANCELED where stop_fd (or -1) is readable. */
WEIR_MUST_USE int meet_check_stop(int stop_fd, struct weir_error *err);

#endif
