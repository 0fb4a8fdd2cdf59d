/* SPDX-License-Identifier: Apache-2.0 */
#include "core/coord/channels.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/coord/ticks.h"
#include "core/measure/gauge.h"
#include "core/measure/payload.h"
#include "core/measure/tape.h"
#include "core/option/option.h"
#include "core/plugin/outcome.h"
#include "core/plugin/plugin.h"

/* How often a channel that is measured under load sends. */
#define PROBE_NS NS_PER_MS

static int
fill_options(struct channels *c, const struct message_setup *setup,
	     struct weir_error *err)
{
	const struct option_table *table = &c->plugin->options;
	int status;

	c->options = calloc(1, table->struct_bytes ? table->struct_bytes : 1);
	if (!c->options)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for the options of \"%s\"",
				      setup->plugin);
	status = option_defaults(table, c->options, err);
	if (status) {
		free(c->options);
		c->options = NULL;
		return status;
	}
	for (uint64_t i = 0; i < setup->n_options && !status; i++) {
		const struct message_option *option = &setup->options[i];
		const struct weir_option *row = option_find(table,
							    option->name);

		if (!row)
			return weir_error_set(err, WEIR_EUNAVAILABLE,
					      "the transport \"%s\" here has "
					      "no option \"%s\": the two "
					      "sides have different versions "
					      "of it", setup->plugin,
					      option->name);
		status = option_set(row, option->text, c->options, err);
	}
	return status;
}

/* Can the transport, or this machine, do what the axes ask for? */
static int
check_axes(const struct message_setup *setup, const struct plugin *plugin,
	   struct weir_error *err)
{
	const uint64_t both = WEIR_CAP_LOAN | WEIR_CAP_BORROW;
	const struct plan_axes *axes = &setup->axes;
	uint64_t bytes = lane_stride_bytes(setup->size_bytes) *
			 (uint64_t)axes->batch;

	if (axes->access == PLAN_IN_PLACE &&
	    (plugin->ops.capabilities & both) != both)
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "the transport \"%s\" lends no memory to "
				      "write and read messages in place (it "
				      "has no WEIR_CAP_%s): use access = copy",
				      plugin->name,
				      plugin->ops.capabilities & WEIR_CAP_LOAN ?
					      "BORROW" : "LOAN");
	if (axes->access == PLAN_COPY && axes->batch > 1 &&
	    bytes > LANE_BATCH_BYTES_MAX)
		return weir_error_set(err, WEIR_ETOOBIG,
				      "a batch of %lld messages takes %llu "
				      "bytes of memory, and at most %llu are "
				      "taken: lower batch or size",
				      (long long)axes->batch,
				      (unsigned long long)bytes,
				      (unsigned long long)
					      LANE_BATCH_BYTES_MAX);
	return WEIR_OK;
}

/* Axes that do not apply to the cell are zero. */
static void
fill_axes(struct lane_spec *lane, const struct plan_axes *axes)
{
	lane->batch = axes->batch > 1 ? (uint32_t)axes->batch : 1;
	lane->in_place = axes->access == PLAN_IN_PLACE;
	lane->touch = axes->batch ? (enum touch)axes->touch : TOUCH_HEADER;
}

static void
fill_lane(struct lane_spec *lane, const struct message_setup *setup,
	  const struct plugin *plugin, uint32_t side)
{
	bool client = side == WEIR_SIDE_CLIENT;

	lane->ops = &plugin->ops;
	lane->pattern = axes_answered(&setup->axes) ? LANE_ROUND_TRIP :
						      LANE_ONE_WAY;
	lane->connects = setup->axes.pattern == PLAN_CONNECT;
	lane->verify = (enum lane_verify)setup->verify;
	/* Nothing travels, so there is no content to compare. */
	if (plugin->ops.capabilities & WEIR_CAP_LOOPBACK &&
	    lane->verify == LANE_VERIFY_FULL)
		lane->verify = LANE_VERIFY_HEADER;
	lane->initiator = client == setup->client_initiates;
	lane->include_first = setup->include_first;
	lane->realtime = (int)setup->realtime;
	fill_axes(lane, &setup->axes);
	lane->one_way_latency = setup->comparable_clocks &&
				lane->touch != TOUCH_NONE &&
				setup->size_bytes >= PAYLOAD_HEADER_BYTES;
	lane->size = setup->size_bytes;
	lane->idle_ns = setup->axes.idle_ns;
	lane->send_delay_ns = setup->axes.send_delay_ns;
	lane->warmup.count = setup->warmup_count;
	lane->warmup.duration_ns = setup->warmup_ns;
	lane->warm = setup->warmup_count != 0 && setup->warmup_ns != 0;
	lane->timed.count = setup->count;
	lane->timed.duration_ns = setup->duration_ns;
}

/* Whether an end that waits never sleeps: by the option `wait`, which every
 * transport has that can. */
