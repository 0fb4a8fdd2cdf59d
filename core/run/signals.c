/* SPDX-License-Identifier: Apache-2.0 */
#include "core/run/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/clock.h"

/* The program's other global, beside the log level: signals come to any
 * thread, and to several at once. */
static int stop_signal;   /* atomic */
static uint64_t first_ns; /* when it came; atomic */
static int stop_fd = -1;

static const int stopping[] = { SIGINT, SIGTERM, SIGHUP };

/* A terminal and a supervisor may both send one for the same event. */
#define SAME_EVENT_NS (NS_PER_S / 4)

static void
on_stop(int signal_number)
{
	uint64_t one = 1, first = 0, now = clock_now_ns();
	int saved = errno;
	ssize_t n;

	if (__atomic_compare_exchange_n(&first_ns, &first, now, false,
					__ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
		__atomic_store_n(&stop_signal, signal_number,
				 __ATOMIC_RELAXED);
		/* Can't fail: nothing else writes to it. */
		n = write(stop_fd, &one, sizeof(one));
		(void)n;
	} else if (now > first && now - first > SAME_EVENT_NS) {
		signal(signal_number, SIG_DFL);
		raise(signal_number);
	}
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
	return __atomic_load_n(&stop_signal, __ATOMIC_RELAXED);
}

void
signals_die(void)
{
	int signal_number = signals_received();

	if (!signal_number)
		return;
	if (getpid() != 1) {
		signal(signal_number, SIG_DFL);
		raise(signal_number);
	}
	_exit(128 + signal_number);
}
