/* SPDX-License-Identifier: Apache-2.0 */
/* The host's side of the meeting. */
#include "core/coord/meet.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/io.h"
#include "core/base/log.h"
#include "core/coord/place.h"

#define BACKLOG 64
#define PROBES 5 /* races with another host's start that are put up with */

struct meet {
	char *path;
	int directory; /* of the socket file */
	char *name;    /* in it */
	int socket;
	dev_t device; /* of our socket file */
	ino_t inode;
	struct meet_access access;
};

static int
say_no_directory(const char *path, struct weir_error *err)
{
	int status = errno == EACCES || errno == EPERM ? WEIR_EUNAVAILABLE :
							 WEIR_ESYSTEM;

	weir_error_errno(err,
			 "the folder of the control socket \"%s\" can't "
			 "be used",
			 path);
	if (err)
		err->status = status;
	return status;
}

static int
make_parent(const char *path, struct weir_error *err)
{
	cleanup_free char *copy = strdup(path);
	mode_t mask;
	int status;

	if (!copy)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a path");
	mask = umask(0077);
	status = io_make_directories(dirname(copy), err);
	umask(mask);
	return status;
}

/*
 * A name that is taken: by a listener (then it stays), by something that is
 * no socket (it stays, too), or by a socket file that was left behind (it is
 * removed).
 */
