/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What single rows can't know: a flat table of conditions and sentences,
 * all of them checked and reported together.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/units.h"
#include "core/base/words.h"
#include "core/config/build.h"
#include "core/config/namespaces.h"

/* With the six of every result, what a summary holds. */
#define PERCENTILES_MAX 10
#define CHANNELS_MAX 1024
#define STABLE_TRIALS 11 /* the first look, and its witness */
#define STAMP_BYTES 16 /* sequence and send time at a message's begin */

/* Both were said, and so in one layer: else one had removed the other. */
static bool
count_and_duration(const struct build *b)
{
	return settings_get(b->settings, "count") &&
	       settings_get(b->settings, "duration");
}

static bool
warmup_twice(const struct build *b)
{
	return settings_get(b->settings, "warmup") &&
	       settings_get(b->settings, "warmup_count");
}

static bool
count_of_nothing(const struct build *b)
{
	const struct setting *count = settings_get(b->settings, "count");
	int64_t value;

	/* What is no number at all has its own sentence. */
	return count && count->values.n == 1 &&
	       !units_parse_int(count->values.at[0], &value, NULL) && !value;
}

static bool
too_few_to_be_stable(const struct build *b)
{
	return b->plan->run.until == PLAN_UNTIL_STABLE &&
	       b->plan->run.repeat < STABLE_TRIALS;
}

static bool
no_transport(const struct build *b)
{
	return !settings_get(b->settings, "matrix.transport");
}

static bool
percentile_at_end(const struct build *b)
{
	const struct strings *list = &b->plan->run.percentiles;

	for (size_t i = 0; i < list->n; i++) {
		double percent = strtod(list->at[i], NULL);

		if (percent <= 0 || percent >= 100)
			return true;
	}
	return false;
}

static bool
too_many_percentiles(const struct build *b)
{
	return b->plan->run.percentiles.n > PERCENTILES_MAX;
}

static bool
no_output_file(const struct build *b)
{
	return !*b->plan->run.output_json;
}

static bool
no_output_directory(const struct build *b)
{
	return !*b->plan->run.output_directory;
}

static bool
no_room_for_time(const struct build *b)
{
	const struct strings *sizes = &plan_axis(b, "size")->texts;

	if (!plan_has(b, "pattern", plan_pattern_names[PLAN_ONE_WAY]))
		return false;
	/* Canonical sizes: below 1024 they are plain digits. */
	for (size_t i = 0; i < sizes->n; i++) {
		char *end;
		unsigned long bytes = strtoul(sizes->at[i], &end, 10);

		if (!*end && bytes < STAMP_BYTES)
			return true;
	}
	return false;
}

static bool
touches_nothing(const struct build *b)
{
	return plan_has(b, "touch", plan_touch_names[PLAN_TOUCH_NONE]);
}

static bool
nothing_to_verify(const struct build *b)
{
	return touches_nothing(b) &&
	       b->plan->run.verify != PLAN_VERIFY_NONE;
}

static bool
nothing_to_time(const struct build *b)
{
	return touches_nothing(b) &&
	       plan_has(b, "pattern", plan_pattern_names[PLAN_ONE_WAY]);
}

static bool
nothing_to_number(const struct build *b)
{
	const struct plan_run *run = &b->plan->run;

	return nothing_to_time(b) &&
	       (*run->output_streaming_json || *run->output_streaming_csv);
}

static bool
verify_touches_all(const struct build *b)
{
	return settings_get(b->settings, "matrix.touch") &&
	       b->plan->run.verify == PLAN_VERIFY_FULL;
}

static bool
is_external(const struct build *b)
{
	return plan_has(b, "boundary", plan_boundary_names[PLAN_EXTERNAL]);
}

static bool
no_meeting_place(const struct build *b)
{
	return is_external(b) && !*b->plan->run.ipc_path;
}

static bool
fewer_channels_than_clients(const struct build *b)
{
	const struct strings *n = &plan_axis(b, "concurrency")->texts;

	for (size_t i = 0; i < n->n && is_external(b); i++) {
		int64_t channels;

		if (!units_parse_int(n->at[i], &channels, NULL) &&
		    channels < b->plan->run.clients)
			return true;
	}
	return false;
}

static bool
client_connects(const struct build *b)
{
	return b->plan->run.initiator == PLAN_CLIENT_INITIATES &&
	       plan_has(b, "pattern", plan_pattern_names[PLAN_CONNECT]);
}

static bool
no_octal_mode(const struct build *b)
{
	char *end;
	unsigned long mode = strtoul(b->plan->run.ipc_mode, &end, 8);

	return end == b->plan->run.ipc_mode || *end || mode > 0777;
}

static bool
no_namespaces(const struct build *b)
{
	const struct strings *list = &plan_axis(b, "namespaces")->texts;
	uint32_t bits;

	for (size_t i = 0; i < list->n; i++) {
		if (!namespaces_parse(list->at[i], &bits))
			return true;
	}
	return false;
}

