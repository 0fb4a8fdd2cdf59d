/* SPDX-License-Identifier: Apache-2.0 */
/*
 * weir beside bare loops, in one run: see README.md.
 */
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/harness.h"
#include "tests/bench/peers.h"
#include "tests/bench/report.h"
#include "tests/bench/weir.h"

#define FIGURES_MAX 32
#define SWEEP_RUNS 3
#define KI (UINT64_C(1) << 10)

struct bench {
	const char *weir;
	const char *json;
	char folder[64]; /* scratch */
	int cpu[2];
	size_t min_pairs, max_pairs;
	uint64_t segment_ns, warm_ns;
	uint64_t end_ns; /* of all lines; UINT64_MAX: none is given */
	bool list;
	struct report_figure figures[FIGURES_MAX];
	size_t n_figures;
};

static struct bench_course
course_of(const struct bench *bench, const struct line_side *side)
{
	return (struct bench_course){
		.cpu = { bench->cpu[0], bench->cpu[1] },
		.one_way = side->one_way,
		.spin = side->spin,
		.size = side->size,
		.ring_bytes = side->ring_bytes,
		.warm_ns = bench->warm_ns,
		.timed_ns = bench->segment_ns,
	};
}

static bool
segment(const struct bench *bench, struct line *line,
	const struct line_side *side, struct bench_figures *ret_figures)
{
	struct bench_course course = course_of(bench, side);

	*ret_figures = (struct bench_figures){ NAN, NAN, NAN, NAN, 0 };
	if (side->transport)
		return weir_segment(bench->weir, bench->folder, side, &course,
				    ret_figures, line->why);
	if (!side->loop || pair_run(side->loop, &course, ret_figures))
		return true;
	snprintf(line->why, sizeof(line->why), "the loop \"%s\" can't run here",
		 side->loop->name);
	return false;
}

/* The best floor over ring sizes is what counts. */
static void
choose_ring(const struct bench *bench, struct line *line)
{
	size_t best = 0;
	double best_per_s = 0, runs[SWEEP_RUNS];

	if (line->other.loop != &pair_flow)
		return;
	for (size_t ring = 64 * KI; ring <= 8192 * KI; ring *= 2) {
		struct bench_figures figures;
		double per_s;

		line->other.ring_bytes = ring;
		for (int i = 0; i < SWEEP_RUNS; i++) {
			(void)segment(bench, line, &line->other, &figures);
			runs[i] = figures.per_s;
		}
		per_s = ratio_median(runs, SWEEP_RUNS);
		if (per_s > best_per_s) {
			best_per_s = per_s;
			best = ring;
		}
	}
	line->other.ring_bytes = best;
}

/* One after the other, and the next time the other way round; a canary
 * before, between and after. */
static bool
pair(const struct bench *bench, struct line *line, double *canary)
{
	bool weir_first = line->n_run % 2;
	struct bench_figures weir, other;
	double between, after;
	int class;

	line->n_run++;
	if (!segment(bench, line, weir_first ? &line->weir : &line->other,
		     weir_first ? &weir : &other))
		return false;
	between = canary_ns(bench->cpu);
	if (!segment(bench, line, weir_first ? &line->other : &line->weir,
		     weir_first ? &other : &weir))
		return false;
	after = canary_ns(bench->cpu);
	class = canary_class(between);
	if (class == canary_class(*canary) && class == canary_class(after))
		line_add(line, class, &weir, &other);
	else
		line->n_discarded++;
	*canary = after;
	return true;
}

/* Up to so many more pairs as decide it, or the end of its share of what is
 * left of the time. */
static void
measure(const struct bench *bench, struct line *line, size_t n_left)
{
	double canary = canary_ns(bench->cpu);
	uint64_t now = bench_now_ns(), end_ns = UINT64_MAX;

	if (bench->end_ns != UINT64_MAX)
		end_ns = now > bench->end_ns ? now :
			 now + (bench->end_ns - now) / n_left;
	line->classes = calloc(CANARY_CLASSES, sizeof(*line->classes));
	if (!line->classes)
		abort();
	choose_ring(bench, line);
	while (line->n_run < bench->max_pairs) {
		if (!pair(bench, line, &canary)) {
			line->verdict = LINE_NONE;
			return;
		}
		if (line_judge(line, bench->min_pairs) ||
		    bench_now_ns() >= end_ns)
			break;
	}
	line->why[0] = '\0';
}

