/* SPDX-License-Identifier: Apache-2.0 */
/* The lines: what weir has to reach. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/line.h"

#define LINES_MAX 96
#define KI (UINT64_C(1) << 10)
#define MI (UINT64_C(1) << 20)

struct table {
	struct line *lines;
	size_t n;
};

static const char *
size_text(size_t size, char ret_text[32])
{
	if (size % MI == 0)
		snprintf(ret_text, 32, "%zu MiB", size / MI);
	else if (size % KI == 0)
		snprintf(ret_text, 32, "%zu KiB", size / KI);
	else
		snprintf(ret_text, 32, "%zu B", size);
	return ret_text;
}

static struct line *
add(struct table *table, const char *what, size_t size)
{
	struct line *line = &table->lines[table->n++];
	char text[32];

	if (table->n > LINES_MAX)
		abort();
	snprintf(line->name, sizeof(line->name), "%s %s", what,
		 size_text(size, text));
	line->weir.size = line->other.size = size;
	return line;
}

static void
option(struct line_side *side, const char *text)
{
	for (int i = 0; i < LINE_OPTIONS - 1; i++) {
		if (!side->options[i]) {
			side->options[i] = text;
			return;
		}
	}
	abort();
}

static void
one_way(struct line *line)
{
	line->weir.one_way = line->other.one_way = true;
	line->metric = LINE_RATE;
}

/* A transport over descriptors, in one way to wait, at three sizes. */
struct kernel {
	const char *name; /* of the lines */
	const struct bench_mechanism *loop;
	const char *transport;
	const char *options[3]; /* [2]: that spins */
	size_t largest;
	bool streams; /* has lines of one way */
};

static const struct kernel kernels[] = {
	{ "uds", &pair_stream, "uds",
	  { NULL, NULL, "transports.uds.wait=spin" }, 64 * KI, true },
	{ "uds seqpacket", &pair_seqpacket, "uds",
	  { "transports.uds.type=seqpacket", NULL,
	    "transports.uds.wait=spin" }, 64 * KI, false },
	{ "uds dgram", &pair_dgram, "uds",
	  { "transports.uds.type=dgram", NULL, "transports.uds.wait=spin" },
	  64 * KI, false },
	{ "pipe", &pair_pipe, "pipe",
	  { NULL, NULL, "transports.pipe.wait=spin" }, 64 * KI, true },
	{ "tcp", &pair_tcp, "tcp", { NULL, NULL, "transports.tcp.wait=spin" },
	  64 * KI, false },
	{ "mq", &pair_mq, "mq", { NULL, NULL, "transports.mq.wait=spin" },
	  8 * KI, false },
};

static void
kernel_line(struct table *table, const struct kernel *kernel, size_t size,
	    bool spin, bool stream)
{
	char what[48];
	struct line *line;

	snprintf(what, sizeof(what), "%s %s, %s", kernel->name,
		 spin ? "spin" : "block", stream ? "one way" : "round trip");
	line = add(table, what, size);
	line->weir.transport = kernel->transport;
	line->other.loop = kernel->loop;
	line->other.spin = spin;
	if (kernel->options[0])
		option(&line->weir, kernel->options[0]);
	if (spin)
		option(&line->weir, kernel->options[2]);
	line->metric = LINE_P50;
	line->ratio = (struct line_bound){ 1.02, 1.02 };
	if (stream) {
		one_way(line);
		line->ratio = (struct line_bound){ 0.98, 0.98 };
	}
}

static void
kernel_lines(struct table *table, const struct kernel *kernel, bool stream)
{
	const size_t sizes[3] = { 64, KI, kernel->largest };

	for (int spin = 0; spin < 2; spin++) {
		if (stream && spin)
			break;
		for (int i = 0; i < 3; i++)
			kernel_line(table, kernel, sizes[i], spin, stream);
	}
}

