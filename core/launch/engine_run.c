/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/launch/engine.h"

#define END_NS (2 * NS_PER_S)
#define LOOK_NS (100 * NS_PER_MS) /* where there is no pidfd */

/* One stream of the command, into a bounded buffer. */
struct stream {
	int fd;
	char *buf; /* of ENGINE_OUTPUT_BYTES */
	size_t len;
	bool keep_end; /* of what is too long; else the beginning */
};

struct command {
	pid_t pid;
	int pidfd;
	struct stream out;
	struct stream talk;
};

static void
make_room(struct stream *s)
{
	size_t half = ENGINE_OUTPUT_BYTES / 2;

	if (!s->keep_end || s->len < ENGINE_OUTPUT_BYTES - 1)
		return;
	memmove(s->buf, s->buf + s->len - half, half);
	s->len = half;
}

/* All that is there for now. */
static void
drain(struct stream *s)
{
	char rest[1024];
	ssize_t n;

	for (;;) {
		size_t room;

		make_room(s);
		room = ENGINE_OUTPUT_BYTES - 1 - s->len;
		n = room ? read(s->fd, s->buf + s->len, room) :
			   read(s->fd, rest, sizeof(rest));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		if (room)
			s->len += (size_t)n;
	}
	if (n == 0) {
		close(s->fd);
		s->fd = -1;
	}
	s->buf[s->len] = '\0';
}

/* ---- start ---- */

static int
open_stream(struct stream *s, char *buf, int *ret_write_end)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	s->fd = ends[0];
	s->buf = buf;
	*ret_write_end = ends[1];
	return fcntl(s->fd, F_SETFL, O_NONBLOCK);
}

static int
say_not_started(const char *program, int error, struct weir_error *err)
{
	static const struct {
		const char *program, *package;
	} known[] = { { "podman", "podman" }, { "docker", "docker.io" } };

	for (size_t i = 0; i < 2 && error == ENOENT; i++) {
		if (strcmp(program, known[i].program) == 0)
			return weir_error_set(err, WEIR_EUNAVAILABLE,
					      "%s is not installed: apt-get "
					      "install %s, or name another "
					      "engine in container.engine",
					      program, known[i].package);
	}
	errno = error;
	if (error == ENOENT || error == EACCES || error == ENOEXEC)
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "the container engine \"%s\" can't be "
				      "executed: %s", program,
				      strerror(error));
	return weir_error_errno(err, "the container engine \"%s\" can't be "
				"started", program);
}

/* In a process group of its own: a Ctrl-C on the terminal is for weir, which
 * then has the engine clean up. */
static int
spawn_command(char *const *argv, const int ends[2], pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, usual;
	int error;

	sigemptyset(&none);
	sigemptyset(&usual);
	sigaddset(&usual, SIGINT);
	sigaddset(&usual, SIGTERM);
	sigaddset(&usual, SIGPIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO,
						 "/dev/null", O_RDONLY, 0);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, ends[0],
							 STDOUT_FILENO);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, ends[1],
							 STDERR_FILENO);
	if (!error) {
		posix_spawnattr_setsigmask(&attributes, &none);
		posix_spawnattr_setsigdefault(&attributes, &usual);
		posix_spawnattr_setflags(&attributes,
					 POSIX_SPAWN_SETPGROUP |
						 POSIX_SPAWN_SETSIGMASK |
						 POSIX_SPAWN_SETSIGDEF);
		error = posix_spawnp(ret_pid, argv[0], &actions, &attributes,
				     argv, environ);
	}
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

static int
start(struct command *c, const char *program, const struct strings *args,
      struct engine_output *output, struct weir_error *err)
{
	cleanup_free char **argv = calloc(args->n + 2, sizeof(*argv));
	cleanup_free char *name = strdup(program);
	int ends[2] = { -1, -1 }, error;

	if (!argv || !name || args->failed)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for an engine's command");
	argv[0] = name;
	for (size_t i = 0; i < args->n; i++)
		argv[i + 1] = args->at[i];
	error = open_stream(&c->out, output->out, &ends[0]) != 0 ||
				open_stream(&c->talk, output->talk,
					    &ends[1]) != 0 ?
			errno : spawn_command(argv, ends, &c->pid);
	for (int i = 0; i < 2; i++) {
		if (ends[i] >= 0)
			close(ends[i]);
	}
	if (error)
		return say_not_started(program, error, err);
	c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
	return WEIR_OK;
}

/* ---- course and end ---- */