/* The longest of an axis, in ns. */
static uint64_t
longest(const struct build *b, const char *axis)
{
	const struct strings *texts = &plan_axis(b, axis)->texts;
	uint64_t most = 0, ns;

	for (size_t i = 0; i < texts->n; i++)
		if (!units_parse_duration(texts->at[i], &ns, NULL) &&
		    ns > most)
			most = ns;
	return most;
}

static bool
pauses_twice(const struct build *b)
{
	return longest(b, "idle") && longest(b, "send_delay");
}

/* Half of it: what is rare should not be taken for a transport that hangs. */
static bool
idle_is_a_stall(const struct build *b)
{
	return longest(b, "idle") > b->plan->run.stall_timeout_ns / 2;
}

static bool
delay_is_a_stall(const struct build *b)
{
	return longest(b, "send_delay") > b->plan->run.stall_timeout_ns / 2;
}

static bool
is_loaded(const struct build *b)
{
	const struct strings *texts = &plan_axis(b, "load")->texts;

	return texts->n > 1 || !strings_contains(texts, "0");
}

static bool
load_by_count(const struct build *b)
{
	return is_loaded(b) && b->plan->run.count;
}

static bool
load_of_connections(const struct build *b)
{
	return is_loaded(b) &&
	       plan_has(b, "pattern", plan_pattern_names[PLAN_CONNECT]);
}

static bool
too_many_channels(const struct build *b)
{
	const struct strings *loads = &plan_axis(b, "load")->texts;
	const struct strings *n = &plan_axis(b, "concurrency")->texts;
	int64_t most = 0, load, channels;

	for (size_t i = 0; i < loads->n; i++)
		for (size_t k = 0; k < n->n; k++)
			if (!units_parse_int(loads->at[i], &load, NULL) &&
			    !units_parse_int(n->at[k], &channels, NULL) &&
			    load + channels > most)
				most = load + channels;
	return most > CHANNELS_MAX;
}

static bool
no_background(const struct build *b)
{
	const struct strings *list = &plan_axis(b, "background")->texts;
	bool broken = false;

	for (size_t i = 0; i < list->n; i++) {
		struct strings words = { 0 };

		broken |= words_split(list->at[i], &words, NULL) ==
			  WEIR_EINVALID;
		strings_fini(&words);
	}
	return broken;
}

/* Of numbers only: the names of the host's users mean nothing inside. */
static bool
no_container_user(const struct build *b)
{
	const char *text = b->plan->run.container_user;
	const char *p = text + strspn(text, "0123456789");
	size_t gid = *p == ':' ? strspn(p + 1, "0123456789") : 0;

	return p == text || !gid || p[1 + gid] || p - text > 9 || gid > 9;
}

/* What engines take for a name. */
static bool
no_container_name(const struct build *b)
{
	const char *text = b->plan->run.container_name_prefix;
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz"
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

	return !n || n > 64 || text[n] || strchr("_.-", text[0]);
}

static bool
no_engine(const struct build *b)
{
	return !*b->plan->run.container_engine;
}

/* It would be taken for a flag of the engine. */
static bool
no_image(const struct build *b)
{
	const char *image = b->plan->run.container_image;

	return !*image || *image == '-';
}

/* Two outputs, one file: known only where the same is written. */
static bool
same_target(const char *a, const char *b)
{
	return *a && strcmp(a, b) == 0;
}

static bool
stream_twice(const struct build *b)
{
	return same_target(b->plan->run.output_streaming_csv,
			   b->plan->run.output_streaming_json);
}

static bool
stream_into_results(const struct build *b)
{
	const struct plan_run *run = &b->plan->run;

	return same_target(run->output_streaming_json, run->output_json) ||
	       same_target(run->output_streaming_csv, run->output_json);
}

