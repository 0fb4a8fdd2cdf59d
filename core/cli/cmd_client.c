/* SPDX-License-Identifier: Apache-2.0 */
#include <libgen.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/units.h"
#include "core/cli/args.h"
#include "core/coord/client.h"
#include "core/coord/meet.h"
#include "core/output/file.h"
#include "core/output/progress.h"
#include "core/output/sink.h"
#include "core/result/own.h"
#include "core/run/signals.h"

#define CONNECT_NS (10 * NS_PER_S)
#define SILENCE_NS (2 * NS_PER_S)
#define PAUSE_MIN_NS (50 * NS_PER_MS) /* after a host that failed */
#define PAUSE_MAX_NS (1600 * NS_PER_MS)

struct service {
	struct client_config config;
	const char *path; /* NULL: an inherited socket */
	const char *output; /* NULL: no results */
	uint64_t connect_ns;
	bool persist;
	bool quiet;
	bool unwritten; /* results could not be written */
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

static int
write_results(const char *path, struct own *own, bool complete,
	      struct weir_error *err)
{
	const struct result *result;
	struct output_sink *sink;
	int status = own_finish(own, complete, signals_received() != 0,
				&result, err);

	/* Of no trial: the results of an earlier run stay. */
	if (status == WEIR_OK && !result_has_trials(result))
		return WEIR_OK;
	if (status == WEIR_OK)
		status = output_json_open(path, &sink, err);
	if (status)
		return status;
	status = sink->finish(sink, result, err);
	sink->close(sink);
	return status;
}

/* One host on its connection. What was measured is written however it ends;
 * that this fails is said here, for it does not change how the run went. */
static int
serve_host(struct service *service, int socket, struct weir_error *err)
{
	struct own *own = NULL;
	struct weir_error why = { 0 };
	int status;

	if (!service->output)
		return client_serve(&service->config, socket, err);
	own = own_create(service->config.facts);
	if (!own) {
		close(socket);
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for the client's results");
	}
	service->config.own = own;
	status = client_serve(&service->config, socket, err);
	if (own_has_met(own) &&
	    write_results(service->output, own, status == WEIR_OK, &why)) {
		service->unwritten = true;
		log_write(WEIR_LOG_ERROR, "%s", why.text);
	}
	own_destroy(own);
	return status;
}

static int
await_host(const struct service *service, int *ret_socket,
	   struct weir_error *err)
{
	struct output_progress progress;
	struct text what = { 0 };
	int status;

	text_addf(&what, "a host at %s", service->path);
	output_progress_wait(&progress, service->quiet, text_get(&what));
	text_fini(&what);
	/* Who stays waits for the next host as long as it takes. */
	status = meet_connect(service->path, service->persist ?
			      CLOCK_NEVER :
			      clock_deadline_ns(service->connect_ns),
			      service->config.stop_fd, ret_socket, err);
	output_progress_end(&progress);
	return status;
}

/* One host, from its appearance to its BYE. *ret_in_vain: none can come. */
static int
serve_one(struct service *service, bool *ret_in_vain, struct weir_error *err)
{
	int socket, status = await_host(service, &socket, err);

	*ret_in_vain = status == WEIR_EUNAVAILABLE;
	if (status)
		return status;
	log_info("a host is there");
	return serve_host(service, socket, err);
}

/* Waits a little, unless it is told to end. */
static void
pause_for(const struct service *service, uint64_t ns)
{
	struct pollfd stop = { .fd = service->config.stop_fd,
			       .events = POLLIN };

	if (poll(&stop, 1, clock_poll_timeout_ms(clock_deadline_ns(ns))) < 0)
		log_debug("the pause was cut short");
}

/*
 * Run after run; what goes wrong with one host is no reason to leave the
 * next one alone. A host that turns this client away does so again, and
 * would keep both busy: the pauses get longer, and it is told once.
 */
static int
serve_many(struct service *service, struct weir_error *err)
{
	uint64_t pause_ns = PAUSE_MIN_NS;
	int status, told = WEIR_OK;
	bool in_vain;

	for (;;) {
		status = serve_one(service, &in_vain, err);
		if (!service->persist || in_vain)
			return status;
		/* A signal is how a persistent client is told to end. */
		if (status == WEIR_ECANCELED)
			return WEIR_OK;
		if (status == WEIR_OK) {
			pause_ns = PAUSE_MIN_NS;
			told = WEIR_OK;
			continue;
		}
		log_write(status == told ? WEIR_LOG_INFO : WEIR_LOG_WARN,
			  "%s; waiting for the next host", err->text);
		told = status;
		pause_for(service, pause_ns);
		if (pause_ns < PAUSE_MAX_NS)
			pause_ns *= 2;
	}
}

static int
serve_at(const struct args *args, struct service *service,
	 struct weir_error *err)
{
	cleanup_free char *copy = NULL;

	if (!service->path)
		return serve_host(service, args->control_fd, err);
	copy = strdup(service->path);
	if (!copy)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a path");
	service->config.directory = dirname(copy);
	return serve_many(service, err);
}

static const char *
get_text(const struct args *args, const char *key)
{
	const struct setting *setting = settings_get(&args->settings, key);

	return setting ? setting->values.at[0] : NULL;
}

static int
serve(const struct args *args, struct weir_error *err)
{
	const struct strings none = { 0 };
	struct service service = {
		.path = get_text(args, "ipc.path"),
		.output = get_text(args, "output.json"),
		.persist = args->persist,
		.quiet = args->quiet,
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
	if (status == WEIR_OK && service.output)
		status = output_file_check(service.output, err);
	if (status == WEIR_OK)
		status = registry_create(&none, &service.config.registry, err);
	if (status == WEIR_OK)
		status = serve_at(args, &service, err);
	registry_destroy(service.config.registry);
	if (status == WEIR_OK && service.unwritten)
		return weir_error_set(err, WEIR_ESYSTEM,
				      "the client's results are not in %s",
				      service.output);
	return status;
}

int
cmd_client(const struct args *args)
{
	const char *path = get_text(args, "ipc.path");
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
	/* Host and client are one program: top and ps tell them apart. */
	prctl(PR_SET_NAME, "weir-client");
	status = serve(args, &err);
	signals_die();
	if (status == WEIR_OK)
		return COMMAND_GOOD;
	/* Who inherited its socket has a host that tells it better. */
	if (path)
		return command_fail(&err);
	log_info("%s", err.text);
	return COMMAND_FAILED;
}