/* True once it has ended, waiting until the deadline or for stop_fd. */
static bool
wait_for_end(struct command *c, int *ret_status, uint64_t deadline_ns,
	     int stop_fd)
{
	for (;;) {
		struct pollfd polls[] = {
			{ .fd = c->pidfd, .events = POLLIN },
			{ .fd = c->out.fd, .events = POLLIN },
			{ .fd = c->talk.fd, .events = POLLIN },
			{ .fd = stop_fd, .events = POLLIN },
		};
		uint64_t look_ns = c->pidfd < 0 ? clock_deadline_ns(LOOK_NS) :
						  CLOCK_NEVER;
		bool ended = waitpid(c->pid, ret_status, WNOHANG) == c->pid;

		/* After its end, or else its last words were lost. */
		drain(&c->out);
		drain(&c->talk);
		if (ended)
			return true;
		if (clock_now_ns() >= deadline_ns)
			return false;
		if (look_ns > deadline_ns)
			look_ns = deadline_ns;
		poll(polls, 4, clock_poll_timeout_ms(look_ns));
		if (polls[3].revents)
			return false;
	}
}

static void
end_command(struct command *c)
{
	int status;

	kill(-c->pid, SIGTERM);
	if (wait_for_end(c, &status, clock_deadline_ns(END_NS), -1))
		return;
	kill(-c->pid, SIGKILL);
	if (!wait_for_end(c, &status, clock_deadline_ns(END_NS), -1))
		log_warn("the engine's command (pid %d) can't be killed",
			 (int)c->pid);
}

static int
follow(struct command *c, const char *program, const char *verb,
       uint64_t timeout_ns, int stop_fd, int *ret_exit_code,
       struct weir_error *err)
{
	uint64_t deadline_ns = clock_deadline_ns(timeout_ns);
	int status;

	if (wait_for_end(c, &status, deadline_ns, stop_fd)) {
		*ret_exit_code = WIFEXITED(status) ? WEXITSTATUS(status) :
						     128 + WTERMSIG(status);
		return WEIR_OK;
	}
	end_command(c);
	if (clock_now_ns() >= deadline_ns)
		return weir_error_set(err, WEIR_ETIMEOUT,
				      "%s %s did not end within %u s",
				      program, verb,
				      (unsigned)(timeout_ns / NS_PER_S));
	return weir_error_set(err, WEIR_ECANCELED,
			      "the run was interrupted");
}

int
engine_run(const char *program, const struct strings *args,
	   uint64_t timeout_ns, int stop_fd, struct engine_output *ret_output,
	   struct weir_error *err)
{
	struct command c = {
		.pidfd = -1,
		.out = { .fd = -1 },
		.talk = { .fd = -1, .keep_end = true },
	};
	int status;

	memset(ret_output, 0, sizeof(*ret_output));
	status = start(&c, program, args, ret_output, err);
	if (status == WEIR_OK)
		status = follow(&c, program, args->n ? args->at[0] : "",
				timeout_ns, stop_fd, &ret_output->exit_code,
				err);
	if (c.pidfd >= 0)
		close(c.pidfd);
	if (c.out.fd >= 0)
		close(c.out.fd);
	if (c.talk.fd >= 0)
		close(c.talk.fd);
	if (status == WEIR_OK)
		log_debug("%s %s: exit code %d: %s", program,
			  args->n ? args->at[0] : "", ret_output->exit_code,
			  ret_output->talk);
	return status;
}

int
engine_ask(const char *program, uint64_t timeout_ns, int stop_fd,
	   struct engine_output *ret_output, struct weir_error *err, ...)
{
	struct strings args = { 0 };
	const char *arg;
	va_list list;
	int status;

	va_start(list, err);
	while ((arg = va_arg(list, const char *)))
		strings_add(&args, arg);
	va_end(list);
	status = engine_run(program, &args, timeout_ns, stop_fd, ret_output,
			    err);
	strings_fini(&args);
	return status;
}

const char *
engine_last_words(char *talk)
{
	char *save = NULL, *words = NULL;
	bool error = false;

	for (char *line = strtok_r(talk, "\r\n", &save); line;
	     line = strtok_r(NULL, "\r\n", &save)) {
		bool is_error = strncmp(line, "Error: ", 7) == 0;

		line += strspn(line, " \t");
		if (*line && (is_error || !error))
			words = is_error ? line + 7 : line;
		error |= is_error;
	}
	if (!words || !*words)
		return "it said nothing";
	text_clean(words, strlen(words));
	return words;
}
