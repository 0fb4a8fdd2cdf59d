/* SPDX-License-Identifier: Apache-2.0 */
/* The client lives in other namespaces, or the process forks beside it. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <weir/transport.h>

#include "core/plugin/plugin.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/rig.h"

#define EVERYTHING                                                     \
	((uint64_t)(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET |      \
		    CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS))

static void
write_map(const char *path, unsigned id)
{
	char line[64];
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int n = snprintf(line, sizeof(line), "%u %u 1\n", id, id);

	/* Without a map the client is nobody: still a client. */
	if (fd < 0)
		return;
	if (write(fd, line, (size_t)n) != n)
		errno = 0;
	close(fd);
}

/* In the client's process, before it joins. */
static void
world_enter(const struct rig_pair *pair)
{
	int flags = (int)pair->parameter;
	unsigned uid = (unsigned)geteuid();
	int status = 0;
	pid_t pid;

	if (unshare(flags) < 0)
		rig_skip(pair->rig, "the kernel does not allow it here: %s",
			 strerror(errno));
	if (flags & CLONE_NEWUSER)
		write_map("/proc/self/uid_map", uid);
	if (!(flags & CLONE_NEWPID))
		return;
	/* The next child is the first process of the new namespace. */
	pid = fork();
	rig_check(pair->rig, pid >= 0, "can't fork: %s", strerror(errno));
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return;
	}
	/* It has the only descriptors of the client's side. */
	close(pair->other.control);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE);
}

static void
world_namespace(struct rig *rig)
{
	struct rig_pair pair = {
		.rig = rig,
		.client = rig_client_echo,
		.max_bytes = 100000,
		.or_less = true,
		.parameter = rig->parameter,
		.enter = world_enter,
	};

	rig_open(&pair);
	for (uint32_t i = 0; i < 5; i++) {
		size_t len = i % 2 ? pair.max_bytes : 4095;

		rig_send(&pair.host.end[0], len, i);
		rig_receive(&pair.host.end[0], len, i);
	}
	rig_close(&pair);
}

/* Somebody in the process starts a program: the channel is none of its
 * business. */
static void
world_bystander(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = rig_client_echo };
	int status = 0;
	pid_t pid;

	rig_open(&pair);
	rig_send(&pair.host.end[0], 100, 1);
	pid = fork();
	rig_check(rig, pid >= 0, "can't fork: %s", strerror(errno));
	if (pid == 0)
		_exit(EXIT_SUCCESS);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	rig_receive(&pair.host.end[0], 100, 1);
	for (uint32_t i = 0; i < 5; i++) {
		rig_send(&pair.host.end[0], 4096, i);
		rig_receive(&pair.host.end[0], 4096, i);
	}
	rig_close(&pair);
}

/* The working directory changes between the operations. */
static void
world_moved(struct rig *rig)
{
	struct rig_pair pair = { .rig = rig, .client = rig_client_echo };

	rig_open(&pair);
	rig_check(rig, chdir("/") == 0, "can't go to /: %s", strerror(errno));
	rig_send(&pair.host.end[0], 100, 1);
	rig_receive(&pair.host.end[0], 100, 1);
	rig_close(&pair);
}

#define NAMESPACE(text, namespaces)                                    \
	{                                                              \
		.name = "client in another " text, .run = world_namespace, \
		.parameter = (namespaces), .modes = BATTERY_PROCESS,   \
	}

const struct battery_case cases_world[] = {
	NAMESPACE("network namespace", CLONE_NEWNET),
	NAMESPACE("IPC namespace", CLONE_NEWIPC),
	NAMESPACE("PID namespace", CLONE_NEWPID),
	NAMESPACE("user namespace", CLONE_NEWUSER),
	NAMESPACE("namespace of every kind", EVERYTHING),
	{
		.name = "a bystander forks",
		.run = world_bystander,
		.modes = BATTERY_BOTH,
	},
	{
		.name = "the working directory changes",
		.run = world_moved,
		.modes = BATTERY_PROCESS,
	},
	{ 0 },
};
