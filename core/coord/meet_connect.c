/* SPDX-License-Identifier: Apache-2.0 */
/* The client's side of the meeting. */
#include <errno.h>
#include <libgen.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/coord/meet.h"
#include "core/coord/place.h"

/* A folder that was mounted here stays when it is deleted where it came from,
 * but nobody else finds it any more. */
static bool
has_deleted_folder(const char *path)
{
	cleanup_free char *copy = strdup(path);
	const char *folder = copy ? dirname(copy) : "";
	struct stat st;

	/* Twice: the first time it may just be about to go, and come anew. */
	return stat(folder, &st) == 0 && st.st_nlink == 0 &&
	       stat(folder, &st) == 0 && st.st_nlink == 0;
}

/* One try; EAGAIN where the host may still come, with the reason in err. */
static int
try_connect(const char *path, int *ret_socket, struct weir_error *err)
{
	cleanup_close int directory = -1;
	cleanup_free char *name = NULL;

	if (has_deleted_folder(path))
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "the folder of \"%s\" was deleted "
				      "under this client, which no host can "
				      "meet any more: start it again", path);
	if (place_open(path, &directory, &name) == 0)
		*ret_socket = place_connect(directory, name);
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

struct watch {
	int notify;       /* -1 where the folder can't be watched */
	const char *name; /* of the socket file in it */
};

/* What happens to other names of the folder is none of this one's affairs;
 * events that were lost may have been. */
static bool
concerns_us(const struct watch *watch)
{
	char bytes[4096] __attribute__((aligned(8)));
	bool ours = false;
	ssize_t n;

	while ((n = read(watch->notify, bytes, sizeof(bytes))) > 0) {
		for (char *at = bytes; at < bytes + n;) {
			const struct inotify_event *event = (void *)at;

			ours |= event->len == 0 ||
				strcmp(event->name, watch->name) == 0;
			at += sizeof(*event) + event->len;
		}
	}
	return ours;
}

/* Sleeps until something happens to the socket file, or for a moment: a
 * folder that others use all the time must not keep this side busy. */
static void
wait_for_change(const struct watch *watch, int stop_fd, uint64_t deadline_ns)
{
	struct pollfd polls[2] = { { .fd = watch->notify, .events = POLLIN },
				   { .fd = stop_fd, .events = POLLIN } };
	uint64_t look_ns = clock_deadline_ns(MEET_LOOK_NS);

	if (look_ns > deadline_ns)
		look_ns = deadline_ns;
	while (poll(polls, 2, clock_poll_timeout_ms(look_ns)) > 0 &&
	       !polls[1].revents && !concerns_us(watch))
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
	const char *slash = strrchr(path, '/');
	const struct watch watch = { notify, slash ? slash + 1 : path };
	struct weir_error why = { 0 };
	int status;

	for (;;) {
		status = meet_check_stop(stop_fd, err);
		if (status)
			return status;
		status = try_connect(path, ret_socket, &why);
		if (status != WEIR_EAGAIN)
			break;
		if (clock_now_ns() >= deadline_ns) {
			why.status = status = WEIR_ETIMEOUT;
			break;
		}
		wait_for_change(&watch, stop_fd, deadline_ns);
	}
	if (status && err)
		*err = why;
	return status;
}
