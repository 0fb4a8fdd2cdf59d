/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boundary `process`: a client in a process of its own.
 */
#include <errno.h>
#include <unistd.h>

#include "core/launch/spawn.h"

static pid_t
make(const void *context)
{
	(void)context;
	return fork();
}

static int
process_start(struct launch *launch, int client_socket, struct weir_error *err)
{
	const struct spawn how = { .make = make };
	struct spawn_fault fault = { 0 };
	int status = spawn_start(launch, &how, client_socket, &fault);

	errno = fault.error;
	if (status)
		status = weir_error_errno(err, "a client process can't be "
					  "started: %s", fault.step);
	return status;
}

const struct launcher launcher_process = {
	.start = process_start,
	.end = spawn_end,
};
