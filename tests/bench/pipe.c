/* SPDX-License-Identifier: Apache-2.0 */
/* Two pipes, one each way. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "tests/bench/loop.h"

loop_inline void
put(struct bench_end *e, unsigned char *buf)
{
	size_t done = 0;

	do {
		ssize_t n = write(e->tx, buf + done, e->size - done);

		if (__builtin_expect(n > 0, 1))
			done += (size_t)n;
		else if (errno == EAGAIN)
			bench_pause();
		else
			loop_die("write");
	} while (done < e->size);
}

loop_inline void
get(struct bench_end *e, unsigned char *buf)
{
	size_t done = 0;

	do {
		ssize_t n = read(e->rx, buf + done, e->size - done);

		if (__builtin_expect(n > 0, 1))
			done += (size_t)n;
		else if (n < 0 && errno == EAGAIN)
			bench_pause();
		else
			loop_die("read");
	} while (done < e->size);
}

static void
loop_pipe(struct bench_end *e)
{
	loop_run(e, put, get);
}

static int
open_pipe(struct bench_end ends[2])
{
	int flags = O_CLOEXEC | (ends[0].course->spin ? O_NONBLOCK : 0);

	for (int i = 0; i < 2; i++) {
		int fds[2];

		if (pipe2(fds, flags) != 0)
			return -1;
		ends[i].tx = fds[1];
		ends[1 - i].rx = fds[0];
	}
	return 0;
}

const struct bench_mechanism pair_pipe = {
	.name = "pipe", .open = open_pipe, .loop = loop_pipe,
};
