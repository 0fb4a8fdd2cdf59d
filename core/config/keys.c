/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of weir: one row each, and the names of their choices.
 */
#include "core/config/keys.h"

#include <string.h>

#include "core/base/units.h"

#define ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))
#define RUN(member) offsetof(struct plan_run, member)

#define SECOND_NS INT64_C(1000000000)
#define HOUR_NS (3600 * SECOND_NS)

const char *const plan_verify_names[] = { "none", "header", "full", NULL };
const char *const plan_initiator_names[] = { "host", "client", NULL };
const char *const plan_clock_names[] = { "monotonic", "tsc", NULL };
const char *const plan_until_names[] = { "repeat", "stable", NULL };

static const struct weir_option run_rows[] = {
	{
		.name = "name",
		.type = WEIR_OPTION_STRING,
		.default_text = "unnamed",
		.help = "what this experiment is called in its results",
		.offset = RUN(name),
	},
	{
		.name = "repeat",
		.type = WEIR_OPTION_INT,
		.default_text = "3",
		.min = 1,
		.max = 1000,
		.help = "trials of each cell; those of all cells are mixed in "
			"random order, so that a drifting machine hits all "
			"alike",
		.offset = RUN(repeat),
	},
	{
		.name = "until",
		.type = WEIR_OPTION_CHOICE,
		.default_text = "repeat",
		.choices = plan_until_names,
		.help = "when a cell has had enough trials: after repeat of "
			"them, or once the median of its trials is known to "
			"precision, which is looked at after 10, 20, 40 … "
			"trials and confirmed by one more; repeat is then the "
			"most",
		.offset = RUN(until),
	},
	{
		.name = "precision",
		.type = WEIR_OPTION_DOUBLE,
		.default_text = "0.05",
		.min = 0,
		.max = 1,
		.help = "with until = stable, how far to either side of the "
			"median its interval may reach, as a share of it; "
			"with rate = search, how near the rate that passes "
			"and the one that fails have to be",
		.offset = RUN(precision),
	},
	{
		.name = "count",
		.type = WEIR_OPTION_INT,
		.default_text = "0",
		.min = 0,
		.max = INT64_C(1000000000000),
		.help = "messages per channel and trial, without the warm-up; "
			"one round trip is one message; takes the place of "
			"duration",
		.offset = RUN(count),
	},
	{
		.name = "duration",
		.type = WEIR_OPTION_DURATION,
		.default_text = "500ms",
		.min = 1000000,
		.max = 24 * HOUR_NS,
		.help = "how long each trial measures, without the warm-up; "
			"takes the place of count",
		.offset = RUN(duration_ns),
	},
	{
		.name = "warmup",
		.type = WEIR_OPTION_DURATION,
		.default_text = "100ms",
		.min = 0,
		.max = HOUR_NS,
		.help = "how long each trial runs, on the same channel and "
			"threads, before it measures; 0 for not at all",
		.offset = RUN(warmup_ns),
	},
	{
		.name = "warmup_count",
		.type = WEIR_OPTION_INT,
		.default_text = "0",
		.min = 0,
		.max = INT64_C(1000000000000),
		.help = "the warm-up in messages per channel; takes the place "
			"of warmup",
		.offset = RUN(warmup_count),
	},
	{
		.name = "seed",
		.type = WEIR_OPTION_INT,
		.default_text = "0",
		.min = 0,
		.max = INT64_MAX,
		.help = "of the random order of the trials; 0 takes one from "
			"the kernel, which the results record",
		.offset = RUN(seed),
	},
	{
		.name = "verify",
		.type = WEIR_OPTION_CHOICE,
		.default_text = "header",
		.choices = plan_verify_names,
		.help = "what of each message the receiver checks: nothing, "
			"its sequence number, or every byte (which takes part "
			"in what is measured)",
		.offset = RUN(verify),
	},
	{
		.name = "initiator",
		.type = WEIR_OPTION_CHOICE,
		.default_text = "host",
		.choices = plan_initiator_names,
		.help = "which side sends first in a round trip, and sends at "
			"all one way",
		.offset = RUN(initiator),
	},
	{
		.name = "clock",
		.type = WEIR_OPTION_CHOICE,
		.default_text = "monotonic",
		.choices = plan_clock_names,
		.help = "what both sides time messages by: the kernel's "
			"CLOCK_MONOTONIC, or the time stamp counter of x86-64, "
			"calibrated against it, which is cheaper to read; "
			"where that is not invariant cells are refused",
		.offset = RUN(clock),
	},
	{
		.name = "include_first_message",
		.type = WEIR_OPTION_BOOL,
		.default_text = "false",
		.help = "whether the very first message, which pays for cold "
			"caches and first wake-ups, is counted with the others "
			"besides being reported on its own",
		.offset = RUN(include_first_message),
	},
	{
		.name = "deadline",
		.type = WEIR_OPTION_DURATION,
		.default_text = "0s",
		.min = 0,
		.max = HOUR_NS,
		.help = "a latency above it is a miss: results say how many "
			"there are, and how many in a row; 0 for none",
		.offset = RUN(deadline_ns),
	},
	{
		.name = "slo.below",
		.type = WEIR_OPTION_DURATION,
		.default_text = "0s",
		.min = 0,
		.max = HOUR_NS,
		.help = "with rate = search: what slo.percentile of the "
			"latencies have to stay below",
		.offset = RUN(slo_below_ns),
	},
	{
		.name = "slo.percentile",
		.type = WEIR_OPTION_DOUBLE,
		.default_text = "99",
		.min = 0,
		.max = 100,
		.help = "with rate = search: the percentile that slo.below "
			"is about",
		.offset = RUN(slo_percentile),
	},
	{
		.name = "search.from",
		.type = WEIR_OPTION_RATE,
		.default_text = "1k",
		.min = 1,
		.max = 10000000,
		.help = "the rate that a search begins with, and doubles",
		.offset = RUN(search_from),
	},
	{
		.name = "search.to",
		.type = WEIR_OPTION_RATE,
		.default_text = "10M",
		.min = 1,
		.max = 10000000,
		.help = "the highest rate that a search tries",
		.offset = RUN(search_to),
	},
	{
		.name = "search.steps",
		.type = WEIR_OPTION_INT,
		.default_text = "24",
		.min = 2,
		.max = 64,
		.help = "rates that a search tries at most, each up to five "
			"times for duration",
		.offset = RUN(search_steps),
	},
	{
		.name = "percentiles",
		.type = WEIR_OPTION_DOUBLE,
		.flags = WEIR_OPTION_LIST,
		.default_text = "",
		.min = 0,
		.max = 100,
		.help = "further percentiles to report, as [75, 99.999], "
			"beside 50, 90, 95, 99, 99.9 and 99.99",
		.offset = RUN(percentiles),
	},
	{
		.name = "connect_timeout",
		.type = WEIR_OPTION_DURATION,
		.default_text = "10s",
		.min = 1000000,
		.max = HOUR_NS,
		.help = "how long the two sides wait for each other before "
			"the first trial",
		.offset = RUN(connect_timeout_ns),
	},
	{
		.name = "silence_timeout",
		.type = WEIR_OPTION_DURATION,
		.default_text = "2s",
		.min = SECOND_NS,
		.max = HOUR_NS,
		.help = "after how long without a sign of life (there is one "
			"every 500 ms) the other side is given up",
		.offset = RUN(silence_timeout_ns),
	},
	{
		.name = "stall_timeout",
		.type = WEIR_OPTION_DURATION,
		.default_text = "10s",
		.min = SECOND_NS,
		.max = HOUR_NS,
		.help = "after how long without a message that moved, though "
			"both sides live, a trial is given up",
		.offset = RUN(stall_timeout_ns),
	},
	{
		.name = "plugin_path",
		.type = WEIR_OPTION_STRING,
		.flags = WEIR_OPTION_LIST,
		.default_text = "",
		.help = "folders to search for plugins, after those of "
			"WEIR_PLUGIN_PATH and before the built-in one",
		.offset = RUN(plugin_path),
	},
	{
		.name = "cpu.host",
		.type = WEIR_OPTION_CPUS,
		.default_text = "auto",
		.help = "CPUs of the host's threads, one for each in turn: "
			"auto (two that share a cache, one for each side), "
			"none (left to the kernel) or a list such as \"0,2-3\"",
		.offset = RUN(cpu_host),
	},
	{
		.name = "cpu.client",
		.type = WEIR_OPTION_CPUS,
		.default_text = "auto",
		.help = "CPUs of the client's threads, likewise",
		.offset = RUN(cpu_client),
	},
	{
		.name = "realtime",
		.type = WEIR_OPTION_INT,
		.default_text = "0",
		.min = 0,
		.max = 97,
		.help = "real-time priority of the measuring threads "
			"(SCHED_FIFO), 1 to 97; true is 1, ahead of all that "
			"has none; 0 or false for none. Where that is not "
			"permitted cells are refused",
		.offset = RUN(realtime),
	},
	{
		.name = "mlockall",
		.type = WEIR_OPTION_BOOL,
		.default_text = "false",
		.help = "whether all memory of both sides is locked, and not "
			"only the message buffers; likewise",
		.offset = RUN(mlockall),
	},
	{
		.name = "container.engine",
		.type = WEIR_OPTION_STRING,
		.default_text = "podman",
		.help = "the program that runs containers: podman, docker, or "
			"a path to one of them",
		.offset = RUN(container_engine),
	},
	{
		.name = "container.image",
		.type = WEIR_OPTION_STRING,
		.default_text = "localhost/weir:latest",
		.help = "the image, with this version of weir as its "
			"entrypoint; it is never pulled",
		.offset = RUN(container_image),
	},
	{
		.name = "container.name_prefix",
		.type = WEIR_OPTION_STRING,
		.default_text = "weir",
		.help = "containers are called PREFIX-RUN, with the run's "
			"random id",
		.offset = RUN(container_name_prefix),
	},
	{
		.name = "container.user",
		.type = WEIR_OPTION_STRING,
		.default_text = "1001:1001",
		.help = "UID:GID of the client in its container, in numbers",
		.offset = RUN(container_user),
	},
	{
		.name = "container.memory",
		.type = WEIR_OPTION_SIZE,
		.default_text = "0",
		.min = 0,
		.max = INT64_C(1) << 50,
		.help = "the most memory that the container may use; 0 sets "
			"no limit",
		.offset = RUN(container_memory_bytes),
	},
	{
		.name = "container.cpus",
		.type = WEIR_OPTION_DOUBLE,
		.default_text = "0",
		.min = 0,
		.max = 4096,
		.help = "how many CPUs' time the container may use, as 1.5; 0 "
			"sets no limit",
		.offset = RUN(container_cpus),
	},
	{
		.name = "container.extra_args",
		.type = WEIR_OPTION_STRING,
		.flags = WEIR_OPTION_LIST,
		.default_text = "",
		.help = "further arguments of the engine's run command, one "
			"each, before the image",
		.offset = RUN(container_extra_args),
	},
	{
		.name = "container.keep",
		.type = WEIR_OPTION_BOOL,
		.default_text = "false",
		.help = "whether the container is left as it is at the run's "
			"end, to be looked at; weir containers stop removes it",
		.offset = RUN(container_keep),
	},
	{
		.name = "output.directory",
		.type = WEIR_OPTION_STRING,
		.default_text = "output",
		.help = "folder of the result files, made if it is missing; "
			"relative to the working directory",
		.offset = RUN(output_directory),
	},
	{
		.name = "output.json",
		.type = WEIR_OPTION_STRING,
		.default_text = "results.json",
		.help = "the results file, in output.directory unless it "
			"begins with /; - is standard output",
		.offset = RUN(output_json),
	},
	{
		.name = "output.streaming_json",
		.type = WEIR_OPTION_STRING,
		.default_text = "",
		.help = "a file that gets a JSON object per message, a line "
			"each, while the run goes on; relative to the working "
			"directory; - is standard output; nothing: no stream",
		.offset = RUN(output_streaming_json),
	},
	{
		.name = "output.streaming_csv",
		.type = WEIR_OPTION_STRING,
		.default_text = "",
		.help = "likewise as CSV, with a header",
		.offset = RUN(output_streaming_csv),
	},
	{
		.name = "clients",
		.type = WEIR_OPTION_INT,
		.default_text = "1",
		.min = 1,
		.max = 64,
		.help = "clients that the boundary external waits for; they "
			"share the channels of each trial",
		.offset = RUN(clients),
	},
	{
		.name = "ipc.path",
		.type = WEIR_OPTION_STRING,
		.default_text = "",
		.help = "the control socket on which the boundary external "
			"meets its clients",
		.offset = RUN(ipc_path),
	},
	{
		.name = "ipc.mode",
		.type = WEIR_OPTION_STRING,
		.default_text = "0600",
		.help = "mode of the control socket's file, octal",
		.offset = RUN(ipc_mode),
	},
	{
		.name = "ipc.owner",
		.type = WEIR_OPTION_STRING,
		.default_text = "",
		.help = "who the control socket is given to, as UID or "
			"UID:GID: the user that a container's client is on "
			"this side",
		.offset = RUN(ipc_owner),
	},
	{
		.name = "ipc.group",
		.type = WEIR_OPTION_STRING,
		.default_text = "",
		.help = "group that the control socket is given to: its name "
			"or GID",
		.offset = RUN(ipc_group),
	},
	{
		.name = "allow_uids",
		.type = WEIR_OPTION_INT,
		.flags = WEIR_OPTION_LIST,
		.default_text = "",
		.min = 0,
		.max = INT64_C(4294967294),
		.help = "further users whose clients may come, beside the own "
			"one and ipc.owner",
		.offset = RUN(allow_uids),
	},
	{
		.name = "trust_peer",
		.type = WEIR_OPTION_BOOL,
		.default_text = "false",
		.help = "lets a transport share memory that can't be sealed "
			"with a client in a container or of somebody else, "
			"who can end the host by truncating it",
		.offset = RUN(trust_peer),
	},
};

const struct option_table plan_run_table = {
	.rows = run_rows,
	.n_rows = ROWS(run_rows),
	.struct_bytes = sizeof(struct plan_run),
};

const char *
plan_run_meant(const struct weir_option *row, const char *text)
{
	uint32_t value;

	if (row != option_find(&plan_run_table, "realtime") ||
	    units_parse_bool(text, &value, NULL))
		return text;
	return value ? PLAN_REALTIME_TRUE : "0";
}