static bool
spins(const struct message_setup *setup, const struct plugin *plugin)
{
	for (uint64_t i = 0; i < setup->n_options; i++) {
		if (strcmp(setup->options[i].name, "wait") == 0)
			return strcmp(setup->options[i].text, "spin") == 0;
	}
	return plugin->ops.capabilities & WEIR_CAP_LOOPBACK;
}

static void
fill_pace(struct lane_spec *lane, const struct message_setup *setup,
	  const struct plugin *plugin)
{
	lane->deadline_ns = setup->deadline_ns;
	lane->pace.per_s = setup->axes.rate;
	lane->pace.arrival = setup->axes.arrival;
	lane->pace.seed = setup->schedule_seed;
	lane->pace.spins = spins(setup, plugin);
	lane->pace.sleep_until = clock_sleep_until_ns;
}

/* Under load, those that are measured send seldom, and the others always. */
static void
fill_busy(struct channels *c, const struct message_setup *setup)
{
	c->busy = c->lane;
	c->busy.busy = true;
	c->busy.idle_ns = c->busy.send_delay_ns = c->busy.deadline_ns = 0;
	c->busy.pace.per_s = 0;
	if (setup->axes.load && !lane_pauses(&c->lane) &&
	    !(c->lane.pace.per_s > 0))
		c->lane.send_delay_ns = PROBE_NS;
}

static int
make_crew(struct channels *c, const struct message_setup *setup,
	  const int32_t *cpus, struct weir_error *err)
{
	struct crew_seat *seats = calloc(c->n, sizeof(*seats));
	int status;

	if (!seats)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for %u channels", c->n);
	for (uint32_t i = 0; i < c->n; i++) {
		seats[i].index = c->first + i;
		seats[i].cpu = cpus[i];
		if (c->first + i >= (uint64_t)setup->axes.concurrency)
			seats[i].spec = &c->busy;
	}
	noise_watch(&c->noise, cpus, c->n);
	status = crew_create(&c->lane, seats, c->n, &c->crew, err);
	free(seats);
	return status;
}

static int
make_setups(struct channels *c, const struct message_setup *setup,
	    uint32_t side, struct weir_error *err)
{
	c->setups = calloc(c->n, sizeof(*c->setups));
	c->at = calloc(c->n, sizeof(struct weir_channel *));
	c->tapes = calloc(c->n, sizeof(*c->tapes));
	c->doors = calloc(c->n, sizeof(*c->doors));
	c->gauges = calloc(c->n, sizeof(*c->gauges));
	if (!c->setups || !c->at || !c->tapes || !c->doors || !c->gauges)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for %u channels", c->n);
	for (uint32_t i = 0; i < c->n; i++) {
		c->doors[i] = -1;
		c->setups[i] = (struct weir_setup){
			.size = sizeof(struct weir_setup),
			.side = side,
			.channel_index = c->first + i,
			.n_channels = (uint32_t)setup->n_all_channels,
			.max_message_bytes =
				payload_max_bytes(setup->size_bytes),
			.options = c->options,
			.services = c->services,
			.cancel = crew_lane_cancel(c->crew, i),
			.fault = crew_lane_fault(c->crew, i),
			.directory = c->directory,
		};
	}
	return WEIR_OK;
}

int
channels_create(const struct message_setup *setup,
		const struct plugin *plugin, uint32_t side,
		const int32_t *cpus, const char *directory,
		struct channels *ret_channels, struct weir_error *err)
{
	struct channels *c = ret_channels;
	int status;

	memset(c, 0, sizeof(*c));
	c->plugin = plugin;
	c->first = (uint32_t)setup->first_channel;
	c->n = (uint32_t)setup->n_channels;
	status = check_axes(setup, plugin, err);
	if (status)
		return status;
	c->gauge = (enum gauge_mode)setup->gauge;
	c->mlockall = setup->mlockall;
	c->tsc = setup->tsc;
	status = ticks_services(setup, &c->services, err);
	if (status)
		return status;
	fill_lane(&c->lane, setup, plugin, side);
	c->lane.now_ns = c->services->now_ns;
	fill_pace(&c->lane, setup, plugin);
	fill_busy(c, setup);
	if (directory && *directory) {
		c->directory = strdup(directory);
		if (!c->directory)
			return weir_error_set(err, WEIR_ENOMEMORY,
					      "no memory for a path");
	}
	status = fill_options(c, setup, err);
	if (status == WEIR_OK)
		status = make_crew(c, setup, cpus, err);
	if (status == WEIR_OK)
		status = make_setups(c, setup, side, err);
	if (status && !channels_destroy(c))
		log_error("a crew that never began did not end");
	return status;
}

static int
came_to(const struct channels *c, uint32_t i, const char *operation,
	int status, struct weir_error *err)
{
	return outcome_check(c->plugin->name, operation, status, c->at[i],
			     err);
}

int
channels_offer(struct channels *c, uint32_t i, struct weir_offer *ret_offer,
	       struct weir_error *err)
{
	memset(ret_offer, 0, sizeof(*ret_offer));
	ret_offer->size = sizeof(*ret_offer);
	for (int k = 0; k < WEIR_OFFER_FDS_MAX; k++)
		ret_offer->fds[k] = -1;
	memset(err, 0, sizeof(*err));
	return came_to(c, i, "offer",
		       c->plugin->ops.offer(&c->setups[i], ret_offer,
					    &c->at[i], err), err);
}

