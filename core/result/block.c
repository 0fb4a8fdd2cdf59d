/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/block.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/measure/payload.h"
#include "core/result/distance.h"

/* The two ends of the first direction: initiator and responder. */
struct ends {
	const struct report *from;
	const struct report *to;
};

void
result_block_init(struct result_block *block)
{
	memset(block, 0, sizeof(*block));
	block->latency.min_ns = NAN;
	block->latency.mean_ns = NAN;
	block->latency.stddev_ns = NAN;
	block->latency.max_ns = NAN;
	block->first_message_ns = NAN;
	block->load.elapsed_ns = NAN;
	block->load.messages_per_s = NAN;
	block->load.bytes_per_s = NAN;
	block->elapsed_ns = NAN;
	block->messages_per_s = NAN;
	block->bytes_per_s = NAN;
	block->host_cpu_ns_per_message = NAN;
	block->client_cpu_ns_per_message = NAN;
	block->host_switches_per_message = NAN;
	block->client_switches_per_message = NAN;
	block->host_counters.size = sizeof(block->host_counters);
	block->client_counters.size = sizeof(block->client_counters);
	evidence_init(&block->host_evidence);
	evidence_init(&block->client_evidence);
	block->one_way_error_ns = NAN;
	distance_init(block);
}

void
result_block_fini(struct result_block *block)
{
	result_paced_fini(block);
	free(block->histogram);
	free(block->teardown.histogram);
	block->histogram = block->teardown.histogram = NULL;
	distance_fini(block);
}

static struct ends
find_ends(const struct plan *plan, const struct result_sides *sides)
{
	if (sides->loopback)
		return (struct ends){ sides->host, sides->host };
	if (plan->run.initiator == PLAN_CLIENT_INITIATES)
		return (struct ends){ sides->client, sides->host };
	return (struct ends){ sides->host, sides->client };
}

/* Whether they were seen to be two, whatever they say of themselves. */
static bool
clocks_disagree(const struct ends *ends)
{
	return ends->from->exchange.disagreed;
}

const char *
result_block_no_latency(const struct plan *plan, const struct plan_axes *axes,
			const struct result_sides *sides)
{
	struct ends ends = find_ends(plan, sides);
	const struct report_exchange *exchange = &ends.from->exchange;

	if (axes_answered(axes))
		return NULL;
	if (axes->size_bytes < PAYLOAD_HEADER_BYTES)
		return "messages below 16 bytes have no room for the time of "
		       "sending";
	if (axes->batch && axes->touch == PLAN_TOUCH_NONE)
		return "messages that are not touched have no time of "
		       "sending";
	if (sides->loopback)
		return NULL;
	if (!sides->comparable_clocks)
		return "the clocks of host and client cannot be compared, as "
		       "boot_id, time_namespace and clocksource in the "
		       "environment tell; the throughput is that of the "
		       "receiver from its first receipt to its last";
	if (exchange->disagreed)
		return "the clocks of host and client disagree: read one after "
		       "the other, they were out of order";
	if (!exchange->meetings || exchange->failed)
		return "the two sides did not come to compare their clocks "
		       "before and after, so that nothing bounds the error";
	return NULL;
}

/* Messages that arrived at this side, each once. */
static uint64_t
arrived(const struct report_integrity *receiver)
{
	return receiver->received > receiver->duplicate ?
		       receiver->received - receiver->duplicate : 0;
}

/* See "Accounting across both ends" in block.h. */
static void
account(struct report_integrity *total, uint64_t sent,
	const struct report_integrity *receiver)
{
	struct report_integrity direction = *receiver;
	uint64_t n = arrived(receiver), missing = sent > n ? sent - n : 0;
	struct report_integrity repeats = {
		.duplicate = n > sent ? n - sent : 0,
	};

	direction.sent = sent;
	if (missing > direction.lost)
		direction.lost = missing;
	report_add_integrity(total, &direction);
	report_add_integrity(total, &repeats);
}

/* The way back of round trips: what went wrong with it counts, but one round
 * trip is one message, sent and received by the initiator. */
