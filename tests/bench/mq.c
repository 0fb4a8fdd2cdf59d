/* SPDX-License-Identifier: Apache-2.0 */
/* Two POSIX message queues, one each way, ten messages deep. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/bench/loop.h"

loop_inline void
put(struct bench_end *e, unsigned char *buf)
{
	while (mq_send(e->tx, (const char *)buf, e->size, 0) != 0) {
		if (errno != EAGAIN)
			loop_die("mq_send");
		bench_pause();
	}
}

loop_inline void
get(struct bench_end *e, unsigned char *buf)
{
	while (mq_receive(e->rx, (char *)buf, e->size, NULL) < 0) {
		if (errno != EAGAIN)
			loop_die("mq_receive");
		bench_pause();
	}
}

static void
loop_mq(struct bench_end *e)
{
	loop_run(e, put, get);
}

static int
open_mq(struct bench_end ends[2])
{
	int flags = O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC |
		    (ends[0].course->spin ? O_NONBLOCK : 0);
	struct mq_attr attr = { .mq_maxmsg = 10,
				.mq_msgsize = (long)ends[0].size };

	for (int i = 0; i < 2; i++) {
		char name[32];
		int fd;

		snprintf(name, sizeof(name), "/weir-bench-%ld", (long)getpid());
		fd = mq_open(name, flags, 0600, &attr);
		if (fd < 0)
			return -1;
		mq_unlink(name);
		ends[i].tx = fd;
		ends[1 - i].rx = fd;
	}
	return 0;
}

const struct bench_mechanism pair_mq = {
	.name = "mq", .open = open_mq, .loop = loop_mq,
};
