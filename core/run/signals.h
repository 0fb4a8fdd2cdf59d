/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals: the first SIGINT, SIGTERM or SIGHUP asks for an orderly end, a
 * second one (not the same event twice, within 250 ms) kills. After the
 * results are written the program dies by the
 * signal, so that its parent sees the truth; as PID 1 (in a container),
 * where a raised signal does nothing, it ends with 128 + signal.
 */
#ifndef CORE_RUN_SIGNALS_H
#define CORE_RUN_SIGNALS_H

#include <weir/error.h>

/* Installs the handlers, and ignores SIGPIPE. Once, before threads. */
WEIR_MUST_USE int signals_install(struct weir_error *err);

/* Readable once a signal has asked for the end. */
int signals_stop_fd(void);

/* That signal, or 0. */
int signals_received(void);

/* Dies by the signal that was received; returns if there was none. */
void signals_die(void);

#endif