static int
clear_name(const struct meet *meet, struct weir_error *err)
{
	struct stat st;
	int fd;

	if (fstatat(meet->directory, meet->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? WEIR_OK :
					 say_no_directory(meet->path, err);
	if (!S_ISSOCK(st.st_mode))
		return weir_error_set(err, WEIR_EINVALID,
				      "\"%s\" exists and is not a socket; give "
				      "--ipc-path another name",
				      meet->path);
	fd = place_connect(meet->directory, meet->name);
	if (fd >= 0 || errno == EAGAIN) {
		if (fd >= 0)
			close(fd);
		return weir_error_set(
			err, WEIR_EINVALID,
			"another host listens on \"%s\"; "
			"wait for its end or give --ipc-path another name",
			meet->path);
	}
	if (errno != ECONNREFUSED && errno != ENOENT)
		return weir_error_errno(err,
					"the socket \"%s\" that is there "
					"can't be tried",
					meet->path);
	if (unlinkat(meet->directory, meet->name, 0) != 0 && errno != ENOENT)
		return say_no_directory(meet->path, err);
	log_info("the socket \"%s\", left behind by a host that is gone, was "
		 "replaced",
		 meet->path);
	return WEIR_OK;
}

/* Binds under the final name; the mode is right from the first moment. */
static int
bind_name(struct meet *meet, struct weir_error *err)
{
	struct sockaddr_un address;
	mode_t mask;
	int status = WEIR_OK, bound;

	if (place_address(meet->directory, meet->name, &address) != 0)
		return weir_error_errno(err, "the name of the socket \"%s\"",
					meet->path);
	for (int i = 0; i < PROBES; i++) {
		status = clear_name(meet, err);
		if (status)
			return status;
		mask = umask(0177);
		bound = bind(meet->socket, (struct sockaddr *)&address,
			     sizeof(address));
		umask(mask);
		if (bound == 0)
			return WEIR_OK;
		if (errno != EADDRINUSE)
			return say_no_directory(meet->path, err);
	}
	return weir_error_set(err, WEIR_ESYSTEM,
			      "\"%s\" is taken again and again by other hosts",
			      meet->path);
}

static int
give_access(const struct meet *meet, struct weir_error *err)
{
	const struct meet_access *access = &meet->access;

	if ((access->owner_uid != MEET_NO_ID ||
	     access->owner_gid != MEET_NO_ID) &&
	    fchownat(meet->directory, meet->name, access->owner_uid,
		     access->owner_gid, AT_SYMLINK_NOFOLLOW) != 0)
		return weir_error_errno(err,
					"the socket \"%s\" can't be given "
					"to uid %d",
					meet->path, (int)access->owner_uid);
	if (fchmodat(meet->directory, meet->name, access->mode, 0) != 0)
		return weir_error_errno(err,
					"the mode of the socket \"%s\" "
					"can't be set to %04o",
					meet->path, access->mode);
	return WEIR_OK;
}

static int
listen_there(struct meet *meet, struct weir_error *err)
{
	struct stat st;
	int status;

	meet->socket = place_socket();
	if (meet->socket < 0)
		return weir_error_errno(err, "a socket can't be made");
	status = bind_name(meet, err);
	if (status)
		return status;
	if (fstatat(meet->directory, meet->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return say_no_directory(meet->path, err);
	meet->device = st.st_dev;
	meet->inode = st.st_ino;
	status = give_access(meet, err);
	if (status)
		return status;
	if (listen(meet->socket, BACKLOG) != 0)
		return weir_error_errno(err, "the socket \"%s\" can't listen",
					meet->path);
	return WEIR_OK;
}

int
meet_listen(const char *path, const struct meet_access *access,
	    struct meet **ret_meet, struct weir_error *err)
{
	struct meet *meet = calloc(1, sizeof(*meet));
	int status = WEIR_OK;

	if (meet)
		meet->path = strdup(path);
	if (!meet || !meet->path) {
		free(meet);
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a control socket");
	}
	meet->directory = meet->socket = -1;
	meet->access = *access;
	status = make_parent(path, err);
	if (status == WEIR_OK &&
	    place_open(path, &meet->directory, &meet->name) != 0)
		status = say_no_directory(path, err);
	if (status == WEIR_OK)
		status = listen_there(meet, err);
	if (status) {
		meet_close(meet);
		return status;
	}
	*ret_meet = meet;
	return WEIR_OK;
}

static bool
is_ours(const struct meet *meet, int directory, const char *name)
{
	struct stat st;

	return meet->inode &&
	       fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_dev == meet->device && st.st_ino == meet->inode;
}

static bool
is_allowed(const struct meet *meet, uint32_t uid)
{
	if (uid == geteuid())
		return true;
	for (size_t i = 0; i < meet->access.n_allow_uids; i++) {
		if (meet->access.allow_uids[i] == uid)
			return true;
	}
	return false;
}

/* One connection that is there. *ret_turned_away: it may not come. */
static int
take_one(struct meet *meet, int *ret_socket, struct meet_peer *ret_peer,
	 bool *ret_turned_away, struct weir_error *err)
{
	cleanup_close int fd = accept4(meet->socket, NULL, NULL, SOCK_CLOEXEC);
	struct ucred who;
	socklen_t len = sizeof(who);

	if (fd < 0) {
		if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
			return WEIR_EAGAIN;
		return weir_error_errno(err,
					"a client can't be accepted on "
					"\"%s\"",
					meet->path);
	}
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0)
		return weir_error_errno(err,
					"who connected to \"%s\" can't be "
					"told",
					meet->path);
	if (!is_allowed(meet, who.uid)) {
		log_warn("a client of uid %u was turned away from \"%s\": only "
			 "the own uid, ipc.owner and those in allow_uids may "
			 "come", who.uid, meet->path);
		*ret_turned_away = true;
		return WEIR_EAGAIN;
	}
	ret_peer->uid = who.uid;
	ret_peer->pid = who.pid;
	*ret_socket = cleanup_take_fd(fd);
	return WEIR_OK;
}

int
meet_take(struct meet *meet, int *ret_socket, struct meet_peer *ret_peer,
	  struct weir_error *err)
{
	bool turned_away;
	int status;

	do {
		turned_away = false;
		status = take_one(meet, ret_socket, ret_peer, &turned_away,
				  err);
	} while (turned_away);
	return status;
}

int
meet_check_file(const struct meet *meet, struct weir_error *err)
{
	/* By its path, as a client comes: the folder may have been moved. */
	if (is_ours(meet, AT_FDCWD, meet->path))
		return WEIR_OK;
	return weir_error_set(err, WEIR_EPEER,
			      "the control socket \"%s\" was removed or "
			      "replaced by somebody else", meet->path);
}

void
meet_name_peer(const struct meet_peer *peer, const char *who,
	       char ret_name[MEET_NAME_BYTES])
{
	if (peer->pid > 0)
		snprintf(ret_name, MEET_NAME_BYTES, "%.32s (pid %d)", who,
			 peer->pid);
	else
		snprintf(ret_name, MEET_NAME_BYTES,
			 "%.32s (uid %u, of another pid namespace)", who,
			 peer->uid);
}

int
meet_check_stop(int stop_fd, struct weir_error *err)
{
	struct pollfd stop = { .fd = stop_fd, .events = POLLIN };

	if (poll(&stop, 1, 0) > 0)
		return weir_error_set(err, WEIR_ECANCELED,
				      "the wait for the other side was "
				      "interrupted");
	return WEIR_OK;
}

int
meet_accept(struct meet *meet, uint64_t deadline_ns, int stop_fd,
	    int *ret_socket, struct meet_peer *ret_peer, struct weir_error *err)
{
	struct pollfd polls[2] = { { .fd = meet->socket, .events = POLLIN },
				   { .fd = stop_fd, .events = POLLIN } };
	int status;

	for (;;) {
		uint64_t look_ns = clock_deadline_ns(MEET_LOOK_NS);

		status = meet_check_stop(stop_fd, err);
		if (status == WEIR_OK)
			status = meet_take(meet, ret_socket, ret_peer, err);
		if (status != WEIR_EAGAIN)
			return status;
		status = meet_check_file(meet, err);
		if (status)
			return status;
		if (clock_now_ns() >= deadline_ns)
			return weir_error_set(
				err, WEIR_ETIMEOUT,
				"no client came to \"%s\" "
				"in time: start `weir client --ipc-path` "
				"there, or wait longer with "
				"--connect-timeout",
				meet->path);
		if (look_ns > deadline_ns)
			look_ns = deadline_ns;
		if (poll(polls, 2, clock_poll_timeout_ms(look_ns)) < 0 &&
		    errno != EINTR)
			return weir_error_errno(err, "waiting for a client "
						     "failed");
	}
}

int
meet_fd(const struct meet *meet)
{
	return meet->socket;
}

const char *
meet_path(const struct meet *meet)
{
	return meet->path;
}

void
meet_close(struct meet *meet)
{
	if (!meet)
		return;
	if (is_ours(meet, meet->directory, meet->name) &&
	    unlinkat(meet->directory, meet->name, 0) != 0)
		log_warn("the control socket \"%s\" can't be removed: %s",
			 meet->path, strerror(errno));
	if (meet->socket >= 0)
		close(meet->socket);
	if (meet->directory >= 0)
		close(meet->directory);
	free(meet->name);
	free(meet->path);
	free(meet);
}
