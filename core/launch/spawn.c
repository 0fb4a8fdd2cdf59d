/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fork, then exec of weir itself as a client that inherits its end of the
 * control connection. Exec gives it a fresh address space, as a real other
 * side has. A pipe that exec closes tells the parent how that went.
 */
#include "core/launch/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/base/units.h"
#include "core/plugin/plugin.h"

#define CONTROL_FD 3   /* as in argv below */
#define FIRST_OWN_FD 8 /* ours in the child: clear of CONTROL_FD */
#define EXEC_NS (10 * NS_PER_S)
#define REAP_NS (5 * NS_PER_S)

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1u << 2)
#endif

struct process {
	pid_t pid;
};

static void
add_folder(struct text *path, const char *folder)
{
	text_addf(path, "%s%s", path->len ? ":" : "", folder);
}

/* The folder of the module that this side has loaded, as an absolute path. */
static void
add_folder_of(struct text *path, const struct plugin *plugin)
{
	cleanup_free char *copy = strdup(plugin->path);
	cleanup_free char *folder = copy ? realpath(dirname(copy), NULL) : NULL;

	if (folder)
		add_folder(path, folder);
	else
		path->failed = true;
}

/* Where the client looks for plugins: first where this side has found the
 * one in hand, which may have been named by its path, and then where it looks
 * itself. All of its folders are said, for to the client its own program,
 * beside which some lie, may seem to be elsewhere (in a chroot). */
static void
add_plugin_path(const struct launch_config *config, struct strings *own)
{
	const char *environment = getenv("WEIR_PLUGIN_PATH");
	const struct strings *configured = &config->run->plugin_path;
	const struct strings *all = config->registry ?
					    registry_folders(config->registry) :
					    configured;
	struct text path = { 0 };

	if (config->plugin)
		add_folder_of(&path, config->plugin);
	if (environment)
		add_folder(&path, environment);
	for (size_t i = 0; i < configured->n; i++)
		add_folder(&path, configured->at[i]);
	/* One that is there already does not count twice. */
	for (size_t i = 0; all != configured && i < all->n; i++)
		add_folder(&path, all->at[i]);
	if (path.len)
		strings_addf(own, "WEIR_PLUGIN_PATH=%s", text_get(&path));
	own->failed |= path.failed;
	text_fini(&path);
}

/* The environment of the client: this one's, with the plugin folders and the
 * log level that are in force here. */
static char **
make_environment(const struct launch_config *config, struct strings *own)
{
	char **environment;

	for (char **at = environ; *at; at++) {
		if (strncmp(*at, "WEIR_", 5) != 0)
			strings_add(own, *at);
	}
	add_plugin_path(config, own);
	strings_addf(own, "WEIR_LOG=%s", log_level_name(log_level));
	environment = calloc(own->n + 1, sizeof(*environment));
	if (!environment || own->failed) {
		free(environment);
		return NULL;
	}
	memcpy(environment, own->at, own->n * sizeof(*environment));
	return environment;
}

/* ---- the child ---- */

struct child {
	const struct spawn *how;
	int socket;
	int report;  /* the pipe's end that exec closes */
	int program; /* weir: a path may mean another file in there */
	pid_t parent;
	char **environment;
	char silence[UNITS_TEXT_BYTES + 32]; /* an argument */
};

static void __attribute__((noreturn))
give_up(const struct child *child, struct spawn_fault *fault,
	const char *step)
{
	fault->error = errno;
	if (step)
		strncpy(fault->step, step, sizeof(fault->step) - 1);
	if (write(child->report, fault, sizeof(*fault)) < 0)
		_exit(126);
	_exit(127);
}

/* Between fork and exec: only what is safe after fork in a process that has
 * threads. */
static void __attribute__((noreturn))
become_client(struct child *child)
{
	char weir[] = "weir", client[] = "client", fd[] = "--control-fd=3";
	char *const argv[] = { weir, client, fd, child->silence, NULL };
	struct spawn_fault fault = { 0 };
	sigset_t none;
	pid_t parent;

	/* What comes to a whole group (Ctrl-C) is for the host, which ends
	 * the client: it would take one that went before for a fault. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (child->how->enter &&
	    child->how->enter(child->how->context, &fault) != 0)
		give_up(child, &fault, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The parent of PID 1 is 0; that one sees its connection end. */
	parent = getppid();
	if (parent != child->parent && parent != 0)
		_exit(127);
	if (child->socket == CONTROL_FD)
		fcntl(child->socket, F_SETFD, 0);
	else if (dup2(child->socket, CONTROL_FD) < 0)
		give_up(child, &fault, "its socket can't be passed on");
	/* What the client prints is talk; stdout is for the host's data. */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	close_range(CONTROL_FD + 1, ~0u, CLOSE_RANGE_CLOEXEC);
	syscall(SYS_execveat, child->program, "", argv, child->environment,
		AT_EMPTY_PATH);
	give_up(child, &fault, "weir can't be executed as a client");
}

/* ---- the parent ---- */

static int
set_fault(struct spawn_fault *fault, int error, const char *step)
{
	fault->error = error;
	snprintf(fault->step, sizeof(fault->step), "%s", step);
	return WEIR_ESYSTEM;
}

