/* SPDX-License-Identifier: Apache-2.0 */
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/units.h"
#include "core/cli/args.h"
#include "core/coord/client.h"
#include "core/coord/meet.h"
#include "core/run/signals.h"

#define CONNECT_NS (10 * NS_PER_S)
#define SILENCE_NS (2 * NS_PER_S)

struct service {
	struct client_config config;
	const char *path; /* NULL: an inherited socket */
	uint64_t connect_ns;
	bool persist;
};

/* A duration from the command line; the default where there is none. */
static int
get_duration(const struct args *args, const char *key, uint64_t *ret_ns,
	     struct weir_error *err)
{
	const struct setting *setting = settings_get(&args->settings, key);
	int status = WEIR_OK;

	if (setting) {
		status = units_parse_duration(setting->values.at[0], ret_ns,
					      err);
		if (status)
			weir_error_prefix(err, "%s: ", setting->where);
	}
	return status;
}

/* One host, from its appearance to its BYE. */
static int
serve_one(const struct service *service, struct weir_error *err)
{
	int socket, status;

	/* Who stays waits for the next host as long as it takes. */
	status = meet_connect(service->path, service->persist ?
			      CLOCK_NEVER :
			      clock_deadline_ns(service->connect_ns),
			      service->config.stop_fd, &socket, err);
	if (status)
		return status;
	log_info("a host is there");
	return client_serve(&service->config, socket, err);
}

/* Run after run; what goes wrong with one host is no reason to leave the
 * next one alone. */
static int
serve_many(const struct service *service, struct weir_error *err)
{
	int status;

	do {
		status = serve_one(service, err);
		if (status && status != WEIR_ECANCELED && service->persist)
			log_warn("%s", err->text);
	} while (service->persist && status != WEIR_ECANCELED);
	/* A signal is how a persistent client is told to end. */
	return service->persist ? WEIR_OK : status;
}

static int
serve_at(const struct args *args, struct service *service,
	 struct weir_error *err)
{
	cleanup_free char *copy = NULL;

	if (!service->path)
		return client_serve(&service->config, args->control_fd, err);
	copy = strdup(service->path);
	if (!copy)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a path");
	service->config.directory = dirname(copy);
	return serve_many(service, err);
}

static int
serve(const struct args *args, const char *path, struct weir_error *err)
{
	const struct strings none = { 0 };
	struct service service = {
		.path = path,
		.persist = args->persist,
		.connect_ns = CONNECT_NS,
		.config.silence_timeout_ns = SILENCE_NS,
		.config.stop_fd = signals_stop_fd(),
	};
	cleanup_free struct facts *facts = calloc(1, sizeof(*facts));
	int status;

	if (!facts)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a client");
	facts_gather(facts);
	service.config.facts = facts;
	status = get_duration(args, "connect_timeout", &service.connect_ns,
			      err);
	if (status == WEIR_OK)
		status = get_duration(args, "silence_timeout",
				      &service.config.silence_timeout_ns, err);
	if (status == WEIR_OK)
		status = registry_create(&none, &service.config.registry, err);
	if (status == WEIR_OK)
		status = serve_at(args, &service, err);
	registry_destroy(service.config.registry);
	return status;
}

int
cmd_client(const struct args *args)
{
	const struct setting *path = settings_get(&args->settings, "ipc.path");
	struct weir_error err = { 0 };
	int status;

	if (args->operands.n > 0)
		return args_refuse(args, "no operand");
	if ((args->control_fd < 0) == !path) {
		log_write(WEIR_LOG_ERROR, "weir client takes --ipc-path, the "
			  "control socket at which its host is or will be");
		return COMMAND_USAGE;
	}
	log_set_name("weir client");
	status = serve(args, path ? path->values.at[0] : NULL, &err);
	signals_die();
	if (status == WEIR_OK)
		return COMMAND_GOOD;
	/* Who inherited its socket has a host that tells it better. */
	if (path)
		return command_fail(&err);
	log_info("%s", err.text);
	return COMMAND_FAILED;
}
