/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include <weir/transport.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/tsc.h"
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

/* No clock takes an argument, so that what this one goes by is here. It is
 * only ever changed between trials; a host and a client of one process both
 * say the same. */
static struct tsc_scale services_scale;

static uint64_t
services_tsc_ns(void)
{
	const struct tsc_scale scale = {
		__atomic_load_n(&services_scale.from_ticks, __ATOMIC_RELAXED),
		__atomic_load_n(&services_scale.from_ns, __ATOMIC_RELAXED),
		__atomic_load_n(&services_scale.mult, __ATOMIC_RELAXED),
	};

	return tsc_ns(&scale, tsc_ticks());
}

static const struct weir_services services_tsc_table = {
	.abi = WEIR_ABI,
	.size = (uint32_t)sizeof(services_tsc_table),
	.log = services_log,
	.now_ns = services_tsc_ns,
};

const struct weir_services *
plugin_services_tsc(const struct tsc_scale *scale)
{
	__atomic_store_n(&services_scale.from_ticks, scale->from_ticks,
			 __ATOMIC_RELAXED);
	__atomic_store_n(&services_scale.from_ns, scale->from_ns,
			 __ATOMIC_RELAXED);
	__atomic_store_n(&services_scale.mult, scale->mult, __ATOMIC_RELAXED);
	return &services_tsc_table;
}