static struct line *
shm(struct table *table, const char *what, size_t size, const char *option_1,
    const char *option_2)
{
	struct line *line = add(table, what, size);

	line->weir.transport = "shm";
	line->other.spin = true;
	option(&line->weir, "transports.shm.wait=spin");
	if (option_1)
		option(&line->weir, option_1);
	if (option_2)
		option(&line->weir, option_2);
	return line;
}

static void
shm_round_trips(struct table *table)
{
	struct line *line;

	for (size_t size = 64; size <= KI; size *= 16) {
		line = shm(table, "shm spin, round trip", size, NULL, NULL);
		line->other.loop = &pair_slot;
		line->metric = LINE_MEAN;
		line->ratio = (struct line_bound){ 1.05, 1.05 };
	}
	line = shm(table, "shm slot / cache line", 64,
		   "transports.shm.layout=slot", NULL);
	line->other.loop = &pair_bounce_timed;
	line->metric = LINE_MEAN;
	line->ratio = (struct line_bound){ 1.25, 1.25 };
	line = shm(table, "shm copied, round trip", 64 * KI, NULL, NULL);
	line->metric = LINE_P50;
	line->absolute = (struct line_bound){ 6300, 10600 };
	line = shm(table, "shm copied, round trip", MI, NULL, NULL);
	line->metric = LINE_P50;
	line->absolute = (struct line_bound){ 82000, 136000 };
}

static void
shm_sleeping(struct table *table)
{
	for (size_t size = 64; size <= KI; size *= 16) {
		struct line *line = add(table, "shm futex, round trip", size);

		line->weir.transport = "shm";
		option(&line->weir, "transports.shm.wait=futex");
		line->other.loop = &pair_futex;
		line->metric = LINE_P50;
		line->ratio = (struct line_bound){ 1.05, 1.05 };
	}
}

/* A read of the clock for each message would take longer than the message;
 * all bytes are written and read, as by the loop. */
static void
whole_batches(struct line *line)
{
	one_way(line);
	option(&line->weir, "matrix.batch=64");
	option(&line->weir, "matrix.touch=full");
}

static void
shm_one_way(struct table *table)
{
	struct line *line = shm(table, "shm throughput, one way", 64,
				"transports.shm.mode=throughput", NULL);

	whole_batches(line);
	line->other.loop = &pair_slots8;
	line->ratio = (struct line_bound){ 1.5, 1.0 };
	line->absolute = (struct line_bound){ 70e6, 0 };
	line = shm(table, "shm latency, one way", 64,
		   "transports.shm.mode=latency", NULL);
	whole_batches(line);
	line->other.loop = &pair_slots8;
	line->ratio = (struct line_bound){ 0.9, 0.9 };
	for (size_t size = 64 * KI; size <= MI; size *= 16) {
		line = shm(table, "shm copied, one way", size,
			   "transports.shm.mode=throughput", NULL);
		one_way(line);
		line->other.loop = &pair_flow;
		line->ratio = (struct line_bound){ 0.6, 0.6 };
		line->absolute.near = 30e9 / (double)size;
	}
	line = shm(table, "shm loan / 64 B loan, one way", MI,
		   "matrix.touch=header", "matrix.access=in_place");
	one_way(line);
	option(&line->weir, "transports.shm.mode=throughput");
	option(&line->weir, "transports.shm.ring_size=256Mi");
	line->other = line->weir;
	line->other.size = 64;
	line->ratio = (struct line_bound){ 0.9, 0.9 };
}

struct line *
line_table(size_t *ret_n)
{
	struct table table = { calloc(LINES_MAX, sizeof(*table.lines)), 0 };

	if (!table.lines)
		abort();
	for (size_t i = 0; i < sizeof(kernels) / sizeof(*kernels); i++)
		kernel_lines(&table, &kernels[i], false);
	shm_round_trips(&table);
	shm_sleeping(&table);
	for (size_t i = 0; i < sizeof(kernels) / sizeof(*kernels); i++) {
		if (kernels[i].streams)
			kernel_lines(&table, &kernels[i], true);
	}
	shm_one_way(&table);
	*ret_n = table.n;
	return table.lines;
}
