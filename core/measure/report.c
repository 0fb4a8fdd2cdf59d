/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measure/report.h"

#include <string.h>

#include "core/stats/sticky.h"

void
report_init(struct report *report)
{
	memset(report, 0, sizeof(*report));
	report->first_message_ns = REPORT_NO_TIME;
	report->started_ns = REPORT_NO_TIME;
	report->ended_ns = REPORT_NO_TIME;
	report->paused_ns = REPORT_NO_TIME;
	report->load.started_ns = REPORT_NO_TIME;
	report->load.ended_ns = REPORT_NO_TIME;
	report->counters.size = sizeof(report->counters);
	evidence_init(&report->evidence);
}

void
report_fini(struct report *report)
{
	histogram_destroy(report->latency);
	histogram_destroy(report->teardown);
	series_destroy(report->series);
	histogram_destroy(report->pace.send_lag);
	histogram_destroy(report->pace.from_send);
	for (int i = 0; i < GAUGE_CLASSES; i++)
		histogram_destroy(report->classes[i].latency);
	report_init(report);
}

static void
keep_largest(uint64_t *to, uint64_t from)
{
	if (from != REPORT_NO_TIME && (*to == REPORT_NO_TIME || from > *to))
		*to = from;
}

static void
sum(uint64_t *to, uint64_t from)
{
	*to = sticky_add(*to, from);
}

void
report_add_integrity(struct report_integrity *to,
		     const struct report_integrity *from)
{
	sum(&to->sent, from->sent);
	sum(&to->received, from->received);
	sum(&to->lost, from->lost);
	sum(&to->duplicate, from->duplicate);
	sum(&to->reordered, from->reordered);
	sum(&to->corrupt, from->corrupt);
}

static bool
is_size(const char *name)
{
	static const char suffix[] = "_bytes";
	size_t len = strlen(name);

	return len >= sizeof(suffix) - 1 &&
	       !strcmp(name + len - (sizeof(suffix) - 1), suffix);
}

static void
add_counter(struct weir_counters *to, const char *name, uint64_t value)
{
	for (uint32_t i = 0; i < to->n; i++) {
		uint64_t *at = &to->at[i].value;

		if (strcmp(to->at[i].name, name))
			continue;
		if (!is_size(name))
			*at = sticky_add(*at, value);
		else if (value > *at)
			*at = value;
		return;
	}
	weir_counters_add(to, name, value);
}

void
report_add_counters(struct weir_counters *to,
		    const struct weir_counters *from)
{
	char name[WEIR_COUNTER_NAME_BYTES];

	for (uint32_t i = 0; i < from->n && i < WEIR_COUNTERS_MAX; i++) {
		memcpy(name, from->at[i].name, sizeof(name));
		name[sizeof(name) - 1] = '\0';
		add_counter(to, name, from->at[i].value);
	}
}

/* Whether a list of masks ("0;2-3") names this one. */
static bool
names_mask(const char *list, const char *mask, size_t len)
{
	while (*list) {
		size_t n = strcspn(list, ";");

		if (n == len && !memcmp(list, mask, len))
			return true;
		list += n;
		list += *list == ';';
	}
	return false;
}

void
report_add_cpus(char *to, const char *from)
{
	while (*from) {
		size_t len = strcspn(from, ";"), used = strlen(to);

		if (len && !names_mask(to, from, len) &&
		    used + 1 + len < REPORT_CPUS_BYTES) {
			if (used)
				to[used++] = ';';
			memcpy(to + used, from, len);
			to[used + len] = '\0';
		}
		from += len;
		from += *from == ';';
	}
}

void
report_add_deadline(struct report_deadline *to,
		    const struct report_deadline *from)
{
	sum(&to->misses, from->misses);
	if (from->worst_row > to->worst_row)
		to->worst_row = from->worst_row;
}

static void
add_pace(struct report_pace *to, const struct report_pace *from)
{
	sum(&to->schedule_ns, from->schedule_ns);
	sum(&to->sending_ns, from->sending_ns);
	sum(&to->not_sent, from->not_sent);
	sum(&to->sleeps, from->sleeps);
	if (from->wake_up_ns > to->wake_up_ns)
		to->wake_up_ns = from->wake_up_ns;
}

