/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boundary `container`: one container of an engine, with a client that stays,
 * serves every trial of the run at this boundary. All that it shares with the
 * host is one directory: the control socket is in there, and what transports
 * put there with rendezvous = path.
 *
 * The socket listens only while a client is awaited, so that an idle client
 * waits for the file and not for an answer.
 */
#include "core/launch/container.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/io.h"
#include "core/base/log.h"
#include "core/base/rand.h"
#include "core/coord/meet.h"
#include "core/launch/container_engine.h"
#include "core/launch/launcher.h"

#define RUN_NS (60 * NS_PER_S) /* a container's start */
#define REMOVE_NS (30 * NS_PER_S)

/* ---- the directory ---- */

static int
make_directory(struct container *c, const struct engine_ids *ids,
	       struct weir_error *err)
{
	const char *base = getenv("TMPDIR");
	char *path;

	if (!base || base[0] != '/')
		base = "/tmp";
	/* The engine's own syntax has a meaning for it. */
	if (strchr(base, ':'))
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "a directory with ':' in its name can't "
				      "be given to a container: set TMPDIR to "
				      "another one than \"%s\"", base);
	if (asprintf(&path, "%s/weir-%s-XXXXXX", base, c->run_id) < 0)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a path");
	if (!mkdtemp(path)) {
		weir_error_errno(err, "a private directory for the container "
				 "can't be made in \"%s\" (TMPDIR)", base);
		free(path);
		return WEIR_ESYSTEM;
	}
	c->directory = path;
	if (asprintf(&c->socket_path, "%s/" ENGINE_SOCKET, path) < 0) {
		c->socket_path = NULL;
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a path");
	}
	if (ids->outside_uid != c->engine.uid &&
	    chown(path, ids->outside_uid, ids->outside_gid) != 0)
		return weir_error_errno(err, "the directory of the container "
					"can't be given to uid %" PRIu32,
					ids->outside_uid);
	return WEIR_OK;
}

/* ---- start and removal ---- */

static bool
has_ended(const struct container *c, uint64_t wait_ns)
{
	struct pollfd end = { .fd = c->exit_fd, .events = POLLIN };

	return poll(&end, 1, clock_poll_timeout_ms(
				     clock_deadline_ns(wait_ns))) > 0;
}

static int
ended_early(struct container *c, struct weir_error *err)
{
	char how[LAUNCH_HOW_BYTES];

	container_say_end(c, how);
	return weir_error_set(err, WEIR_EPEER, "the client's container did "
			      "not stay: %s",
			      how[0] ? how : "its process ended");
}

/* Its first process, to see its end at once. */
static int
watch_process(struct container *c, struct weir_error *err)
{
	int status = engine_ask(c->engine.program, CONTAINER_ASK_NS, c->stop_fd,
				&c->output, err, "inspect",
				"--format={{.State.Pid}}", c->name, NULL);
	long pid;

	if (status)
		return status;
	pid = strtol(c->output.out, NULL, 10);
	if (c->output.exit_code != 0 || pid <= 0)
		return ended_early(c, err);
	c->exit_fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
	if (c->exit_fd < 0 && errno == ESRCH)
		return ended_early(c, err);
	return WEIR_OK;
}

static int
run_container(struct container *c, struct weir_error *err)
{
	const struct engine_order order = {
		.run = c->run,
		.name = c->name,
		.run_id = c->run_id,
		.directory = c->directory,
		.pid = getpid(),
		.started = engine_process_started(getpid()),
	};
	struct strings args = { 0 };
	int status;

	engine_run_args(&c->engine, &order, &args);
	c->made = true; /* perhaps, even where it fails */
	status = engine_run(c->engine.program, &args, RUN_NS, c->stop_fd,
			    &c->output, err);
	strings_fini(&args);
	if (status == WEIR_OK && c->output.exit_code != 0)
		status = container_not_usable(
			c, "the container can't be started", err);
	return status ? status : watch_process(c, err);
}

static void
remove_container(struct container *c)
{
	struct strings args = { 0 };
	struct weir_error why = { 0 };
	int status;

	if (c->exit_fd >= 0)
		close(c->exit_fd);
	c->exit_fd = -1;
	if (!c->made)
		return;
	c->made = false;
	engine_remove_args(&c->engine, c->name, &args);
	status = engine_run(c->engine.program, &args, REMOVE_NS, -1,
			    &c->output, &why);
	strings_fini(&args);
	if (status)
		log_warn("the container \"%s\" may be left behind: %s; weir "
			 "containers stop removes it", c->name, why.text);
	else if (c->output.exit_code != 0 &&
		 !strcasestr(c->output.talk, "no such container") &&
		 !strcasestr(c->output.talk, "no container with name"))
		log_warn("the container \"%s\" may be left behind: %s; weir "
			 "containers stop removes it", c->name,
			 engine_last_words(c->output.talk));
}

static int
start(struct container *c, struct weir_error *err)
{
	struct engine_ids ids;
	int status;

	status = container_open_engine(c, err);
	if (status == WEIR_OK)
		status = container_find_image(c, err);
	if (status)
		return status;
	snprintf(c->run_id, sizeof(c->run_id), "%08" PRIx32,
		 (uint32_t)rand_seed());
	snprintf(c->name, sizeof(c->name), "%s-%s",
		 c->run->container_name_prefix, c->run_id);
	engine_ids(&c->engine, c->run->container_user, &ids);
	status = make_directory(c, &ids, err);
	if (status == WEIR_OK)
		status = run_container(c, err);
	if (status == WEIR_OK)
		log_info("the container \"%s\" is there", c->name);
	return status;
}