static const struct rule {
	bool warns; /* else it is an error */
	bool (*broken)(const struct build *b);
	const char *key;
	const char *other; /* its place is named too; or NULL */
	const char *sentence;
} rules[] = {
	{ false, count_and_duration, "duration", "count",
	  "excludes count, because a trial ends by one of them: take one out" },
	{ false, warmup_twice, "warmup_count", "warmup",
	  "excludes warmup, because a warm-up ends by one of them: take one "
	  "out" },
	{ false, count_of_nothing, "count", NULL,
	  "0 messages measure nothing; leave it out to measure for a "
	  "duration" },
	{ false, too_few_to_be_stable, "repeat", NULL,
	  "is the most trials that a cell may have, and with until = "
	  "\"stable\" the first look takes 10 and one to confirm: make it 11 "
	  "or more" },
	{ false, no_transport, "matrix.transport", NULL,
	  "is missing; say what to measure, as in matrix: { transport = "
	  "[\"uds\", \"shm\"]; };" },
	{ false, percentile_at_end, "percentiles", NULL,
	  "each lies between 0 and 100, both excluded (the minimum and the "
	  "maximum are reported anyway)" },
	{ false, too_many_percentiles, "percentiles", NULL,
	  "more than 10 of them" },
	{ false, no_output_file, "output.json", NULL,
	  "is empty; name a file, or \"-\" for standard output" },
	{ false, no_output_directory, "output.directory", NULL,
	  "is empty; write \".\" for the working directory" },
	{ false, stream_twice, "output.streaming_csv",
	  "output.streaming_json",
	  "goes to the same file as output.streaming_json; name another" },
	{ false, stream_into_results, "output.json", NULL,
	  "is also where a stream of messages goes; name another file" },
	{ false, no_meeting_place, "ipc.path", NULL,
	  "is missing; the boundary external meets its clients at a control "
	  "socket: give --ipc-path or ipc: { path = \"…\"; }" },
	{ false, fewer_channels_than_clients, "clients", "matrix.concurrency",
	  "is above matrix.concurrency, so that some would have no channel: "
	  "raise that one" },
	{ false, client_connects, "initiator", "matrix.pattern",
	  "is the client, but under the pattern connect it is the host that "
	  "begins, with its offer: take one of them out" },
	{ false, no_octal_mode, "ipc.mode", NULL,
	  "is no mode of a file; write it in octal digits, as 0600 or 0660" },
	{ false, no_namespaces, "matrix.namespaces", NULL,
	  "takes all, none, or some of user, pid, ipc, net, uts and mount, "
	  "each once, as \"pid+net\"" },
	{ false, pauses_twice, "matrix.idle", "matrix.send_delay",
	  "excludes matrix.send_delay, because a message has one pause before "
	  "it: take one out" },
	{ false, idle_is_a_stall, "matrix.idle", NULL,
	  "is more than half of stall_timeout, after which a trial is given "
	  "up: shorten it or raise that one" },
	{ false, delay_is_a_stall, "matrix.send_delay", NULL,
	  "is more than half of stall_timeout, after which a trial is given "
	  "up: shorten it or raise that one" },
	{ false, load_by_count, "matrix.load", "count",
	  "goes on for a duration, and not until a count: take one of them "
	  "out" },
	{ false, load_of_connections, "matrix.load", "matrix.pattern",
	  "has no meaning with the pattern connect, whose channels are never "
	  "busy: take one of them out" },
	{ false, too_many_channels, "matrix.load", "matrix.concurrency",
	  "makes more than 1024 channels with matrix.concurrency" },
	{ false, no_background, "matrix.background", NULL,
	  "takes none or a command: words, with quotes that are closed" },
	{ false, no_container_user, "container.user", NULL,
	  "takes UID:GID in numbers, as \"1001:1001\"" },
	{ false, no_container_name, "container.name_prefix", NULL,
	  "takes up to 64 letters, digits, '_', '.' and '-', the first a "
	  "letter or a digit" },
	{ false, no_engine, "container.engine", NULL,
	  "is empty; name podman or docker" },
	{ false, no_image, "container.image", NULL,
	  "does not name an image" },
	{ false, nothing_to_verify, "matrix.touch", "verify",
	  "none leaves nothing in a message that could be verified: take it "
	  "out, or set verify = \"none\"" },
	{ false, nothing_to_number, "matrix.touch", "output.streaming_json",
	  "none leaves no number in a one-way message, which its line in a "
	  "stream would need: take one of them out" },
	{ true, nothing_to_time, "matrix.touch", NULL,
	  "with none, one-way messages hold no send time: their latency is "
	  "not reported" },
	{ true, verify_touches_all, "matrix.touch", NULL,
	  "changes nothing with verify = \"full\", which writes and reads "
	  "every byte" },
	{ true, no_room_for_time, "matrix.size", NULL,
	  "one-way messages below 16 bytes have no room for their send time: "
	  "their latency is not reported" },
};

/* The later of two settings is the one to be blamed. */
static void
apply(struct build *b, const struct rule *rule)
{
	const struct setting *at = settings_get(b->settings, rule->key);
	const struct setting *other = NULL;

	if (rule->other)
		other = settings_get(b->settings, rule->other);
	if (rule->warns)
		strings_addf(&b->plan->warnings, "%.400s: %s: %s",
			     at ? at->where : "default", rule->key,
			     rule->sentence);
	else if (other)
		problems_add(b, WEIR_EINVALID, at > other ? at : other,
			     "%s: %s (%s is said at %.300s, %s at %.300s)",
			     rule->key, rule->sentence, rule->key, at->where,
			     rule->other, other->where);
	else
		problems_add(b, WEIR_EINVALID, at, "%s: %s", rule->key,
			     rule->sentence);
}

void
rules_check(struct build *b)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].broken(b))
			apply(b, &rules[i]);
	rules_search_check(b);
}
