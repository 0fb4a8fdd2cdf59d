/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boundary `thread`: the client is a thread of this process, which speaks
 * the same protocol over the same kind of socket.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/coord/client.h"
#include "core/launch/launcher.h"
#include "core/plugin/plugin.h"

struct client_thread {
	pthread_t thread;
	struct client_config config;
	struct facts facts; /* for config: it may outlive the host's */
	int socket;
	int done_fd; /* readable once the thread has done its work */
};

static void *
run(void *argument)
{
	struct client_thread *own = argument;
	struct weir_error err = { 0 };
	uint64_t one = 1;

	/* The host hears of every failure over the control connection; what
	 * is left to say is for the debugging reader. */
	if (client_serve(&own->config, own->socket, &err))
		log_debug("the client thread ended: %s", err.text);
	if (write(own->done_fd, &one, sizeof(one)) < 0)
		log_error("an eventfd can't be written");
	return NULL;
}

static int
thread_start(struct launch *launch, int client_socket, struct weir_error *err)
{
	struct client_thread *own = calloc(1, sizeof(*own));
	int error = ENOMEM;

	if (own) {
		own->done_fd = eventfd(0, EFD_CLOEXEC);
		own->socket = client_socket;
		own->config.registry = launch->config->registry;
		own->config.plugin = launch->config->plugin;
		own->facts = *launch->config->facts;
		own->config.facts = &own->facts;
		own->config.silence_timeout_ns =
			launch->config->run->silence_timeout_ns;
		own->config.stop_fd = -1;
		error = own->done_fd < 0 ? errno :
			pthread_create(&own->thread, NULL, run, own);
	}
	if (error) {
		if (own && own->done_fd >= 0)
			close(own->done_fd);
		close(client_socket);
		free(own);
		errno = error;
		return weir_error_errno(err, "the client's thread can't be "
					"started");
	}
	launch->own = own;
	snprintf(launch->name, sizeof(launch->name), "the client (a thread)");
	return WEIR_OK;
}

static void
thread_end(struct launch *launch, uint64_t grace_ns, bool lost,
	   char ret_how[LAUNCH_HOW_BYTES])
{
	struct client_thread *own = launch->own;
	uint64_t deadline_ns = clock_deadline_ns(grace_ns);
	struct pollfd done = { .fd = own->done_fd, .events = POLLIN };

	(void)lost;
	while (poll(&done, 1, clock_poll_timeout_ms(deadline_ns)) < 0 &&
	       errno == EINTR)
		;
	if (!done.revents) {
		/* A thread can't be killed: what it uses stays. */
		plugin_keep(launch->config->plugin);
		snprintf(ret_how, LAUNCH_HOW_BYTES,
			 "its thread hangs and was left behind");
		pthread_detach(own->thread);
		return;
	}
	pthread_join(own->thread, NULL);
	close(own->done_fd);
	free(own);
}

const struct launcher launcher_thread = {
	.start = thread_start,
	.end = thread_end,
};