/* Waits for the exec, or for what went wrong before. */
static int
await_exec(int report, struct spawn_fault *ret_fault)
{
	struct pollfd end = { .fd = report, .events = POLLIN };
	uint64_t deadline_ns = clock_deadline_ns(EXEC_NS);
	ssize_t n;

	for (;;) {
		int ready = poll(&end, 1, clock_poll_timeout_ms(deadline_ns));

		if (ready > 0)
			break;
		if (ready == 0)
			return set_fault(ret_fault, ETIMEDOUT,
					 "the client does not come up");
	}
	n = read(report, ret_fault, sizeof(*ret_fault));
	if (n == 0)
		return WEIR_OK;
	if (n != sizeof(*ret_fault))
		return set_fault(ret_fault, EPIPE,
				 "the client does not come up");
	return WEIR_ESYSTEM;
}

/* A duplicate out of the way of CONTROL_FD; closes fd. */
static int
move_up(int fd)
{
	int moved = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, FIRST_OWN_FD);

	if (fd >= 0)
		close(fd);
	return moved;
}

static int
make_child(struct child *child, pid_t *ret_pid, int report_end,
	   struct spawn_fault *ret_fault)
{
	pid_t pid = child->how->make(child->how->context);
	int status;

	if (pid == 0)
		become_client(child);
	if (pid < 0)
		return set_fault(ret_fault, errno,
				 "its process can't be made");
	close(child->report);
	status = await_exec(report_end, ret_fault);
	if (status) {
		kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		return status;
	}
	*ret_pid = pid;
	return WEIR_OK;
}

/* With all that the child needs; takes socket. */
static int
prepare_child(const struct launch_config *config, const struct spawn *how,
	      int socket, pid_t *ret_pid, struct spawn_fault *ret_fault)
{
	struct strings own = { 0 };
	struct child child = {
		.how = how,
		.socket = socket,
		.report = -1,
		.parent = getpid(),
		.environment = make_environment(config, &own),
	};
	cleanup_close int program = -1;
	cleanup_close int report = -1;
	char text[UNITS_TEXT_BYTES];
	int ends[2], status;

	units_print_duration(config->run->silence_timeout_ns, text);
	snprintf(child.silence, sizeof(child.silence), "--silence-timeout=%s",
		 text);
	program = move_up(open("/proc/self/exe", O_PATH | O_CLOEXEC));
	child.program = program;
	if (!child.environment) {
		status = set_fault(ret_fault, ENOMEM, "no memory for it");
	} else if (program < 0) {
		status = set_fault(ret_fault, errno, "weir does not find its "
				   "own program (/proc/self/exe)");
	} else if (pipe2(ends, O_CLOEXEC) != 0) {
		status = set_fault(ret_fault, errno, "a pipe can't be made");
	} else {
		report = ends[0];
		child.report = move_up(ends[1]);
		status = make_child(&child, ret_pid, report, ret_fault);
	}
	close(socket);
	free(child.environment);
	strings_fini(&own);
	return status;
}

int
spawn_start(struct launch *launch, const struct spawn *how, int client_socket,
	    struct spawn_fault *ret_fault)
{
	struct process *process = calloc(1, sizeof(*process));
	int status;

	if (!process) {
		close(client_socket);
		return set_fault(ret_fault, ENOMEM, "no memory for it");
	}
	status = prepare_child(launch->config, how, client_socket,
			       &process->pid, ret_fault);
	if (status) {
		free(process);
		return status;
	}
	launch->own = process;
	launch->exit_fd = (int)syscall(SYS_pidfd_open, process->pid, 0);
	snprintf(launch->name, sizeof(launch->name), "the client (pid %d)",
		 (int)process->pid);
	return WEIR_OK;
}

/* ---- the end ---- */

/* True once the process has ended, waiting until the deadline. */
static bool
has_ended(const struct launch *launch, const struct process *process,
	  int *ret_status, uint64_t deadline_ns)
{
	for (;;) {
		struct pollfd end = { .fd = launch->exit_fd,
				      .events = POLLIN };
		int timeout_ms = clock_poll_timeout_ms(deadline_ns);

		if (waitpid(process->pid, ret_status, WNOHANG) == process->pid)
			return true;
		if (timeout_ms == 0)
			return false;
		/* Without a pidfd (an old kernel) look every 10 ms. */
		if (end.fd < 0 && timeout_ms > 10)
			timeout_ms = 10;
		poll(&end, 1, timeout_ms);
	}
}

static void
say_how(int status, char ret_how[LAUNCH_HOW_BYTES])
{
	if (WIFSIGNALED(status))
		snprintf(ret_how, LAUNCH_HOW_BYTES,
			 "it was killed by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		snprintf(ret_how, LAUNCH_HOW_BYTES,
			 "it ended with exit code %d", WEXITSTATUS(status));
}

void
spawn_end(struct launch *launch, uint64_t grace_ns, bool lost,
	  char ret_how[LAUNCH_HOW_BYTES])
{
	struct process *process = launch->own;
	int status = 0;

	(void)lost;
	if (has_ended(launch, process, &status, clock_deadline_ns(grace_ns))) {
		say_how(status, ret_how);
	} else {
		kill(process->pid, SIGKILL);
		if (has_ended(launch, process, &status,
			      clock_deadline_ns(REAP_NS)))
			snprintf(ret_how, LAUNCH_HOW_BYTES,
				 "it did not end by itself and was killed");
		else
			snprintf(ret_how, LAUNCH_HOW_BYTES,
				 "it can't be killed (pid %d)",
				 (int)process->pid);
	}
	free(process);
}