int
channels_join(struct channels *c, uint32_t i, struct weir_offer *offer,
	      struct weir_error *err)
{
	memset(err, 0, sizeof(*err));
	return came_to(c, i, "join",
		       c->plugin->ops.join(&c->setups[i], offer, &c->at[i],
					   err), err);
}

int
channels_accept(struct channels *c, uint32_t i, uint64_t deadline_ns,
		struct weir_error *err)
{
	if (!c->plugin->ops.accept)
		return WEIR_OK;
	memset(err, 0, sizeof(*err));
	return came_to(c, i, "accept",
		       c->plugin->ops.accept(c->at[i], deadline_ns, err), err);
}

int
channels_set_tape(struct channels *c, uint32_t i, int fd,
		  struct weir_error *err)
{
	tape_close(&c->tapes[i]);
	return tape_open(fd, &c->tapes[i], err);
}

void
channels_set_door(struct channels *c, uint32_t i, int fd)
{
	c->doors[i] = fd;
}

int
channels_make_gauge(struct channels *c, uint32_t i, int *ret_fd,
		    struct weir_error *err)
{
	int status;

	*ret_fd = -1;
	if (c->gauge == GAUGE_NONE)
		return WEIR_OK;
	status = gauge_create(&c->gauges[i], ret_fd, err);
	c->gauges[i].mode = c->gauge;
	return status;
}

int
channels_open_gauge(struct channels *c, uint32_t i, int fd,
		    struct weir_error *err)
{
	int status = gauge_open(fd, &c->gauges[i], err);

	c->gauges[i].mode = c->gauge;
	return status;
}

int
channels_start(struct channels *c, struct weir_error *err)
{
	for (uint32_t i = 0; i < c->n; i++) {
		crew_set_channel(c->crew, i, c->at[i]);
		crew_set_door(c->crew, i, &c->setups[i], c->doors[i]);
		if (c->tapes[i].page)
			crew_set_tape(c->crew, i, &c->tapes[i]);
		if (c->gauges[i].page)
			crew_set_gauge(c->crew, i, &c->gauges[i]);
	}
	if (c->mlockall && mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
		return weir_error_set(err, WEIR_EUNAVAILABLE,
				      "mlockall = true: the memory can't be "
				      "locked: %s; it takes CAP_IPC_LOCK or a "
				      "higher limit (ulimit -l)",
				      strerror(errno));
	c->started = true;
	return crew_start(c->crew, err);
}

void
channels_watch(struct channels *c)
{
	noise_begin(&c->noise);
}

void
channels_evidence(struct channels *c, struct evidence *to)
{
	noise_end(&c->noise, to);
}

int
channels_report(struct channels *c, uint32_t from, uint32_t n,
		struct report *to, struct weir_error *err)
{
	int status = WEIR_OK;

	for (uint32_t i = from; i < from + n && !status; i++) {
		struct weir_counters counters = { .size = sizeof(counters) };

		status = crew_report(c->crew, i, to, err);
		if (status || !c->plugin->ops.collect || !c->at[i])
			continue;
		c->plugin->ops.collect(c->at[i], &counters);
		report_add_counters(&to->counters, &counters);
	}
	return status;
}

bool
channels_destroy(struct channels *c)
{
	struct evidence nobody;

	if (c->started && !crew_cancel(c->crew)) {
		log_error("the transport \"%s\" did not return from a cancel "
			  "within 2 s; its channels are left as they are",
			  c->plugin->name);
		plugin_keep(c->plugin);
		return false;
	}
	for (uint32_t i = 0; c->at && i < c->n; i++) {
		if (c->at[i])
			c->plugin->ops.close(c->at[i]);
	}
	crew_destroy(c->crew);
	if (c->mlockall)
		munlockall();
	evidence_init(&nobody);
	noise_end(&c->noise, &nobody);
	for (uint32_t i = 0; c->tapes && i < c->n; i++)
		tape_close(&c->tapes[i]);
	for (uint32_t i = 0; c->doors && i < c->n; i++)
		if (c->doors[i] >= 0)
			close(c->doors[i]);
	for (uint32_t i = 0; c->gauges && i < c->n; i++)
		gauge_close(&c->gauges[i]);
	if (c->options)
		option_fini(&c->plugin->options, c->options);
	free(c->options);
	free(c->setups);
	free(c->at);
	free(c->tapes);
	free(c->doors);
	free(c->gauges);
	free(c->directory);
	memset(c, 0, sizeof(*c));
	return true;
}

void
channels_close_fds(struct weir_offer *offer)
{
	for (int k = 0; k < WEIR_OFFER_FDS_MAX; k++) {
		if (offer->fds[k] >= 0)
			close(offer->fds[k]);
		offer->fds[k] = -1;
	}
}
