/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's clients: how they come, and how they go.
 */
#include <stdlib.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/coord/hello.h"
#include "core/coord/host_internal.h"

static bool
all_greeted(const struct host *host, int crew_phase)
{
	(void)crew_phase;
	for (uint32_t i = 0; i < host->n_clients; i++) {
		if (!host->clients[i]->greeted)
			return false;
	}
	return true;
}

void
host_client_free(struct host_client *client)
{
	control_close(client->control);
	report_fini(&client->report);
	report_fini(&client->own);
	free(client);
}

int
host_client_make(const struct host *host, int socket, const char *name,
		 int exit_fd, struct host_client **ret_client,
		 struct weir_error *err)
{
	struct host_client *client = calloc(1, sizeof(*client));
	int status;

	if (!client) {
		close(socket);
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a client");
	}
	client->exit_fd = exit_fd;
	report_init(&client->report);
	report_init(&client->own);
	status = control_open(socket, name,
			      host->config->run->silence_timeout_ns,
			      &client->control, err);
	if (status) {
		close(socket);
		free(client);
		return status;
	}
	*ret_client = client;
	return WEIR_OK;
}

int
host_add_client(struct host *host, int socket, const char *name, int exit_fd,
		struct weir_error *err)
{
	struct host_client *client;
	int status;

	if (host->n_clients == HOST_CLIENTS_MAX) {
		close(socket);
		return weir_error_set(err, WEIR_EINVALID,
				      "more than %d clients can't be served",
				      HOST_CLIENTS_MAX);
	}
	status = host_client_make(host, socket, name, exit_fd, &client, err);
	if (status)
		return status;
	host->clients[host->n_clients++] = client;
	host->stage = "before the handshake";
	status = hello_send(client->control, host->config->facts, err);
	if (status == WEIR_OK)
		status = host_wait(host, all_greeted,
				   host->config->run->connect_timeout_ns, err);
	if (status) {
		client->lost = true;
		weir_error_prefix(err, "%s: ", host->stage);
	}
	return status;
}

void
host_drop_clients(struct host *host)
{
	const struct message bye = { .type = MESSAGE_BYE };

	for (uint32_t i = 0; i < host->n_clients; i++) {
		struct host_client *client = host->clients[i];

		if (!client->lost &&
		    control_send(client->control, &bye, NULL, 0, NULL))
			log_debug("%s did not take the farewell",
				  control_peer(client->control));
		host_client_free(client);
	}
	host->n_clients = 0;
}

void
host_destroy(struct host *host)
{
	if (!host)
		return;
	host_drop_clients(host);
	free(host);
}
