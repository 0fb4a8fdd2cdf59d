/* SPDX-License-Identifier: Apache-2.0 */
#include "core/launch/launch.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/launch/launcher.h"

/* A client that heard BYE, or lost its host, ends by itself in no time. */
#define GRACE_NS (2 * NS_PER_S)
#define GRACE_LOST_NS (100 * NS_PER_MS)

static const struct launcher *const launchers[] = {
	[PLAN_THREAD] = &launcher_thread,
	[PLAN_PROCESS] = &launcher_process,
	[PLAN_NAMESPACE] = &launcher_namespace,
	[PLAN_CONTAINER] = &launcher_container,
	[PLAN_EXTERNAL] = NULL, /* somebody else launches those */
};

int
launch_site_create(const struct plan_run *run, int stop_fd,
		   struct launch_site **ret_site, struct weir_error *err)
{
	struct launch_site *site = calloc(1, sizeof(*site));

	if (!site)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a run");
	site->run = run;
	site->stop_fd = stop_fd;
	*ret_site = site;
	return WEIR_OK;
}

void
launch_site_destroy(struct launch_site *site)
{
	if (!site)
		return;
	container_destroy(site->container);
	free(site);
}

static int
start_connected(struct launch *launch, int *ret_socket,
		struct weir_error *err)
{
	int sockets[2], status;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
		return weir_error_errno(err, "a control connection can't be "
					"made");
	status = launch->launcher->start(launch, sockets[1], err);
	if (status)
		close(sockets[0]);
	else
		*ret_socket = sockets[0];
	return status;
}

int
launch_start(const struct launch_config *config, struct launch **ret_launch,
	     int *ret_socket, struct weir_error *err)
{
	struct launch *launch = calloc(1, sizeof(*launch));
	int status;

	if (!launch)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a client");
	launch->launcher = launchers[config->boundary];
	launch->config = config;
	launch->exit_fd = -1;
	if (!launch->launcher)
		status = weir_error_set(err, WEIR_EINVALID,
					"clients of the boundary %s are not "
					"started by weir",
					plan_boundary_names[config->boundary]);
	else if (launch->launcher->meet)
		status = launch->launcher->meet(launch, ret_socket, err);
	else
		status = start_connected(launch, ret_socket, err);
	if (status) {
		free(launch);
		return status;
	}
	*ret_launch = launch;
	return WEIR_OK;
}

const char *
launch_name(const struct launch *launch)
{
	return launch->name;
}

int
launch_exit_fd(const struct launch *launch)
{
	return launch->exit_fd;
}

const char *
launch_directory(const struct launch *launch)
{
	if (launch->launcher != &launcher_container)
		return NULL;
	return container_directory(launch->own);
}

void
launch_add_facts(const struct launch *launch, struct facts *to)
{
	if (launch->launcher == &launcher_container)
		container_add_facts(launch->own, to);
}

void
launch_end(struct launch *launch, bool lost, char ret_how[LAUNCH_HOW_BYTES])
{
	ret_how[0] = '\0';
	if (!launch)
		return;
	launch->launcher->end(launch, lost ? GRACE_LOST_NS : GRACE_NS, lost,
			      ret_how);
	if (launch->exit_fd >= 0)
		close(launch->exit_fd);
	free(launch);
}
