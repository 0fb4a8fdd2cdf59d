/* SPDX-License-Identifier: Apache-2.0 */
/* What weir itself costs: time to set up and end a trial, memory, threads. */
#include "tests/bench/harness.h"

#include <math.h>
#include <stdio.h>
#include <sys/resource.h>

#include "tests/bench/ratio.h"
#include "tests/bench/weir.h"

#define RUNS 5
#define TRIALS 21
#define MESSAGES "2000000"

/* A run's time in ms and its largest process in MiB; NaN where it fails. */
static void
cost(const char *weir, const char *path, char *const options[],
     double *ret_ms, double *ret_mib)
{
	char *argv[24] = { (char *)(uintptr_t)weir, "run", "-q", "-o",
			   (char *)(uintptr_t)path, "-Dwarmup=0" };
	char why[WEIR_WHY_BYTES];
	struct rusage usage;
	uint64_t ns;
	int n = 6;

	for (; *options && n < 23; options++)
		argv[n++] = *options;
	*ret_ms = *ret_mib = NAN;
	if (weir_process(argv, why, &usage, &ns) != 0)
		return;
	*ret_ms = (double)ns / 1e6;
	*ret_mib = (double)usage.ru_maxrss / 1024;
}

double
harness_trial_ms(const char *weir, const char *path)
{
	char *one[] = { "-muds", "-Dcount=1", "-Drepeat=1", NULL };
	char many_text[32];
	char *many[] = { "-muds", "-Dcount=1", many_text, NULL };
	double ms[RUNS], few, more, mib;

	snprintf(many_text, sizeof(many_text), "-Drepeat=%d", TRIALS);
	for (int i = 0; i < RUNS; i++) {
		cost(weir, path, one, &few, &mib);
		cost(weir, path, many, &more, &mib);
		ms[i] = (more - few) / (TRIALS - 1);
	}
	return ratio_median(ms, RUNS);
}

double
harness_run_ms(const char *weir, const char *path)
{
	char *one[] = { "-muds", "-Dcount=1", "-Drepeat=1", NULL };
	double ms[RUNS], mib;

	for (int i = 0; i < RUNS; i++)
		cost(weir, path, one, &ms[i], &mib);
	return ratio_median(ms, RUNS);
}

double
harness_memory_mib(const char *weir, const char *path)
{
	char *many[] = { "-mnull", "-Dmatrix.size=64", "-Dcount=" MESSAGES,
			 "-Drepeat=3", NULL };
	double ms, mib;

	cost(weir, path, many, &ms, &mib);
	return mib;
}

static double
price(const char *weir, const char *folder, const struct bench_course *course,
      char *wait)
{
	const struct line_side side = {
		.transport = "shm", .size = 64,
		.options = { wait, "matrix.pattern=paced", "matrix.rate=1k" },
	};
	char why[WEIR_WHY_BYTES];
	struct bench_figures figures;

	if (!weir_segment(weir, folder, &side, course, &figures, why))
		return NAN;
	return figures.cpu_ns;
}

double
harness_price(const char *weir, const char *folder,
	      const struct bench_course *course)
{
	double ratios[RUNS];

	for (int i = 0; i < RUNS; i++)
		ratios[i] = price(weir, folder, course,
				  "transports.shm.wait=adaptive") /
			    price(weir, folder, course,
				  "transports.shm.wait=spin");
	return ratio_median(ratios, RUNS);
}

double
harness_crowd(const char *weir, const char *folder,
	      const struct bench_course *course, unsigned n)
{
	char concurrency[32], why[WEIR_WHY_BYTES];
	struct line_side side = { .transport = "uds", .size = 64,
				  .options = { concurrency } };
	struct bench_figures figures;
	double per_s[RUNS];

	snprintf(concurrency, sizeof(concurrency), "matrix.concurrency=%u", n);
	for (int i = 0; i < RUNS; i++) {
		if (!weir_segment(weir, folder, &side, course, &figures, why))
			return NAN;
		per_s[i] = figures.per_s;
	}
	return ratio_median(per_s, RUNS);
}
