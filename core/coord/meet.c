/* SPDX-License-Identifier: Apache-2.0 */
#include "core/coord/meet.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/io.h"
#include "core/base/log.h"

#define BACKLOG 64
#define LOOK_NS (100 * NS_PER_MS)
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

/* ---- addresses of any length ---- */

/* A path split into an open directory and a name in it. */
static int
open_place(const char *path, int *ret_directory, char **ret_name)
{
	cleanup_free char *a = strdup(path);
	cleanup_free char *b = strdup(path);
	char *name = b ? strdup(basename(b)) : NULL;

	if (!a || !name) {
		free(name);
		errno = ENOMEM;
		return -1;
	}
	*ret_directory = open(dirname(a), O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*ret_directory < 0) {
		free(name);
		return -1;
	}
	*ret_name = name;
	return 0;
}

/* The address of a name in an open directory: through /proc, so that the
 * directory's own length does not count. */
static int
place_address(int directory, const char *name, struct sockaddr_un *ret)
{
	int n;

	memset(ret, 0, sizeof(*ret));
	ret->sun_family = AF_UNIX;
	n = snprintf(ret->sun_path, sizeof(ret->sun_path),
		     "/proc/self/fd/%d/%s", directory, name);
	if (n < 0 || (size_t)n >= sizeof(ret->sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

static int
new_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* Connects once: a socket, or -1 with errno. */
static int
connect_place(int directory, const char *name)
{
	struct sockaddr_un address;
	int fd;

	if (place_address(directory, name, &address) != 0)
		return -1;
	fd = new_socket();
	if (fd >= 0 &&
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

/* ---- the host ---- */

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
	fd = connect_place(meet->directory, meet->name);
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

	meet->socket = new_socket();
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
	    open_place(path, &meet->directory, &meet->name) != 0)
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
is_ours(const struct meet *meet)
{
	struct stat st;

	return meet->inode &&
	       fstatat(meet->directory, meet->name, &st, AT_SYMLINK_NOFOLLOW) ==
		       0 &&
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

/* One connection that is there: EAGAIN where there is none, or where it was
 * turned away. */
static int
take_one(struct meet *meet, int *ret_socket, struct meet_peer *ret_peer,
	 struct weir_error *err)
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
			 "the own uid and --allow-uid may come",
			 who.uid, meet->path);
		return WEIR_EAGAIN;
	}
	ret_peer->uid = who.uid;
	ret_peer->pid = who.pid;
	*ret_socket = cleanup_take_fd(fd);
	return WEIR_OK;
}

static int
check_stop(int stop_fd, struct weir_error *err)
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
		uint64_t look_ns = clock_deadline_ns(LOOK_NS);

		status = check_stop(stop_fd, err);
		if (status == WEIR_OK)
			status = take_one(meet, ret_socket, ret_peer, err);
		if (status != WEIR_EAGAIN)
			return status;
		if (!is_ours(meet))
			return weir_error_set(err, WEIR_EPEER,
					      "the control socket \"%s\" was "
					      "removed or replaced while the "
					      "host waited on it",
					      meet->path);
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
	if (is_ours(meet) && unlinkat(meet->directory, meet->name, 0) != 0)
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

/* ---- the client ---- */

/* One try; EAGAIN where the host may still come, with the reason in err. */
static int
try_connect(const char *path, int *ret_socket, struct weir_error *err)
{
	cleanup_close int directory = -1;
	cleanup_free char *name = NULL;

	if (open_place(path, &directory, &name) == 0)
		*ret_socket = connect_place(directory, name);
	else
		*ret_socket = -1;
	if (*ret_socket >= 0)
		return WEIR_OK;
	weir_error_errno(err, "no host is to be reached at \"%s\"", path);
	switch (errno) {
	case ENOENT:       /* not there yet */
	case ECONNREFUSED: /* left behind, or not listening yet */
	case EAGAIN:       /* its backlog is full */
	case EINTR:
	case EACCES: /* between bind and its new owner */
		return WEIR_EAGAIN;
	default:
		return err ? err->status : WEIR_ESYSTEM;
	}
}

/* Sleeps until something happens in the folder, or for a moment. */
static void
wait_for_change(int notify, int stop_fd, uint64_t deadline_ns)
{
	struct pollfd polls[2] = { { .fd = notify, .events = POLLIN },
				   { .fd = stop_fd, .events = POLLIN } };
	uint64_t look_ns = clock_deadline_ns(LOOK_NS);
	char events[4096];

	poll(polls, 2,
	     clock_poll_timeout_ms(look_ns < deadline_ns ? look_ns :
							   deadline_ns));
	while (notify >= 0 && read(notify, events, sizeof(events)) > 0)
		;
}

/* What happens to names in the folder; -1 is as good, only slower. */
static int
watch_folder(const char *path)
{
	cleanup_free char *copy = strdup(path);
	int notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (notify >= 0 && copy)
		inotify_add_watch(notify, dirname(copy),
				  IN_CREATE | IN_MOVED_TO | IN_ATTRIB);
	return notify;
}

int
meet_connect(const char *path, uint64_t deadline_ns, int stop_fd,
	     int *ret_socket, struct weir_error *err)
{
	cleanup_close int notify = watch_folder(path);
	struct weir_error why = { 0 };
	int status;

	for (;;) {
		status = check_stop(stop_fd, err);
		if (status)
			return status;
		status = try_connect(path, ret_socket, &why);
		if (status != WEIR_EAGAIN)
			break;
		if (clock_now_ns() >= deadline_ns) {
			why.status = status = WEIR_ETIMEOUT;
			break;
		}
		wait_for_change(notify, stop_fd, deadline_ns);
	}
	if (status && err)
		*err = why;
	return status;
}