/* As if it had never been, so that the next start makes a new one. */
static void
clear(struct container *c)
{
	remove_container(c);
	if (c->directory)
		container_remove_directory(c->directory);
	free(c->directory);
	free(c->socket_path);
	c->directory = c->socket_path = NULL;
}

void
container_destroy(struct container *c)
{
	if (!c)
		return;
	if (c->run->container_keep && c->made) {
		log_warn("the container \"%s\" is kept, as container.keep "
			 "says; weir containers stop removes it", c->name);
		c->made = false;
		free(cleanup_take(c->directory));
	}
	clear(c);
	free(c);
}

const char *
container_directory(const struct container *c)
{
	return c->directory;
}

void
container_add_facts(const struct container *c, struct facts *to)
{
	facts_add_text(to, "engine", c->engine.kind == ENGINE_PODMAN ?
					     "podman" : "docker");
	facts_add_text(to, "engine_version", c->engine.version);
	facts_add_text(to, "image", c->run->container_image);
	facts_add_text(to, "image_id", c->image_id);
	facts_add_text(to, "container_name", c->name);
}

/* ---- the launcher ---- */

static int
listen_for_client(struct container *c, struct meet **ret_meet,
		  struct weir_error *err)
{
	struct meet_access who = {
		.mode = 0600,
		.owner_uid = MEET_NO_ID,
		.owner_gid = MEET_NO_ID,
	};
	struct engine_ids ids;

	engine_ids(&c->engine, c->run->container_user, &ids);
	who.allow_uids[who.n_allow_uids++] = ids.outside_uid;
	if (ids.outside_uid != c->engine.uid) {
		who.owner_uid = ids.outside_uid;
		who.owner_gid = ids.outside_gid;
	}
	if (access(c->directory, F_OK) != 0)
		return weir_error_set(err, WEIR_EPEER,
				      "the container's directory \"%s\" was "
				      "removed", c->directory);
	return meet_listen(c->socket_path, &who, ret_meet, err);
}

/* Readable when the run shall end or the container has ended. */
static int
open_events(const struct container *c)
{
	const int fds[] = { c->stop_fd, c->exit_fd };
	int events = epoll_create1(EPOLL_CLOEXEC);

	for (size_t i = 0; events >= 0 && i < 2; i++) {
		struct epoll_event event = { .events = EPOLLIN };

		if (fds[i] >= 0 &&
		    epoll_ctl(events, EPOLL_CTL_ADD, fds[i], &event) != 0) {
			close(events);
			return -1;
		}
	}
	return events;
}

static int
accept_client(struct container *c, struct meet *meet, int *ret_socket,
	      struct weir_error *err)
{
	cleanup_close int events = open_events(c);
	char how[LAUNCH_HOW_BYTES];
	struct meet_peer peer;
	int status;

	if (events < 0)
		return weir_error_errno(err, "the container can't be watched");
	status = meet_accept(meet, clock_deadline_ns(
					   c->run->connect_timeout_ns),
			     events, ret_socket, &peer, err);
	if (status == WEIR_ECANCELED && has_ended(c, 0))
		return ended_early(c, err);
	if (status == WEIR_ETIMEOUT) {
		container_say_state(c, how);
		weir_error_set(err, WEIR_ETIMEOUT,
			       "the client in the container \"%s\" did not "
			       "connect in time (connect_timeout)%s%s",
			       c->name, how[0] ? "; " : "", how);
		if (err)
			container_add_log(c, err->text, sizeof(err->text));
	}
	return status;
}

static int
meet_client(struct container *c, int *ret_socket, struct weir_error *err)
{
	struct meet *meet;
	int status = listen_for_client(c, &meet, err);

	if (status)
		return status;
	status = accept_client(c, meet, ret_socket, err);
	meet_close(meet);
	return status;
}

static struct container *
get_container(struct launch_site *site)
{
	struct container *c = site->container;

	if (c)
		return c;
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->run = site->run;
	c->stop_fd = site->stop_fd;
	c->exit_fd = -1;
	return site->container = c;
}

static int
container_meet(struct launch *launch, int *ret_socket, struct weir_error *err)
{
	struct container *c = get_container(launch->config->site);
	struct weir_error why = { 0 };
	int status = WEIR_OK;

	if (!c)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a container");
	if (c->broken.status) {
		if (err)
			*err = c->broken;
		return c->broken.status;
	}
	if (!c->made)
		status = start(c, &why);
	if (status == WEIR_OK)
		status = meet_client(c, ret_socket, &why);
	if (status) {
		/* What failed once would fail, and take its time, for every
		 * other cell, too. */
		if (status != WEIR_ECANCELED)
			c->broken = why;
		if (!c->run->container_keep)
			clear(c);
		if (err)
			*err = why;
		return status;
	}
	launch->own = c;
	launch->exit_fd = c->exit_fd < 0 ? -1 :
			  fcntl(c->exit_fd, F_DUPFD_CLOEXEC, 0);
	snprintf(launch->name, sizeof(launch->name),
		 "the client (in the container \"%s\")", c->name);
	return WEIR_OK;
}

static void
container_end(struct launch *launch, uint64_t grace_ns, bool lost,
	      char ret_how[LAUNCH_HOW_BYTES])
{
	struct container *c = launch->own;

	if (!lost && !has_ended(c, 0))
		return; /* it waits for its next trial */
	if (c->exit_fd >= 0 && has_ended(c, grace_ns))
		container_say_end(c, ret_how);
	else
		container_say_state(c, ret_how);
	if (!c->run->container_keep)
		clear(c);
}

const struct launcher launcher_container = {
	.meet = container_meet,
	.end = container_end,
};
