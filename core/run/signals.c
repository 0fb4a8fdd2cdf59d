/* SPDX-License-Identifier: Apache-2.0 */
#include "core/run/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/clock.h"

/* The program's other global, beside the log level. */
static volatile sig_atomic_t stop_signal;
static int stop_fd = -1;

static const int stopping[] = { SIGINT, SIGTERM, SIGHUP };

/* A terminal and a supervisor may both send one for the same event. */
#define SAME_EVENT_NS (NS_PER_S / 4)

static void
on_stop(int signal_number)
{
	static uint64_t first_ns;
	uint64_t one = 1, now = clock_now_ns();
	int saved = errno;

	if (stop_signal && now - first_ns > SAME_EVENT_NS) {
		signal(signal_number, SIG_DFL);
		raise(signal_number);
	}
	if (stop_signal)
		return;
	first_ns = now;
	stop_signal = signal_number;
	/* Can't fail: nothing else writes to it. */
	if (write(stop_fd, &one, sizeof(one)) < 0)
		stop_signal = signal_number;
	errno = saved;
}

int
signals_install(struct weir_error *err)
{
	struct sigaction stop = { .sa_handler = on_stop };
	struct sigaction old;

	stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (stop_fd < 0)
		return weir_error_errno(err, "an eventfd can't be made");
	sigemptyset(&stop.sa_mask);
	for (size_t i = 0; i < sizeof(stopping) / sizeof(stopping[0]); i++) {
		/* What the parent had ignored (nohup) stays ignored. */
		if (sigaction(stopping[i], NULL, &old) == 0 &&
		    old.sa_handler == SIG_IGN)
			continue;
		if (sigaction(stopping[i], &stop, NULL) != 0)
			return weir_error_errno(err, "a signal handler can't "
						"be installed");
	}
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file too large is an error like others */
	return WEIR_OK;
}

int
signals_stop_fd(void)
{
	return stop_fd;
}

int
signals_received(void)
{
	return stop_signal;
}

void
signals_die(void)
{
	int signal_number = stop_signal;

	if (!signal_number)
		return;
	if (getpid() != 1) {
		signal(signal_number, SIG_DFL);
		raise(signal_number);
	}
	_exit(128 + signal_number);
}
