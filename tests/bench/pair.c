/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/bench.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/stats/summary.h"
#include "tests/bench/loop.h"

#define LONGEST_S 30 /* a loop that hangs is ended */

_Noreturn void
loop_die(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	_exit(1);
}

void
pair_pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0)
		loop_die("pinning a process");
}

static unsigned char *
make_buffer(size_t size)
{
	size_t whole = (size + 4095) & ~(size_t)4095;
	unsigned char *buf = aligned_alloc(4096, whole);

	if (!buf)
		loop_die("a message buffer");
	memset(buf, 0x5a, whole);
	return buf;
}

static pid_t
start(const struct bench_mechanism *mechanism, struct bench_end *end, int cpu)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(LONGEST_S);
	pair_pin(cpu);
	end->out = make_buffer(end->size);
	end->in = make_buffer(end->size);
	mechanism->loop(end);
	_exit(0);
}

/* Waits for both; a responder, or who is left behind by a failure, is ended.
 */
static bool
join(pid_t pids[2], bool one_way)
{
	bool good = true;
	int status;
	pid_t pid;

	for (int left = 2; left > 0; left--) {
		do
			pid = wait(&status);
		while (pid != pids[0] && pid != pids[1]);
		if (left == 1 && (!good || !one_way))
			break; /* it was ended */
		good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
		if (left == 2 && (!good || !one_way))
			kill(pid == pids[0] ? pids[1] : pids[0], SIGKILL);
	}
	return good;
}

static void
tell(const struct bench_shared *shared, struct bench_figures *ret_figures)
{
	static const double half = 50;
	double elapsed_ns = (double)(shared->ended_ns - shared->started_ns);
	struct summary summary;

	summary_make(&shared->latency, &half, 1, &summary);
	ret_figures->p50_ns = summary_percentile_ns(&summary, half);
	ret_figures->messages = shared->messages;
	ret_figures->mean_ns = elapsed_ns / (double)shared->messages;
	ret_figures->per_s = 1e9 / ret_figures->mean_ns;
}

static void *
map_shared(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (at == MAP_FAILED)
		loop_die("shared memory");
	return at;
}

static bool
run_both(const struct bench_mechanism *mechanism,
	 const struct bench_course *course, struct bench_end ends[2])
{
	pid_t pids[2];

	if (mechanism->open && mechanism->open(ends) != 0) {
		perror(mechanism->name);
		return false;
	}
	for (int i = 0; i < 2; i++)
		pids[i] = start(mechanism, &ends[i], course->cpu[i]);
	for (int i = 0; i < 2; i++) {
		if (ends[i].tx >= 0)
			close(ends[i].tx);
		if (ends[i].rx >= 0 && ends[i].rx != ends[i].tx)
			close(ends[i].rx);
	}
	return join(pids, course->one_way);
}

bool
pair_run(const struct bench_mechanism *mechanism,
	 const struct bench_course *course, struct bench_figures *ret_figures)
{
	struct bench_shared *shared = map_shared(sizeof(*shared));
	size_t bytes = mechanism->memory_bytes ?
			mechanism->memory_bytes(course) : 0;
	void *memory = bytes ? map_shared(bytes) : NULL;
	struct bench_end ends[2];
	bool good;

	shared->total = UINT64_MAX;
	for (int i = 0; i < 2; i++)
		ends[i] = (struct bench_end){
			.course = course, .shared = shared, .memory = memory,
			.size = course->size, .first = i == 0, .tx = -1,
			.rx = -1,
		};
	good = run_both(mechanism, course, ends);
	if (good)
		tell(shared, ret_figures);
	munmap(shared, sizeof(*shared));
	if (memory)
		munmap(memory, bytes);
	return good;
}