static int
add_histogram(struct histogram **to, const struct histogram *from,
	      struct weir_error *err)
{
	if (!from)
		return WEIR_OK;
	if (!*to)
		*to = histogram_create();
	if (!*to)
		return weir_error_set(err, WEIR_ENOMEMORY,
				      "no memory for a histogram");
	histogram_merge(*to, from);
	return WEIR_OK;
}

static int
add_series(struct series **to, const struct series *from,
	   struct weir_error *err)
{
	if (!from)
		return WEIR_OK;
	if (*to) {
		series_merge(*to, from);
		return WEIR_OK;
	}
	*to = series_copy(from);
	return *to ? WEIR_OK : weir_error_set(err, WEIR_ENOMEMORY,
					      "no memory for the parts of a "
					      "trial");
}

static int
merge_class(struct report_class *to, const struct report_class *from,
	    struct weir_error *err)
{
	sum(&to->messages, from->messages);
	sum(&to->elapsed_ns, from->elapsed_ns);
	sum(&to->segments, from->segments);
	sum(&to->distance_sum_ns, from->distance_sum_ns);
	return add_histogram(&to->latency, from->latency, err);
}

static void
merge_exchange(struct report_exchange *to, const struct report_exchange *from)
{
	sum(&to->meetings, from->meetings);
	sum(&to->failed, from->failed);
	sum(&to->disagreed, from->disagreed);
	sum(&to->steps, from->steps);
	sum(&to->backward, from->backward);
	if (from->error_ns > to->error_ns)
		to->error_ns = from->error_ns;
}

int
report_merge(struct report *to, const struct report *from,
	     struct weir_error *err)
{
	int status = add_histogram(&to->latency, from->latency, err);

	if (status == WEIR_OK)
		status = add_histogram(&to->teardown, from->teardown, err);
	if (status == WEIR_OK)
		status = add_series(&to->series, from->series, err);
	if (status == WEIR_OK)
		status = add_histogram(&to->pace.send_lag,
				       from->pace.send_lag, err);
	if (status == WEIR_OK)
		status = add_histogram(&to->pace.from_send,
				       from->pace.from_send, err);
	for (int i = 0; i < GAUGE_CLASSES && !status; i++)
		status = merge_class(&to->classes[i], &from->classes[i], err);
	if (status)
		return status;
	add_pace(&to->pace, &from->pace);
	report_add_deadline(&to->deadline, &from->deadline);
	report_add_integrity(&to->integrity, &from->integrity);
	report_add_integrity(&to->load.integrity, &from->load.integrity);
	if (from->load.started_ns < to->load.started_ns)
		to->load.started_ns = from->load.started_ns;
	keep_largest(&to->load.ended_ns, from->load.ended_ns);
	keep_largest(&to->first_message_ns, from->first_message_ns);
	if (from->started_ns < to->started_ns)
		to->started_ns = from->started_ns;
	keep_largest(&to->ended_ns, from->ended_ns);
	if (from->paused_ns < to->paused_ns)
		to->paused_ns = from->paused_ns;
	merge_exchange(&to->exchange, &from->exchange);
	sum(&to->cpu_user_ns, from->cpu_user_ns);
	sum(&to->cpu_system_ns, from->cpu_system_ns);
	sum(&to->voluntary_switches, from->voluntary_switches);
	sum(&to->involuntary_switches, from->involuntary_switches);
	report_add_counters(&to->counters, &from->counters);
	evidence_merge(&to->evidence, &from->evidence);
	report_add_cpus(to->cpus, from->cpus);
	return WEIR_OK;
}

static void
adopt(struct histogram **to, struct histogram **from)
{
	if (*to)
		return;
	*to = *from;
	*from = NULL;
}

int
report_take(struct report *to, struct report *from, struct weir_error *err)
{
	int status;

	adopt(&to->latency, &from->latency);
	adopt(&to->teardown, &from->teardown);
	adopt(&to->pace.send_lag, &from->pace.send_lag);
	adopt(&to->pace.from_send, &from->pace.from_send);
	for (int i = 0; i < GAUGE_CLASSES; i++)
		adopt(&to->classes[i].latency, &from->classes[i].latency);
	if (!to->series) {
		to->series = from->series;
		from->series = NULL;
	}
	status = report_merge(to, from, err);
	report_fini(from);
	return status;
}
