/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include <weir/transport.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/plugin/plugin.h"

#define SERVICES_LINE_BYTES 1024

WEIR_PRINTF(2, 3) static void
services_log(int level, const char *fmt, ...)
{
	char line[SERVICES_LINE_BYTES];
	int saved = errno;
	va_list ap;

	if (level > log_level)
		return;
	if (level < WEIR_LOG_ERROR)
		level = WEIR_LOG_ERROR;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	log_write(level, "%s", line);
	errno = saved;
}

static uint64_t
services_now_ns(void)
{
	return clock_now_ns();
}

static const struct weir_services services_table = {
	.abi = WEIR_ABI,
	.size = (uint32_t)sizeof(services_table),
	.log = services_log,
	.now_ns = services_now_ns,
};

const struct weir_services *
plugin_services(void)
{
	return &services_table;
}
