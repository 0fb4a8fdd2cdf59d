/* SPDX-License-Identifier: Apache-2.0 */
#include "core/result/paced.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "core/base/units.h"
#include "core/result/json_value.h"
#include "core/result/result.h"
#include "core/stats/sticky.h"

/* Below this share of messages before which the sender slept, it spun. */
#define SLEEPS_SHARE 10

int
result_paced_set(struct result_block *block, const struct plan *plan,
		 const struct plan_axes *axes, const struct report *sender,
		 const struct report *taker, struct weir_error *err)
{
	struct result_paced *paced = &block->paced;
	int status;

	block->deadline.deadline_ns = plan->run.deadline_ns;
	block->deadline.found = taker->deadline;
	paced->on = axes->pattern == PLAN_PACED;
	if (!paced->on)
		return WEIR_OK;
	paced->sent = sender->integrity.sent;
	paced->sender = sender->pace;
	paced->sender.send_lag = paced->sender.from_send = NULL;
	status = result_samples_set(&paced->send_lag, plan,
				    sender->pace.send_lag, err);
	return status ? status :
			result_samples_set(&paced->from_send, plan,
					   taker->pace.from_send, err);
}

void
result_paced_fini(struct result_block *block)
{
	free(block->paced.from_send.histogram);
	free(block->paced.send_lag.histogram);
	block->paced.from_send.histogram = NULL;
	block->paced.send_lag.histogram = NULL;
}

void
result_paced_add(struct result_block *to, const struct result_block *from)
{
	struct report_pace *a = &to->paced.sender;
	const struct report_pace *b = &from->paced.sender;

	to->paced.on |= from->paced.on;
	to->paced.sent = sticky_add(to->paced.sent, from->paced.sent);
	a->schedule_ns = sticky_add(a->schedule_ns, b->schedule_ns);
	a->sending_ns = sticky_add(a->sending_ns, b->sending_ns);
	a->not_sent = sticky_add(a->not_sent, b->not_sent);
	a->sleeps = sticky_add(a->sleeps, b->sleeps);
	if (b->wake_up_ns > a->wake_up_ns)
		a->wake_up_ns = b->wake_up_ns;
	if (from->deadline.deadline_ns)
		to->deadline.deadline_ns = from->deadline.deadline_ns;
	report_add_deadline(&to->deadline.found, &from->deadline.found);
}

/* ---- what it says ---- */

static double
per_s(uint64_t n, uint64_t ns)
{
	return ns ? (double)n * 1e9 / (double)ns : NAN;
}

double
result_paced_offered_per_s(const struct result_paced *paced)
{
	return per_s(paced->sent, paced->sender.schedule_ns);
}

double
result_paced_reached_per_s(const struct result_paced *paced)
{
	return per_s(paced->sent, paced->sender.sending_ns);
}

bool
result_paced_is_reached(const struct result_paced *paced)
{
	return !paced->sender.not_sent &&
	       (double)paced->sender.sending_ns <=
		       (1 + RESULT_RATE_TOLERANCE) *
			       (double)paced->sender.schedule_ns;
}

double
result_deadline_ppm(const struct result_block *block)
{
	if (!block->latency.samples)
		return NAN;
	return (double)block->deadline.found.misses * 1e6 /
	       (double)block->latency.samples;
}

/* The transport's strategy sleeps, but the gaps left no time for that. */
static bool
spun(const struct result_cell *cell)
{
	const struct result_paced *paced = &cell->block.paced;

	return paced->sender.sleeps < paced->sent / SLEEPS_SHARE &&
	       paced->sender.wake_up_ns;
}

static void
warn(struct result_cell *cell, const char *text)
{
	if (!strings_contains(&cell->warnings, text))
		strings_add(&cell->warnings, text);
}

void
result_paced_warn(struct result_cell *cell)
{
	const struct result_paced *paced = &cell->block.paced;
	char wake_up[UNITS_TEXT_BYTES], text[256], given_up[64] = "";

	if (!paced->on || !paced->sent)
		return;
	if (!result_paced_is_reached(paced)) {
		if (paced->sender.not_sent)
			snprintf(given_up, sizeof(given_up), ", and %" PRIu64
				 " messages were given up",
				 paced->sender.not_sent);
		snprintf(text, sizeof(text), "the rate was not reached%s: the "
			 "latencies are those of an overload and grow with the "
			 "duration", given_up);
		warn(cell, text);
	}
	if (spun(cell)) {
		units_scale_ns((double)paced->sender.wake_up_ns, wake_up);
		snprintf(text, sizeof(text), "the sender spun from message to "
			 "message: a wake-up takes %s here, and this rate "
			 "leaves no time to sleep; its CPU price is that of "
			 "spinning", wake_up);
		warn(cell, text);
	}
}

static void
add_paced(struct json *j, struct cJSON *to, const struct result_paced *paced)
{
	struct cJSON *o;

	if (!paced->on) {
		json_add_null(j, to, "paced");
		return;
	}
	o = json_add_object(j, to, "paced");
	json_add_number(j, o, "offered_per_s",
			result_paced_offered_per_s(paced));
	json_add_number(j, o, "reached_per_s",
			result_paced_reached_per_s(paced));
	json_add_bool(j, o, "rate_reached", result_paced_is_reached(paced));
	json_add_u64(j, o, "not_sent", paced->sender.not_sent);
	json_add_u64(j, o, "sleeps", paced->sender.sleeps);
	json_add_u64(j, o, "wake_up_ns", paced->sender.wake_up_ns);
}

void
result_paced_to_json(struct json *j, struct cJSON *to,
		     const struct result_block *block)
{
	const struct result_deadline *deadline = &block->deadline;
	const struct result_samples *send = &block->paced.from_send;
	const struct result_samples *lag = &block->paced.send_lag;
	struct cJSON *o;

	add_paced(j, to, &block->paced);
	result_samples_to_json(j, to, "latency_from_send_ns", &send->summary,
			      send->sum_ns, send->histogram);
	result_samples_to_json(j, to, "send_lag_ns", &lag->summary,
			      lag->sum_ns, lag->histogram);
	if (!deadline->deadline_ns || !block->latency.samples) {
		json_add_null(j, to, "deadline");
		return;
	}
	o = json_add_object(j, to, "deadline");
	json_add_u64(j, o, "deadline_ns", deadline->deadline_ns);
	json_add_u64(j, o, "misses", deadline->found.misses);
	json_add_number(j, o, "misses_ppm", result_deadline_ppm(block));
	json_add_u64(j, o, "misses_in_a_row", deadline->found.worst_row);
}