static void
account_echoes(struct report_integrity *total,
	       const struct report_integrity *initiator,
	       const struct report_integrity *echoer)
{
	struct report_integrity echoes = *initiator;

	/* A request that did not arrive leaves a gap among the echoes, too. */
	echoes.lost -= echoes.lost < total->lost ? echoes.lost : total->lost;
	/* The echo of a duplicate is no message that could be missed. */
	account(total, echoer->sent - echoer->duplicate, &echoes);
	total->sent = initiator->sent;
	total->received = initiator->received;
}

/* Both directions of a set of channels, added to the block's. */
static void
account_all(struct result_block *block,
	    const struct report_integrity *initiator,
	    const struct report_integrity *responder, bool echoes)
{
	struct report_integrity total = { 0 };

	account(&total, initiator->sent, responder);
	if (echoes)
		account_echoes(&total, initiator, responder);
	report_add_integrity(&block->integrity, &total);
}

/* Without what lies between the segments of the one who counts. */
static double
span_ns(uint64_t from_ns, const struct report *to)
{
	uint64_t to_ns = to->ended_ns, paused_ns = to->paused_ns;

	if (paused_ns == REPORT_NO_TIME)
		paused_ns = 0;
	if (from_ns == REPORT_NO_TIME || to_ns == REPORT_NO_TIME ||
	    to_ns < from_ns || to_ns - from_ns < paused_ns)
		return NAN;
	return (double)(to_ns - from_ns - paused_ns);
}

static double
per_message(uint64_t a, uint64_t b, uint64_t messages)
{
	return messages ? ((double)a + (double)b) / (double)messages : NAN;
}

static double
time_or_nan(uint64_t ns)
{
	return ns == REPORT_NO_TIME ? NAN : (double)ns;
}

static void
set_throughput(struct result_block *block, uint64_t n, uint64_t size_bytes)
{
	if (!(block->elapsed_ns > 0) || !n)
		return;
	block->messages_per_s = (double)n * 1e9 / block->elapsed_ns;
	block->bytes_per_s = block->messages_per_s * (double)size_bytes;
}

/* Without clocks that compare, n messages fill the time of n + 1: of so many
 * that is nothing. */
static void
set_load(struct result_block *block, const struct report *taker,
	 const struct report *starter, const struct plan_axes *axes)
{
	uint64_t from_ns = starter->load.started_ns;
	uint64_t to_ns = taker->load.ended_ns;
	struct result_load *load = &block->load;

	load->messages = arrived(&taker->load.integrity);
	if (from_ns == REPORT_NO_TIME || to_ns == REPORT_NO_TIME ||
	    to_ns <= from_ns)
		return;
	load->elapsed_ns = (double)(to_ns - from_ns);
	load->messages_per_s = (double)load->messages * 1e9 /
			       load->elapsed_ns;
	load->bytes_per_s = load->messages_per_s * (double)axes->size_bytes;
}

static void
set_host(struct result_block *block, const struct report *host)
{
	uint64_t n = block->messages;

	block->host_cpu_ns_per_message =
		per_message(host->cpu_user_ns, host->cpu_system_ns, n);
	block->host_switches_per_message =
		per_message(host->voluntary_switches,
			    host->involuntary_switches, n);
	report_add_counters(&block->host_counters, &host->counters);
	evidence_merge(&block->host_evidence, &host->evidence);
	report_add_cpus(block->host_cpus, host->cpus);
}

static void
set_client(struct result_block *block, const struct report *client)
{
	uint64_t n = block->messages;

	block->client_cpu_ns_per_message =
		per_message(client->cpu_user_ns, client->cpu_system_ns, n);
	block->client_switches_per_message =
		per_message(client->voluntary_switches,
			    client->involuntary_switches, n);
	report_add_counters(&block->client_counters, &client->counters);
	evidence_merge(&block->client_evidence, &client->evidence);
	report_add_cpus(block->client_cpus, client->cpus);
}

int
result_block_set_latency(struct result_block *block, const struct plan *plan,
			 const struct histogram *latency,
			 struct weir_error *err)
{
	struct result_samples samples = { .histogram = block->histogram };
	int status = WEIR_OK;

	if (!latency || !latency->samples)
		return WEIR_OK;
	status = result_samples_set(&samples, plan, latency, err);
	block->latency = samples.summary;
	block->histogram = samples.histogram;
	block->latency_sum_ns = samples.sum_ns;
	return status;
}

