/* SPDX-License-Identifier: Apache-2.0 */
#include "core/launch/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ALIVE_FD 3
#define NOTES_FD 4
#define FIRST_OWN_FD 8
#define GRACE_MS 500
#define STEP_MS 5
#define CHILDREN_BYTES 4096

/* ---- the command ---- */

static void
reset_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* exec closes `failed`; what is written to it says why there was none. */
static void __attribute__((noreturn))
become_command(char *const *argv, pid_t guard, int failed)
{
	const struct sched_param ordinary = { 0 };
	int error;

	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != guard)
		_exit(127);
	sched_setscheduler(0, SCHED_OTHER, &ordinary);
	execvp(argv[0], argv);
	error = errno;
	if (write(failed, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

static void
note(int kind, int value)
{
	const struct guard_note note = { kind, value };

	/* With nobody left to read it, the other pipe says so, too. */
	if (write(NOTES_FD, &note, sizeof(note)) < 0)
		return;
}

/* The command's pid, or 0. */
static pid_t
start_command(char *const *argv)
{
	pid_t guard = getpid(), pid;
	int ends[2], error = 0;

	if (pipe2(ends, O_CLOEXEC) != 0) {
		note(GUARD_FAILED, errno);
		return 0;
	}
	pid = fork();
	if (pid == 0)
		become_command(argv, guard, ends[1]);
	error = pid < 0 ? errno : 0;
	close(ends[1]);
	if (pid > 0 && read(ends[0], &error, sizeof(error)) == 0)
		error = 0;
	close(ends[0]);
	note(error ? GUARD_FAILED : GUARD_STARTED, error);
	return error ? 0 : pid;
}

/* ---- its end ---- */

/* Whoever has left the group is, or becomes, a child of this process. */
static void
kill_children(void)
{
	char text[CHILDREN_BYTES];
	int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	pid_t pid = 0;

	if (fd >= 0)
		close(fd);
	for (ssize_t i = 0; i < n; i++) {
		if (text[i] >= '0' && text[i] <= '9') {
			pid = pid * 10 + (text[i] - '0');
			continue;
		}
		if (pid > 0)
			kill(pid, SIGKILL);
		pid = 0;
	}
}

/* False once there are no children left. */
static bool
reap_all(void)
{
	pid_t pid;

	do
		pid = waitpid(-1, NULL, WNOHANG);
	while (pid > 0);
	return pid == 0;
}

static void
end_all(pid_t group)
{
	kill(-group, SIGTERM);
	for (int ms = 0; reap_all() && ms < GRACE_MS; ms += STEP_MS)
		poll(NULL, 0, STEP_MS);
	kill(-group, SIGKILL);
	for (int ms = 0; reap_all() && ms < 4 * GRACE_MS; ms += STEP_MS) {
		kill_children();
		poll(NULL, 0, STEP_MS);
	}
}

/* ---- the guard ---- */

/* Notes the end of the command, and leaves it a zombie, so that no other
 * process gets its number, and with it the group's. */
static bool
has_ended(pid_t command)
{
	siginfo_t info = { .si_pid = 0 };

	if (waitid(P_PID, (id_t)command, &info,
		   WEXITED | WNOHANG | WNOWAIT) != 0 || !info.si_pid)
		return false;
	note(GUARD_ENDED, info.si_code == CLD_EXITED ? info.si_status << 8 :
						       info.si_status);
	return true;
}

/* Waits until nobody holds the other end of the pipe any more. */
static void
watch(pid_t command)
{
	struct pollfd polls[2] = {
		{ .fd = ALIVE_FD, .events = POLLIN },
		{ .fd = (int)syscall(SYS_pidfd_open, command, 0),
		  .events = POLLIN },
	};
	bool ended = false;

	for (;;) {
		/* Without a pidfd (an old kernel) look every 50 ms. */
		int ready = poll(polls, 2, ended || polls[1].fd >= 0 ? -1 : 50);

		if (polls[0].revents && ready > 0)
			return;
		ended = ended || has_ended(command);
		if (ended)
			polls[1].fd = -1;
	}
}

/* Nothing of the parent's but what the guard needs stays open. */
static void
settle_descriptors(int alive, int notes, bool talks)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	alive = fcntl(alive, F_DUPFD, FIRST_OWN_FD);
	notes = fcntl(notes, F_DUPFD, FIRST_OWN_FD);
	dup2(nothing, STDIN_FILENO);
	if (!talks)
		dup2(nothing, STDERR_FILENO);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	dup3(alive, ALIVE_FD, O_CLOEXEC);
	dup3(notes, NOTES_FD, O_CLOEXEC);
	close_range(NOTES_FD + 1, ~0u, 0);
}

void
guard_main(char *const *argv, int alive, int notes, bool talks)
{
	pid_t command;

	/* Away from the terminal's Ctrl-C, which is for weir. */
	setpgid(0, 0);
	reset_signals();
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	settle_descriptors(alive, notes, talks);
	command = start_command(argv);
	if (command) {
		watch(command);
		end_all(command);
	}
	_exit(0);
}