static void
note(struct bench *bench, const char *name, const char *unit, double value,
     double at_most)
{
	struct report_figure *f = &bench->figures[bench->n_figures++];

	if (bench->n_figures > FIGURES_MAX)
		abort();
	snprintf(f->name, sizeof(f->name), "%s", name);
	f->unit = unit;
	f->value = value;
	f->at_most = at_most;
	report_figure(f);
}

/* In a process of its own, which may be pinned. */
static double
on_one_cpu(const struct bench *bench, size_t size)
{
	double value = NAN;
	int fds[2];

	if (pipe(fds) != 0)
		return NAN;
	if (fork() == 0) {
		value = size ? floor_memcpy_bytes_per_s(bench->cpu[0], size) :
			       floor_clock_ns(bench->cpu[0]);
		_exit(write(fds[1], &value, sizeof(value)) < 0);
	}
	close(fds[1]);
	if (read(fds[0], &value, sizeof(value)) != sizeof(value))
		value = NAN;
	close(fds[0]);
	wait(NULL);
	return value;
}

static double
floor_of(const struct bench *bench, const struct line_side *side,
	 enum line_metric metric)
{
	struct line line = { .weir = *side };
	struct bench_figures f;

	if (!segment(bench, &line, side, &f))
		return NAN;
	return metric == LINE_P50  ? f.p50_ns :
	       metric == LINE_MEAN ? f.mean_ns :
				     f.per_s * (double)side->size / 1e9;
}

static void
floors(struct bench *bench)
{
	struct line_side side = { .size = 64, .loop = &pair_bounce };
	char name[LINE_NAME_BYTES];

	note(bench, "distance now", "ns", canary_ns(bench->cpu), 0);
	note(bench, "clock read", "ns", on_one_cpu(bench, 0), 0);
	note(bench, "memcpy 64 KiB", "GB/s",
	     on_one_cpu(bench, 64 * KI) / 1e9, 0);
	note(bench, "memcpy 1 MiB", "GB/s",
	     on_one_cpu(bench, 1024 * KI) / 1e9, 0);
	note(bench, "cache line there and back, mean", "ns",
	     floor_of(bench, &side, LINE_MEAN), 0);
	side.loop = &pair_bounce_timed;
	note(bench, "cache line there and back, each timed, mean", "ns",
	     floor_of(bench, &side, LINE_MEAN), 0);
	note(bench, "cache line there and back, each timed, p50", "ns",
	     floor_of(bench, &side, LINE_P50), 0);
	side.loop = &pair_slots8;
	side.one_way = true;
	note(bench, "8 plain slots, one way, 64 B", "GB/s",
	     floor_of(bench, &side, LINE_RATE), 0);
	side.loop = &pair_flow;
	side.size = 64 * KI;
	for (size_t ring = 64 * KI; ring <= 8192 * KI; ring *= 2) {
		side.ring_bytes = ring;
		snprintf(name, sizeof(name),
			 "one writes, one reads, ring of %zu KiB",
			 (size_t)(ring / KI));
		note(bench, name, "GB/s", floor_of(bench, &side, LINE_RATE),
		     0);
	}
}

static void
harness(struct bench *bench)
{
	const struct line_side side = { .size = 64 };
	struct bench_course course = course_of(bench, &side);
	double alone, crowd;
	char path[128];

	snprintf(path, sizeof(path), "%s/weir.json", bench->folder);
	note(bench, "weir: set-up and end of a trial", "ms",
	     harness_trial_ms(bench->weir, path), 20);
	note(bench, "weir: a run of one trial, exec to exit", "ms",
	     harness_run_ms(bench->weir, path), 0);
	note(bench, "weir: largest process, 6 million messages", "MiB",
	     harness_memory_mib(bench->weir, path), 32);
	note(bench, "weir: CPU at 1k/s, adaptive / spin", "",
	     harness_price(bench->weir, bench->folder, &course), 0.1);
	alone = harness_crowd(bench->weir, bench->folder, &course, 1);
	crowd = harness_crowd(bench->weir, bench->folder, &course, 32);
	note(bench, "weir: uds round trips, 1 channel", "1/s", alone, 0);
	note(bench, "weir: uds round trips, 32 channels", "1/s", crowd, 0);
	note(bench, "weir: 1 channel / 32 channels", "", alone / crowd, 1.25);
}