/* See SERIES_CLUSTERS. */
void
result_block_judge_tail(struct result_block *block)
{
	struct summary *s = &block->latency;

	for (size_t i = 0; i < s->n_percentiles; i++)
		if (block->order.known &&
		    s->percentiles[i].percent > SERIES_TAIL_PERCENT &&
		    block->order.clusters[i] < SERIES_CLUSTERS)
			s->percentiles[i].value_ns = NAN;
}

/* The order in which the samples of a trial came. */
static int
set_order(struct result_block *block, const struct series *series,
	  struct weir_error *err)
{
	const struct summary *s = &block->latency;
	double percents[SUMMARY_PERCENTILES_MAX];

	if (!series || !s->samples || !series_clusters(series, 50))
		return WEIR_OK;
	block->order.known = true;
	for (size_t i = 0; i < s->n_percentiles; i++) {
		percents[i] = s->percentiles[i].percent;
		block->order.clusters[i] =
			series_clusters(series, percents[i]);
	}
	result_block_judge_tail(block);
	return series_intervals(series, percents, s->n_percentiles,
				block->order.within, err);
}

static int
set_samples(struct result_block *block, const struct plan *plan,
	    const struct report *taker, struct weir_error *err)
{
	int status = distance_take(block, plan, taker, err);

	if (status == WEIR_OK)
		status = result_block_set_latency(block, plan, taker->latency,
						  err);
	return status ? status : set_order(block, taker->series, err);
}

int
result_block_make(struct result_block *block, const struct plan *plan,
		  const struct plan_axes *axes,
		  const struct result_sides *sides, struct weir_error *err)
{
	struct ends ends = find_ends(plan, sides);
	bool round_trip = axes_answered(axes);
	const struct report *taker = round_trip ? ends.from : ends.to;
	bool one_clock = (sides->comparable_clocks &&
			  !clocks_disagree(&ends)) || sides->loopback;
	const struct report *starter =
		round_trip || one_clock ? ends.from : ends.to;
	uint64_t n;
	int status;

	account_all(block, &ends.from->integrity, &ends.to->integrity,
		    round_trip && !sides->loopback);
	account_all(block, &ends.from->load.integrity,
		    &ends.to->load.integrity,
		    round_trip && !sides->loopback);
	set_load(block, taker, starter, axes);
	block->messages = n = arrived(&taker->integrity);
	block->elapsed_ns = span_ns(starter->started_ns, taker);
	if (!round_trip && !one_clock && n)
		n--;
	set_throughput(block, n, axes->size_bytes);
	set_host(block, sides->host);
	if (!sides->loopback)
		set_client(block, sides->client);
	block->clock_steps = ends.from->exchange.steps;
	block->clock_backward = ends.from->exchange.backward;
	status = result_samples_set(&block->teardown, plan,
				    sides->host->teardown, err);
	if (status == WEIR_OK)
		status = result_paced_set(block, plan, axes, ends.from, taker,
					  err);
	if (status || result_block_no_latency(plan, axes, sides))
		return status;
	if (!round_trip && !sides->loopback)
		block->one_way_error_ns =
			(double)ends.from->exchange.error_ns;
	block->first_message_ns = time_or_nan(taker->first_message_ns);
	return set_samples(block, plan, taker, err);
}

int
result_block_make_own(struct result_block *block, const struct plan *plan,
		      const struct plan_axes *axes,
		      const struct report *client, bool initiates,
		      struct weir_error *err)
{
	bool sends_only = initiates && !axes_answered(axes);
	uint64_t n = sends_only ? client->integrity.sent :
				  arrived(&client->integrity);
	int status;

	block->integrity = client->integrity;
	report_add_integrity(&block->integrity, &client->load.integrity);
	block->messages = n;
	block->elapsed_ns = span_ns(client->started_ns, client);
	/* The time of a responder begins with its first receipt. */
	if (!initiates && n)
		n--;
	set_throughput(block, n, axes->size_bytes);
	set_client(block, client);
	block->first_message_ns = time_or_nan(client->first_message_ns);
	status = result_samples_set(&block->teardown, plan, client->teardown,
				    err);
	if (status == WEIR_OK)
		status = result_paced_set(block, plan, axes, client, client,
					  err);
	return status ? status :
			set_samples(block, plan, client, err);
}
