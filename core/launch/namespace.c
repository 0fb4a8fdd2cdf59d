/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boundary `namespace`: a process as at the boundary `process`, but in new
 * namespaces, as a container has them, without any engine. It keeps the
 * host's file tree and its own user id.
 *
 * One clone(2) makes the process and its namespaces, so that the client is a
 * direct child, and PID 1 where the PID namespace is new: it is reaped, seen
 * by its pidfd and killed by its parent's death as any other.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/io.h"
#include "core/config/namespaces.h"
#include "core/launch/spawn.h"

struct context {
	uint32_t bits; /* NAMESPACES_* */
	char uid_map[48];
	char gid_map[48];
};

static const struct {
	uint32_t bit;
	unsigned long flag;
	const char *limit; /* 0 in there forbids them */
} kinds[] = {
	{ NAMESPACES_USER, CLONE_NEWUSER, "user.max_user_namespaces" },
	{ NAMESPACES_PID, CLONE_NEWPID, "user.max_pid_namespaces" },
	{ NAMESPACES_IPC, CLONE_NEWIPC, "user.max_ipc_namespaces" },
	{ NAMESPACES_NET, CLONE_NEWNET, "user.max_net_namespaces" },
	{ NAMESPACES_UTS, CLONE_NEWUTS, "user.max_uts_namespaces" },
	{ NAMESPACES_MOUNT, CLONE_NEWNS, "user.max_mnt_namespaces" },
};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* ---- in the child, before exec ---- */

static int
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;
	int saved;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	saved = errno;
	close(fd);
	errno = saved;
	return n < 0 ? -1 : 0;
}

static int
fail(struct spawn_fault *fault, const char *step)
{
	strncpy(fault->step, step, sizeof(fault->step) - 1);
	return -1;
}

/* Whoever maps but its own id needs privileges that this side may lack. */
static int
map_ids(const struct context *context, struct spawn_fault *fault)
{
	if (write_file("/proc/self/setgroups", "deny") != 0 && errno != ENOENT)
		return fail(fault, "/proc/self/setgroups can't be written");
	if (write_file("/proc/self/uid_map", context->uid_map) != 0)
		return fail(fault, "/proc/self/uid_map can't be written");
	if (write_file("/proc/self/gid_map", context->gid_map) != 0)
		return fail(fault, "/proc/self/gid_map can't be written");
	return 0;
}

static int
enter(const void *argument, struct spawn_fault *fault)
{
	const struct context *context = argument;
	const uint32_t both = NAMESPACES_PID | NAMESPACES_MOUNT;

	if (context->bits & NAMESPACES_USER && map_ids(context, fault) != 0)
		return -1;
	if ((context->bits & both) != both)
		return 0;
	/* The /proc of the new PID namespace. Where that is not allowed (parts
	 * of the old one are masked) or a mount would be seen outside, the old
	 * one stays: it knows this process too, by another number. */
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) == 0)
		mount("proc", "/proc", "proc",
		      MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	return 0;
}

static pid_t
make(const void *argument)
{
	const struct context *context = argument;
	unsigned long flags = SIGCHLD;

	for (size_t i = 0; i < N_KINDS; i++) {
		if (context->bits & kinds[i].bit)
			flags |= kinds[i].flag;
	}
	/* Not clone3: the filters of container engines hide that. */
#if defined(__s390__) || defined(__s390x__)
	return (pid_t)syscall(SYS_clone, 0L, flags, NULL, NULL, 0L);
#else
	return (pid_t)syscall(SYS_clone, flags, 0L, NULL, NULL, 0L);
#endif
}

/* ---- what forbids it ---- */

/* A sysctl as a number, or -1: it is not there. */
static long
sysctl(const char *name)
{
	char path[128] = "/proc/sys/", value[32];
	size_t n = strlen(path);

	for (const char *p = name; *p && n < sizeof(path) - 1; p++)
		path[n++] = *p == '.' ? '/' : *p;
	path[n] = '\0';
	if (io_read_small(path, value, sizeof(value)) <= 0)
		return -1;
	return strtol(value, NULL, 10);
}

static void
find_hint(uint32_t bits, char *ret_hint, size_t cap)
{
	static const struct {
		const char *name;
		long forbids;
	} switches[] = {
		{ "kernel.unprivileged_userns_clone", 0 },
		{ "kernel.apparmor_restrict_unprivileged_userns", 1 },
	};

	for (size_t i = 0; i < N_KINDS; i++) {
		if (bits & kinds[i].bit && sysctl(kinds[i].limit) == 0) {
			snprintf(ret_hint, cap, "the sysctl %s is 0",
				 kinds[i].limit);
			return;
		}
	}
	if (!(bits & NAMESPACES_USER) && geteuid() != 0) {
		snprintf(ret_hint, cap, "without a new user namespace that "
			 "needs CAP_SYS_ADMIN: add user to matrix.namespaces, "
			 "or run as root");
		return;
	}
	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		if (geteuid() != 0 &&
		    sysctl(switches[i].name) == switches[i].forbids) {
			snprintf(ret_hint, cap, "the sysctl %s is %ld",
				 switches[i].name, switches[i].forbids);
			return;
		}
	}
	if (bits & NAMESPACES_USER && geteuid() == 0) {
		snprintf(ret_hint, cap, "a chroot, a seccomp filter or a "
			 "container engine may forbid it; root can do without: "
			 "take user out of matrix.namespaces");
		return;
	}
	snprintf(ret_hint, cap, "a chroot, a seccomp filter or a container "
		 "engine may forbid it; take out of matrix.namespaces what is "
		 "not allowed here");
}

static int
say_fault(uint32_t bits, const struct spawn_fault *fault,
	  struct weir_error *err)
{
	char names[NAMESPACES_TEXT_BYTES], hint[192];

	namespaces_print(bits, names);
	find_hint(bits, hint, sizeof(hint));
	switch (fault->error) {
	case EPERM:
	case EACCES:
	case ENOSPC: /* the limits of user.max_…, or nested too deep */
	case EUSERS:
	case EINVAL: /* the kernel was built without */
	case ENOSYS:
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "a client in new %s namespaces can't be "
				      "started here: %s (%s): %s", names,
				      fault->step, strerror(fault->error),
				      hint);
	default:
		errno = fault->error;
		return weir_error_errno(err, "a client in new %s namespaces "
					"can't be started: %s", names,
					fault->step);
	}
}

/* ---- the launcher ---- */

static int
namespace_start(struct launch *launch, int client_socket,
		struct weir_error *err)
{
	struct context context = { 0 };
	struct spawn how = { .make = make, .enter = enter,
			     .context = &context };
	struct spawn_fault fault = { 0 };
	int status;

	if (!namespaces_parse(launch->config->namespaces, &context.bits)) {
		close(client_socket);
		return weir_error_set(err, WEIR_EINVALID,
				      "matrix.namespaces: \"%s\"",
				      launch->config->namespaces);
	}
	snprintf(context.uid_map, sizeof(context.uid_map),
		 "%" PRIu32 " %" PRIu32 " 1", geteuid(), geteuid());
	snprintf(context.gid_map, sizeof(context.gid_map),
		 "%" PRIu32 " %" PRIu32 " 1", getegid(), getegid());
	status = spawn_start(launch, &how, client_socket, &fault);
	return status ? say_fault(context.bits, &fault, err) : WEIR_OK;
}

const struct launcher launcher_namespace = {
	.start = namespace_start,
	.end = spawn_end,
};
