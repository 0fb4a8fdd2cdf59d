/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A block: the set of figures that a trial, a cell (all its trials merged)
 * and a client all have.
 */
#ifndef CORE_RESULT_FIGURES_H
#define CORE_RESULT_FIGURES_H

#include <stdbool.h>
#include <stdint.h>

#include <weir/transport.h>

#include "core/measure/report.h"
#include "core/result/paced.h"
#include "core/result/samples.h"
#include "core/stats/summary.h"

/* What a trial tells of its percentiles by the order of its samples; of those
 * of latency.percentiles. */
struct result_order {
	bool known;
	uint32_t clusters[SUMMARY_PERCENTILES_MAX]; /* a cell's: the sum */
	struct series_interval within[SUMMARY_PERCENTILES_MAX]; /* trials */
};

#define DISTANCE_ALL (-1)
#define DISTANCE_NONE (-2)

/* What was measured at one distance of the CPUs: see distance.h. */
struct result_class {
	struct result_samples latency;
	uint64_t messages;
	uint64_t segments;
	double elapsed_ns; /* of all channels together */
	double distance_sum_ns;
};

/* What the busy channels of a cell under load moved. */
struct result_load {
	uint64_t messages;
	double elapsed_ns; /* a cell's: summed over trials */
	double messages_per_s;
	double bytes_per_s;
};

/* Doubles are NaN (null in JSON) where there is no such figure. */
struct result_block {
	struct summary latency;
	char *histogram; /* base64, see stats/histogram.h; NULL while empty */
	uint64_t latency_sum_ns;
	struct result_order order;
	struct result_samples teardown; /* of the host's ends of channels */
	double first_message_ns; /* a cell's is the median of its trials */
	struct result_load load;
	uint64_t messages;   /* that count: round trips, or receipts */
	double elapsed_ns;   /* of the timed region, summed over trials */
	double messages_per_s;
	double bytes_per_s;
	double host_cpu_ns_per_message;
	double client_cpu_ns_per_message;
	double host_switches_per_message;
	double client_switches_per_message;
	struct weir_counters host_counters; /* see report_add_counters */
	struct weir_counters client_counters;
	struct report_integrity integrity; /* both directions, see block.h; a
					    * cell's also of failed trials */
	struct evidence host_evidence;
	struct evidence client_evidence;
	struct result_paced paced;
	struct result_deadline deadline;
	struct result_class classes[GAUGE_CLASSES];
	int class; /* whose latency and throughput these are; of a cell only,
		    * else DISTANCE_ALL */
	double one_way_error_ns; /* bound of what the clocks add to a one-way
				  * latency */
	uint64_t clock_steps; /* see gauge.h; 0: nobody looked */
	uint64_t clock_backward;
	char host_cpus[REPORT_CPUS_BYTES];
	char client_cpus[REPORT_CPUS_BYTES];
};

#endif
