/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of the whole run: one value each.
 */
#ifndef CORE_CONFIG_KEYS_H
#define CORE_CONFIG_KEYS_H

#include <stdint.h>

#include "core/base/text.h"
#include "core/option/option.h"

enum plan_verify { PLAN_VERIFY_NONE, PLAN_VERIFY_HEADER, PLAN_VERIFY_FULL };
enum plan_initiator { PLAN_HOST_INITIATES, PLAN_CLIENT_INITIATES };
enum plan_clock { PLAN_CLOCK_MONOTONIC, PLAN_CLOCK_TSC };

enum plan_until { PLAN_UNTIL_REPEAT, PLAN_UNTIL_STABLE };

/* Names of the enums above, NULL-terminated, in order. */
extern const char *const plan_verify_names[];
extern const char *const plan_initiator_names[];
extern const char *const plan_clock_names[];
extern const char *const plan_until_names[];

/* Filled by the rows of plan_run_table, whose names are full paths. */
struct plan_run {
	const char *name;
	int64_t repeat;       /* trials of each cell; the most of them where
			       * until is PLAN_UNTIL_STABLE */
	uint32_t until;       /* enum plan_until */
	double precision;
	int64_t count;        /* messages per channel and trial; 0: duration */
	uint64_t duration_ns; /* of the timed region; 0: count */
	uint64_t warmup_ns;   /* 0: warmup_count */
	int64_t warmup_count; /* 0 with warmup_ns 0: no warm-up */
	int64_t seed;         /* of the cells' order; 0: from the kernel */
	uint32_t verify;      /* enum plan_verify */
	uint32_t initiator;   /* enum plan_initiator */
	uint32_t clock;       /* enum plan_clock */
	uint32_t include_first_message;
	uint64_t deadline_ns; /* of a message; 0: none */
	uint64_t slo_below_ns; /* of the percentile; 0: no search */
	double slo_percentile;
	double search_from; /* messages per second */
	double search_to;
	int64_t search_steps; /* at most */
	struct strings percentiles; /* extra ones, in the order given */
	const char *cpu_host;       /* "auto", "none" or a CPU list */
	const char *cpu_client;
	int64_t realtime; /* priority of SCHED_FIFO; 0: none */
	uint32_t mlockall;
	uint64_t connect_timeout_ns;
	uint64_t silence_timeout_ns;
	uint64_t stall_timeout_ns; /* no message moved though both live */
	struct strings plugin_path;
	const char *container_engine;
	const char *container_image;
	const char *container_name_prefix;
	const char *container_user;       /* "UID:GID" */
	uint64_t container_memory_bytes;  /* 0: no limit */
	double container_cpus;            /* 0: no limit */
	struct strings container_extra_args;
	uint32_t container_keep;
	const char *output_directory;
	const char *output_json; /* in output_directory unless absolute */
	const char *output_streaming_json; /* "": none */
	const char *output_streaming_csv;
	int64_t clients;         /* that an external boundary waits for */
	const char *ipc_path;    /* control socket of an external boundary */
	const char *ipc_mode;    /* of the socket file, octal */
	const char *ipc_owner;   /* "", "UID" or "UID:GID" */
	const char *ipc_group;   /* "", a group's name or GID */
	struct strings allow_uids;
	uint32_t trust_peer;
};

extern const struct option_table plan_run_table;

/* What a text means to a row, as the row's type knows it: the truth values of
 * realtime are priorities; any other text is itself. */
#define PLAN_REALTIME_TRUE "1"
const char *plan_run_meant(const struct weir_option *row, const char *text);

#endif