static bool
wanted(const char *name, char *const patterns[])
{
	if (!*patterns)
		return true;
	for (; *patterns; patterns++) {
		if (strstr(name, *patterns))
			return true;
	}
	return false;
}

static int
run(struct bench *bench, char *const patterns[])
{
	size_t n = 0, n_wanted = 0;
	struct line *lines = line_table(&n);
	int code = 0;

	if (peers_stray(lines, n)) {
		fprintf(stderr, "bench: peers.c has a line \"%s\" that there "
			"is not\n", peers_stray(lines, n));
		free(lines);
		return 2;
	}
	for (size_t i = 0; i < n; i++) {
		if (wanted(lines[i].name, patterns))
			lines[n_wanted++] = lines[i];
	}
	if (!bench->list && wanted("floors", patterns))
		floors(bench);
	if (!bench->list && wanted("harness", patterns))
		harness(bench);
	if (!bench->list && n_wanted)
		report_head();
	for (size_t i = 0; i < n_wanted; i++) {
		if (bench->list) {
			puts(lines[i].name);
			continue;
		}
		measure(bench, &lines[i], n_wanted - i);
		report_line(&lines[i]);
		if (lines[i].verdict == LINE_FAIL)
			code = 1;
	}
	for (size_t i = 0; i < bench->n_figures; i++) {
		if (report_figure_verdict(&bench->figures[i]) == LINE_FAIL)
			code = 1;
	}
	if (!bench->list && bench->json &&
	    !report_json(bench->json, lines, n_wanted, bench->figures,
			 bench->n_figures)) {
		perror(bench->json);
		code = 2;
	}
	for (size_t i = 0; i < n_wanted; i++)
		free(lines[i].classes);
	free(lines);
	return code;
}

static bool
choose_cpus(struct bench *bench)
{
	cpu_set_t set;
	int n = 0;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return false;
	for (int cpu = 0; cpu < CPU_SETSIZE && n < 2; cpu++) {
		if (CPU_ISSET(cpu, &set))
			bench->cpu[n++] = cpu;
	}
	return n == 2;
}

static int
usage(void)
{
	fputs("bench [-w WEIR] [-o JSON] [-c CPU,CPU] [-n PAIRS] [-m MOST] "
	      "[-t SEGMENT_MS] [-b SECONDS] [-l] [WORD...]\n"
	      "Runs the lines whose name holds a WORD (\"floors\", "
	      "\"harness\": those figures), or all; -l lists them.\n", stderr);
	return 2;
}

static bool
parse(struct bench *bench, int argc, char *argv[])
{
	int letter;

	while ((letter = getopt(argc, argv, "w:o:c:n:m:t:b:l")) != -1) {
		switch (letter) {
		case 'w':
			bench->weir = optarg;
			break;
		case 'o':
			bench->json = optarg;
			break;
		case 'c':
			if (sscanf(optarg, "%d,%d", &bench->cpu[0],
				   &bench->cpu[1]) != 2)
				return false;
			break;
		case 'n':
			bench->min_pairs = strtoul(optarg, NULL, 10);
			break;
		case 'm':
			bench->max_pairs = strtoul(optarg, NULL, 10);
			break;
		case 't':
			bench->segment_ns = strtoul(optarg, NULL, 10) *
					    UINT64_C(1000000);
			break;
		case 'b':
			bench->end_ns = bench_now_ns() +
					strtoul(optarg, NULL, 10) *
						UINT64_C(1000000000);
			break;
		case 'l':
			bench->list = true;
			break;
		default:
			return false;
		}
	}
	return true;
}

int
main(int argc, char *argv[])
{
	struct bench bench = {
		.weir = "./weir",
		.folder = "/tmp/weir-bench.XXXXXX",
		.min_pairs = 10,
		.max_pairs = 60,
		.segment_ns = UINT64_C(250000000),
		.warm_ns = UINT64_C(20000000),
		.end_ns = UINT64_MAX,
	};
	char path[128];
	int code;

	if (!choose_cpus(&bench)) {
		fputs("bench: needs two CPUs that it may run on\n", stderr);
		return 77;
	}
	if (!parse(&bench, argc, argv))
		return usage();
	if (!mkdtemp(bench.folder)) {
		perror(bench.folder);
		return 2;
	}
	code = run(&bench, argv + optind);
	snprintf(path, sizeof(path), "%s/weir.json", bench.folder);
	unlink(path);
	rmdir(bench.folder);
	return code;
}
