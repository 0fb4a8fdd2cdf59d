/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/verdict.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/base/units.h"
#include "core/measure/hiccup.h"
#include "core/result/distance.h"
#include "core/result/json_value.h"

static double
figure(uint64_t value)
{
	return value == EVIDENCE_NONE ? NAN : (double)value;
}

static void
add(struct verdict *v, enum verdict_kind kind, const char *side, double value,
    double detail)
{
	if (v->n < sizeof(v->at) / sizeof(v->at[0]))
		v->at[v->n++] = (struct verdict_reason){ kind, value, detail,
							 NAN, side };
}

/* An open loop whose messages were sent later and later. Who sleeps in a gap
 * has to wake up in it. */
static void
judge_rate(struct verdict *v, const struct result_paced *paced)
{
	double offered = result_paced_offered_per_s(paced);
	double reached = result_paced_reached_per_s(paced);
	double wake_up_ns = (double)paced->sender.wake_up_ns;

	if (!paced->on || !paced->sent || result_paced_is_reached(paced))
		return;
	add(v, VERDICT_BY_RATE, NULL, 1 - reached / offered, reached);
	if (wake_up_ns * offered > 1e9)
		v->at[v->n - 1].wake_up_ns = wake_up_ns;
}

/* What it took to put the CPUs of a side to sleep, and to wake them. */
static double
asleep_ns(const struct result_block *block, double switches_per_message)
{
	double switches = switches_per_message * (double)block->messages;

	return isnan(switches) ? 0 : switches * VERDICT_SWITCH_NS;
}

/* A comparison with what can't be seen (NaN) is false. */
static void
judge_cpus(struct verdict *v, const struct evidence *e, const char *side,
	   double lanes_ns)
{
	double all_ns = figure(e->cpu_ns), steal_ns = figure(e->steal_ns);
	double others_ns = figure(e->busy_ns) - lanes_ns;

	if (steal_ns / all_ns >= VERDICT_STEAL && steal_ns >= VERDICT_STEAL_NS)
		add(v, VERDICT_BY_STEAL, side, steal_ns / all_ns, NAN);
	if (others_ns / all_ns >= VERDICT_OTHERS &&
	    others_ns >= VERDICT_OTHERS_NS)
		add(v, VERDICT_BY_OTHERS, side, others_ns / all_ns, NAN);
	if (figure(e->lowest_hz) <=
	    (1 - VERDICT_FREQUENCY) * figure(e->highest_hz))
		add(v, VERDICT_BY_FREQUENCY, side,
		    1 - figure(e->lowest_hz) / figure(e->highest_hz), NAN);
}

static void
judge_side(struct verdict *v, const struct evidence *e, const char *side)
{
	double late = figure(e->late_wakes) / figure(e->wakes);
	double per_s = figure(e->migrations) * 1e9 / figure(e->lane_ns);

	if (figure(e->throttled) > 0)
		add(v, VERDICT_BY_THROTTLING, side, figure(e->throttled),
		    figure(e->throttled_ns));
	if (late >= VERDICT_LATE_WAKES &&
	    e->late_wakes >= VERDICT_LATE_WAKES_N)
		add(v, VERDICT_BY_LATE_WAKES, side, late,
		    figure(e->latest_wake_ns));
	if (per_s > VERDICT_MIGRATIONS_PER_S)
		add(v, VERDICT_BY_MIGRATIONS, side, per_s, NAN);
	if (figure(e->major_faults) > 0)
		add(v, VERDICT_BY_FAULTS, side, figure(e->major_faults), NAN);
}

void
verdict_make(const struct result_block *block, struct verdict *ret_verdict)
{
	const struct evidence *host = &block->host_evidence;
	const struct evidence *client = &block->client_evidence;
	double host_ns = figure(host->lane_cpu_ns);
	double client_ns = figure(client->lane_cpu_ns);

	ret_verdict->n = 0;
	if (*block->host_cpus && !strcmp(block->host_cpus,
					 block->client_cpus)) {
		/* One set of CPUs, which either side has watched, and which
		 * one leaves to the other where it sleeps. */
		judge_cpus(ret_verdict, host, NULL,
			   isnan(client_ns) ? host_ns : host_ns + client_ns);
	} else {
		host_ns += asleep_ns(block, block->host_switches_per_message);
		client_ns += asleep_ns(block,
				       block->client_switches_per_message);
		judge_cpus(ret_verdict, host, "host", host_ns);
		judge_cpus(ret_verdict, client, "client", client_ns);
	}
	if (block->class != DISTANCE_ALL &&
	    distance_share(block, block->class) <= 1 - VERDICT_DISTANCE)
		add(ret_verdict, VERDICT_BY_DISTANCE, NULL,
		    1 - distance_share(block, block->class), NAN);
	judge_side(ret_verdict, host, "host");
	judge_side(ret_verdict, client, "client");
	judge_rate(ret_verdict, &block->paced);
}

/* Of a side that took part. */
static bool
has_no_sleeper(const struct evidence *e)
{
	return e->cpu_ns != EVIDENCE_NONE && e->wakes == EVIDENCE_NONE;
}

void
verdict_add_not_seen(const struct result_block *block, struct text *to)
{
	bool host = has_no_sleeper(&block->host_evidence);
	bool client = has_no_sleeper(&block->client_evidence);

	if (host || client)
		text_addf(to, "late wake-ups (%s%s%s): no CPU is left for a "
			  "thread that only sleeps, and to run ahead of what "
			  "is measured it takes CAP_SYS_NICE or a limit of %d "
			  "(ulimit -r)", host ? "host" : "",
			  host && client ? ", " : "", client ? "client" : "",
			  HICCUP_PRIORITY);
}

static void
add_share(struct text *to, const char *what, double share)
{
	text_addf(to, "%s %.1f %%", what, 100 * share);
}

static void
add_rate(struct text *to, const struct verdict_reason *r)
{
	char reached[UNITS_TEXT_BYTES], offered[UNITS_TEXT_BYTES];
	char wake_up[UNITS_TEXT_BYTES];

	units_scale_rate(r->detail, reached);
	units_scale_rate(r->detail / (1 - r->value), offered);
	units_scale_ns(r->wake_up_ns, wake_up);
	text_addf(to, "rate not reached: %s of %s on each channel", reached,
		  offered);
	if (!isnan(r->wake_up_ns))
		text_addf(to, ", which without spinning is not possible, since "
			  "a wake-up takes %s", wake_up);
}

void
verdict_add_text(const struct verdict_reason *r, struct text *to)
{
	char time[UNITS_TEXT_BYTES];

	units_scale_ns(r->detail, time);
	switch (r->kind) {
	case VERDICT_BY_STEAL:
		add_share(to, "steal", r->value);
		break;
	case VERDICT_BY_OTHERS:
		add_share(to, "others had the CPUs", r->value);
		break;
	case VERDICT_BY_THROTTLING:
		text_addf(to, "throttled %.0f times, %s", r->value, time);
		break;
	case VERDICT_BY_LATE_WAKES:
		add_share(to, "late wake-ups", r->value);
		text_addf(to, ", the worst %s", time);
		break;
	case VERDICT_BY_MIGRATIONS:
		text_addf(to, "%.1f migrations a second", r->value);
		break;
	case VERDICT_BY_FAULTS:
		text_addf(to, "%.0f major page faults", r->value);
		break;
	case VERDICT_BY_FREQUENCY:
		add_share(to, "frequency lower by", r->value);
		break;
	case VERDICT_BY_DISTANCE:
		add_share(to, "CPUs at another distance", r->value);
		text_add(to, " of the time, left out");
		break;
	case VERDICT_BY_RATE:
		add_rate(to, r);
		break;
	case VERDICT_KINDS:
		break;
	}
	if (r->side)
		text_addf(to, " (%s)", r->side);
}

void
verdict_to_json(struct json *j, struct cJSON *to,
		const struct result_block *block)
{
	struct cJSON *o, *reasons, *not_seen;
	struct text unseen = { 0 };
	struct verdict v;

	if (!block->messages) {
		json_add_null(j, to, "verdict");
		return;
	}
	verdict_make(block, &v);
	o = json_add_object(j, to, "verdict");
	json_add_text(j, o, "state", v.n ? "noisy" : "clean");
	reasons = json_add_array(j, o, "reasons");
	for (size_t i = 0; i < v.n; i++) {
		struct text reason = { 0 };

		verdict_add_text(&v.at[i], &reason);
		json_append_text(j, reasons, text_get(&reason));
		text_fini(&reason);
	}
	not_seen = json_add_array(j, o, "not_seen");
	verdict_add_not_seen(block, &unseen);
	if (unseen.len)
		json_append_text(j, not_seen, text_get(&unseen));
	text_fini(&unseen);
}

static void
add_count(struct json *j, struct cJSON *to, const char *key, uint64_t value)
{
	if (value == EVIDENCE_NONE)
		json_add_null(j, to, key);
	else
		json_add_u64(j, to, key, value);
}

static void
add_side(struct json *j, struct cJSON *to, const char *side,
	 const struct evidence *e)
{
	struct cJSON *o = json_add_object(j, to, side);

	add_count(j, o, "lane_ns", e->lane_ns);
	add_count(j, o, "lane_cpu_ns", e->lane_cpu_ns);
	add_count(j, o, "run_queue_ns", e->run_queue_ns);
	add_count(j, o, "migrations", e->migrations);
	add_count(j, o, "involuntary_switches", e->involuntary_switches);
	add_count(j, o, "minor_faults", e->minor_faults);
	add_count(j, o, "major_faults", e->major_faults);
	add_count(j, o, "cpu_ns", e->cpu_ns);
	add_count(j, o, "busy_ns", e->busy_ns);
	add_count(j, o, "steal_ns", e->steal_ns);
	add_count(j, o, "interrupts", e->interrupts);
	add_count(j, o, "lowest_hz", e->lowest_hz);
	add_count(j, o, "highest_hz", e->highest_hz);
	add_count(j, o, "throttled_periods", e->throttled);
	add_count(j, o, "throttled_ns", e->throttled_ns);
	add_count(j, o, "wakes", e->wakes);
	add_count(j, o, "late_wakes", e->late_wakes);
	add_count(j, o, "latest_wake_ns", e->latest_wake_ns);
}

void
verdict_evidence_to_json(struct json *j, struct cJSON *to,
			 const struct result_block *block)
{
	struct cJSON *o = json_add_object(j, to, "evidence");

	add_side(j, o, "host", &block->host_evidence);
	add_side(j, o, "client", &block->client_evidence);
}
